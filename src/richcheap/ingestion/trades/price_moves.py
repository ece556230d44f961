"""Prints that a bond's earlier prints contradict: a decimal point in the wrong place, a jump that nothing confirms.

A print is judged by earlier prints alone, so that no later one decides on it: docs/filters/price_moves.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.ingestion.schema import PRICES, REFUSED_SCHEMA, TIME
from richcheap.ingestion.trades.reports import Standing, refusal

WINDOW = 5
"""Earlier prints whose median a print is held against (Dickerson, Robotti and Rossetti 2024 take as many)."""
MAX_AGE = timedelta(days=31)
"""Of an earlier print: a month. A bond that was not seen for longer is not judged, since markets move."""
FACTORS = (0.1, 0.01, 10.0, 100.0)
"""By which a decimal point in the wrong place is off."""
NEAR_SHIFT = 0.05
"""Share of the median within which a print must lie once its point is moved."""
NEAR_JUMP = 0.25
"""Share of a jump within which a print confirms an earlier one."""
_SPREAD = 5.0
"""Ratio of two prices below which no point is in the wrong place."""

_BOND, _SAID = "bond", ("median", "value")
_SCHEMA = {
    _BOND: pl.UInt64, "date": pl.Date, TIME: pl.Int64, "source_row": pl.Int64, "value": pl.Float64, "held": pl.Boolean
}  # fmt: skip
"""A print, of which ``held`` says that it waits for another one; null before it is judged. Bonds are distinguished by
hashes of their names, which costs a third of comparing these."""


Places = NDArray[np.intp]
Flags = NDArray[np.bool_]


class _Print(NamedTuple):
    """A print: its day, its time where all of the day have one, its place and its price."""

    day: date
    time: int | None
    row: int
    value: float


class PriceMoves:
    """Judges prints in the order of their dates, by what came before; remembers a few prints of each bond.

    Parameters
    ----------
    max_move : float, optional
        Points from all of the earlier prints, beyond which another print must confirm a price; None judges nothing.
    """

    def __init__(self, max_move: float | None) -> None:
        self._max_move = max_move
        self._known = pl.DataFrame(schema=_SCHEMA)

    def frames(self, since: date) -> dict[str, pl.DataFrame]:
        """Return what is remembered, as far as it matters from a date on, as a table for `restore`."""
        known = self._known.filter(pl.col("date") >= since - MAX_AGE)
        return {"prints": known.sort(_BOND, "date", TIME, "source_row")}

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Remember what `frames` has returned."""
        self._known = frames["prints"]

    def judge(self, frame: pl.DataFrame) -> Standing:
        """Leave out prints that the earlier ones contradict.

        Parameters
        ----------
        frame : DataFrame
            `CHECKED_SCHEMA`, of dates that all follow those before, with all rows of each date in it.
        """
        nothing = pl.DataFrame(schema=REFUSED_SCHEMA)
        if self._max_move is None:
            return Standing(frame, nothing)
        prints = pl.concat([self._known, _in_time(frame)])
        if prints.is_empty():
            return Standing(frame, nothing)
        # One sort of numbers serves what is doubtful and what is remembered; grouping names twice costs ten times that.
        order = _by_bond(prints[_BOND].to_numpy())
        doubtful, last = self._doubtful(prints, order), _remembered(prints, order)
        waiting, refused = self._judge_bonds(prints[order[doubtful]])
        self._known = pl.concat([prints[order[last & ~doubtful]].with_columns(pl.lit(False).alias("held")), waiting])
        if refused.is_empty():
            return Standing(frame, nothing)
        rows = frame.join(refused, on="source_row", maintain_order="left")
        of = pl.format("{}: expected ", "observed")
        shifted = of + pl.format("a price near earlier prints, whose median is {}, got {}, a decimal point off", *_SAID)
        jumped = of + pl.format(
            f"at most {self._max_move:g} points (data.max_price_move) from earlier prints, whose median is {{}}, got "
            "{}, which none of them confirms",
            *_SAID,
        )
        detail = pl.when(pl.col("reason") == "decimal_shift").then(shifted).otherwise(jumped)
        return Standing(
            frame.filter(~pl.col("source_row").is_in(refused["source_row"].implode())),
            refusal(rows, pl.col("reason"), detail),
        )

    def _doubtful(self, prints: pl.DataFrame, order: Places) -> Flags:
        """Say which prints are of a bond of which one may be refused: it is far from the one before, or one waits."""
        bond, value, day = (prints[name].to_physical().to_numpy()[order] for name in (_BOND, "value", "date"))
        moved = prints["held"].fill_null(False).to_numpy()[order]
        new, old = value[1:], value[:-1]
        far = (np.abs(new - old) > self._max_move) | (new > _SPREAD * old) | (old > _SPREAD * new)
        moved[1:] |= far & (bond[1:] == bond[:-1]) & (day[1:] - day[:-1] <= MAX_AGE.days)
        return np.isin(bond, np.unique(bond[moved])) if moved.any() else moved

    def _judge_bonds(self, prints: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return what is to be remembered of some bonds, and refused rows with their value, reason and median."""
        bonds: dict[int, _Recent] = {}
        out: list[tuple[int, float, str, float]] = []
        for bond, *fields, held in prints.select(_BOND, "date", TIME, "source_row", "value", "held").iter_rows():
            recent, one = bonds.setdefault(bond, _Recent([], [])), _Print(*fields)
            if held is not None:
                (recent.held if held else recent.accepted).append(one)
                continue
            before = [earlier.value for earlier in recent.accepted if one.day - earlier.day <= MAX_AGE]
            centre = median(before or [one.value])
            reason = self._fault(one.value, centre, before)
            if reason is None:
                bonds[bond] = _Recent([*recent.accepted[1 - WINDOW :], one], [])
            elif any(_confirms(earlier, one, centre) for earlier in recent.held):
                bonds[bond] = _Recent([one], [])
            else:
                bonds[bond] = _Recent(recent.accepted, [*recent.held[1 - WINDOW :], one])
                out.append((one.row, one.value, reason, centre))
        held_rows = {one.row: False for recent in bonds.values() for one in recent.accepted}
        held_rows |= {one.row: True for recent in bonds.values() for one in recent.held}
        known = pl.DataFrame(
            {
                "source_row": pl.Series([*held_rows], dtype=pl.Int64),
                "held": pl.Series([*held_rows.values()], dtype=pl.Boolean),
            }
        )
        kept = prints.drop("held").join(known, on="source_row", maintain_order="left")
        schema = {"source_row": pl.Int64, "value": pl.Float64, "reason": pl.String, "median": pl.Float64}
        return kept.select(*_SCHEMA), pl.DataFrame(out, schema=schema, orient="row").sort("source_row")

    def _fault(self, value: float, centre: float, before: Sequence[float]) -> str | None:
        if not before or self._max_move is None:
            return None
        off = all(value > _SPREAD * one or one > _SPREAD * value for one in before)
        if off and any(abs(value * factor - centre) <= NEAR_SHIFT * centre for factor in FACTORS):
            return "decimal_shift"
        return "unconfirmed_jump" if all(abs(value - one) > self._max_move for one in before) else None


class _Recent(NamedTuple):
    """The latest prints of a bond that were accepted, and those since then that wait for another one."""

    accepted: list[_Print]
    held: list[_Print]


def _by_bond(bond: NDArray[np.uint64]) -> Places:
    """Return the order that brings prints of a bond together and leaves them in theirs.

    Digits of 16 bits are sorted in a time that does not grow faster than their number, at a third of what numbers of 64
    take; 48 bits of a hash tell bonds from each other.
    """
    order = np.arange(len(bond))
    for shift in (0, 16, 32):
        digits = (bond >> np.uint64(shift)).astype(np.uint16)
        order = order[np.argsort(digits[order], kind="stable")]
    return order


def _remembered(prints: pl.DataFrame, order: Places) -> Flags:
    """Say which prints are among the latest of their bond, and not too old for a later one to be held against them."""
    bond, day = (prints[name].to_physical().to_numpy()[order] for name in (_BOND, "date"))
    last: Flags = day >= day.max() - MAX_AGE.days
    last[:-WINDOW] &= bond[WINDOW:] != bond[:-WINDOW]
    return last


def _confirms(earlier: _Print, later: _Print, centre: float) -> bool:
    """Say whether an earlier print bears a later one out: near it, and not of the same time, as two reports are."""
    apart = (earlier.day, earlier.time) != (later.day, later.time)
    near = abs(earlier.value - later.value) <= NEAR_JUMP * abs(later.value - centre)
    return apart and near and later.day - earlier.day <= MAX_AGE


def _in_time(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the prints of prices by date and, within the days of a bond whose prints all have one, by time.

    Of other days the time is null, and the order that of the source. ``held`` is null: they are not judged yet.
    """
    at = pl.when(pl.col(TIME).is_not_null().all().over("date", "bond_id")).then(TIME).alias(TIME)
    yields = frame["yield"].null_count() < frame.height
    prints = frame.filter(pl.col("observed") != "yield") if yields else frame
    timed = prints[TIME].null_count() < prints.height
    prints = prints.select(
        pl.col("bond_id").hash().alias(_BOND),
        "date",
        at if timed else pl.col(TIME),
        "source_row",
        pl.coalesce(PRICES).alias("value"),
        pl.lit(None, dtype=pl.Boolean).alias("held"),
    )
    return prints.sort("date", TIME, "source_row") if timed else prints
