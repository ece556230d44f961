"""Blocks of dates: training, validation and test, with an embargo between them."""

from typing import NamedTuple

import numpy as np
import polars as pl

from stages.spreads.params import SplitParams

BLOCKS: tuple[str, ...] = ("train", "validation", "test")
EMBARGO = "embargo"
MARKET_STATES: tuple[str, ...] = ("calm", "normal", "stressed")
FEWEST_DATES = 10


class Block(NamedTuple):
    """A run of dates.

    Attributes
    ----------
    name : str
        One of `BLOCKS`, or ``embargo``.
    first, last : int
        Positions of its first and last date.
    """

    name: str
    first: int
    last: int


def divide(dates: int, params: SplitParams) -> list[Block]:
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
        A block would be empty.

    Examples
    --------
    >>> params = SplitParams(train_share=0.7, validation_share=0.15, embargo_dates=1)
    >>> [tuple(block) for block in divide(20, params)]
    [('train', 0, 13), ('embargo', 14, 14), ('validation', 15, 16), ('embargo', 17, 17), ('test', 18, 19)]
    """
    ends = (round(dates * params.train_share), round(dates * (params.train_share + params.validation_share)))
    train = Block("train", 0, ends[0] - 1)
    validation = Block("validation", ends[0] + params.embargo_dates, ends[1] - 1)
    test = Block("test", ends[1] + params.embargo_dates, dates - 1)
    for block in (train, validation, test):
        if block.last < block.first or dates < FEWEST_DATES:
            raise ValueError(
                f"{dates} dates are too few: the {block.name} block would be empty or the whole shorter than "
                f"{FEWEST_DATES} dates; give more dates, or lower split.embargo_dates ({params.embargo_dates})"
            )
    gaps = [Block(EMBARGO, left.last + 1, right.first - 1) for left, right in ((train, validation), (validation, test))]
    ordered = [train, gaps[0], validation, gaps[1], test]
    return [block for block in ordered if block.last >= block.first]


def block_of_rows(frame: pl.DataFrame, blocks: list[Block]) -> pl.Series:
    """Return the name of each row's block, from its ``date``."""
    dates = frame["date"].unique().sort()
    names = np.empty(dates.len(), dtype=object)
    for block in blocks:
        names[block.first : block.last + 1] = block.name
    table = pl.DataFrame({"date": dates, "block": pl.Series(names.tolist(), dtype=pl.String)})
    return frame.select("date").join(table, on="date", how="left", maintain_order="left")["block"]


def describe(frame: pl.DataFrame, blocks: list[Block]) -> list[dict[str, object]]:
    """Tabulate the blocks for the report: name, first and last date, dates, rows."""
    dates = frame["date"].unique().sort()
    position = frame.select("date").join(
        dates.to_frame().with_row_index("position"), on="date", how="left", maintain_order="left"
    )["position"]
    return [
        {
            "name": block.name,
            "first_date": str(dates[block.first]),
            "last_date": str(dates[block.last]),
            "dates": block.last - block.first + 1,
            "rows": int(position.is_between(block.first, block.last).sum()),
        }
        for block in blocks
    ]


def market_states(volatility_bp: pl.Series, in_train: pl.Series) -> pl.Series:
    """Name each row's market by the trailing volatility of the curve: thirds of the training block's rows.

    Parameters
    ----------
    volatility_bp : Series
        Known before the row's date; null counts as normal.
    in_train : Series of bool

    Returns
    -------
    Series
        One of `MARKET_STATES`.
    """
    calm, normal, stressed = MARKET_STATES
    known = volatility_bp.filter(in_train).drop_nulls()
    if known.is_empty():
        return pl.Series("market_state", [normal] * volatility_bp.len(), dtype=pl.String)
    low, high = np.quantile(known.to_numpy(), [1.0 / 3.0, 2.0 / 3.0])
    value = pl.col("volatility")
    state = pl.when(value <= low).then(pl.lit(calm)).when(value > high).then(pl.lit(stressed))
    frame = pl.DataFrame({"volatility": volatility_bp})
    return frame.select(market_state=state.otherwise(pl.lit(normal)))["market_state"]
