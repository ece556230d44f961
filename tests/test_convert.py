from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stages import convert
from stages.pipeline import paths
from stages.pipeline.errors import DataError


def observation(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "bond_id": "A",
        "date": date(2020, 1, 2),
        "settlement_date": date(2020, 1, 3),
        "observed": "clean_price",
        "clean_price": None,
        "dirty_price": None,
        "yield": None,
        "maturity_date": date(2030, 5, 15),
        "coupon_rate": 0.05,
        "frequency": 2,
        "day_count": "ACT/ACT ICMA",
        "issue_date": None,
        "first_coupon_date": None,
        "bond_type": "treasury",
        "source_row": 1,
    }
    return row | changes


def observations(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {
        **dict.fromkeys(("clean_price", "dirty_price", "yield", "coupon_rate"), pl.Float64()),
        **dict.fromkeys(("date", "settlement_date", "maturity_date", "issue_date", "first_coupon_date"), pl.Date()),
        "frequency": pl.Int32(),
    }
    return pl.DataFrame(rows, schema_overrides=schema)


def test_the_three_kinds_of_observation_of_one_price_give_the_same_figures() -> None:
    clean = convert.convert(observations(observation(clean_price=98.0)))
    dirty = convert.convert(observations(observation(observed="dirty_price", dirty_price=clean["dirty_price"][0])))
    rate = clean["yield_to_maturity"][0]
    yielded = convert.convert(observations(observation(observed="yield", **{"yield": rate})))
    for column in ("clean_price", "dirty_price", "yield_to_maturity", "modified_duration", "convexity"):
        assert dirty[column][0] == pytest.approx(clean[column][0], rel=1e-12)
        assert yielded[column][0] == pytest.approx(clean[column][0], rel=1e-12)
    assert clean["dirty_price"][0] == clean["clean_price"][0] + clean["accrued_interest"][0]
    assert clean["clean_price"][0] == 98.0


def test_rows_without_figures_are_kept_with_nulls_and_their_status() -> None:
    bonds = convert.convert(
        observations(
            observation(clean_price=98.0),
            observation(clean_price=98.0, maturity_date=date(2019, 5, 15)),
            observation(clean_price=-1e9),
            observation(observed="yield", **{"yield": -3.0}),
            observation(clean_price=98.0, coupon_rate=None),
        )
    )
    assert bonds["status"].to_list() == ["ok", "matured", "bad_price", "bad_price", "bad_terms"]
    assert bonds["yield_to_maturity"].is_null().to_list() == [False, True, True, True, True]
    assert bonds["remaining_coupons"].to_list() == [21, None, None, None, None]
    assert not any(bonds[name].is_nan().any() for name in bonds.columns if bonds[name].dtype == pl.Float64)
    assert convert.summarise(bonds) == {
        "rows": 5,
        "rows_by_status": {"ok": 1, "bad_terms": 1, "matured": 1, "bad_price": 2},
        "rows_by_bond_type": {"treasury": 5},
    }


def test_the_result_does_not_depend_on_the_chunks() -> None:
    rows = observations(*(observation(clean_price=90.0 + i, source_row=i) for i in range(20)))
    assert convert.convert(rows, chunk_rows=3).equals(convert.convert(rows))


def test_no_observations_give_no_bonds_with_all_columns() -> None:
    rows = observations(observation(clean_price=98.0))
    assert convert.convert(rows.clear()).schema == convert.convert(rows).schema


def test_an_unknown_kind_of_observation_raises_data_error() -> None:
    with pytest.raises(DataError, match=r"column 'observed' must be one of .* row 1 of the source has 'spread'"):
        convert.convert(observations(observation(observed="spread")))


def test_the_stage_writes_bonds_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths.OBSERVATIONS.parent.mkdir(parents=True)
    observations(observation(clean_price=98.0)).write_parquet(paths.OBSERVATIONS)
    convert.main()
    first = paths.BONDS.read_bytes()
    convert.main()
    assert paths.BONDS.read_bytes() == first
    assert '"rows": 1' in (paths.METRICS / "convert.json").read_text()
