"""Bonds that a file gives plain terms, and yields of other ones."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from richcheap.bonds.conversion import convert_frame
from richcheap.ingestion.validation.hidden_terms import find_hidden_terms
from tests.ingestion.desk import reader
from tests.ingestion.samples import table, take

PLAIN = 40
CLEAN = {"BELOW": 96.0, "ABOVE": 108.0, **{f"P{number:02d}": 92.0 + 0.4 * number for number in range(PLAIN)}}
DATES = [str(date(2024, 3, 4) + timedelta(days=day)) for day in range(6)]
ROWS = table(
    *(
        {"bond_id": bond, "date": day, "clean_price": f"{price + 0.1 * place:.1f}", "maturity_date": "2031-06-15"}
        for bond, price in CLEAN.items()
        for place, day in enumerate(DATES)
    )
)


@cache
def bonds() -> pl.DataFrame:
    """Return the rows with our figures."""
    return convert_frame(take(ROWS).accepted)


def yields(apart: Mapping[str, float], once_a_year: bool = False) -> pl.DataFrame:
    """Return the yields that follow from the prices, some bonds' moved apart from these."""
    own = pl.col("yield_to_maturity")
    annual = (1.0 + own / 2.0) ** 2 - 1.0 if once_a_year else own
    moved = pl.col("bond_id").replace_strict(apart, default=0.0)
    return bonds().select("source_row", "bond_id", "date", (annual + moved).alias("yield"))


def hidden(apart: Mapping[str, float], dates: int = 6, once_a_year: bool = False) -> list[str]:
    """Return the bonds that are found."""
    few = bonds().filter(pl.col("date").cast(pl.String).is_in(DATES[:dates]))
    return find_hidden_terms(few, yields(apart, once_a_year))["bond_id"].to_list()


@pytest.mark.parametrize("once_a_year", [False, True])
def test_yields_that_no_call_explains_are_a_proof(once_a_year: bool) -> None:
    apart = {"BELOW": 0.004, "ABOVE": 0.004, "P00": -0.01}
    assert hidden(apart, once_a_year=once_a_year) == ["ABOVE", "BELOW", "P00"]


def test_a_yield_that_may_be_to_a_call_is_none() -> None:
    assert hidden({"ABOVE": -0.02}) == []


def test_few_dates_and_small_differences_are_none() -> None:
    assert hidden({"BELOW": 0.02}, dates=4) == []
    assert hidden({"BELOW": 0.002}) == []


def test_yields_most_of_which_are_of_another_kind_are_none() -> None:
    assert hidden({f"P{number:02d}": 0.01 + number / 1000.0 for number in range(PLAIN // 2)}) == []


def test_all_rows_of_such_a_bond_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = yields({"BELOW": 0.004}).select("bond_id", pl.col("date").cast(pl.String), pl.col("yield").cast(pl.String))
    late = table({"bond_id": "BELOW", "date": "2024-03-20", "clean_price": "96", "maturity_date": "2031-06-15"})
    rows = pl.concat([ROWS.join(given, on=["bond_id", "date"]), late], how="diagonal")
    found = reader(tmp_path, monkeypatch)(rows.write_csv())
    assert found.quarantine.select("bond_id", "reason").unique().rows() == [("BELOW", "unsupported_instrument")]
    assert (found.quarantine.height, found.metrics["rejected_share"]) == (7, 0.0)
    assert "yield: expected about 0.0" in found.quarantine["detail"][0]
    assert "(medians of 6 dates): it amortises, steps" in found.quarantine["detail"][0]
    assert found.metrics["cross_check"]["yield"]["kinds"] == {}
