"""The simulated market is read when ``data.observations`` names it, however that is written."""

from pathlib import Path

import pytest

from richcheap.pipeline.config.simulated import why_not_simulated
from richcheap.pipeline.storage import paths


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("written", [paths.SIMULATED_OBSERVATIONS.as_posix(), f"./{paths.SIMULATED_OBSERVATIONS}"])
def test_of_the_simulated_market_there_is_no_reason(written: str) -> None:
    Path("params.yaml").write_text(f"data: {{observations: {written}}}", encoding="utf-8")
    assert why_not_simulated() is None


def test_of_other_prices_the_reason_names_both() -> None:
    Path("params.yaml").write_text("data: {observations: mine.csv}", encoding="utf-8")
    assert why_not_simulated() == f"data.observations is mine.csv, not {paths.SIMULATED_OBSERVATIONS}"
