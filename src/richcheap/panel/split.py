"""Blocks of dates: training, validation and test, with an embargo between them, and live where they have an end."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count, pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.panel.params import SplitParams

BLOCKS: tuple[str, ...] = ("train", "validation", "test")
EMBARGO = "embargo"
LIVE = "live"
"""What comes after a test block that ends on a date: nothing is fitted to it, and nothing before it depends on it."""
MARKET_STATES: tuple[str, ...] = ("calm", "normal", "stressed")
MIN_DATES = 10


class Block(NamedTuple):
    """A run of dates.

    Attributes
    ----------
    name : str
        One of `BLOCKS`, ``embargo`` or ``live``.
    first, last : int
        Positions of its first and last date.
    """

    name: str
    first: int
    last: int


def blocks_of(dates: pl.Series, params: SplitParams) -> list[Block]:
    """Divide dates into blocks: at the dates that params give, else by shares.

    Parameters
    ----------
    dates : Series of Date
        Distinct and ascending.
    params : SplitParams

    Returns
    -------
    list of Block
        As `split_dates` has them; where the test block has a last date, what comes later is the live block.

    Raises
    ------
    ValueError
        A block would be empty; says which key to set.

    Examples
    --------
    >>> days = pl.date_range(date(2024, 1, 1), date(2024, 1, 20), eager=True)
    >>> ends = {"train_end": days[13], "validation_end": days[16], "test_end": days[18]}
    >>> [tuple(block) for block in blocks_of(days, SplitParams(**ends, embargo_dates=0))]
    [('train', 0, 13), ('validation', 14, 16), ('test', 17, 18), ('live', 19, 19)]
    """
    if params.test_end is None:
        return split_dates(dates.len(), params)
    keys = ("train_end", "validation_end", "test_end")
    ends = [int((dates <= getattr(params, key)).sum()) for key in keys]
    starts = [0, *(end + params.embargo_dates for end in ends[:-1])]
    blocks = [Block(name, start, end - 1) for name, start, end in zip(BLOCKS, starts, ends, strict=True)]
    for block, key in zip(blocks, keys, strict=True):
        if block.last < block.first:
            raise ValueError(
                f"the {block.name} block would be empty: no date of {dates[0]} to {dates[-1]} is left for it with "
                f"split.{key} {getattr(params, key)} and split.embargo_dates {params.embargo_dates}; change them, or "
                "set the three ends to null for a split by shares"
            )
    gaps = [Block(EMBARGO, one.last + 1, other.first - 1) for one, other in pairwise(blocks)]
    ordered = [blocks[0], gaps[0], blocks[1], gaps[1], blocks[2], Block(LIVE, ends[-1], dates.len() - 1)]
    return [block for block in ordered if block.last >= block.first]


def split_dates(dates: int, params: SplitParams) -> list[Block]:
    """Divide a number of dates into blocks, in time order; a date belongs to one block whole.

    Parameters
    ----------
    dates : int
        Number of distinct dates.
    params : SplitParams

    Returns
    -------
    list of Block

    Raises
    ------
    ValueError
        A block would be empty, or there are fewer than `MIN_DATES` dates; says how many are needed.

    Examples
    --------
    >>> params = SplitParams(train_share=0.7, validation_share=0.15, embargo_dates=1)
    >>> [tuple(block) for block in split_dates(20, params)]
    [('train', 0, 13), ('embargo', 14, 14), ('validation', 15, 16), ('embargo', 17, 17), ('test', 18, 19)]
    """
    train, validation, test = _spans(dates, params, params.embargo_dates)
    if not _fits(dates, params, params.embargo_dates):
        raise ValueError(_too_few(dates, params))
    gaps = [Block(EMBARGO, left.last + 1, right.first - 1) for left, right in ((train, validation), (validation, test))]
    ordered = [train, gaps[0], validation, gaps[1], test]
    return [block for block in ordered if block.last >= block.first]


def _spans(dates: int, params: SplitParams, embargo: int) -> tuple[Block, Block, Block]:
    """Return `BLOCKS` with so many dates dropped between them; one whose last date is before its first is empty."""
    ends = (round(dates * params.train_share), round(dates * (params.train_share + params.validation_share)))
    return (
        Block("train", 0, ends[0] - 1),
        Block("validation", ends[0] + embargo, ends[1] - 1),
        Block("test", ends[1] + embargo, dates - 1),
    )


def _fits(dates: int, params: SplitParams, embargo: int) -> bool:
    return dates >= MIN_DATES and all(block.last >= block.first for block in _spans(dates, params, embargo))


def _min_dates(params: SplitParams, embargo: int, least: int = MIN_DATES) -> int:
    """Return how many dates, `least` at least, the shares need with so many dropped between two blocks."""
    return next(dates for dates in count(least) if _fits(dates, params, embargo))


def _too_few(dates: int, params: SplitParams) -> str:
    """Say which block is empty, how many dates the params need, and with which params these dates would do."""
    embargo = params.embargo_dates
    empty = next((block.name for block in _spans(dates, params, embargo) if block.last < block.first), None)
    needed = f"it takes at least {_min_dates(params, embargo, max(dates + 1, MIN_DATES))}"
    if embargo:
        needed += f" with split.embargo_dates ({embargo}), {_min_dates(params, 0)} without an embargo"
    remedies = ["give more dates"]
    lower = next((less for less in reversed(range(embargo)) if _fits(dates, params, less)), None)
    if lower is not None:
        remedies.append(f"lower split.embargo_dates ({embargo}) to {lower}")
    elif dates >= MIN_DATES:
        shares = f"split.train_share ({params.train_share:g}) and split.validation_share ({params.validation_share:g})"
        remedies.append(f"change {shares}")
    why = f"the {empty} block would be empty, " if empty else ""
    return f"{dates} dates are too few: {why}{needed}; {', or '.join(remedies)}"


def cut(frame: pl.DataFrame, dates: pl.Series, blocks: list[Block]) -> dict[str, pl.DataFrame]:
    """Return the rows of each block that a frame has any of; embargoed rows belong to none.

    Parameters
    ----------
    frame : DataFrame
        Any rows of the market, with their ``date``.
    dates : Series of Date
        All dates of the market, which the blocks count, ascending.
    blocks : list of Block
    """
    spans = {block.name: (dates[block.first], dates[block.last]) for block in blocks if block.name != EMBARGO}
    pieces = {name: frame.filter(pl.col("date").is_between(*span)) for name, span in spans.items()}
    return {name: piece for name, piece in pieces.items() if piece.height}


class BlockDates(NamedTuple):
    """A block of dates: ``train``, ``validation`` or ``test``, first and last date included."""

    name: str
    first: date
    last: date

    @classmethod
    def read(cls, entries: Iterable[Mapping[str, Any]]) -> list[Self]:
        """Return the blocks that `describe_blocks` has tabulated, without the embargoes."""
        return [
            cls(entry["name"], date.fromisoformat(entry["first_date"]), date.fromisoformat(entry["last_date"]))
            for entry in entries
            if entry["name"] != EMBARGO
        ]

    def within(self, dates: pl.Series) -> slice:
        """Return the places of the block's dates among ascending ones."""
        return slice(int((dates < self.first).sum()), int((dates <= self.last).sum()))


def describe_blocks(dates: pl.Series, rows: pl.Series, blocks: list[Block]) -> list[dict[str, object]]:
    """Tabulate the blocks for the report (name, first and last date, dates, rows) from the dates and their rows."""
    return [
        {
            "name": block.name,
            "first_date": str(dates[block.first]),
            "last_date": str(dates[block.last]),
            "dates": block.last - block.first + 1,
            "rows": int(rows[block.first : block.last + 1].sum()),
        }
        for block in blocks
    ]


def tercile_bounds(volatility_bp: pl.Series, rows: NDArray[np.int64]) -> tuple[float, float] | None:
    """Return the bounds between the thirds of rows by the volatility of their curve.

    They are the quantiles of ``np.quantile`` (linear) over the rows, found without them.

    Parameters
    ----------
    volatility_bp : Series
        Of each curve; null where it is not known.
    rows : ndarray of int
        Rows of each curve that are to decide: those of the training block.

    Returns
    -------
    tuple of float or None
        None when no such row has a known volatility.

    Examples
    --------
    >>> low, high = tercile_bounds(pl.Series([1.0, 4.0, None]), np.array([2, 2, 9]))
    >>> low, high
    (1.0, 4.0)
    """
    values = volatility_bp.fill_null(np.nan).to_numpy()
    counts = np.where(np.isnan(values), 0, rows)
    if not counts.any():
        return None
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(counts[order])

    def quantile(share: float) -> float:
        place = share * (ends[-1] - 1)
        below = np.floor(place)
        pair = values[order[np.searchsorted(ends, [below, min(below + 1, ends[-1] - 1)], side="right")]]
        return float(np.quantile(pair, place - below))

    return quantile(1.0 / 3.0), quantile(2.0 / 3.0)


def market_states(volatility_bp: pl.Series, bounds: tuple[float, float] | None) -> pl.Series:
    """Name the state of the market by the trailing volatility of the curve, known before the date's own prices.

    Parameters
    ----------
    volatility_bp : Series
        Null counts as normal.
    bounds : tuple of float or None
        From `tercile_bounds`; None makes every state normal.

    Returns
    -------
    Series
        ``market_state``, one of `MARKET_STATES`.
    """
    calm, normal, stressed = MARKET_STATES
    low, high = bounds or (-np.inf, np.inf)
    value = pl.col("volatility")
    state = pl.when(value <= low).then(pl.lit(calm)).when(value > high).then(pl.lit(stressed))
    frame = pl.DataFrame({"volatility": volatility_bp})
    return frame.select(market_state=state.otherwise(pl.lit(normal)))["market_state"]
