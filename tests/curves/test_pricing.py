from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE, days
from richcheap.curves.pricing import (
    curve_dirty_price,
    curve_measures,
    curve_prices,
    curve_prices_and_spread,
    key_rate_exposure,
    spread_sensitivity,
    z_spread,
)
from tests.bonds import referee
from tests.bonds.referee import Bond, bond, odd_last_bonds, random_bonds, terms

# Whole days, so that QuantLib's dated nodes fall on the same times.
NODE_YEARS = np.array([91, 182, 365, 730, 1095, 1825, 2555, 3650, 5475, 7300, 10950]) / 365.0
RATES = np.array(
    [
        [0.001, 0.002, 0.004, 0.01, 0.014, 0.02, 0.025, 0.03, 0.034, 0.036, 0.037],
        [0.055, 0.054, 0.05, 0.045, 0.043, 0.042, 0.041, 0.042, 0.044, 0.045, 0.043],
        [-0.006, -0.006, -0.007, -0.007, -0.006, -0.004, -0.002, 0.0, 0.003, 0.004, 0.004],
    ]
)


def bonds_and_curves(seed: int, count: int) -> tuple[list[Bond], np.ndarray]:
    odd = count // 4
    return [*random_bonds(seed, count - odd), *odd_last_bonds(seed, odd)], np.random.default_rng(seed).integers(
        0, len(RATES), count
    )


def test_curve_prices_agree_with_quantlib() -> None:
    bonds, index = bonds_and_curves(31, 1500)
    spreads = np.random.default_rng(32).uniform(-0.01, 0.1, len(bonds))
    ours = curve_dirty_price(terms(bonds), NODE_YEARS, RATES, index, spreads)
    for i, b in enumerate(bonds):
        theirs = referee.curve_price(b, NODE_YEARS, RATES[index[i]], float(spreads[i]))
        assert ours[i] == pytest.approx(theirs, rel=1e-11), b


def test_z_spreads_agree_with_quantlib() -> None:
    bonds, index = bonds_and_curves(33, 600)
    wide = [i for i, b in enumerate(bonds) if b.maturity - b.settlement > 200]
    bonds, index = [bonds[i] for i in wide], index[wide]
    spreads = np.random.default_rng(34).uniform(-0.005, 0.08, len(bonds))
    prices = curve_dirty_price(terms(bonds), NODE_YEARS, RATES, index, spreads)
    ours, status = z_spread(terms(bonds), prices, NODE_YEARS, RATES, index)
    assert not status.any()
    for i, b in enumerate(bonds):
        theirs = referee.z_spread(b, float(prices[i]), NODE_YEARS, RATES[index[i]])
        assert ours[i] == pytest.approx(theirs, rel=0.0, abs=1e-11), b


def test_the_zero_spread_reprices_the_curve_price_and_the_spread_any_price() -> None:
    bonds, index = bonds_and_curves(35, 2000)
    all_terms = terms(bonds)
    prices = curve_dirty_price(all_terms, NODE_YEARS, RATES, index, 0.0)
    spreads, _ = z_spread(all_terms, prices, NODE_YEARS, RATES, index)
    years = (all_terms.maturity - all_terms.settlement) / 365.0
    assert np.abs(spreads * years).max() < 1e-12
    other = np.random.default_rng(36).uniform(20.0, 180.0, len(bonds))
    spreads, status = z_spread(all_terms, other, NODE_YEARS, RATES, index)
    assert not status.any()
    assert curve_dirty_price(all_terms, NODE_YEARS, RATES, index, spreads) == pytest.approx(other, rel=1e-11)


def test_key_rate_exposures_sum_to_the_duration_and_are_derivatives() -> None:
    bonds, index = bonds_and_curves(37, 400)
    all_terms = terms(bonds)
    exposure = key_rate_exposure(all_terms, NODE_YEARS, RATES, index)
    duration, _ = spread_sensitivity(all_terms, NODE_YEARS, RATES, index, 0.0)
    assert exposure.sum(axis=1) == pytest.approx(duration, rel=1e-13)
    h = 1e-6
    price = curve_dirty_price(all_terms, NODE_YEARS, RATES, index, 0.0)
    for node in range(len(NODE_YEARS)):
        bump = np.zeros(len(NODE_YEARS))
        bump[node] = h
        up = curve_dirty_price(all_terms, NODE_YEARS, RATES + bump, index, 0.0)
        down = curve_dirty_price(all_terms, NODE_YEARS, RATES - bump, index, 0.0)
        assert exposure[:, node] == pytest.approx((down - up) / (2 * h * price), rel=1e-6, abs=1e-7)


def test_one_walk_gives_what_the_single_functions_give() -> None:
    bonds, index = bonds_and_curves(39, 300)
    all_terms = terms(bonds)
    prices = np.random.default_rng(40).uniform(60.0, 140.0, 300)
    view = curve_measures(all_terms, prices, NODE_YEARS, RATES, index)
    spread, status = z_spread(all_terms, prices, NODE_YEARS, RATES, index)
    assert view.spread.tobytes() == spread.tobytes()
    assert view.status.tobytes() == status.tobytes()
    assert view.exposure.tobytes() == key_rate_exposure(all_terms, NODE_YEARS, RATES, index).tobytes()
    assert view.spread_duration.tobytes() == spread_sensitivity(all_terms, NODE_YEARS, RATES, index, 0.0)[0].tobytes()
    spreads = np.column_stack([np.zeros(300), np.linspace(-0.02, 0.2, 300), np.full(300, np.nan)])
    table = curve_prices(all_terms, NODE_YEARS, RATES, index, spreads)
    assert table[:, 0].tobytes() == view.price.tobytes()
    assert table[:, 1].tobytes() == curve_dirty_price(all_terms, NODE_YEARS, RATES, index, spreads[:, 1]).tobytes()
    assert np.isnan(table[:, 2]).all()
    together = curve_prices_and_spread(all_terms, prices, NODE_YEARS, RATES, index, spreads)
    assert [column.tobytes() for column in together] == [column.tobytes() for column in (table, spread, status)]


def test_price_duration_and_exposure_are_there_without_an_observed_price() -> None:
    bonds, index = bonds_and_curves(41, 50)
    known, unknown = (curve_measures(terms(bonds), price, NODE_YEARS, RATES, index) for price in (100.0, np.nan))
    assert (unknown.status == Status.BAD_PRICE).all()
    assert np.isnan(unknown.spread).all()
    for ours, theirs in zip(known[2:], unknown[2:], strict=True):
        assert ours.tobytes() == theirs.tobytes()


@settings(max_examples=100, deadline=None)
@given(st.integers(10, 365 * 50), st.sampled_from([0, 1, 2, 4, 12]), st.floats(-0.02, 0.2))
def test_spread_sensitivities_are_the_derivatives_of_the_price(life: int, frequency: int, spread: float) -> None:
    all_terms = terms([Bond(15000, 15000 + life, 0.05 if frequency else 0.0, frequency, 1, int(NO_DATE))])
    h = 1e-4
    down, mid, up = (curve_dirty_price(all_terms, NODE_YEARS, RATES, 0, spread + s)[0] for s in (-h, 0.0, h))
    duration, convexity = spread_sensitivity(all_terms, NODE_YEARS, RATES, 0, spread)
    assert duration[0] == pytest.approx((down - up) / (2 * h * mid), rel=1e-4)
    assert convexity[0] == pytest.approx((down - 2 * mid + up) / (h * h * mid), rel=1e-3, abs=1e-4)


def test_results_do_not_depend_on_chunk_or_array_length() -> None:
    bonds, index = bonds_and_curves(38, 300)
    all_terms = terms(bonds)
    prices = np.full(300, 95.0)
    whole, _ = z_spread(all_terms, prices, NODE_YEARS, RATES, index)
    parts = [
        z_spread(all_terms.rows(slice(i, i + 11)), prices[i : i + 11], NODE_YEARS, RATES, index[i : i + 11])[0]
        for i in range(0, 300, 11)
    ]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_a_curve_that_does_not_exist_or_a_price_that_is_none_is_a_status() -> None:
    good = bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, DayCount.ACT_ACT_ICMA)
    late = good._replace(settlement=int(days(date(2031, 1, 1))))
    rates = np.vstack([RATES, np.full(len(NODE_YEARS), np.nan)])
    spreads, status = z_spread(
        terms([good, good, good, late, good]), [100.0, 100.0, -1.0, 100.0, 100.0], NODE_YEARS, rates, [0, 9, 0, 0, 3]
    )
    assert status.tolist() == [Status.OK, Status.BAD_CURVE, Status.BAD_PRICE, Status.MATURED, Status.BAD_CURVE]
    assert np.isfinite(spreads).tolist() == [True, False, False, False, False]


def test_a_curve_of_another_shape_raises_value_error() -> None:
    all_terms = terms(random_bonds(0, 2))
    with pytest.raises(ValueError, match=r"node_rates must be curves x 11 nodes, but their shape is \(3, 10\)"):
        curve_dirty_price(all_terms, NODE_YEARS, RATES[:, :10], 0, 0.0)
    with pytest.raises(ValueError, match="node_years must be one ascending row"):
        curve_dirty_price(all_terms, NODE_YEARS[::-1], RATES, 0, 0.0)
    with pytest.raises(ValueError, match=r"spreads must be 2 bonds x spreads, but their shape is \(2,\)"):
        curve_prices(all_terms, NODE_YEARS, RATES, 0, np.zeros(2))
