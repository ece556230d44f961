"""The median of a column that is read piece by piece: a histogram whose bins are fixed, so that pieces add up."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

MANTISSA_BITS = 16
"""Bins for each power of two: 2**16, each 1.5e-5 of its value wide."""

DIGITS = 4
"""Significant digits of a median; a bin's width never shows in them but by one unit of the last."""

_SHIFT = 52 - MANTISSA_BITS  # a double has 52 bits of mantissa
_SCHEMA = {"bin": pl.UInt64(), "count": pl.UInt32()}


@dataclass
class StreamingMedian:
    """How often each magnitude occurs.

    A bin is a double without the last bits of its mantissa: exact, on any machine, and in any order of the pieces.
    """

    counts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SCHEMA))

    def add(self, values: pl.Series) -> None:
        """Count finite values; nulls and zeros have no magnitude."""
        bits = np.abs(values.filter(values != 0.0).to_numpy()).view(np.uint64) >> np.uint64(_SHIFT)
        more = pl.Series("bin", bits).value_counts()
        self.counts = pl.concat([self.counts, more]).group_by("bin").agg(pl.col("count").sum())

    def median(self) -> float:
        """Return the lower median, to four digits; NaN when nothing was counted."""
        if self.counts.is_empty():
            return float("nan")
        ordered = self.counts.sort("bin").select("bin", upto=pl.col("count").cast(pl.Int64).cum_sum())
        half = (ordered["upto"][-1] + 1) // 2
        middle = ordered["bin"].to_numpy()[ordered["upto"].search_sorted(half)]
        edge = (middle << np.uint64(_SHIFT)).view(np.float64)
        return float(f"{edge:.{DIGITS}g}")
