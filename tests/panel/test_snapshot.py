"""A run that takes up a snapshot gives the bytes of one that ran from the first date, whoever comes later."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.features.assemble import Assembler, curve_states
from richcheap.features.repricing import Repricer
from richcheap.kalman.fit import MarketFilter, initial_hyperparameters
from richcheap.kalman.state_space import ReferenceCurves
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import MarketParams
from richcheap.panel.snapshot import Snapshot, names_at, nested, part_of, places, put_back, taken
from richcheap.panel.universe import UNIVERSE_COLUMNS, UniverseCounts
from richcheap.pipeline.storage.artifacts import read_arrays, write_arrays
from richcheap.surface.valuation import MarketValuer, Valuation
from tests.features.datasets import BOUNDS
from tests.surface.markets import FEATURES, KALMAN, MARKET, no_curve, small_market

CUTS = (1, 6, 13, 22)
SHORT_WINDOW = MARKET.model_copy(update={"peer_window_days": 9})


@pytest.fixture(scope="module")
def market() -> pl.DataFrame:
    """Return a market in which bonds, an issuer, a rating and a currency appear later, and some bonds leave."""
    frame = small_market(bonds=32, chance=0.7, currencies=3)
    days = frame["date"].unique().sort()
    number = pl.col("bond_id").str.slice(1).cast(pl.Int32)
    late = (pl.col("currency") == "EUR") & (pl.col("date") < days[9])
    new = number.is_between(3, 8) & (pl.col("date") < days[7])
    gone = (number > 27) & (pl.col("date") > days[11])
    kept = frame.filter(~late & ~new & ~gone)
    assert kept.filter(pl.col("date") < days[6])["issuer"].n_unique() < kept["issuer"].n_unique()
    return kept


def stored(snapshot: Snapshot, folder: Path) -> Snapshot:
    """Return a snapshot from the disk; its bytes follow from what it holds."""
    write_arrays(snapshot, folder / "one.npz")
    write_arrays(dict(reversed(snapshot.items())), folder / "two.npz")
    assert (folder / "one.npz").read_bytes() == (folder / "two.npz").read_bytes()
    return read_arrays(folder / "one.npz")


def same(one: Snapshot, other: Snapshot) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype, name
        assert array.tobytes() == other[name].tobytes(), name


def cut_at(frame: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    return frame.filter(pl.col("date") < day), frame.filter(pl.col("date") >= day)


def published(market: pl.DataFrame) -> pl.DataFrame:
    """Return a curve for every second date of the dollar from the eighth on."""
    days = market["date"].unique().sort()[8::2]
    table = pl.DataFrame({"currency": "USD", "date": days}).join(
        pl.DataFrame({"tenor_years": [1.0, 30.0], "rate": [0.03, 0.04], "kind": "zero_continuous"}), how="cross"
    )
    return table.with_columns(pl.col("rate") + 0.0001 * pl.col("date").dt.day()).select(no_curve().columns)


def whole(frame: pl.DataFrame) -> UniverseCounts:
    return UniverseCounts.none().plus(frame.select(UNIVERSE_COLUMNS))


def equal(one: Valuation, other: Valuation) -> None:
    assert one.prints.equals(other.prints)
    assert one.curves.equals(other.curves)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("params", [MARKET, SHORT_WINDOW])
def test_a_valuer(cut: int, given: bool, params: MarketParams, market: pl.DataFrame, tmp_path: Path) -> None:
    curve = published(market) if given else no_curve()
    day = market["date"].unique().sort()[cut]
    before, after = cut_at(market, day)
    through = MarketValuer(whole(market).universes(), curve, params)
    through.value(before)
    first = MarketValuer(whole(before).universes(), curve.filter(pl.col("date") < day), params)
    first.value(before)
    same(first.snapshot(), through.snapshot())
    counted = whole(before).plus(after.select(UNIVERSE_COLUMNS))
    resumed = MarketValuer(counted.universes(), curve, params)
    resumed.restore(stored(first.snapshot(), tmp_path))
    same(resumed.snapshot(), through.snapshot())
    equal(resumed.value(after), through.value(after))
    same(resumed.snapshot(), through.snapshot())


@pytest.mark.parametrize("cut", CUTS)
def test_a_filter_and_an_assembler(cut: int, market: pl.DataFrame, tmp_path: Path) -> None:
    valued = MarketValuer(whole(market).universes(), no_curve(), MARKET).value(market)
    before, after = cut_at(valued.prints, market["date"].unique().sort()[cut])
    last_curve = before["reference_curve"].max()

    def filter_of(prints: pl.DataFrame, curves: pl.DataFrame) -> MarketFilter:
        references = ReferenceCurves.from_frame(curves, KALMAN.extra_nodes_years)
        names = MarketCounts.none().plus(prints).names()
        return MarketFilter(names, references, initial_hyperparameters(KALMAN), KALMAN)

    def assembler_of(prints: pl.DataFrame, curves: pl.DataFrame) -> Assembler:
        rows = np.ones(curves["reference_curve"].n_unique(), dtype=np.int64)
        states = curve_states(curves, FEATURES.volatility_window_dates, np.where(np.arange(rows.size) < 4, rows, 0))
        bonds = MarketCounts.none().plus(prints).bond_ids()
        return Assembler(bonds, states, Repricer.from_frame(curves), BOUNDS, FEATURES)

    curves_before = valued.curves.filter(pl.col("reference_curve") <= last_curve)
    through, first = filter_of(valued.prints, valued.curves), filter_of(before, curves_before)
    filtered = through.value(before)
    assert first.value(before).equals(filtered)
    same(first.snapshot(), through.snapshot())
    resumed = filter_of(valued.prints, valued.curves)
    resumed.restore(stored(first.snapshot(), tmp_path))
    later = through.value(after)
    assert resumed.value(after).equals(later)
    same(resumed.snapshot(), through.snapshot())

    before, after = before.hstack(filtered.drop("bond_id", "date")), after.hstack(later.drop("bond_id", "date"))
    on, begun = assembler_of(valued.prints, valued.curves), assembler_of(before, curves_before)
    assert begun.add(before).equals(on.add(before))
    same(begun.snapshot(), on.snapshot())
    gone_on = assembler_of(valued.prints, valued.curves)
    gone_on.restore(stored(begun.snapshot(), tmp_path))
    assert gone_on.add(after).equals(on.add(after))
    same(gone_on.snapshot(), on.snapshot())


def test_nothing_has_been_seen_before_the_first_date(market: pl.DataFrame) -> None:
    valuer = MarketValuer(whole(market).universes(), no_curve(), MARKET)
    snapshot = valuer.snapshot()
    assert snapshot.keys() == {"curves"}
    valuer.restore(snapshot)
    same(valuer.snapshot(), snapshot)


def test_a_bond_that_is_not_known_is_refused(market: pl.DataFrame) -> None:
    valuer = MarketValuer(whole(market).universes(), no_curve(), MARKET)
    valuer.value(market)
    other = MarketValuer(whole(market.filter(pl.col("bond_id") != "B001")).universes(), no_curve(), MARKET)
    with pytest.raises(ValueError, match="B001"):
        other.restore(valuer.snapshot())


def test_parts_of_a_snapshot_keep_their_names() -> None:
    whole = nested("a", {"b/c": np.zeros(2)}) | nested("ab", {"d": np.ones(1)})
    assert list(whole) == ["a/b/c", "ab/d"]
    assert list(part_of(whole, "a")) == ["b/c"]
    assert part_of(whole, "c") == {}


def test_rows_go_back_to_their_new_places() -> None:
    names = pl.Series(["x", "y", "z"])
    snapshot = {"names": names_at(names, np.array([0, 2])), **taken({"v": np.array([1.0, 2.0, 3.0])}, np.array([0, 2]))}
    values = np.zeros(4)
    put_back(snapshot, {"v": values}, places(snapshot["names"], pl.Series(["w", "x", "y", "z"])))
    assert values.tolist() == [0.0, 1.0, 0.0, 3.0]
