"""How quick the page is: weight, first paint, sorting, filtering, opening a bond, with markets that are invented.

    python -m benchmarks.page [PAGE] [--bonds 300,5000]

PAGE is the report of a run; its list is replaced by invented ones, all else stays. Milliseconds are those of a browser
of this machine, from the click to the frame that shows the new lines, the median of five; a bond is open when its
pictures are drawn.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.browser import opened
from benchmarks.invented import lists
from benchmarks.sizes import parse
from richcheap.reporting.trader.embedded import embedded

TIMES = 5
TIMED = """async ([selector, action, value]) => {
  const target = document.querySelector(selector);
  const drawn = new Promise((resolve) => {
    new MutationObserver(resolve).observe(document.querySelector("#list-table tbody"), { childList: true });
  });
  const before = performance.now();
  if (action === "click") target.click();
  else {
    target.value = value;
    target.dispatchEvent(new Event(action, { bubbles: true }));
  }
  await drawn;
  await new Promise(requestAnimationFrame);
  return performance.now() - before;
}"""
OPENED = """async (id) => {
  const before = performance.now();
  location.hash = `bond=${id}`;
  const view = document.querySelector('[data-view="bond"]');
  const drawn = () => view.querySelector("h1")?.textContent === id && view.querySelectorAll(".chart svg").length === 4;
  while (!drawn()) await new Promise(requestAnimationFrame);
  return performance.now() - before;
}"""
RATING, SEARCH, YEARS = (".rating_bucket select", ".search input", ".from input")


def with_list(page: str, bonds: int, prints: int) -> str:
    """Return a page with an invented list in the place of its own."""
    without = re.sub(r'<script type="text/plain" id="packed-(?:list|details|history-\d+)">[^<]*</script>\n', "", page)
    scripts = [
        f'<script type="text/plain" id="packed-{name}">{content}</script>\n'
        for name, content in embedded(lists(bonds, prints)).items()
    ]
    return without.replace("</footer>\n", "</footer>\n" + "".join(scripts))


def measure(page: Page, path: Path) -> dict[str, float]:
    """Return milliseconds, and the weight of the file in megabytes."""
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    times = page.evaluate(
        "() => [performance.getEntriesByName('first-contentful-paint')[0].startTime,"
        " performance.getEntriesByName('list-ready')[0].startTime]"
    )

    def often(steps: list[tuple[str, str, str]]) -> float:
        return float(median(page.evaluate(TIMED, list(steps[number % len(steps)])) for number in range(TIMES)))

    found = {"MB": path.stat().st_size / 1e6, "first paint, ms": times[0], "list ready, ms": times[1]}
    found["sort, ms"] = often([(f'#list-table th[data-dt-column="{number}"]', "click", "") for number in (10, 0, 8)])
    found["filter by rating, ms"] = often([(RATING, "change", "BBB"), (RATING, "change", "")])
    found["filter by years, ms"] = often([(YEARS, "input", "5"), (YEARS, "input", "")])
    found["search, ms"] = often([(SEARCH, "input", "energy"), (SEARCH, "input", "")])
    names = [f"BOND{number:06}" for number in range(10, 11 + TIMES)]
    first, *others = [page.evaluate(OPENED, name) for name in names]
    return {**found, "first bond open, ms": first, "next bond open, ms": median(others)}


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", nargs="?", type=Path, default=Path("report/report.html"), metavar="PAGE")
    parser.add_argument("--bonds", default="300,5000", help="sizes of the markets (default: %(default)s)")
    parser.add_argument("--prints", type=int, default=120, help="prints of each bond (default: %(default)s)")
    given = parse(parser, bonds="20,30", prints=6)
    if not given.page.is_file():
        sys.exit(f"error: {given.page}: no such file; run `dvc repro` to make it")
    text = given.page.read_text(encoding="utf-8")
    rows = {}
    with opened() as browser, tempfile.TemporaryDirectory() as folder:
        for bonds in map(int, given.bonds.split(",")):
            path = Path(folder) / f"{bonds}.html"
            path.write_text(with_list(text, bonds, given.prints), encoding="utf-8")
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            rows[bonds] = measure(page, path)
            page.close()
    print("| bonds | " + " | ".join(next(iter(rows.values()))) + " |")
    print("|---:" * (1 + len(next(iter(rows.values())))) + "|")
    for bonds, found in rows.items():
        cells = [f"{value:.1f}" if name == "MB" else f"{value:,.0f}" for name, value in found.items()]
        print(f"| {bonds:,} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
