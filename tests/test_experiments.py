"""Experiments from a fresh clone: queued, run side by side, shown and compared."""

import json
import time

import pytest

from tests.desk import Desk, dvc, git

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 240


@pytest.fixture
def clone(tmp_path):
    """Return a fresh clone of a project whose result has been committed and pushed; it has fetched what was made."""
    desk = Desk(tmp_path)
    dvc("repro", folder=desk.place)
    dvc("push", "--run-cache", folder=desk.place)
    desk.push("main")
    git("clone", "-q", str(desk.origin), "clone", folder=tmp_path)
    dvc("pull", "--run-cache", folder=tmp_path / "clone")
    yield tmp_path / "clone"
    dvc("queue", "stop", "--kill", folder=tmp_path / "clone")


def test_queued_experiments_run_side_by_side_and_are_compared(clone, tmp_path):
    for name, error in (("better", 0.4), ("worse", 0.6)):
        dvc("exp", "run", "--queue", "--name", name, "--set-param", f"error={error}", folder=clone)
    dvc("queue", "start", "--jobs", "2", folder=clone)
    end = time.monotonic() + PATIENCE_SECONDS
    while (status := dvc("queue", "status", folder=clone)).count("Success") < 2:
        assert "Failed" not in status
        assert time.monotonic() < end, status
        time.sleep(0.5)
    heading, *rows = [
        line.split(",") for line in dvc("exp", "show", "--csv", "--only-changed", folder=clone).splitlines()
    ]
    column = heading.index("champion_mae")
    assert {row[0]: row[column] for row in rows if row[0] in {"better", "worse"}} == {"better": "0.4", "worse": "0.6"}
    changed = json.loads(dvc("metrics", "diff", "HEAD", "better", "--json", folder=clone))["metrics/headline.json"]
    assert changed["champion_mae"]["new"] == 0.4
    page = dvc("plots", "diff", "HEAD", "better", "worse", "--out", str(tmp_path / "plots"), folder=clone)
    assert "worse" in (tmp_path / "plots" / "index.html").read_text(encoding="utf-8")
    assert page.endswith("index.html")
    assert git("status", "--porcelain", folder=clone) == ""
