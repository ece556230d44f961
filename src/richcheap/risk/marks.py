"""What every bond is worth at the close of every date, priced or not.

A bond without a print keeps its last spread, moved along with the market: with the curve through its key-rate
durations, and with the spread of its rating bucket (`richcheap.factors.changes`). A print corrects the mark; by how
much is the bond's *idiosyncratic* change, the part of its risk that no factor explains. Nothing later than a date
enters its marks.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from richcheap.bonds.terms import NO_DATE, BondTerms, terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.pricing import curve_measures, price_and_sensitivity
from richcheap.factors.changes import TERM_COLUMNS, Changes, CurveHistory
from richcheap.panel.encoding import encode
from richcheap.panel.ratings import BUCKETS, bucket_codes
from richcheap.surface.leave_one_out import fitted

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

PRINT_COLUMNS: tuple[str, ...] = (
    *("bond_id", "date", "reference_curve", "z_spread_bp", "noise_bp", "callable", *TERM_COLUMNS),
)
"""What is read of a valued print."""


class Marks(NamedTuple):
    """The bonds that have a mark at the close of one date.

    Attributes
    ----------
    position : int
        Place of the date among the curves' dates.
    bond : ndarray of int32, shape (n_bonds,)
        Numbers of the bonds, ascending.
    last_row : ndarray of int64
        The row of the bond's latest print.
    age_days : ndarray of int32
        Calendar days since then.
    terms : BondTerms
        Settling after the date with the lag of the latest print.
    bucket : ndarray of int32
        Position in `BUCKETS`.
    node_years, rates : ndarray, shape (n_nodes,)
        The reference curve of the date.
    spread : ndarray
        Over that curve, decimal.
    price, duration, convexity : ndarray
        Dirty price per 100; -P'/P in years and P''/P in years squared, in the spread.
    loadings : ndarray, shape (n_bonds, n_nodes + len(BUCKETS))
        What moves of the nodes and of the buckets' spreads do to the bond's yield.
    """

    position: int
    bond: Ints
    last_row: NDArray[np.int64]
    age_days: Ints
    terms: BondTerms
    bucket: Ints
    node_years: Floats
    rates: Floats
    spread: Floats
    price: Floats
    duration: Floats
    convexity: Floats
    loadings: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "Marks":
        """Return the marks of some of the bonds."""
        return self._replace(
            terms=self.terms.rows(chosen),
            **{
                name: getattr(self, name)[chosen]
                for name in (
                    *("bond", "last_row", "age_days", "bucket", "spread", "price", "duration", "convexity"),
                    "loadings",
                )
            },
        )


class PrintPanel(NamedTuple):
    """The prints of one currency, sorted by (date, bond_id), and who they are of."""

    rows: pl.DataFrame
    bonds: pl.Series
    bond: Ints
    position: NDArray[np.int64]
    terms: BondTerms
    bucket: Ints

    @classmethod
    def of(cls, rows: pl.DataFrame, curves: CurveHistory) -> "PrintPanel":
        """Arrange rows with the columns `PRINT_COLUMNS`."""
        own = rows.filter(pl.col("currency") == curves.currency)
        bonds = own["bond_id"].unique().sort()
        return cls(
            rows=own,
            bonds=bonds,
            bond=encode(own["bond_id"], bonds),
            position=np.searchsorted(curves.numbers, own["reference_curve"].to_numpy()),
            terms=terms_from_frame(own),
            bucket=bucket_codes(own),
        )


def market_moves(changes: Changes) -> Floats:
    """Return the moves of the nodes and of all buckets' spreads, bp, shape (n_dates, n_nodes + len(BUCKETS)).

    Row k is the move to the k-th date of the curves; nothing is known of the move to the first one.
    """
    moves = np.hstack([changes.curve, changes.spreads])
    return np.vstack([np.zeros((1, moves.shape[1])), moves])


class MarkToMarket:
    """Goes from date to date; what it has not reached cannot enter what it says.

    Parameters
    ----------
    prints : PrintPanel
    curves : CurveHistory
    moves : ndarray
        From `market_moves`.
    clip_std : float
        Predicted standard deviations by which one print may move a mark: a wrong price moves it no further, and a true
        jump is followed by the next prints.
    threads : int
        Does not affect the result.
    """

    def __init__(
        self, prints: PrintPanel, curves: CurveHistory, moves: Floats, clip_std: float, threads: int = 1
    ) -> None:
        self._prints, self._curves, self._moves, self._threads = prints, curves, moves, threads
        self._clip = clip_std
        bonds = prints.bonds.len()
        self._spread = np.full(bonds, np.nan)
        self._row = np.full(bonds, -1, dtype=np.int64)
        self._day = prints.rows["date"].cast(pl.Int32).to_numpy()
        self._days = curves.dates.cast(pl.Int32).to_numpy()
        spread, noise = prints.rows.select(pl.col("z_spread_bp", "noise_bp").fill_null(np.nan)).to_numpy().T
        self._print_spread, self._noise = spread, noise
        self._found: list[tuple[NDArray[np.int64], Ints, Floats]] = []

    def __iter__(self) -> Iterator[Marks]:
        """Yield the marks of every date."""
        for position in range(self._days.size):
            yield self._close(position)

    def idiosyncratic_changes(self, first: int, last: int) -> csr_matrix:
        """Return the idiosyncratic changes on the dates first ... last - 1, bp, dates by bonds; 0 without a print."""
        parts = [part for part in self._found if first <= part[0][0] < last]
        shape = (last - first, self._prints.bonds.len())
        if not parts:
            return csr_matrix(shape)
        position, bond, change = (np.concatenate(column) for column in zip(*parts, strict=True))
        return csr_matrix((change, (position - first, bond)), shape=shape)

    def _close(self, position: int) -> Marks:
        rows = np.arange(*np.searchsorted(self._prints.position, [position, position + 1]))
        self._row[self._prints.bond[rows]] = rows
        known = np.flatnonzero(self._row >= 0).astype(np.int32)
        row = self._row[known]
        day = int(self._days[position])
        terms = self._prints.terms.rows(row)
        later = (day - self._day[row]).astype(np.int32)
        # The ex-dividend days move along; by calendar days, as near as a mark needs it.
        ex_until = np.where(terms.ex_until == NO_DATE, NO_DATE, terms.ex_until + later).astype(np.int32)
        terms = terms._replace(settlement=terms.settlement + later, ex_until=ex_until)
        rates = self._curves.rates[position]
        view = curve_measures(terms, np.nan, self._curves.nodes_years, rates[None, :], 0, self._threads)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = view.exposure / view.spread_duration[:, None]
        bucket = self._prints.bucket[row]
        loadings = np.hstack([shares, np.eye(len(BUCKETS))[bucket]])
        self._move(position, known, loadings)
        self._correct(position, rows)
        spread = self._spread[known] / BP
        price, duration, convexity = price_and_sensitivity(
            terms, self._curves.nodes_years, rates[None, :], 0, spread, self._threads
        )
        marks = Marks(
            position=position,
            bond=known,
            last_row=row,
            age_days=(day - self._day[row]).astype(np.int32),
            terms=terms,
            bucket=bucket,
            node_years=self._curves.nodes_years,
            rates=rates,
            spread=spread,
            price=price,
            duration=duration,
            convexity=convexity,
            loadings=loadings,
        )
        # A bond that has matured since its last print, or whose terms give no price, has no mark.
        return marks.where(np.isfinite(price) & np.isfinite(loadings).all(axis=1))

    def _move(self, position: int, known: Ints, loadings: Floats) -> None:
        """Move the spreads over the reference curve along with the market; the curve's own change is not theirs."""
        if position:
            moves = self._moves[position].copy()
            nodes = self._curves.nodes_years.size
            moves[:nodes] -= BP * (self._curves.rates[position] - self._curves.rates[position - 1])
            self._spread[known] += fitted(loadings, moves)

    def _correct(self, position: int, rows: NDArray[np.int64]) -> None:
        """Let each print correct its bond's mark, and remember by how much."""
        bond, print_spread = self._prints.bond[rows], self._print_spread[rows]
        change = print_spread - self._spread[bond]
        bound = self._clip * self._noise[rows]
        change = np.where(np.isfinite(bound), np.clip(change, -bound, bound), change)
        seen = np.isfinite(change)
        self._spread[bond] = np.where(seen, self._spread[bond] + change, print_spread)
        if seen.any():
            where = np.full(int(seen.sum()), position, dtype=np.int64)
            self._found.append((where, bond[seen], change[seen]))
