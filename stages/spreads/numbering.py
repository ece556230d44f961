"""Numbers for names."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int32]


def number(values: pl.Series) -> Ints:
    """Number the distinct values of a column in sorted order; null becomes -1.

    Examples
    --------
    >>> number(pl.Series(["b", None, "a", "b"])).tolist()
    [1, -1, 0, 1]
    """
    distinct = values.drop_nulls().unique().sort()
    codes = values.to_frame("value").join(
        pl.DataFrame({"value": distinct, "code": np.arange(distinct.len(), dtype=np.int32)}),
        on="value",
        how="left",
        maintain_order="left",
    )
    return codes["code"].fill_null(-1).to_numpy()
