"""Integer codes for names."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int32]


def encode(values: pl.Series, names: pl.Series | None = None) -> Ints:
    """Encode names as integers; null becomes -1.

    Parameters
    ----------
    values : Series of String
    names : Series of String, optional
        All the names there are, distinct, in the order of their codes; if not given, the distinct values sorted.

    Raises
    ------
    ValueError
        A value is none of the names.

    Examples
    --------
    >>> encode(pl.Series(["b", None, "a", "b"])).tolist()
    [1, -1, 0, 1]
    >>> encode(pl.Series(["b", None]), pl.Series(["a", "b"])).tolist()
    [1, -1]
    """
    known = values.drop_nulls().unique().sort() if names is None else names
    table = pl.DataFrame({"value": known, "code": np.arange(known.len(), dtype=np.int32)})
    codes = values.to_frame("value").join(table, on="value", how="left", maintain_order="left")["code"]
    if names is not None and codes.null_count() > values.null_count():
        strange = values.filter(codes.is_null() & values.is_not_null())[0]
        raise ValueError(f"every name must be one of the {known.len():,} that were counted, got {strange!r}")
    return codes.fill_null(-1).to_numpy()
