"""Compare what follows from a file's observations with what the file itself says of them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from richcheap.bonds.conventions import DAY_COUNTS
from richcheap.bonds.conversion import convert_frame

OURS = {
    "accrued_interest": "accrued_interest",
    "dirty_price": "dirty_price",
    "clean_price": "clean_price",
    "yield": "yield_to_maturity",
    "modified_duration": "modified_duration",
}
"""By what a file may say: the column that holds ours."""

TOLERANCE = {
    "accrued_interest": 1e-4,
    "dirty_price": 1e-3,
    "clean_price": 1e-3,
    "yield": 1e-4,
    "modified_duration": 0.01,
}
"""Differences that rounding explains: points per 100; a basis point; years."""

_MOST_OF_THEM = 0.9
_INDEX_RATIO = 1.05
_TRIED_ROWS = 2_000


class Compared(NamedTuple):
    """How one figure of a file compares with ours.

    Attributes
    ----------
    name : str
    column : str
        The file's.
    rows : int
        With both figures.
    agree : int
        Of these, within `TOLERANCE`.
    median, largest : float
        Differences without sign.
    where : str
        Bond and date of the largest.
    cause : str
        What probably explains it; empty when most rows agree or nothing does.
    """

    name: str
    column: str
    rows: int
    agree: int
    median: float
    largest: float
    where: str
    cause: str


def compare(bonds: pl.DataFrame, theirs: pl.DataFrame, columns: Mapping[str, str]) -> list[Compared]:
    """Compare figures row by row.

    Parameters
    ----------
    bonds : DataFrame
        Accepted rows with our figures, as `richcheap.bonds.conversion.convert_frame` returns them.
    theirs : DataFrame
        ``source_row`` and the file's own figures, named as in `OURS`; yields and durations as the file has them.
    columns : dict of str to str
        The file's columns, by name of the figure.
    """
    joined = bonds.join(theirs.rename({name: f"their {name}" for name in columns}), on="source_row", how="inner")
    joined = joined.filter(pl.col("status") == "ok")
    found = []
    for name, column in columns.items():
        own, ours = f"their {name}", OURS[name]
        both = joined.filter(pl.col(own).is_not_null() & pl.col(ours).is_not_null(), pl.col("observed") != name)
        if both.is_empty():
            continue
        unit = _unit(name, both[own], both[ours])
        both = both.with_columns((pl.col(own) / unit).alias(own))
        gap = (both[own] - both[ours]).abs()
        agree = int((gap <= TOLERANCE[name]).sum())
        at = int(gap.arg_max() or 0)
        cause = "" if agree >= _MOST_OF_THEM * both.height else _cause(name, both, own)
        where = f"{both['bond_id'][at]} on {both['date'][at]}: {both[own][at]:.6g}, ours {both[ours][at]:.6g}"
        median, largest = (float(value) for value in np.quantile(gap.to_numpy(), [0.5, 1.0]))
        found.append(Compared(name, column, both.height, agree, median, largest, where, cause))
    return found


def _unit(name: str, own: pl.Series, ours: pl.Series) -> float:
    """Return what the file's figure is divided by to be ours: yields may be in percent, durations in days."""
    ratio = (own / ours).filter(ours.abs() > 1e-6).median()
    if not isinstance(ratio, float):
        return 1.0
    candidates = {"yield": (1.0, 100.0, 1.0 / 365.0, 100.0 / 365.0), "modified_duration": (1.0, 365.0)}.get(
        name, (1.0,)
    )
    return min(candidates, key=lambda unit: abs(np.log(max(abs(ratio) / unit, 1e-12))))


def _cause(name: str, both: pl.DataFrame, own: str) -> str:
    """Say what would make most rows agree."""
    if name in ("accrued_interest", "dirty_price"):
        if (both[own] > _INDEX_RATIO * both[OURS[name]]).mean() == 1.0 and name == "dirty_price":
            return "all are higher by an index ratio or by face: are the bonds index-linked?"
        return _other_terms(name, both, own)
    if name == "yield":
        y, f = both["yield_to_maturity"], both["frequency"].clip(1)
        others = {
            "compounded once a year": (1.0 + y / f) ** f - 1.0,
            "compounded twice a year": 2.0 * ((1.0 + y / f) ** (f / 2.0) - 1.0),
            "continuously compounded": f * (1.0 + y / f).log(),
        }
        for what, values in others.items():
            if _agree(both[own], values, TOLERANCE["yield"]) >= _MOST_OF_THEM:
                return f"they are {what}"
    return ""


def _other_terms(name: str, both: pl.DataFrame, own: str) -> str:
    """Try other day counts and frequencies on some of the rows."""
    rows = both.head(_TRIED_ROWS)
    for frequency in (None, 1, 2, 4):
        for spec in DAY_COUNTS:
            changed = [pl.lit(spec.name).alias("day_count")]
            if frequency is not None:
                changed.append(
                    pl.when(pl.col("frequency") > 0).then(frequency).otherwise(0).cast(pl.Int32).alias("frequency")
                )
            figures = convert_frame(rows.with_columns(changed))
            if _agree(rows[own], figures[OURS[name]], TOLERANCE[name]) >= _MOST_OF_THEM:
                more = "" if frequency is None else f", frequency: {frequency}"
                return f"they agree with {{day_count: {spec.name}{more}}}, which data.constants can say"
    return ""


def _agree(one: pl.Series, other: pl.Series, tolerance: float) -> float:
    near = ((one - other).abs() <= tolerance).fill_null(False).mean()
    return near if isinstance(near, float) else 0.0
