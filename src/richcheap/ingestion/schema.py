"""The canonical tables: what ingestion accepts, and the columns and types of what it writes."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "number", "rate", "date", "time", "flag", "word", "schedule"]

PRICES = ("clean_price", "dirty_price", "yield")
"""What may be observed, in the order in which one is chosen when a row holds several."""


PRICE_COLUMNS = ("clean_price", "dirty_price", "bid_price", "ask_price", "call_price")
"""Columns of prices."""

BAD = "bad:"
"""Prefix of the Boolean column that says: there was a value, and it is not one of this kind."""

PERCENT = "percent:"
"""Prefix of the Boolean column that says: the value carried a percent sign (and was divided by 100)."""


ENDLESS = "endless"
"""Boolean column: what stands for the maturity says that there is none."""

BEYOND_COUPON = "beyond_coupon"
"""Boolean column: clean and dirty price lie further apart than the interest of any plain bond."""


@dataclass(frozen=True)
class InputColumn:
    """One column of the data contract as a file may hold it.

    Parameters
    ----------
    name : str
        Canonical name.
    kind : str
        How its values are parsed: ``text``, ``number``, ``rate`` (a number that may carry a percent sign),
        ``date``, ``time`` (of day), ``flag``, ``word`` (one of a list of spellings) or ``schedule`` (dates and prices
        of calls).
    required : bool
        Whether a file without the column is refused.
    """

    name: str
    kind: Kind
    required: bool = False


INPUT_COLUMNS: tuple[InputColumn, ...] = (
    InputColumn("bond_id", "text", required=True),
    InputColumn("date", "date", required=True),
    InputColumn("time", "time"),
    InputColumn("settlement_date", "date"),
    InputColumn("clean_price", "number"),
    InputColumn("dirty_price", "number"),
    InputColumn("bid_price", "number"),
    InputColumn("ask_price", "number"),
    InputColumn("yield", "rate"),
    InputColumn("maturity_date", "date", required=True),
    InputColumn("coupon_rate", "rate", required=True),
    InputColumn("quoted_margin", "rate"),
    InputColumn("frequency", "word"),
    InputColumn("day_count", "word"),
    InputColumn("issue_date", "date"),
    InputColumn("first_coupon_date", "date"),
    InputColumn("bond_type", "word"),
    InputColumn("coupon_type", "word"),
    InputColumn("maturity_type", "word"),
    InputColumn("credit_rating", "word"),
    InputColumn("issuer", "text"),
    InputColumn("issuer_country", "text"),
    InputColumn("sector", "text"),
    InputColumn("currency", "text"),
    InputColumn("callable", "flag"),
    InputColumn("convertible", "flag"),
    InputColumn("call_date", "date"),
    InputColumn("call_price", "number"),
    InputColumn("call_schedule", "schedule"),
    InputColumn("face_value", "number"),
    InputColumn("volume", "number"),
    InputColumn("side", "word"),
    InputColumn("price_kind", "word"),
    InputColumn("status", "word"),
    InputColumn("trade_id", "text"),
    InputColumn("original_trade_id", "text"),
    InputColumn("condition", "word"),
    InputColumn("accrued_interest", "number"),
    InputColumn("modified_duration", "number"),
    InputColumn("spread", "number"),
)

COMPARED = ("accrued_interest", "modified_duration", "spread")
"""Columns that are read only to be compared with what is worked out."""

OPTIONAL = (
    "time", "quoted_margin", "issue_date", "first_coupon_date", "credit_rating", "callable", "convertible", "call_date",
    "call_price", "call_schedule", "face_value", "volume", "side", "price_kind", "bid_price", "ask_price", "status",
    *COMPARED, "condition",
)  # fmt: skip
"""Columns of which a value that cannot be read is as if it were blank, and is counted: it decides no payment."""

COUNTRY = "issuer_country"
ISIN = r"^[A-Z]{2}[A-Z0-9]{9}\d$"
"""How an identifier of ISO 6166 looks; it begins with a country, or XS where it is international."""
"""Decides with the currency and the type which market's conventions a bond follows; ISO 3166, two letters."""

INPUT_NAMES = tuple(column.name for column in INPUT_COLUMNS)


def names_of(*kinds: Kind) -> tuple[str, ...]:
    """Return the canonical names of the given kinds, in the order of the contract."""
    return tuple(column.name for column in INPUT_COLUMNS if column.kind in kinds)


DAY_SCHEMA: dict[str, pl.DataType] = {
    "prints": pl.Int32(),
    "traded_volume": pl.Float64(),
    "first_time": pl.Time(),
    "last_time": pl.Time(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "buys": pl.Int32(),
    "sells": pl.Int32(),
    "interdealer_trades": pl.Int32(),
}
"""What the price of a bond at a date was made of; all but ``prints`` null where that is one print. None of the names
says that it is a day's."""

OBSERVATION_SCHEMA: dict[str, pl.DataType] = {
    "bond_id": pl.String(),
    "date": pl.Date(),
    "settlement_date": pl.Date(),
    "observed": pl.String(),
    "clean_price": pl.Float64(),
    "dirty_price": pl.Float64(),
    "yield": pl.Float64(),
    "maturity_date": pl.Date(),
    "coupon_rate": pl.Float64(),
    "quoted_margin": pl.Float64(),
    "frequency": pl.Int32(),
    "day_count": pl.String(),
    "issue_date": pl.Date(),
    "first_coupon_date": pl.Date(),
    "bond_type": pl.String(),
    "credit_rating": pl.String(),
    "issuer": pl.String(),
    "sector": pl.String(),
    "currency": pl.String(),
    "callable": pl.Boolean(),
    "convertible": pl.Boolean(),
    "call_date": pl.Date(),
    "call_price": pl.Float64(),
    "call_schedule": pl.String(),
    "face_value": pl.Float64(),
    "volume": pl.Float64(),
    "side": pl.String(),
    "price_kind": pl.String(),
    "time": pl.Time(),
    **DAY_SCHEMA,
    "source_row": pl.Int64(),
}
"""Accepted observations, sorted by (date, bond_id)."""

TIME = "time"
"""Of an accepted row, until one of each bond and date is chosen: nanoseconds since midnight, or null."""

STATUS, REPORT, ORIGINAL = "status", "report", "original"
"""Likewise: what a report is, its number, and that of the report that it cancels or corrects (both as hashes)."""

STATUS_TYPE = pl.Enum(["trade", "cancel", "reversal", "correction", "buyer_report"])
REPORT_COLUMNS = (STATUS, REPORT, ORIGINAL)

CHECKED_SCHEMA: dict[str, pl.DataType] = {
    **{name: kind for name, kind in OBSERVATION_SCHEMA.items() if name not in DAY_SCHEMA},
    TIME: pl.Int64(),
    STATUS: STATUS_TYPE,
    REPORT: pl.UInt64(),
    ORIGINAL: pl.UInt64(),
}
"""Accepted rows, each taken by itself, in the order of the source."""

NULLABLE = (
    *PRICES,
    *(name for name in DAY_SCHEMA if name != "prints"),
    "quoted_margin",
    "issue_date",
    "first_coupon_date",
    "issuer",
    "sector",
    "call_date",
    "call_price",
    "call_schedule",
    "volume",
    "side",
    "price_kind",
    "time",
)
"""Columns of an accepted observation that may be null."""

QUARANTINE_SCHEMA: dict[str, pl.DataType] = {
    "source_row": pl.Int64(),
    "source_file": pl.String(),
    "file_row": pl.Int64(),
    "bond_id": pl.String(),
    "date": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
}
"""Refused rows, sorted by source_row; bond_id and date are text, as read, but those of a duplicate as understood."""

REFUSED_SCHEMA = {name: kind for name, kind in QUARANTINE_SCHEMA.items() if name not in ("source_file", "file_row")}
"""A quarantined row before its file is looked up."""

CURVE_SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "date": pl.Date(),
    "tenor_years": pl.Float64(),
    "rate": pl.Float64(),
    "kind": pl.String(),
}
"""Benchmark curve points, sorted by (currency, date, tenor_years)."""

CURVE_KINDS = (
    "par_annual",
    "par_semiannual",
    "par_quarterly",
    "zero_continuous",
    "zero_annual",
    "zero_semiannual",
)
"""What a curve's rate is: a par yield or a zero rate, with its compounding."""
