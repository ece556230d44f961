"""DVC's own plots without a network: the page that they are put into, and what a browser makes of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from richcheap.evaluation.cells import MATURITY_CELLS
from richcheap.reporting import plots
from tests.conftest import ROOT


def command(folder: Path, *words: str) -> str:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages of ``dvc plots show`` and ``dvc plots diff`` in a project with two revisions and our plots."""
    folder = tmp_path_factory.mktemp("project")
    command(folder, "git", "init", "-q")
    command(folder, sys.executable, "-m", "dvc", "init", "-q")
    shutil.copytree(ROOT / ".dvc" / "plots", folder / ".dvc" / "plots")
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    (folder / "dvc.yaml").write_text(text[text.index("\nplots:") :], encoding="utf-8")
    (folder / "plots").mkdir()
    for name in ("error_by_maturity.csv", "predicted_observed.csv", "error_by_staleness.csv", "drift_features.csv"):
        shutil.copyfile(ROOT / "plots" / name, folder / "plots" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        plots.main([])
    command(folder, "git", "add", "-A")
    command(folder, "git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")
    file = folder / "plots" / "error_by_maturity.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("under 1y,0", "under 1y,1"), encoding="utf-8")
    for words in (["show"], ["diff", "HEAD"]):
        command(folder, sys.executable, "-m", "dvc", "plots", *words, "-o", words[0])
    return {name: folder / name / "index.html" for name in ("show", "diff")}


def test_git_does_not_see_what_is_this_copy_s_alone(shown: dict[str, Path]) -> None:
    ignored = (ROOT / ".dvc" / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {f"/{plots.TEMPLATE}", "/config.local"} <= set(ignored)
    assert (shown["show"].parents[1] / ".dvc" / plots.TEMPLATE).read_text(encoding="utf-8") == plots.template()


def test_dvc_puts_its_plots_into_our_page_and_no_script_comes_from_elsewhere(shown: dict[str, Path]) -> None:
    for page in shown.values():
        text = page.read_text(encoding="utf-8")
        assert text.count("vegaEmbed('#") == 4
        assert not re.search(r"<script[^>]* src=|<link|@import", text)


def test_elsewhere_than_in_a_project_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="no project of DVC's"):
        plots.main([])


def test_a_browser_without_a_network_draws_them_in_the_order_of_their_rows(shown: dict[str, Path]) -> None:
    browsers = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium to draw them with")
    with browsers.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_context(offline=True).new_page()
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        for file in shown.values():
            page.goto(file.as_uri())
            page.locator("svg.marks").nth(3).wait_for(timeout=30_000)
        words = page.locator("svg.marks").nth(1).locator("text").all_text_contents()
        browser.close()
    assert faults == []
    assert asked == [file.as_uri() for file in shown.values()]
    assert {"workspace", "HEAD", "points per 100"} <= set(words)
    assert [word for word in words if word in MATURITY_CELLS] == list(MATURITY_CELLS)
