"""Write the library of charts that ships with us, Vega, Vega-Lite and vega-embed, anew from the installed vl-convert.

    python -m richcheap.reporting.layout.vega

vl-convert bundles them, and is a hundred times as large: it draws without a browser, which a page need not.
"""

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Final

from dvc_parallel.system.atomic_write import write_bytes

FILE: Final = Path(__file__).parent.parent / "static" / "libraries" / "vega.js"
SOURCE: Final = "vl-convert-python"
MARK: Final = "// "
"""What the first line begins with, which names the source and its version."""


def bundle() -> str:
    """Return what the file should hold."""
    import vl_convert  # noqa: PLC0415  it starts an engine, and an extra installs it

    return f"{MARK}{SOURCE} {version(SOURCE)}\n{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}"


def main() -> None:
    """Write the file."""
    about = "Write the library of charts that ships with us anew from the installed vl-convert."
    argparse.ArgumentParser(prog="python -m richcheap.reporting.layout.vega", description=about).parse_args()
    write_bytes(bundle().encode(), FILE)


if __name__ == "__main__":
    main()
