from datetime import date

import polars as pl
import pytest

from richcheap.bonds.conventions import DAY_COUNTS, DEFAULT_CONVENTIONS, FREQUENCIES, SIDE_SIGNS, DayCount
from richcheap.bonds.status import STATUS_NAMES, Status, status_names
from richcheap.bonds.terms import NO_DATE, UNKNOWN_DAY_COUNT, Floating, days, normalised, terms_from_frame
from tests.bonds.referee import random_bonds, terms


def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "settlement_date": [date(2020, 1, 3), None],
            "maturity_date": [date(2030, 1, 1), date(2031, 1, 1)],
            "coupon_rate": [0.05, None],
            "frequency": [2, 1],
            "day_count": ["ACT/ACT ICMA", "ACT/364"],
            "issue_date": [None, date(2019, 1, 1)],
            "first_coupon_date": [None, None],
        },
        schema_overrides={"first_coupon_date": pl.Date, "frequency": pl.Int32},
    )


def test_terms_hold_days_since_1970_and_codes() -> None:
    found = terms_from_frame(frame())
    assert found.settlement.tolist() == [int(days(date(2020, 1, 3))), int(NO_DATE)]
    assert found.issue.tolist() == [int(NO_DATE), int(days(date(2019, 1, 1)))]
    assert found.day_count.tolist() == [DayCount.ACT_ACT_ICMA, UNKNOWN_DAY_COUNT]
    assert {column.dtype.name for column in found} == {"int32", "float64"}


def test_a_missing_column_raises_value_error_with_its_name() -> None:
    with pytest.raises(ValueError, match=r"missing: frequency$"):
        terms_from_frame(frame().drop("frequency"))


def test_bonds_float_where_the_columns_say_so() -> None:
    rows = pl.concat([frame()] * 2).with_columns(
        bond_type=pl.Series(["floating_rate", "floating_rate", "treasury", None]),
        quoted_margin=pl.Series([0.01, None, 0.02, 0.02]),
    )
    found = terms_from_frame(rows)
    assert found.floating.tolist() == [Floating.MARGIN, Floating.MARGIN_UNKNOWN, Floating.FIXED, Floating.FIXED]
    assert found.margin.tolist() == [0.01, 0.0, 0.0, 0.0]
    without = terms_from_frame(rows.drop("quoted_margin"))
    assert without.floating.tolist() == [2, 2, 0, 0]
    assert terms_from_frame(rows.drop("bond_type")).floating.tolist() == [0, 0, 0, 0]


def test_terms_that_are_one_for_all_stay_so_in_rows_and_are_repeated_when_normalised() -> None:
    some = terms(random_bonds(1, 4)).rows(slice(1, 3))
    assert (some.floating.ndim, some.margin.ndim) == (0, 0)
    assert normalised(some).floating.tolist() == [0, 0]
    assert normalised(some).margin.tolist() == [0.0, 0.0]
    assert normalised(some).rows([True, False]).margin.shape == (1,)  # type: ignore[arg-type]


def test_the_tables_of_conventions_are_complete() -> None:
    assert [spec.code for spec in DAY_COUNTS] == list(DayCount)
    assert all(spec.source and spec.rule for spec in DAY_COUNTS)
    assert all(convention.frequency in FREQUENCIES and convention.source for convention in DEFAULT_CONVENTIONS)


def test_customers_buy_above_mid_and_sell_below_it_and_dealers_trade_at_it() -> None:
    assert SIDE_SIGNS == {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}


def test_status_codes_have_names() -> None:
    assert status_names(frame().select(pl.lit(1, pl.Int8)).to_series().to_numpy()) == ["bad_terms"]
    assert len(STATUS_NAMES) == len(Status)
