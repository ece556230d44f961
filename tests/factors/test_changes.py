"""What moved on each date, measured on a made-up market whose moves are known."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from richcheap.factors.bonds import PRINT_COLUMNS, BondChangeTracker
from richcheap.factors.changes import MOVE_COLUMNS, Changes, CurveHistory, curve_exposures, market_changes, read_curves
from richcheap.factors.model import fit_factors
from richcheap.panel.ratings import BUCKETS
from richcheap.surface.valuation import Valuation
from tests.factors.settings import PARAMS
from tests.surface.markets import NODES, small_market, true_rates, valued

DATES = 30


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market(bonds=40, dates=DATES, chance=0.9, walk_bp=1.0))


@pytest.fixture(scope="module")
def curves(market: Valuation) -> CurveHistory:
    return read_curves(market.curves, "USD")


def batches(prints: pl.DataFrame, columns: tuple[str, ...] = MOVE_COLUMNS, size: int = 7) -> list[pl.DataFrame]:
    """Cut prints into batches of some dates."""
    days = prints["date"].unique().sort().to_list()
    parts = [days[first : first + size] for first in range(0, len(days), size)]
    return [prints.filter(pl.col("date").is_in(part)).select(columns) for part in parts]


def found(prints: pl.DataFrame, curves: CurveHistory, size: int = 7) -> Changes:
    return market_changes(batches(prints, size=size), curves, PARAMS)


def test_the_curves_moves_are_those_that_made_the_prices(market: Valuation, curves: CurveHistory) -> None:
    true = 1e4 * np.diff(true_rates(DATES, np.random.default_rng(1)), axis=0)
    changes = found(market.prints, curves)
    settled = slice(3, None)
    middle = slice(1, 5)  # where governments mature
    error = (changes.curve - true)[settled, middle]
    assert np.sqrt(np.mean(error**2)) < 0.5 * np.sqrt(np.mean(true[settled, middle] ** 2))
    assert changes.curve_known.all()


def test_batches_of_any_size_give_the_same_bits(market: Valuation, curves: CurveHistory) -> None:
    one, other = found(market.prints, curves, 3), found(market.prints, curves, DATES)
    for mine, theirs in zip(one[1:], other[1:], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_what_comes_later_changes_no_earlier_row(market: Valuation, curves: CurveHistory) -> None:
    cut = curves.dates[19]
    later = pl.col("date") > cut
    moved = market.prints.with_columns(
        move_today_bp=pl.when(later).then(90.0).otherwise("move_today_bp"),
        matrix_spread=pl.when(later).then(0.5).otherwise("matrix_spread"),
    )
    before, after = found(market.prints, curves), found(moved, curves)
    for name in ("curve", "curve_known", "spreads", "prints", "levels"):
        np.testing.assert_array_equal(getattr(before, name)[:19], getattr(after, name)[:19])
    assert not np.array_equal(before.spreads, after.spreads)


def test_a_published_curve_moves_as_it_is_published() -> None:
    rates = true_rates(DATES, np.random.default_rng(1))
    bonds = small_market(bonds=16, dates=DATES)
    days = bonds["date"].unique().sort()
    curve = pl.DataFrame(
        {
            "currency": ["USD"] * (DATES * NODES.size),
            "date": np.repeat(days.to_numpy(), NODES.size),
            "tenor_years": np.tile(NODES, DATES),
            "rate": rates.ravel(),
            "kind": ["zero_continuous"] * (DATES * NODES.size),
        }
    ).with_columns(pl.col("date").cast(pl.Date))
    market = valued(bonds, curve)
    curves = read_curves(market.curves, "USD")
    changes = found(market.prints, curves)
    np.testing.assert_allclose(changes.curve, 1e4 * np.diff(rates, axis=0), atol=1e-9)
    assert np.median(np.abs(changes.spreads[:, BUCKETS.index("A")])) < 5.0


def test_the_first_date_has_no_change(market: Valuation, curves: CurveHistory) -> None:
    assert found(market.prints, curves).dates.to_list() == curves.dates.to_list()[1:]
    assert curves.dates[0] == date(2024, 1, 1)


def test_a_bucket_that_does_not_print_has_no_change_and_no_level(market: Valuation, curves: CurveHistory) -> None:
    changes = found(market.prints, curves)
    none = changes.prints == 0
    assert (changes.spreads[none] == 0.0).all()
    assert np.isnan(changes.levels[none]).all()
    assert np.isfinite(changes.levels[~none]).all()


def test_key_rate_shares_of_a_fixed_coupon_bond_sum_to_one(market: Valuation, curves: CurveHistory) -> None:
    exposed = curve_exposures(market.prints.select(MOVE_COLUMNS), curves)
    np.testing.assert_allclose(exposed.shares.sum(axis=1), 1.0, atol=1e-9)
    assert (exposed.dv01 > 0.0).all()


def test_bonds_changes_add_up_to_the_change_of_their_yield(market: Valuation, curves: CurveHistory) -> None:
    changes = found(market.prints, curves)
    model = fit_factors(changes, slice(0, 20), "USD", PARAMS)
    scores = model.transform(model.changes_of(changes))
    bonds = market.prints["bond_id"].unique().sort()
    whole = BondChangeTracker(bonds, curves, model, scores, PARAMS.noise_dv01).add(market.prints.select(PRINT_COLUMNS))
    tracker = BondChangeTracker(bonds, curves, model, scores, PARAMS.noise_dv01)
    pieces = [tracker.add(batch).changes for batch in batches(market.prints, PRINT_COLUMNS)]
    for place, column in enumerate(whole.changes):
        np.testing.assert_array_equal(column, np.concatenate([piece[place] for piece in pieces]))
    own = whole.changes.where(whole.changes.bond == 3)
    rows = market.prints.filter(pl.col("bond_id") == bonds[3])
    positions = np.searchsorted(curves.numbers, rows["reference_curve"].to_numpy())
    np.testing.assert_array_equal(own.gap, np.diff(positions))
    np.testing.assert_allclose(own.scores[0], scores[positions[0] : positions[1]].sum(axis=0), atol=1e-9)
    assert np.corrcoef(own.change, own.explained())[0, 1] > 0.7
