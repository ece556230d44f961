"""Take pictures of a page for the docs: on a screen and on a phone, light and dark.

    python -m benchmarks.page_pictures report/report.html simulated

writes docs/pictures/page/simulated-1400-light.png and three more, with few colours so that they weigh little.
"""

import argparse
import io
import sys
from pathlib import Path
from typing import Literal

from PIL import Image

from benchmarks.browser import opened

FOLDER = Path("docs") / "pictures" / "page"
SIZES = ((1400, 1000), (390, 844))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 64


def main() -> None:
    """Write four pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, metavar="PAGE", help="the report of a run")
    parser.add_argument("name", metavar="NAME", help="what the pictures are called")
    parser.add_argument("--view", default="", help="what stands after # in the address (default: the trader's view)")
    parser.add_argument("-o", "--out", type=Path, default=FOLDER, metavar="FOLDER", help="default: %(default)s")
    given = parser.parse_args()
    if not given.page.is_file():
        sys.exit(f"error: {given.page}: no such file; run `dvc repro` to make it")
    given.out.mkdir(parents=True, exist_ok=True)
    with opened() as browser:
        for width, height in SIZES:
            for scheme in SCHEMES:
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(f"{given.page.resolve().as_uri()}#{given.view}")
                page.wait_for_selector("html[data-ready]")
                page.wait_for_timeout(500)  # pictures of a bond are drawn one after the other
                shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                few = shot.quantize(COLOURS, dither=Image.Dither.NONE)
                path = given.out / f"{given.name}-{width}-{scheme}.png"
                few.save(path, optimize=True)
                print(f"{path}: {path.stat().st_size:,} bytes")
                page.close()


if __name__ == "__main__":
    main()
