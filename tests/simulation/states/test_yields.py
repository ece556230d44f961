"""The curve: Nelson-Siegel's shape, three factors, wilder in stress, and no knowledge of later days."""

import numpy as np
import pytest

from richcheap.bonds.terms import NO_DATE, BondTerms
from richcheap.curves.pricing import curve_dirty_price
from richcheap.simulation.constants import REGIMES
from richcheap.simulation.rng import stream
from richcheap.simulation.states.yields import NODE_YEARS, CurvePath, curve_path, loadings
from tests.simulation.settings import default_market, defaults

PARAMS = defaults()
STATES = PARAMS.regimes.states


def path_in(regime: str, periods: int = 4_000, seed: int = 1) -> CurvePath:
    return curve_path(PARAMS.curve, STATES, np.full(periods, REGIMES.index(regime)), stream(seed, "curve"))


def test_the_loadings_are_those_of_diebold_and_li() -> None:
    # The decay of 0.0609 a month puts the hump of curvature at 30 months.
    years = np.linspace(0.1, 10.0, 1_000)
    table = loadings(years, PARAMS.curve.decay)
    assert years[table[:, 2].argmax()] == pytest.approx(2.5, abs=0.1)
    assert np.all(np.diff(table[:, 1]) < 0.0)
    assert loadings(np.array([1e6]), PARAMS.curve.decay)[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-5)


def test_three_factors_explain_at_least_95_percent_of_the_changes() -> None:
    changes = np.diff(default_market().market.curve.rates, axis=0)
    variances = np.linalg.eigvalsh(np.cov(changes.T))[::-1]
    shares = variances / variances.sum()
    assert shares[:3].sum() >= 0.95
    assert 0.7 < shares[0] < 0.95  # Litterman and Scheinkman (1991): 90, 8 and 2 percent
    assert shares[0] > shares[1] > shares[2]


def test_rates_move_by_a_plausible_number_of_basis_points_a_day() -> None:
    ten_years = NODE_YEARS.tolist().index(10.0)
    std = {
        name: np.diff(path_in(name).rates[:, ten_years]).std() * 1e4 for name in ("normal", "low_volatility", "crisis")
    }
    assert 3.0 < std["normal"] < 8.0
    assert std["low_volatility"] < std["normal"] < std["crisis"]


def test_tails_are_fatter_in_stress() -> None:
    def kurtosis(regime: str) -> float:
        x = np.diff(path_in(regime, 20_000).factors[:, 0])
        return float(((x - x.mean()) ** 4).mean() / x.var() ** 2)

    assert kurtosis("low_volatility") < kurtosis("normal") < kurtosis("high_volatility")
    assert kurtosis("crisis") > 4.0


def test_the_mean_curve_of_a_regime_is_the_one_of_params() -> None:
    factors = path_in("bear", 60_000).factors.mean(axis=0)
    state = STATES.bear
    assert factors == pytest.approx([state.level, state.slope, state.curvature], abs=0.15)


def test_days_up_to_a_date_do_not_depend_on_later_regimes() -> None:
    calm = np.zeros(300, dtype=np.int64)
    stressed = np.where(np.arange(300) < 200, 0, REGIMES.index("crisis"))
    before, after = (curve_path(PARAMS.curve, STATES, regimes, stream(1, "curve")) for regimes in (calm, stressed))
    assert np.array_equal(before.rates[:200], after.rates[:200])
    assert not np.array_equal(before.rates[200:], after.rates[200:])


def test_rates_between_nodes_are_those_that_bonds_are_priced_on() -> None:
    curve = path_in("normal", 60)
    days = np.array([20, 200, 700, 5_000, 20_000])
    terms = BondTerms(
        settlement=np.zeros(5, np.int32), maturity=days.astype(np.int32), coupon_rate=np.zeros(5),
        frequency=np.zeros(5, np.int32), day_count=np.full(5, 2, np.int32), issue=np.full(5, NO_DATE),
        first_coupon=np.full(5, NO_DATE),
    )  # fmt: skip
    index = np.array([0, 10, 20, 30, 59])
    price = curve_dirty_price(terms, NODE_YEARS, curve.rates, index.astype(np.int32), 0.0)
    assert price == pytest.approx(100.0 * np.exp(-curve.at(index, days / 365.0) * days / 365.0), rel=1e-12)
