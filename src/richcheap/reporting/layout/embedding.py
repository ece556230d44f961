"""Tables inside a page: by column, rounded to what is shown, compressed, in letters that mean nothing in HTML."""

import base64
import json
import zlib
from typing import Any

import polars as pl

DIGITS = {"yield": 6, "coupon_rate": 7, "zero_rate": 6, "dv01": 6, "amount": 6}
"""Decimals of a column by its name, where they are not those of its unit."""
BY_UNIT = {"_bp": 2, "_zscore": 2, "_share": 3, "_points": 4}
"""Decimals by what a column's name ends with."""
OTHER_DIGITS = 4


def packed(content: object) -> str:
    """Return `content` as JSON, deflated, in base64: no letter of it can end an element or begin another.

    Examples
    --------
    >>> "<" in packed(["</script>"])
    False
    """
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)
    return packed_text(written)


def packed_text(text: str) -> str:
    """Return a text deflated, in base64; the same letters for the same text."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def columns_of(frame: pl.DataFrame) -> dict[str, Any]:
    """Return a table by column, as static/unpack.js reads it.

    Numbers are rounded, dates are days since 1970, texts are numbered: ``{"texts": [...], "codes": [...]}``.
    """
    return {name: _column(frame[name]) for name in frame.columns}


def _column(column: pl.Series) -> Any:
    if column.dtype == pl.Date:
        return column.cast(pl.Int32).to_list()
    if column.dtype in (pl.Float64, pl.Float32):
        finite = column.cast(pl.Float64).fill_nan(None).set(column.is_infinite().fill_null(False), None)
        return _whole(finite.round(_digits(column.name)).to_list())
    if column.dtype == pl.String:
        texts = column.drop_nulls().unique().sort()
        codes = column.replace_strict(texts, pl.int_range(len(texts), eager=True), default=None, return_dtype=pl.Int32)
        return {"texts": texts.to_list(), "codes": codes.to_list()}
    return column.to_list()


def _digits(name: str) -> int:
    by_unit = [digits for ending, digits in BY_UNIT.items() if name.endswith(ending)]
    return DIGITS.get(name, by_unit[0] if by_unit else OTHER_DIGITS)


def _whole(values: list[float | None]) -> list[float | int | None]:
    """Write whole numbers without a decimal point, a zero without a sign."""
    return [int(value) if value is not None and value.is_integer() else value for value in values]
