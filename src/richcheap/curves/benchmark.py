"""Reference curves: the zero curve of each date that is known before that date's own prices are."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.curves.pricing import bootstrap_par_curve
from richcheap.numerics.elementwise import log1p_each

Floats = NDArray[np.float64]

GIVEN, FITTED, FLAT = "given", "fitted", "flat"
PAR_FREQUENCY = {"par_annual": 1, "par_semiannual": 2, "par_quarterly": 4}
ZERO_KINDS = ("zero_continuous", "zero_annual", "zero_semiannual")
CURVE_SCHEMA = {
    "reference_curve": pl.Int32,
    "currency": pl.String,
    "date": pl.Date,
    "source": pl.String,
    "tenor_years": pl.Float64,
    "zero_rate": pl.Float64,
    "zero_rate_at_close": pl.Float64,
}


def zero_rates(tenor_years: Floats, rates: Floats, kind: str) -> Floats:
    """Turn one published curve into continuously compounded zero rates at the same tenors.

    Parameters
    ----------
    tenor_years, rates : ndarray, shape (n,)
        Ascending tenors in years and decimal rates.
    kind : str
        ``par_annual``, ``par_semiannual``, ``par_quarterly``, ``zero_continuous``, ``zero_annual`` or
        ``zero_semiannual``.

    Raises
    ------
    ValueError
        The kind is unknown.
    """
    if kind in PAR_FREQUENCY:
        return bootstrap_par_curve(tenor_years, rates, PAR_FREQUENCY[kind])
    if kind == "zero_continuous":
        return rates
    if kind == "zero_annual":
        return log1p_each(rates)
    if kind == "zero_semiannual":
        return 2.0 * log1p_each(rates / 2.0)
    raise ValueError(f"curve kind must be one of {[*PAR_FREQUENCY, *ZERO_KINDS]}, got {kind!r}")


def count_sources(curves: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count the dates of each currency by where their curve (`CURVE_SCHEMA`) comes from."""
    dates = curves.unique("reference_curve", maintain_order=True)
    counted: dict[str, dict[str, int]] = {}
    for currency, source, count in dates.group_by("currency", "source").len().sort("currency", "source").rows():
        counted.setdefault(currency, {})[source] = count
    return counted


class GivenCurves:
    """Published curves of one currency, looked up as of a date.

    Parameters
    ----------
    curve : DataFrame
        Columns ``date``, ``tenor_years``, ``rate``, ``kind`` of one currency; may be empty.
    nodes_years : sequence of float
        Maturities at which the zero rates are wanted, years.
    """

    def __init__(self, curve: pl.DataFrame, nodes_years: Sequence[float]) -> None:
        self._nodes = np.asarray(nodes_years, dtype=np.float64)
        ordered = curve.sort("date", "tenor_years")
        self._by_date = ordered.partition_by("date", maintain_order=True)
        self._days = (
            ordered["date"].unique(maintain_order=True).cast(pl.Int32).to_numpy()
            if ordered.height
            else np.empty(0, dtype=np.int32)
        )
        self._cache: dict[int, Floats] = {}

    def as_of(self, day: int) -> Floats | None:
        """Return the node rates of the latest curve of ``day`` or before, or None where there is none yet.

        Rates are linear in the zero rate between the published tenors and flat outside them.
        """
        position = int(np.searchsorted(self._days, day, side="right")) - 1
        if position < 0:
            return None
        if position not in self._cache:
            table = self._by_date[position]
            tenors = table["tenor_years"].to_numpy()
            zeros = zero_rates(tenors, table["rate"].to_numpy(), str(table["kind"][0]))
            self._cache[position] = np.interp(self._nodes, tenors, zeros)
        return self._cache[position]
