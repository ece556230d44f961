"""The scripts of a page: our own files, and libraries out of installed packages. Nothing is asked for from outside.

Libraries are put in as modules, which run when the page first needs them; what each ends with tells the page that it
is there. A script runs only if the page's policy names its hash.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from richcheap.reporting.layout import vega

STATIC = Path(__file__).parent.parent / "static"
OWN_SCRIPTS = ("unpack.js", "format.js", "views.js", "charts.js", "bond.js", "filters.js", "list.js", "start.js")
"""Set into one module, in this order."""


class Library(NamedTuple):
    """A library of scripts.

    Attributes
    ----------
    name : str
        What the page calls it.
    source : str
        Its text, which ends by telling the page that it is there.
    notice : str
        What it is, its version, where it comes from and its licence.
    """

    name: str
    source: str
    notice: str


def own_script() -> str:
    """Return the scripts of static/ as one text."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in OWN_SCRIPTS)


def styles() -> str:
    """Return the style sheet of static/."""
    return (STATIC / "page.css").read_text(encoding="utf-8")


@cache
def table_library() -> Library:
    """Return DataTables as it ships with itables."""
    text = files("itables").joinpath("html", "dt_bundle.js").read_text(encoding="utf-8")
    found = re.search(r"(\w+) as default", text[text.rindex("export{") :])
    if found is None:
        raise ValueError(f"itables {version('itables')}: expected a default export in html/dt_bundle.js, got none")
    notice = f"DataTables with jQuery (MIT), from itables {version('itables')} (MIT)"
    return Library("tables", f"{text}\nwindow.DataTable = {found[1]};\n{_announced('tables')}", notice)


@cache
def chart_library() -> Library:
    """Return Vega, Vega-Lite and vega-embed as they ship with us."""
    source, _, text = vega.FILE.read_text(encoding="utf-8").partition("\n")
    notice = f"Vega, Vega-Lite and vega-embed (BSD-3-Clause), from {source.removeprefix(vega.MARK)} (BSD-3-Clause)"
    return Library("charts", f"{text}\n{_announced('charts')}", notice)


def policy(scripts: Iterable[str]) -> str:
    """Return a Content-Security-Policy that forbids every connection, and every script but these.

    Styles may stand beside what they style, as figures and tables set them; without a connection they reach nothing.
    """
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii") for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _announced(name: str) -> str:
    return f'window.dispatchEvent(new Event("library-{name}"));\n'
