"""Numbers in text: with a decimal point or a decimal comma, thousands set apart, signs, currencies, and in 32nds."""

from typing import Literal, NamedTuple

import polars as pl

Decimal = Literal[".", ","]

_SPACES = r"[\s\u00a0\u2009\u202f'\u2019]"
_CURRENCY = r"^(?:[A-Z]{3}|[$€£¥]|R\$)\s*|\s*(?:[A-Z]{3}|[$€£¥])$"
_GROUPED = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$"
_FRACTION = r"^(\d{1,3})\s*[-'\u2019:\u2011\u2013]\s*([0-3]?\d)([0-7+])?$"
"""Dealers' quotes of governments: 99-16 is 99 16/32; the third digit counts eighths of a 32nd, + is four of them."""

_SPLIT_32NDS = r"^(\d{1,3})\s*[-'\u2019:\u2011\u2013]\s*([0-3]\d)\s*([1-7])/([248])$"
"""A part of a 32nd written as a fraction: 99-17 3/4."""
_WRITTEN_OUT = {
    "\u00bd": " 1/2",
    "\u00bc": " 1/4",
    "\u00be": " 3/4",
    "\u215b": " 1/8",
    "\u215c": " 3/8",
    "\u215d": " 5/8",
    "\u215e": " 7/8",
}
_QUOTED_TICKS = r"^\d{2,3}['\u2019][0-3]\d[0-7+]?$"
_MIXED = r"^(\d{1,3})[\s-]+(\d{1,2})/(\d{1,3})$"
_POINT_FRACTION = r"^(\d{1,3})(?:\.([0-3]\d)([0-7+])?)?$"

_COMMA_DECIMAL = r"^[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|(?:0|\d{4,}),\d+|\d+,(?:\d{1,2}|\d{4,}))\s*%?$"
_POINT_DECIMAL = (
    r"^[+-]?(?:\d{1,3}(?:,\d{3})+\.\d+|(?:0|\d{4,})\.\d+|\d*\.(?:\d{1,2}|\d{4,})|\d{1,3}(?:,\d{3}){2,})\s*%?$"
)
_COMMA_IN_DOUBT = r"^[+-]?[1-9]\d{0,2},\d{3}\s*%?$"


class DecimalFinding(NamedTuple):
    """Which mark a column's numbers have before their decimals.

    Attributes
    ----------
    mark : str
        A point or a comma.
    comma, point : int
        Values that can only be read with the one, or with the other.
    doubtful : int
        Values such as 98,750, which may be 98.75 or a thousand times as much.
    """

    mark: Decimal
    comma: int
    point: int
    doubtful: int


def find_decimal(texts: pl.Series) -> DecimalFinding:
    """Tell the decimal mark of a column.

    Examples
    --------
    >>> find_decimal(pl.Series(["98,75", "1.101,10"])).mark, find_decimal(pl.Series(["98.75", "1,101.10"])).mark
    (',', '.')
    """
    bare = texts.cast(pl.String).drop_nulls().str.strip_chars().str.replace_all(_SPACES, "")
    comma, point, doubtful = (
        int(bare.str.contains(pattern).sum()) for pattern in (_COMMA_DECIMAL, _POINT_DECIMAL, _COMMA_IN_DOUBT)
    )
    return DecimalFinding("," if comma > point else ".", comma, point, doubtful)


def read_numbers(texts: pl.Series, decimal: Decimal) -> pl.Series:
    """Read numbers; null where there is none.

    Parameters
    ----------
    texts : Series of String
        Stripped.
    decimal : str
        What stands before the decimals. The other mark, blanks and apostrophes may set thousands apart.

    Examples
    --------
    >>> read_numbers(pl.Series(["1,234.5", "(3)", "$ 99.5", "x"]), ".").to_list()
    [1234.5, -3.0, 99.5, None]
    >>> read_numbers(pl.Series(["1.234,5", "98,750"]), ",").to_list()
    [1234.5, 98.75]
    """
    plain = texts.cast(pl.Float64, strict=False) if decimal == "." else _nothing(texts)
    frame = pl.DataFrame({"text": texts, "plain": plain})
    left = frame.select(pl.when(pl.col("plain").is_null()).then("text"))[:, 0]
    if left.null_count() == len(left):
        return plain
    bare = left.str.replace_all(_CURRENCY, "").str.replace_all(_SPACES, "").str.replace_all("\u2212", "-", literal=True)
    bare = bare.str.replace(r"^\((.+)\)$", "-$1").str.replace(r"^(\d.*)-$", "-$1")
    ticks = left.str.contains(_QUOTED_TICKS)
    if decimal == ",":
        sound = bare.str.contains(r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d+)?$")
        ungrouped = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        sound = bare.str.contains(_GROUPED) | ~bare.str.contains(",", literal=True)
        ungrouped = bare.str.replace_all(",", "", literal=True)
    table = pl.DataFrame({"plain": plain, "other": ungrouped.cast(pl.Float64, strict=False), "sound": sound & ~ticks})
    return table.select(pl.coalesce("plain", pl.when("sound").then("other")))[:, 0]


def read_fractions(texts: pl.Series, point: bool = False) -> pl.Series:
    """Read prices in 32nds and in common fractions; null where there is none.

    Parameters
    ----------
    texts : Series of String
        Stripped.
    point : bool
        Whether a point, too, stands before the 32nds.

    Examples
    --------
    >>> read_fractions(pl.Series(["99-16", "99-16+", "100-012", "99-16 3/4", "98 5/8", "99.5"])).to_list()
    [99.5, 99.515625, 100.0390625, 99.5234375, 98.625, None]
    >>> read_fractions(pl.Series(["99.16", "100"]), point=True).to_list()
    [99.5, 100.0]
    """
    found = [_thirty_seconds(_FRACTION), _split_thirty_seconds(), _common_fraction()]
    if point:
        found.append(_thirty_seconds(_POINT_FRACTION))
    plain = pl.col("text").str.replace_many(_WRITTEN_OUT)
    return texts.to_frame("text").select(plain).select(pl.coalesce(found).alias("price"))["price"]


def _thirty_seconds(pattern: str) -> pl.Expr:
    parts = pl.col("text").str.extract_groups(pattern).struct
    eighths = parts.field("3").str.replace("+", "4", literal=True).cast(pl.Float64, strict=False).fill_null(0.0)
    ticks = parts.field("2").cast(pl.Float64, strict=False).fill_null(0.0)
    return pl.when(ticks < 32.0).then(parts.field("1").cast(pl.Float64) + (ticks + eighths / 8.0) / 32.0)


def _split_thirty_seconds() -> pl.Expr:
    parts = pl.col("text").str.extract_groups(_SPLIT_32NDS).struct
    whole, ticks, over, under = (parts.field(group).cast(pl.Float64, strict=False) for group in "1234")
    return pl.when(ticks < 32.0, over < under).then(whole + (ticks + over / under) / 32.0)


def _common_fraction() -> pl.Expr:
    parts = pl.col("text").str.extract_groups(_MIXED).struct
    whole, over, under = (parts.field(group).cast(pl.Float64, strict=False) for group in ("1", "2", "3"))
    return pl.when(over < under).then(whole + over / under)


def _nothing(texts: pl.Series) -> pl.Series:
    return pl.repeat(None, len(texts), dtype=pl.Float64, eager=True)
