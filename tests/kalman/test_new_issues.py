"""Issue prices: who has one, what it is worth beside prints, and whether a market's first prints bear it out."""

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import PAR
from richcheap.curves.pricing import curve_dirty_price
from richcheap.kalman.fit import MarketFilter, initial_hyperparameters
from richcheap.kalman.new_issues import IssuePrice, NewIssues, ParYields
from richcheap.kalman.state_space import HyperParameters, ReferenceCurves
from richcheap.panel.ages import NEW_DAYS
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import KalmanParams
from richcheap.surface.valuation import Valuation
from tests.kalman.test_filter import curves_of, filtered, first_error
from tests.surface.markets import KALMAN, NODES, small_market, valued, with_prices

SAYS, SILENT = 4.0, np.inf
NO_ISSUE_PRICES = KALMAN.model_copy(update={"issue_price_points": 1000.0})


def of_one(variance: float) -> IssuePrice:
    return IssuePrice(np.array([1.0 if np.isfinite(variance) else 0.0]), np.ones(1), np.array([variance]), np.zeros(1))


def new_bonds(spread_of_price: float, seed: int = 4) -> pl.DataFrame:
    """Return a market in which every third bond is issued just before its first print, unrated and by nobody known.

    Their prices stay where they are for that coupon; column ``new`` marks them. ``spread_of_price`` is the standard
    deviation of their prices around par, points.
    """
    rows = small_market(bonds=36, dates=30, chance=0.5)
    number = pl.col("bond_id").str.slice(1).cast(pl.Int32)
    rows = rows.with_columns(new=(number % 3 == 0) & (pl.col("bond_type") != "treasury")).with_columns(
        first=pl.col("date").min().over("bond_id")
    )
    late = rows["date"].unique().sort()[6]
    rows = rows.filter(~pl.col("new") | (pl.col("date") > late)).with_columns(
        first=pl.col("date").min().over("bond_id")
    )
    new = pl.col("new")
    rows = rows.with_columns(
        issue_date=pl.when(new).then(pl.col("first") - timedelta(days=3)),
        credit_rating=pl.when(new).then(pl.lit("NR")).otherwise("credit_rating"),
        issuer=pl.when(~new).then("issuer"),
        side=pl.when(~new).then("side"),
    )
    rng = np.random.default_rng(seed)
    bonds = rows["bond_id"].unique().sort()
    own = pl.DataFrame({"bond_id": bonds, "own": PAR + spread_of_price * rng.normal(size=bonds.len())})
    priced = rows.join(own, on="bond_id", how="left", maintain_order="left")
    clean = priced.select(pl.when("new").then("own").otherwise("clean_price")).to_series().to_numpy()
    return with_prices(rows.drop("first"), clean)


@pytest.fixture(scope="module")
def near_par() -> Valuation:
    return valued(new_bonds(0.2))


def marked(market: Valuation) -> pl.DataFrame:
    return market.prints.with_columns(new=pl.col("issue_date").is_not_null())


def test_the_yield_of_a_new_bond_at_par_prices_it_at_par() -> None:
    rows = small_market(bonds=8, dates=2, chance=1.0)
    terms = terms_from_frame(rows)
    rates, curve = np.full((1, NODES.size), 0.03), np.zeros(rows.height, dtype=np.int32)
    old = np.arange(rows.height) % 2 == 0
    found = ParYields.of(terms, np.where(old, np.nan, NEW_DAYS), NODES, rates, curve)
    worth = curve_dirty_price(terms, NODES, rates, curve, found.spread / 1e4) - accrued_interest(terms)
    np.testing.assert_allclose(worth[~old], PAR, atol=1e-8)
    np.testing.assert_array_equal(np.isnan(found.spread), old)
    np.testing.assert_allclose(found.age, np.where(old, 0.0, NEW_DAYS * 5.0 / 7.0))


def test_yields_of_wide_spreads_move_more_in_a_day() -> None:
    hyper = initial_hyperparameters(KALMAN)
    found = hyper._replace(node_move=5.0, widening_move=2.0, issuer_move=3.0, bond_move=6.0).daily_variance(
        np.array([0.0, 1.0, 10.0])
    )
    np.testing.assert_allclose(found, [25.0, 74.0, 4925.0])


def test_an_issue_price_is_combined_by_precision() -> None:
    update, variance = of_one(SAYS).added(np.array([0.0]), np.array([5.0]), np.array([1.0]))
    assert (update[0], variance[0]) == (0.5, 3.0)


def test_without_an_issue_price_no_bit_changes() -> None:
    mean, variance = np.random.default_rng(1).normal(size=(2, 50)) ** 2 + 1.0
    issue = IssuePrice(np.zeros(50), np.ones(50), np.full(50, SILENT), np.zeros(50))
    np.testing.assert_array_equal(issue.added(mean, variance, np.full(50, 0.3)), (mean, variance))


def test_a_bond_sold_far_from_par_moves_less_the_farther_it_is() -> None:
    far, farther = (
        of_one(SAYS)._replace(innovation=np.array([bp])).added(np.zeros(1), np.array([4.0]), np.zeros(1))[0][0]
        for bp in (10.0, 100.0)
    )
    assert far > farther > 0.0


@pytest.mark.parametrize(("first_prints_at_par", "least", "most"), [(True, 0.8, 1.0), (False, 0.0, 0.1)])
def test_par_counts_for_as_much_as_first_prints_bear_out(first_prints_at_par: bool, least: float, most: float) -> None:
    issues, rng = NewIssues(1.0), np.random.default_rng(2)
    unit, moved, noise, known = np.full(5, 20.0), np.zeros(5), np.ones(5), np.ones(5, dtype=np.bool_)
    for _ in range(40):
        issue = issues.issue_price(rng.normal(0.0, 40.0, 5), np.zeros(5), known, unit, moved)
        actual = rng.normal(issue.innovation if first_prints_at_par else 0.0, 20.0, 5)
        issues.update(issue, actual, noise, np.zeros(5), np.full(5, 2000.0 if first_prints_at_par else 400.0))
    issue = issues.issue_price(np.zeros(5), np.zeros(5), known, unit, moved)
    assert least <= issue.gain(np.zeros(5), np.full(5, 2000.0 if first_prints_at_par else 400.0))[0] <= most
    assert issue.gain(np.zeros(5), np.full(5, 1e6))[0] > 0.9


def test_the_distance_from_par_is_learned() -> None:
    issues, rng = NewIssues(5.0), np.random.default_rng(3)
    unit, moved, noise = np.full(5, 20.0), np.full(5, 9.0), np.full(5, 4.0)
    for _ in range(60):
        issue = issues.issue_price(np.zeros(5), np.zeros(5), np.ones(5, dtype=np.bool_), unit, moved)
        actual = rng.normal(0.0, np.sqrt(0.5**2 / 0.05**2 + 13.0), 5)
        issues.update(issue, actual, noise, np.zeros(5), np.full(5, 400.0))
    assert np.sqrt(issue.variance[0] - 9.0) * 0.05 == pytest.approx(0.5, rel=0.25)


def test_a_distance_that_has_become_small_grows_again() -> None:
    """First prints just where par and the market's move put them, then some far off."""
    issues = NewIssues(1.0)
    unit, moved, noise, known = np.full(5, 20.0), np.full(5, 400.0), np.full(5, 4.0), np.ones(5, dtype=np.bool_)
    for actual in [0.0] * 30 + [60.0] * 60:
        issue = issues.issue_price(np.zeros(5), np.zeros(5), known, unit, moved)
        issues.update(issue, np.full(5, actual), noise, np.zeros(5), np.full(5, 400.0))
        if actual == 0.0:
            smallest = issue.variance[0]
    assert smallest < 410.0
    assert issues.issue_price(np.zeros(5), np.zeros(5), known, unit, moved).variance[0] > 2000.0


def test_first_prints_near_par_are_priced_nearer(near_par: Valuation) -> None:
    rows = marked(near_par)
    assert first_error(near_par, rows) < 0.6 * first_error(near_par, rows, NO_ISSUE_PRICES)


def test_after_wild_days_the_issue_price_says_nothing(near_par: Valuation, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = marked(near_par)
    without = first_error(near_par, rows, NO_ISSUE_PRICES)
    monkeypatch.setattr(HyperParameters, "daily_variance", lambda _, scale: np.full(scale.size, 1e12))
    assert first_error(near_par, rows) == pytest.approx(without, rel=1e-3)


def test_first_prints_that_par_says_nothing_of_lose_little() -> None:
    market = valued(new_bonds(12.0))
    rows = marked(market)
    assert first_error(market, rows) < 1.1 * first_error(market, rows, NO_ISSUE_PRICES)


def test_the_parts_still_add_up(near_par: Valuation) -> None:
    found = filtered(near_par)
    parts = found.select(pl.sum_horizontal(pl.col("^kalman_(curve|rating|coupon|option|issuer|bond)_bp$"))).to_series()
    np.testing.assert_allclose(parts.to_numpy(), found["kalman_spread_bp"].to_numpy(), atol=1e-8)


def test_dates_may_come_in_any_pieces(near_par: Valuation) -> None:
    assert filtered(near_par, dates=1).equals(filtered(near_par))


def test_par_holds_wide_bonds_less(near_par: Valuation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same new bond, once rated AA and once CCC: a distance from par is worth more bp of the wider one."""
    names = MarketCounts.none().plus(near_par.prints).names()
    new = near_par.prints.filter(pl.col("issue_date").is_not_null())[-1:]
    before = near_par.prints.filter(pl.col("date") < new["date"][0], pl.col("bond_id") != new["bond_id"][0])
    bare = new.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("clean_price", "z_spread_bp"))
    kalman = MarketFilter(names, curves_of(near_par), initial_hyperparameters(KALMAN), KALMAN)
    kalman.value(before)
    unit: list[float] = []
    issue_price = NewIssues.issue_price

    def watched(self: NewIssues, *given: Any) -> IssuePrice:
        found = issue_price(self, *given)
        unit.extend(found.unit)
        return found

    monkeypatch.setattr(NewIssues, "issue_price", watched)
    for rating in ("AA", "CCC"):
        kalman.ask(before[:0], bare.with_columns(credit_rating=pl.lit(rating)))
    tight, wide = unit
    assert wide > 1.5 * tight


def test_a_first_price_does_not_enter_its_own_prediction(near_par: Valuation) -> None:
    rows = near_par.prints.with_row_index()
    first = rows.filter(pl.col("issue_date").is_not_null())["index"][0]
    moved = rows.with_columns(z_spread_bp=pl.col("z_spread_bp") + 50.0 * (pl.col("index") == first)).drop("index")
    before, after = filtered(near_par), filtered(near_par, moved)
    assert before[first : first + 1, :4].equals(after[first : first + 1, :4])
    assert not before.equals(after)


def test_a_new_issue_that_is_asked_for_gets_what_its_print_would_have_got(near_par: Valuation) -> None:
    params: KalmanParams = KALMAN
    curves: ReferenceCurves = curves_of(near_par)
    names = MarketCounts.none().plus(near_par.prints).names()
    new = near_par.prints.filter(pl.col("issue_date").is_not_null())
    first = new.filter(pl.col("date") == pl.col("date").min().over("bond_id"))[-1:]
    day = first["date"][0]

    def at_the_date() -> MarketFilter:
        kalman = MarketFilter(names, curves, initial_hyperparameters(params), params)
        kalman.value(near_par.prints.filter(pl.col("date") < day))
        return kalman

    today = near_par.prints.filter(pl.col("date") == day)
    printed = at_the_date().value(today).filter(pl.col("bond_id") == first["bond_id"][0])
    bare = first.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("clean_price", "z_spread_bp"))
    asked = at_the_date().ask(today.filter(pl.col("bond_id") != first["bond_id"][0]), bare)
    for name in ("kalman_spread_bp", "kalman_std_bp", "kalman_bond_bp"):
        assert asked[name][0] == pytest.approx(printed[name][0], rel=1e-7)
