"""Published curves: conventions, and what was known as of a date."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from richcheap.curves.benchmark import GivenCurves, zero_rates


def curve(*rows: tuple[date, float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(day, tenor, rate, "zero_continuous") for day, tenor, rate in rows],
        schema={"date": pl.Date, "tenor_years": pl.Float64, "rate": pl.Float64, "kind": pl.String},
        orient="row",
    )


def days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


TWO = curve(
    (date(2024, 1, 2), 1.0, 0.02),
    (date(2024, 1, 2), 5.0, 0.04),
    (date(2024, 1, 4), 1.0, 0.03),
    (date(2024, 1, 4), 5.0, 0.03),
)


def test_rates_are_linear_between_tenors_and_flat_outside() -> None:
    given = GivenCurves(TWO, [0.5, 1.0, 3.0, 5.0, 30.0]).as_of(days(date(2024, 1, 2)))
    assert given is not None
    np.testing.assert_allclose(given, [0.02, 0.02, 0.03, 0.04, 0.04])


@pytest.mark.parametrize(
    ("day", "short"), [(date(2024, 1, 2), 0.02), (date(2024, 1, 3), 0.02), (date(2024, 1, 4), 0.03)]
)
def test_the_latest_curve_not_after_the_date_is_used(day: date, short: float) -> None:
    given = GivenCurves(TWO, [1.0, 5.0]).as_of(days(day))
    assert given is not None
    assert given[0] == short


def test_before_the_first_curve_there_is_none() -> None:
    assert GivenCurves(TWO, [1.0]).as_of(days(date(2024, 1, 1))) is None


def test_an_empty_table_gives_no_curve() -> None:
    assert GivenCurves(TWO.clear(), [1.0]).as_of(days(date(2024, 1, 4))) is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("zero_continuous", 0.05),
        ("zero_annual", np.log(1.05)),
        ("zero_semiannual", 2 * np.log(1.025)),
        # A flat par curve is a flat zero curve.
        ("par_semiannual", 2 * np.log(1.025)),
        ("par_annual", np.log(1.05)),
    ],
)
def test_every_kind_becomes_a_continuous_zero_rate(kind: str, expected: float) -> None:
    zeros = zero_rates(np.array([1.0, 2.0, 5.0]), np.full(3, 0.05), kind)
    np.testing.assert_allclose(zeros, expected, rtol=1e-9)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"must be one of \['par_annual', .*got 'swap'"):
        zero_rates(np.array([1.0]), np.array([0.05]), "swap")
