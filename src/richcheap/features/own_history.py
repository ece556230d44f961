"""A bond's own past, carried from batch to batch: what it printed last, and summaries of all it printed before.

Rows come in the order of their dates, whatever their bonds; a bond prints at most once a date. Each kernel reads a
bond's state before the row updates it, so that a row never enters its own past.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.conventions import SIDE_SIGNS
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp
from richcheap.numerics.elementwise import divided, log1p_each
from richcheap.panel.encoding import encode
from richcheap.panel.params import FeaturesParams
from richcheap.panel.snapshot import Snapshot, names_at, places, put_back, taken

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_LOG_TWO: Final = 0.6931471805599453
SMALLEST_DECAY: Final = 1e-100
"""A gap of many half-lives leaves the past its proportions: weights of exactly 0 would leave 0 / 0."""
CALENDAR_PER_BUSINESS_DAY = 7.0 / 5.0
_LAGGED: Final = {
    "date": pl.col("date").cast(pl.Int32),
    "clean_price": pl.col("clean_price"),
    "last_residual_bp": pl.col("last_residual_bp"),
    "side": pl.col("side").replace_strict(SIDE_SIGNS, default=0.0, return_dtype=pl.Float64),
    "log_volume": pl.col("volume"),
    "is_reference": pl.col("price_kind") == "reference",
    "target_bp": pl.col("target_bp"),
    "kalman_error_bp": pl.col("z_spread_bp") - pl.col("kalman_spread_bp"),
    "kalman_z_score": divided(pl.col("z_spread_bp") - pl.col("kalman_spread_bp"), pl.col("kalman_std_bp")),
}
_SECOND: Final = ("target_bp", "kalman_error_bp")
"""What is also kept of the print before the last."""


class HistorySummary(NamedTuple):
    """Summaries of the prints before each print; NaN where there are too few.

    Attributes
    ----------
    decayed_mean : ndarray, shape (n_rows,)
        Mean of the bond's earlier residuals, weighted by ``0.5 ** (age / half-life)``.
    std : ndarray, shape (n_rows,)
        Root mean square change of consecutive earlier residuals, decayed alike.
    prints_in_window : ndarray, shape (n_rows,)
        Earlier prints within the window before the print.
    prints : ndarray, shape (n_rows,)
        All earlier prints.
    unchanged_share : ndarray, shape (n_rows,)
        Share of the earlier prints that repeated the price before them, decayed alike.
    unchanged_prints : ndarray, shape (n_rows,)
        Latest earlier prints in a row that repeated the price before them.
    """

    decayed_mean: Floats
    std: Floats
    prints_in_window: Floats
    prints: Floats
    unchanged_share: Floats
    unchanged_prints: Floats


class HistoryState(NamedTuple):
    """What is kept of every bond; the decayed sums stand as they were at its last print, without it.

    Attributes
    ----------
    prints, day : ndarray of int32, shape (n_bonds,)
        Prints so far, and the day of the last.
    residual, price : ndarray, shape (n_bonds,)
        Of the last print.
    change, repeats : ndarray, shape (n_bonds,)
        Change of the residual at the last print, and whether (0 or 1) it repeated the price; of no meaning before
        the second print.
    weight, total : ndarray, shape (n_bonds,)
        Decayed sums over prints: of ones, of residuals.
    change_weight, square, repeated : ndarray, shape (n_bonds,)
        Decayed sums over changes: of ones, of squares, of repeated prices.
    unchanged : ndarray of int32, shape (n_bonds,)
        Latest prints in a row that repeated the price before them.
    in_window : ndarray of int32, shape (n_bonds,)
        Prints within the window that ends at the last print, with it.
    printed : ndarray of bool, shape (n_bonds, window_days + 1)
        Whether the bond printed on each of those days; day d stands at d modulo the length.
    """

    prints: Ints
    day: Ints
    residual: Floats
    price: Floats
    change: Floats
    repeats: Floats
    weight: Floats
    total: Floats
    change_weight: Floats
    square: Floats
    repeated: Floats
    unchanged: Ints
    in_window: Ints
    printed: NDArray[np.bool_]


def empty_history(bonds: int, window_days: int) -> HistoryState:
    """Return the state of bonds that have not printed yet; the window is in calendar days."""
    return HistoryState(
        prints=np.zeros(bonds, dtype=np.int32),
        day=np.zeros(bonds, dtype=np.int32),
        residual=np.zeros(bonds),
        price=np.zeros(bonds),
        change=np.zeros(bonds),
        repeats=np.zeros(bonds),
        weight=np.zeros(bonds),
        total=np.zeros(bonds),
        change_weight=np.zeros(bonds),
        square=np.zeros(bonds),
        repeated=np.zeros(bonds),
        unchanged=np.zeros(bonds, dtype=np.int32),
        in_window=np.zeros(bonds, dtype=np.int32),
        printed=np.zeros((bonds, window_days + 1), dtype=np.bool_),
    )


@kernel
def summarise(
    state: HistoryState, bond: Ints, day: Ints, residual: Floats, price: Floats, half_life_days: float
) -> HistorySummary:
    """Summarise each row's past, then take the row into it.

    Parameters
    ----------
    state : HistoryState
        Changed in place.
    bond : ndarray of int32, shape (n_rows,)
        Bond numbers.
    day : ndarray of int32, shape (n_rows,)
        Days since 1970-01-01, never descending, here or from batch to batch.
    residual : ndarray, shape (n_rows,)
        Residual of each print, bp.
    price : ndarray, shape (n_rows,)
        Observed clean price.
    half_life_days : float
        Half-life of the weights, calendar days.

    Returns
    -------
    HistorySummary
        Row i depends on earlier rows of the same bond, and on nothing else.
    """
    rows = bond.shape[0]
    found = HistorySummary(
        np.full(rows, np.nan), np.full(rows, np.nan), np.zeros(rows), np.zeros(rows), np.full(rows, np.nan),
        np.zeros(rows),
    )  # fmt: skip
    length = state.printed.shape[1]
    for i in range(rows):
        b = bond[i]
        before = state.prints[b]
        if before > 0:
            gap = day[i] - state.day[b]
            decay = max(exp(-_LOG_TWO * gap / half_life_days), SMALLEST_DECAY)
            state.weight[b] = (state.weight[b] + 1.0) * decay
            state.total[b] = (state.total[b] + state.residual[b]) * decay
            found.decayed_mean[i] = state.total[b] / state.weight[b]
            if before > 1:
                state.square[b] = (state.square[b] + state.change[b] * state.change[b]) * decay
                state.repeated[b] = (state.repeated[b] + state.repeats[b]) * decay
                state.change_weight[b] = (state.change_weight[b] + 1.0) * decay
                found.std[i] = np.sqrt(state.square[b] / state.change_weight[b])
                found.unchanged_share[i] = state.repeated[b] / state.change_weight[b]
            # The days since the last print take the places of days that have left the window.
            for d in range(day[i] - min(gap, length) + 1, day[i] + 1):
                state.in_window[b] -= state.printed[b, d % length]
                state.printed[b, d % length] = False
            state.change[b] = residual[i] - state.residual[b]
            state.repeats[b] = 1.0 if price[i] == state.price[b] else 0.0
            found.unchanged_prints[i] = state.unchanged[b]
            state.unchanged[b] = state.unchanged[b] + 1 if price[i] == state.price[b] else 0
        found.prints_in_window[i] = state.in_window[b]
        found.prints[i] = before
        state.prints[b] = before + 1
        state.day[b] = day[i]
        state.residual[b] = residual[i]
        state.price[b] = price[i]
        state.in_window[b] += 1
        state.printed[b, day[i] % length] = True
    return found


@kernel
def lagged(bond: Ints, values: Floats, last: Floats) -> Floats:
    """Return the values of the bond's own print before each row, then take the row's as its last.

    Parameters
    ----------
    bond : ndarray of int32, shape (n_rows,)
        Bond numbers.
    values : ndarray, shape (n_rows, n_values)
    last : ndarray, shape (n_bonds, n_values)
        Values of each bond's last print, NaN before the first; changed in place.

    Returns
    -------
    ndarray, shape (n_rows, n_values)
    """
    previous = np.empty_like(values)
    for i in range(bond.shape[0]):
        previous[i] = last[bond[i]]
        last[bond[i]] = values[i]
    return previous


class OwnHistory:
    """The past of every bond, carried from one batch of prints to the next.

    Parameters
    ----------
    bonds : Series of String
        All bonds that come, distinct and sorted; who comes later moves nothing.
    params : FeaturesParams
    """

    def __init__(self, bonds: pl.Series, params: FeaturesParams) -> None:
        self._bonds = bonds
        self._half_life_days = params.decay_half_life_days * CALENDAR_PER_BUSINESS_DAY
        self._state = empty_history(bonds.len(), params.activity_window_days)
        self._last = np.full((bonds.len(), len(_LAGGED)), np.nan)
        self._second_last = np.full((bonds.len(), len(_SECOND)), np.nan)

    def update(self, prints: pl.DataFrame) -> pl.DataFrame:
        """Return each print's past, then make the prints part of it.

        Parameters
        ----------
        prints : DataFrame
            Sorted by date, no earlier than any print before; columns of docs/features.md, ``target_bp`` and the
            filter's predictions.

        Returns
        -------
        DataFrame
            Of the bond's own print before: ``before_date`` (days since 1970-01-01), ``before_clean_price``,
            ``before_last_residual_bp``, ``before_side`` (1 buy, -1 sell, 0 other), ``before_log_volume`` (log1p),
            ``before_is_reference``, ``before_target_bp``, and how far it lay from the filter's prediction, in bp and
            in predicted standard deviations, ``before_kalman_error_bp`` and ``before_kalman_z_score``; of the one
            before that ``before_last_target_bp`` and ``before_last_kalman_error_bp``; and the summaries of
            `HistorySummary`, as ``own_...``. Null where there is none.
        """
        bond = encode(prints["bond_id"], self._bonds)
        values = prints.select(expression.cast(pl.Float64).alias(name) for name, expression in _LAGGED.items())
        previous = lagged(bond, values.to_numpy(order="c"), self._last)
        columns = {f"before_{name}": previous[:, place] for place, name in enumerate(_LAGGED)}
        columns["before_log_volume"] = log1p_each(columns["before_log_volume"])
        # Of the print before the last: what the last print found before itself.
        found = np.column_stack([columns[f"before_{name}"] for name in _SECOND])
        second_last = lagged(bond, found, self._second_last)
        columns |= dict(zip((f"before_last_{name}" for name in _SECOND), second_last.T, strict=True))
        history = summarise(
            self._state,
            bond,
            prints["date"].cast(pl.Int32).to_numpy(),
            prints["move_residual_bp"].to_numpy(),
            prints["clean_price"].to_numpy(),
            self._half_life_days,
        )
        columns |= {f"own_{name}": summary for name, summary in history._asdict().items()}
        return pl.DataFrame(columns).fill_nan(None)

    def snapshot(self) -> Snapshot:
        """Return the past of the bonds that have printed, see `richcheap.panel.snapshot`."""
        seen = np.flatnonzero(self._state.prints)
        return {"bonds": names_at(self._bonds, seen), **taken(self._arrays(), seen)}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on where the prints of a snapshot ended, be it empty; its bonds must be among all bonds."""
        if snapshot:
            put_back(snapshot, self._arrays(), places(snapshot["bonds"], self._bonds))

    def _arrays(self) -> Snapshot:
        return {**self._state._asdict(), "last": self._last, "second_last": self._second_last}
