from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.bonds.conversion import convert_frame, row_counts, total_counts
from richcheap.numerics import threads

FIGURES = ("yield", "macaulay_duration", "modified_duration", "convexity", "basis_point_value")


def observation(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "settlement_date": date(2020, 1, 3),
        "observed": "clean_price",
        "clean_price": 98.0,
        "dirty_price": None,
        "yield": None,
        "maturity_date": date(2030, 5, 15),
        "coupon_rate": 0.05,
        "quoted_margin": None,
        "frequency": 2,
        "day_count": "ACT/ACT ICMA",
        "issue_date": None,
        "first_coupon_date": None,
        "bond_type": "corporate",
        "call_schedule": None,
        "source_row": 1,
    }
    return row | changes


def observations(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {
        **dict.fromkeys(("clean_price", "dirty_price", "yield", "coupon_rate", "quoted_margin"), pl.Float64()),
        **dict.fromkeys(("settlement_date", "maturity_date", "issue_date", "first_coupon_date"), pl.Date()),
        "frequency": pl.Int32(),
        "call_schedule": pl.String(),
    }
    return pl.DataFrame(rows, schema_overrides=schema)


def to_maturity(name: str) -> str:
    return "yield_to_maturity" if name == "yield" else name


def test_the_figures_to_worst_of_a_bond_without_calls_are_those_at_maturity() -> None:
    found = convert_frame(observations(observation(), observation(clean_price=120.0)))
    for name in FIGURES:
        assert found[f"{name}_to_worst"].to_list() == found[to_maturity(name)].to_list()
    assert found["worst_date"].to_list() == [date(2030, 5, 15)] * 2


def test_a_bond_above_its_call_price_yields_least_to_its_call() -> None:
    rows = observations(
        observation(clean_price=108.0, call_schedule="2024-05-15@102;2026-05-15@101"),
        observation(clean_price=88.0, call_schedule="2024-05-15@102;2026-05-15@101"),
    )
    found = convert_frame(rows)
    assert found["worst_date"].to_list() == [date(2024, 5, 15), date(2030, 5, 15)]
    assert found["yield_to_worst"][0] < found["yield_to_maturity"][0]
    assert found["yield_to_worst"][1] == found["yield_to_maturity"][1]
    place = found.columns.index("basis_point_value")
    assert found.columns[place + 1 : place + 7] == [
        "yield_to_worst",
        "worst_date",
        "macaulay_duration_to_worst",
        "modified_duration_to_worst",
        "convexity_to_worst",
        "basis_point_value_to_worst",
    ]


def test_rows_without_figures_are_kept_with_nulls_and_their_status() -> None:
    found = convert_frame(
        observations(observation(), observation(maturity_date=date(2019, 5, 15)), observation(clean_price=-1e9))
    )
    assert found["status"].to_list() == ["ok", "matured", "bad_price"]
    for name in ("yield_to_maturity", "remaining_coupons", "yield_to_worst", "worst_date"):
        assert found[name].is_null().to_list() == [False, True, True]
    assert found.schema["worst_date"] == pl.Date
    assert not any(found[name].is_nan().any() for name in found.columns if found.schema[name] == pl.Float64)


def test_a_first_coupon_off_the_schedule_counts_before_and_after_it_and_to_calls() -> None:
    odd = {
        "coupon_rate": 0.06,
        "day_count": "30/360",
        "issue_date": date(2020, 3, 15),
        "first_coupon_date": date(2020, 9, 15),
        "maturity_date": date(2026, 12, 15),
        "clean_price": 100.0,
    }
    found = convert_frame(
        observations(
            observation(**odd, settlement_date=date(2020, 8, 1)),
            observation(**odd, settlement_date=date(2021, 1, 15)),
            observation(**odd, settlement_date=date(2026, 10, 15)),
            observation(**odd, settlement_date=date(2026, 10, 15), call_schedule="2026-11-15@100"),
        )
    )
    assert found["status"].to_list() == ["ok"] * 4
    assert found["accrued_interest"].to_list() == pytest.approx([6 * 136 / 360, 2.0, 0.5, 0.5])
    assert found["remaining_coupons"].to_list() == [14, 13, 1, 1]
    assert found["yield_to_maturity"][2] == pytest.approx((101.5 / 100.5 - 1.0) * 6)
    # Of equal yields the earliest date counts.
    assert found["worst_date"].to_list()[2:] == [date(2026, 12, 15), date(2026, 11, 15)]
    assert found["macaulay_duration_to_worst"].to_list()[2:] == pytest.approx([60 / 360, 30 / 360])


def test_an_unknown_kind_of_observation_raises_value_error() -> None:
    with pytest.raises(ValueError, match=r"column 'observed' must be one of .* row 7 of the source has 'spread'"):
        convert_frame(observations(observation(), observation(observed="spread", source_row=7)))


def test_neither_threads_nor_the_rows_around_change_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BLOCK_ROWS", 5)
    schedules = (None, "2022-01-01@103;2025-05-15@101", "2019-01-01@100")
    rows = observations(
        *(observation(clean_price=p, call_schedule=s) for p in np.arange(90.0, 120.0) for s in schedules)
    )
    whole = convert_frame(rows)
    assert convert_frame(rows, threads=3).equals(whole)
    assert pl.concat([convert_frame(rows.slice(i, 7)) for i in range(0, rows.height, 7)]).equals(whole)


def test_no_observations_give_no_bonds_with_all_columns() -> None:
    rows = observations(observation())
    assert convert_frame(rows.clear()).schema == convert_frame(rows).schema


def test_columns_of_floaters_and_calls_may_be_missing() -> None:
    rows = observations(observation())
    short = convert_frame(rows.drop("bond_type", "quoted_margin", "call_schedule"))
    assert short.equals(convert_frame(rows).select(short.columns))


def test_counts_of_parts_add_up() -> None:
    late = observation(maturity_date=date(2019, 5, 15), bond_type="treasury")
    parts = [observations(observation(), observation(), late), observations(late)]
    counts = [row_counts(convert_frame(part)) for part in parts]
    assert counts[0] == {
        "rows": 3,
        "rows_by_status": {"ok": 2, "matured": 1},
        "rows_by_bond_type": {"corporate": 2, "treasury": 1},
    }
    assert total_counts(counts) == {
        "rows": 4,
        "rows_by_status": {"ok": 2, "matured": 2},
        "rows_by_bond_type": {"corporate": 2, "treasury": 2},
    }
