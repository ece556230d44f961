"""The command ``richcheap price``; what it answers is tested in test_pricer.py, on a project that has run."""

import json
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from richcheap import price
from richcheap.cli import command
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.pricing.price_list import ANSWER


def test_the_table_names_columns_of_an_answer() -> None:
    assert set(price.SHOWN) - {"said"} <= set(ANSWER)


def test_the_table_shows_why_there_is_no_price() -> None:
    nothing = {name: pl.Series([None], dtype=kind) for name, kind in ANSWER.items()}
    table = price.shown(pl.DataFrame({**nothing, "bond_id": ["X"], "reason": ["no terms"]}))
    assert table.splitlines()[-1].split("|")[-2].strip() == "no terms"
    assert "null" not in table


def test_help_says_what_it_does(capsys) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        command(["price", "--help"])
    assert capsys.readouterr().out.startswith("usage: richcheap price [-h] [--as-of DATE] [-o OUT] BONDS")


@pytest.mark.parametrize("suffix", price.WRITERS)
def test_a_place_that_takes_no_file_is_one_line(tmp_path: Path, monkeypatch, suffix: str) -> None:
    def refuse(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    out = tmp_path / f"prices{suffix}"
    monkeypatch.setitem(price.WRITERS, suffix, refuse)
    with pytest.raises(ArtifactError, match=rf"prices\{suffix}: cannot be written: No such file or directory$"):
        price._write(pl.DataFrame(), out)


def test_params_that_are_not_those_of_the_run_are_refused_and_changed_data_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is what DVC writes; what a pricer reads besides is not asked for here."""
    monkeypatch.setattr(price, "Project", lambda folder: SimpleNamespace(folder=folder, last_date="2024-03-01"))
    (tmp_path / "prices.csv").write_text("a", encoding="utf-8")
    (tmp_path / "params.yaml").write_text("signals: {flag_zscore: 2.0}\n", encoding="utf-8")
    record = {
        "signals": {"params": {"params.yaml": {"signals": {"flag_zscore": 2.0}}}},
        "ingest": {"deps": [{"path": "prices.csv", "md5": "0", "size": 2}]},
    }
    (tmp_path / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": record}, indent=2), encoding="utf-8")
    with pytest.warns(price.DataChangedWarning, match=r"^prices\.csv: changed since the project ran; prices are of"):
        price.load(tmp_path)
    (tmp_path / "params.yaml").write_text("signals: {flag_zscore: 3.0}\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"^params\.yaml: signals\.flag_zscore: expected 2\.0, .* got 3\.0; run `dvc"):
        price.load(tmp_path)
