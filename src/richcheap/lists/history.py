"""Every print of the live bonds beside the fair price that did not know it."""

from typing import Final

import polars as pl

from richcheap.decomposition.points import FAIR
from richcheap.evaluation.baselines import COLUMNS
from richcheap.features.baselines import FILTER

CHAMPION: Final = "champion"
OF_FILTER: Final = "filter"
"""Where a fair price comes from."""
READ_COLUMNS: Final = ("bond_id", "date", "clean_price", "price_kind", "side", COLUMNS[FILTER])
"""What is read of the dataset."""


def history_table(rows: pl.DataFrame, predicted: pl.DataFrame) -> pl.DataFrame:
    """Return the prints with what was predicted of each.

    Parameters
    ----------
    rows : DataFrame
        `READ_COLUMNS` of the dataset, and ``block``.
    predicted : DataFrame
        ``bond_id``, ``date``, ``fair_clean_price``, ``low`` and ``high`` of the champion, for rows that it was not
        fitted to; may be none.

    Returns
    -------
    DataFrame
        ``bond_id``, ``date``, ``block``, ``clean_price``, ``price_kind``, ``side``, ``fair_clean_price``, ``low``,
        ``high`` and ``fair_from``, sorted by bond and date. Where the champion has no price, it is the filter's, which
        has no interval; null where that has none either.
    """
    joined = rows.join(predicted, on=["bond_id", "date"], how="left", maintain_order="left")
    of_filter = pl.col(COLUMNS[FILTER])
    source = pl.when(pl.col(FAIR).is_not_null()).then(pl.lit(CHAMPION)).when(of_filter.is_not_null())
    return joined.select(
        *("bond_id", "date", "block", "clean_price", "price_kind", "side"),
        pl.coalesce(FAIR, of_filter).alias(FAIR),
        "low",
        "high",
        fair_from=source.then(pl.lit(OF_FILTER)),
    ).sort("bond_id", "date")
