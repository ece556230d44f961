import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.curves.bootstrap import bootstrap_par_curve

TENORS = np.array([1 / 12, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 30.0])


def par_price(tenor: float, rate: float, zero: np.ndarray, frequency: int = 2) -> float:
    times = tenor - np.arange(int(np.ceil(tenor * frequency - 1e-9))) / frequency
    factors = np.exp(-np.interp(times, TENORS, zero) * times)
    return float((rate * np.minimum(1 / frequency, times) * factors).sum() + factors[0])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-0.01, 0.1), min_size=11, max_size=11))
def test_every_par_bond_is_worth_par(rates: list[float]) -> None:
    try:
        zero = bootstrap_par_curve(TENORS, rates)
    except ValueError:  # rates that jump by ten percent need not have a curve
        return
    for tenor, rate in zip(TENORS[3:], rates[3:], strict=True):
        assert par_price(float(tenor), rate, zero) == pytest.approx(1.0, abs=1e-12)


def test_bills_are_simple_interest_up_to_half_a_year_and_bond_equivalent_beyond() -> None:
    zero = bootstrap_par_curve([0.25, 0.5, 0.75], [0.04, 0.05, 0.06])
    assert np.exp(-zero * [0.25, 0.5, 0.75]) == pytest.approx(
        [1 / 1.01, 1 / 1.025, 1 / (1.03 * (1 + 0.06 * 0.25))], rel=1e-14
    )


def test_a_flat_par_curve_is_a_flat_zero_curve_from_one_coupon_on() -> None:
    zero = bootstrap_par_curve([0.5, 1.0, 2.0, 10.0, 30.0], np.full(5, 0.05))
    assert zero == pytest.approx(np.full(5, 2 * np.log1p(0.025)), abs=1e-13)


@pytest.mark.parametrize(
    ("tenors", "rates", "message"),
    [
        ([1.0, 0.5], [0.01, 0.02], "tenor_years must be positive and ascending"),
        ([0.0, 0.5], [0.01, 0.02], "tenor_years must be positive and ascending"),
        ([1.0], [np.nan], "par_rates must be finite"),
        ([1.0, 2.0], [0.01], "one length"),
    ],
)
def test_bad_curves_raise_value_error(tenors: list[float], rates: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bootstrap_par_curve(tenors, rates)


def test_published_treasury_curve_gives_plausible_zero_rates() -> None:
    # Treasury's par yields of 2010-01-04, percent.
    par = np.array([0.05, 0.08, 0.18, 0.45, 1.09, 1.66, 2.65, 3.36, 3.85, 4.60, 4.65]) / 100
    zero = bootstrap_par_curve(TENORS, par)
    assert np.all(np.diff(zero[:-1]) > 0.0)
    assert 0.039 < zero[8] < 0.041
