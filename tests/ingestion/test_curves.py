from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from richcheap.ingestion.curves import canonical_curve
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import read_table
from richcheap.ingestion.schema import CURVE_SCHEMA

ROW = {"date": "2024-03-01", "tenor_years": "2", "rate": "0.045", "kind": "zero_continuous"}


def long(*changes: dict[str, str | None]) -> pl.DataFrame:
    names = {name: pl.String for change in changes for name in {**ROW, **change}}
    return pl.DataFrame([{**ROW, **change} for change in changes], schema=names)


def read(table: pl.DataFrame, layout: str = "richcheap", unit: str = "auto") -> pl.DataFrame:
    return canonical_curve(table, layout, "USD", unit, "%Y-%m-%d")[0]


def test_a_header_only_means_no_curve() -> None:
    curve, unit = canonical_curve(long({}).clear(), "richcheap", "USD", "auto", "%Y-%m-%d")
    assert curve.schema == pl.Schema(CURVE_SCHEMA)
    assert curve.is_empty()
    assert unit is None


def test_a_long_curve_is_sorted_and_typed() -> None:
    curve = read(long({"tenor_years": "10", "rate": "0.05"}, {}, {"currency": "eur"}))
    assert curve.rows() == [
        ("EUR", date(2024, 3, 1), 2.0, 0.045, "zero_continuous"),
        ("USD", date(2024, 3, 1), 2.0, 0.045, "zero_continuous"),
        ("USD", date(2024, 3, 1), 10.0, 0.05, "zero_continuous"),
    ]


def test_rates_in_percent_are_detected() -> None:
    assert read(long({"rate": "4.5"}, {"tenor_years": "5", "rate": "0.5"}))["rate"].to_list() == [0.045, 0.005]


def test_par_yields_are_unpivoted_and_gaps_left_out() -> None:
    wide = pl.DataFrame(
        {"Date": ["2024-03-01", "2024-03-04"], "1M": ["5.3", None], "10Y": ["4.2", "0.1"], "x": ["", ""]}
    )
    assert read(wide, "treasury_par_yields").rows() == [
        ("USD", date(2024, 3, 1), 1 / 12, 0.053, "par_semiannual"),
        ("USD", date(2024, 3, 1), 10.0, 0.042, "par_semiannual"),
        ("USD", date(2024, 3, 4), 10.0, 0.001, "par_semiannual"),
    ]


def test_iso_dates_are_read_whatever_the_format_of_the_prices() -> None:
    curve, _ = canonical_curve(long({}), "richcheap", "USD", "auto", "%d/%m/%Y")
    assert curve["date"].to_list() == [date(2024, 3, 1)]


def test_the_format_of_params_goes_before_iso() -> None:
    curve, _ = canonical_curve(long({}), "richcheap", "USD", "auto", "%Y-%d-%m")
    assert curve["date"].to_list() == [date(2024, 1, 3)]


def test_dates_of_two_formats_are_refused() -> None:
    table = long({"date": "01/03/2024"}, {"date": "2024-03-04"})
    output = (
        r"column 'date': expected a date, got '2024-03-04' in data row 2 \(1 such\); "
        r"data.date_format is '%d/%m/%Y', such as '04/03/2011'$"
    )
    with pytest.raises(InputError, match=output):
        canonical_curve(table, "richcheap", "USD", "auto", "%d/%m/%Y")


@pytest.mark.parametrize("text", ["20240301", "2024-03-01T00:00:00", "2024-03-01 17:00:00+01:00"])
@pytest.mark.parametrize("date_format", ["%d/%m/%Y", "%d%m%Y", "%Y-%m-%d"])
def test_a_curve_of_dates_that_can_be_read_in_one_way_needs_no_format(text: str, date_format: str) -> None:
    table = long({"date": text}, {"date": text, "tenor_years": "5"})
    curve, _ = canonical_curve(table, "richcheap", "USD", "auto", date_format)
    assert set(curve["date"]) == {date(2024, 3, 1)}


@pytest.mark.parametrize("blank", ["NaN", "n/a", "#N/A", "-", "ND", "."])
def test_a_par_yield_that_is_a_word_for_nothing_was_not_published(blank: str) -> None:
    wide = pl.DataFrame({"Date": ["2024-03-01"], "1Y": [blank], "10Y": ["4.2"]})
    assert read(wide, "treasury_par_yields")["tenor_years"].to_list() == [10.0]


def test_a_par_yield_that_is_not_a_number_was_not_published() -> None:
    wide = pl.DataFrame({"Date": [date(2024, 3, 1)], "1Y": [float("nan")], "10Y": [4.2]})
    assert read(wide, "treasury_par_yields")["tenor_years"].to_list() == [10.0]


@pytest.mark.parametrize("code", ["NAN", "INF", "UDS"])
def test_a_curve_of_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(InputError, match=f"column 'currency': expected an ISO code, got '{code}' in data row 1"):
        read(long({"currency": code}))


def test_dates_given_as_integers_are_days_of_the_calendar() -> None:
    table = long({}).with_columns(pl.lit(20240301).alias("date"))
    assert read(table)["date"].to_list() == [date(2024, 3, 1)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([{"date": "yesterday"}], r"column 'date': expected a date, got 'yesterday' in data row 1 \(1 such\)"),
        ([{}, {"rate": "n/a"}], r"column 'rate': expected a number, got 'n/a' in data row 2"),
        ([{"tenor_years": None}], "column 'tenor_years': expected a number, got 'None'"),
        ([{"tenor_years": "0"}], "column 'tenor_years': expected above 0 to 100, got '0.0'"),
        ([{"kind": "swap"}], "column 'kind': expected par_annual|"),
        ([{"rate": "-0.15"}], r"column 'rate': expected -0.1 to 1 \(decimal\), got '-0.15'"),
        ([{"currency": "dollar"}], "column 'currency': expected an ISO code"),
        ([{}, {"rate": "0.04"}], "one rate for each .*, got 2 that clash; first: USD 2024-03-01 2 y"),
        ([{}, {"tenor_years": "3", "kind": "par_annual"}], "one kind for each currency and date, got several"),
    ],
)  # fmt: skip
def test_a_fault_refuses_the_curve_with_its_place(changes: list[dict[str, str | None]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(long(*changes))


def test_a_missing_column_is_named_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match="column 'tenor_years' is missing; nearest is 'tenor_year'"):
        read(long({}).rename({"tenor_years": "tenor_year"}))


def test_par_yields_without_tenors_are_refused() -> None:
    with pytest.raises(InputError, match="expected a column date and tenors such as 3M or 10Y, got date, level"):
        read(pl.DataFrame({"date": ["2024-03-01"], "level": ["1"]}), "treasury_par_yields")


def test_the_published_us_par_yields(real_data_dir: Path) -> None:
    path = real_data_dir / "us_par_yields" / "us_treasury_par_yields_daily.csv.gz"
    curve = read(read_table(path), "treasury_par_yields")
    assert curve.height == 145_843
    assert curve["date"].n_unique() == 16_058
    day = curve.filter(pl.col("date") == date(2010, 1, 4))
    assert day.select("tenor_years", "rate").rows()[-1] == (30.0, 0.0465)


def test_dates_with_a_zone_are_those_of_its_clocks() -> None:
    midnight = pl.Series("date", [datetime(2024, 3, 1)]).dt.replace_time_zone("Asia/Tokyo")  # noqa: DTZ001
    assert read(long({}).with_columns(midnight))["date"].to_list() == [date(2024, 3, 1)]


def test_a_column_that_holds_no_dates_is_told() -> None:
    with pytest.raises(InputError, match="column 'date': expected dates, got a column of Boolean"):
        read(long({}).with_columns(pl.Series("date", [True])))


def test_whole_numbers_of_eight_digits_are_dates_in_a_column_of_floats_too() -> None:
    assert read(long({}).with_columns(pl.Series("date", [20240301.0])))["date"].to_list() == [date(2024, 3, 1)]


@pytest.mark.parametrize("wrong", [240301, 2024031, 202403011, -20240301])
def test_integers_of_other_than_eight_digits_are_no_dates(wrong: int) -> None:
    assert read(long({}).with_columns(pl.Series("date", [20240301])))["date"].to_list() == [date(2024, 3, 1)]
    with pytest.raises(InputError, match=rf"column 'date': expected a date, got '{wrong}'"):
        read(long({}).with_columns(pl.Series("date", [wrong])))
