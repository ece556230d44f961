"""Let DVC's own plots be drawn without a network.

    richcheap plots
    dvc plots show
    dvc plots diff HEAD~1

DVC's pages fetch Vega from a network. This writes a page for DVC that has Vega in it, and names it in DVC's local
configuration. Both files are this copy's alone: git does not see them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from richcheap.command_line import parsers
from richcheap.reporting.layout.assets import chart_library

FOLDER: Final = Path(".dvc")
TEMPLATE: Final = "plots.html"
_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{refresh_tag}
<title>Plots</title>
<style>body { font-family: sans-serif; } table { border-spacing: 15px; }</style>
<script>
// DVC's plots are asked for while the page is read, before the library below has run: they wait for it.
const asked = [];
window.vegaEmbed = (...plot) => asked.push(plot);
</script>
</head>
<body>
{plot_divs}
<script type="module">
LIBRARY
for (const [place, spec] of asked) window.vegaEmbed(place, spec, { actions: { editor: false } });
</script>
</body>
</html>
"""


def template() -> str:
    """Return a page for DVC to put its plots into: it holds the library that draws them, and asks for nothing."""
    return _PAGE.replace("LIBRARY", chart_library().source)


def main(arguments: Sequence[str]) -> None:
    """Write the page, and name it to DVC; one line and exit code 1 where there is no project of DVC's."""
    parsers.plots().parse_args(arguments)
    if not FOLDER.is_dir():
        sys.exit(f"error: {FOLDER}: no such folder, so this is no project of DVC's; go to the folder of the project")
    (FOLDER / TEMPLATE).write_text(template(), encoding="utf-8")
    from dvc.config import Config  # noqa: PLC0415  half a second, and only this command needs it

    with Config(str(FOLDER)).edit("local") as local:
        local.setdefault("plots", {})["html_template"] = TEMPLATE
    print(f"{FOLDER / TEMPLATE} written: dvc plots show and dvc plots diff need no network now")
