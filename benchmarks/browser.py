"""A browser of this machine, driven by Playwright: for tests of the page and for what is measured and pictured of it.

Browsers are not downloaded: one of the system's packages is looked for.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOT_FOUND = f"no browser: none of {', '.join(NAMES)} is installed (Debian: apt-get install chromium)"


def find() -> str | None:
    """Return where the browser is; None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def opened() -> Iterator[Browser]:
    """Open a browser without a window; the program ends with one line where there is none."""
    path = find()
    if path is None:
        raise SystemExit(f"error: {NOT_FOUND}")
    sandbox = [] if os.getuid() else ["--no-sandbox"]  # Chromium does not run as root in its own sandbox
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=sandbox)
        yield browser
        browser.close()
