"""The command ``richcheap price``; what it answers is tested in test_pricer.py, on a project that has run."""

from pathlib import Path

import polars as pl
import pytest

from richcheap import price
from richcheap.cli import command
from richcheap.pipeline.errors import ArtifactError
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
