"""Put the kept figures into the pages that show them: ``python -m benchmarks.promises.page``.

In docs/promises.md and docs/rivals.md, what stands between ``<!-- figures: NAME -->`` and ``<!-- end of figures -->``
is the table of docs/promises/NAME.json.
"""

import argparse
import re
import sys
from typing import Final

from benchmarks.promises.cases import COLUMNS, total
from benchmarks.promises.figures import ROOT, kept, markdown

PAGES: Final = (ROOT / "docs" / "promises.md", ROOT / "docs" / "rivals.md")
BLOCK: Final = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return the page with the figures that are kept today.

    Raises
    ------
    FileNotFoundError
        The page names figures that nobody kept.
    """
    return BLOCK.sub(lambda found: f"{found[1]}{block(found[2])}{found[3]}", text)


def block(name: str) -> str:
    """Return a table in Markdown, with the command and the commit below."""
    figures = kept(name)
    rows = [*figures.rows, total(figures.rows)] if tuple(figures.columns) == COLUMNS else figures.rows
    return f"{markdown(figures.columns, rows)}\n\n`{figures.command}` at {figures.commit}.\n"


def main() -> int:
    """Read the command line; 1 when ``--check`` finds that a page does not show what is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say whether pages are of the figures")
    chosen = parser.parse_args()
    stale = False
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        new = filled(text)
        if not chosen.check:
            page.write_text(new, encoding="utf-8")
        elif new != text:
            print(f"{page}: not of docs/promises/*.json; run `python -m benchmarks.promises.page`")
            stale = True
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
