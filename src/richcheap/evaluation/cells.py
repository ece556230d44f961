"""The cells in which predictions are judged apart."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.panel.ages import NEW_DAYS, age_days
from richcheap.panel.ratings import BUCKETS
from richcheap.panel.split import MARKET_STATES

Codes = NDArray[np.int64]

MATURITY_EDGES_YEARS = (1.0, 3.0, 5.0, 10.0, 20.0)
MATURITY_CELLS = ("under 1y", "1-3y", "3-5y", "5-10y", "10-20y", "over 20y")
STALENESS_EDGES_DAYS = (1.5, 3.5, 7.5, 30.5)
STALENESS_CELLS = ("1d", "2-3d", "4-7d", "8-30d", "over 30d", "never seen")
AGE_EDGES_DAYS = (NEW_DAYS + 0.5, 365.5)
AGE_CELLS = ("up to 30d", "31d-1y", "over 1y")
"""Of a bond since its issue: new issues, those of the last year, the rest."""
UNCHANGED_CELLS = ("moved", "repeated once", "repeated twice or more")
"""Of a bond's latest price: whether it repeated the one before, and how often in a row."""
KIND_CELLS = ("quote", "reference", "trade")
SIZE_EDGES = (1e5, 1e6)
SIZE_CELLS = ("under 100k", "100k-1m", "1m and more")
"""Of what was traded, currency units: retail, odd lots and round lots."""
ORDERS: dict[str, tuple[str, ...]] = {
    "rating_bucket": BUCKETS,
    "market_state": MARKET_STATES,
    "price_kind": KIND_CELLS,
}


class Cut(NamedTuple):
    """One way to divide rows.

    Attributes
    ----------
    name : str
    cells : sequence of str
        In the order in which they are shown.
    code : ndarray of int, shape (n_rows,)
        Cell of each row; -1 for none.
    """

    name: str
    cells: Sequence[str]
    code: Codes


def maturity_codes(years: NDArray[np.float64]) -> Codes:
    """Return the position in `MATURITY_CELLS` of each row."""
    return np.searchsorted(MATURITY_EDGES_YEARS, years, side="right")


def staleness_codes(days: NDArray[np.float64]) -> Codes:
    """Return the position in `STALENESS_CELLS` of each row; NaN is ``never seen``."""
    codes = np.searchsorted(STALENESS_EDGES_DAYS, days)
    return np.where(np.isnan(days), len(STALENESS_CELLS) - 1, codes)


def age_codes(days: NDArray[np.float64]) -> Codes:
    """Return the position in `AGE_CELLS` of each row; -1 where the age is NaN."""
    return np.where(np.isnan(days), -1, np.searchsorted(AGE_EDGES_DAYS, days))


def unchanged_codes(prints: NDArray[np.float64]) -> Codes:
    """Return the position in `UNCHANGED_CELLS` for prints in a row that repeated a price; -1 where there are none."""
    last = len(UNCHANGED_CELLS) - 1
    return np.where(np.isnan(prints), -1, np.minimum(np.nan_to_num(prints), last)).astype(np.int64)


def size_codes(volume: NDArray[np.float64]) -> Codes:
    """Return the position in `SIZE_CELLS` of each row; -1 where the volume is NaN."""
    return np.where(np.isnan(volume), -1, np.searchsorted(SIZE_EDGES, volume, side="right"))


def row_ages_days(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Return the calendar days since the issue of each row's bond; NaN where that is not known."""
    return rows.select(age_days().fill_null(np.nan)).to_series().to_numpy()


def row_unchanged_prints(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Return how many latest prints of each row's bond repeated the price before; NaN for a bond never seen."""
    return rows["f_unchanged_prints"].cast(pl.Float64).fill_null(np.nan).to_numpy()


def row_volumes(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Return what was traded at each row's price, currency units; NaN where that is not known."""
    return rows["volume"].cast(pl.Float64).fill_null(np.nan).to_numpy()


def row_staleness_days(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Return the calendar days since each row's bond last had a price; NaN for a bond never seen."""
    return rows["days_since_last"].cast(pl.Float64).fill_null(np.nan).to_numpy()


def column_cut(name: str, column: pl.Series, cells: Sequence[str] = ()) -> Cut:
    """Divide rows by the values of a text column, nulls left out.

    The cells are those given, or those of `ORDERS`, or the values in their alphabetical order.
    """
    cells = cells or ORDERS.get(name) or tuple(column.drop_nulls().unique().sort().to_list())
    codes = column.replace_strict(list(cells), list(range(len(cells))), default=-1, return_dtype=pl.Int64)
    return Cut(name, cells, codes.fill_null(-1).to_numpy())


def detected_cut(name: str, rows: pl.DataFrame, detected: pl.DataFrame) -> Cut:
    """Divide rows by the regime that was detected on their date.

    Parameters
    ----------
    name : str
    rows : DataFrame
        Has ``date``.
    detected : DataFrame
        ``date``, ``regime`` (a number, in the order of the cells) and its ``name``; rows of other dates are in no cell.
    """
    cells = detected.select("regime", "name").unique().sort("regime")["name"].unique(maintain_order=True).to_list()
    joined = rows.select("date").join(detected.select("date", "name"), on="date", how="left", maintain_order="left")
    return column_cut(name, joined["name"], cells)


def cuts(rows: pl.DataFrame, regime: pl.Series | None = None, detected: pl.DataFrame | None = None) -> list[Cut]:
    """Return every cut of the test block.

    Parameters
    ----------
    rows : DataFrame
        Rows of the dataset.
    regime : Series, optional
        True regime of each row, on a simulated market.
    detected : DataFrame, optional
        Detected regime of each date (`detected_cut`).
    """
    by_column = [column_cut(name, rows[name]) for name in ("rating_bucket", "market_state", "price_kind", "currency")]
    if detected is not None:
        by_column.append(detected_cut("detected_regime", rows, detected))
    if regime is not None:
        by_column.append(column_cut("regime", regime))
    by_column += [
        Cut("size", SIZE_CELLS, size_codes(row_volumes(rows))),
        Cut("age", AGE_CELLS, age_codes(row_ages_days(rows))),
        Cut("unchanged", UNCHANGED_CELLS, unchanged_codes(row_unchanged_prints(rows))),
    ]
    return [
        Cut("maturity", MATURITY_CELLS, maturity_codes(rows["years_to_maturity"].to_numpy())),
        Cut("staleness", STALENESS_CELLS, staleness_codes(row_staleness_days(rows))),
        *(cut for cut in by_column if (cut.code >= 0).any()),
    ]
