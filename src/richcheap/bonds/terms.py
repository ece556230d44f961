"""The terms of bonds as plain arrays, one entry for each observation."""

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from richcheap.bonds.conventions import (
    BANKS_OF_BRAZIL,
    DAY_COUNT_CODES,
    GOVERNMENT,
    MARKETS,
    ZERO_COUPON,
    DayCount,
    ExDividend,
    Quotation,
    business_days_before,
    closing_days,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
Table = npt.NDArray[np.float64]  # of two dimensions

NO_DATE: Final = np.int32(-(2**31))
UNKNOWN_DAY_COUNT: Final = -1
FLOATING_RATE: Final = "floating_rate"

_COLUMNS: Mapping[str, str] = {
    "settlement_date": "settlement",
    "maturity_date": "maturity",
    "coupon_rate": "coupon_rate",
    "frequency": "frequency",
    "day_count": "day_count",
    "issue_date": "issue",
    "first_coupon_date": "first_coupon",
}


_NOT_FLOATING: Final[Ints] = np.zeros((), np.int32)
_NO_EX_DIVIDEND: Final[Ints] = np.full((), NO_DATE, np.int32)
_NO_MARGIN: Final[Floats] = np.zeros(())
_STREET: Final[Ints] = np.zeros((), np.int32)
_NO_BUSINESS_DAYS: Final[Ints] = np.zeros(1, np.int32)
_NOT_FLOATING.setflags(write=False)
_NO_MARGIN.setflags(write=False)
_NO_EX_DIVIDEND.setflags(write=False)
_STREET.setflags(write=False)


class Floating(IntEnum):
    """What is known of a bond's later coupons."""

    FIXED = 0  # they pay the coupon rate
    MARGIN = 1  # they pay an index and a known margin
    MARGIN_UNKNOWN = 2


class Quoted(NamedTuple):
    """What the flows of bonds need that some markets quote otherwise than by the street convention."""

    quotation: Ints  # flags of `richcheap.bonds.conventions.Quotation`
    business_days: Ints  # see `business_days_before`; only BUS/252 needs them


class BondTerms(NamedTuple):
    """Terms of n bonds. Dates are days since 1970-01-01; ``issue`` and ``first_coupon`` may be `NO_DATE`."""

    settlement: Ints
    maturity: Ints
    coupon_rate: Floats  # decimal a year; the current coupon of a floating-rate bond
    frequency: Ints  # coupons a year: 0 (zero-coupon bond), 1, 2, 4, 12
    day_count: Ints  # codes of `richcheap.bonds.conventions.DayCount`
    issue: Ints  # start of accrual; NO_DATE: the first period is taken as regular
    first_coupon: Ints  # NO_DATE: the first schedule date after the issue
    floating: Ints = _NOT_FLOATING  # codes of `Floating`, or one for all
    margin: Floats = (
        _NO_MARGIN  # decimal: what later coupons of a floating-rate bond pay above the index, or one for all
    )
    ex_until: Ints = _NO_EX_DIVIDEND  # a coupon due by then is the seller's; NO_DATE: none is, or one for all
    quotation: Ints = _STREET  # flags of `richcheap.bonds.conventions.Quotation`, or one for all
    business_days: Ints = _NO_BUSINESS_DAYS  # of all bonds, see `business_days_before`; only BUS/252 needs them

    def rows(self, chosen: slice | npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "BondTerms":
        """Return the terms of some of the bonds; what is one for all stays so."""
        return BondTerms(
            settlement=self.settlement[chosen],
            maturity=self.maturity[chosen],
            coupon_rate=self.coupon_rate[chosen],
            frequency=self.frequency[chosen],
            day_count=self.day_count[chosen],
            issue=self.issue[chosen],
            first_coupon=self.first_coupon[chosen],
            floating=self.floating[chosen] if np.ndim(self.floating) else self.floating,
            margin=self.margin[chosen] if np.ndim(self.margin) else self.margin,
            ex_until=self.ex_until[chosen] if np.ndim(self.ex_until) else self.ex_until,
            quotation=self.quotation[chosen] if np.ndim(self.quotation) else self.quotation,
            business_days=self.business_days,
        )


def column(values: npt.ArrayLike, size: int, dtype: type[np.generic], name: str) -> npt.NDArray[np.generic]:
    """Return values as a writeable, contiguous array of one length and type, so that kernels compile once.

    A scalar is repeated. Raises ValueError when the length is another.
    """
    array = np.asarray(values)
    if array.ndim == 0:
        return np.full(size, array.astype(dtype))
    if array.shape != (size,):
        raise ValueError(f"{name} must hold {size} values, one for each bond, but its shape is {array.shape}")
    return np.require(array, dtype=dtype, requirements=["C", "W"])


def floats(values: npt.ArrayLike, size: int, name: str) -> Floats:
    """Return values as float64, one for each of ``size`` bonds."""
    return column(values, size, np.float64, name).astype(np.float64, copy=False)


def normalised(terms: BondTerms) -> BondTerms:
    """Return terms whose columns are int32 or float64, contiguous and of one length (the settlement's)."""
    size = len(terms.settlement)

    def ints(name: str) -> Ints:
        return column(getattr(terms, name), size, np.int32, name).astype(np.int32, copy=False)

    return BondTerms(
        settlement=ints("settlement"),
        maturity=ints("maturity"),
        coupon_rate=floats(terms.coupon_rate, size, "coupon_rate"),
        frequency=ints("frequency"),
        day_count=ints("day_count"),
        issue=ints("issue"),
        first_coupon=ints("first_coupon"),
        floating=ints("floating"),
        margin=floats(terms.margin, size, "margin"),
        ex_until=ints("ex_until"),
        quotation=ints("quotation"),
        business_days=np.require(terms.business_days, np.int32, ["C", "W"]),
    )


def quoted_of(terms: BondTerms) -> Quoted | None:
    """Return what the flows of normalised terms need besides; None where all follow the street convention."""
    if not terms.quotation.any() and (terms.day_count < int(DayCount.ACT_ACT_ISDA)).all():
        return None
    return Quoted(terms.quotation, terms.business_days)


def of_rows(quoted: Quoted | None, chosen: slice) -> Quoted | None:
    """Return what the flows of some of the bonds need besides."""
    return None if quoted is None else Quoted(quoted.quotation[chosen], quoted.business_days)


def days(moment: date) -> np.int32:
    """Return a date as days since 1970-01-01.

    >>> int(days(date(1970, 1, 31)))
    30
    """
    return np.int32(moment.toordinal() - date(1970, 1, 1).toordinal())


def _floating(frame: pl.DataFrame) -> tuple[Ints, Floats]:
    """Return the codes of `Floating` and the margins (0 where there is none), from the columns that say so, if any."""
    if "bond_type" not in frame.columns:
        return _NOT_FLOATING, _NO_MARGIN
    margin = pl.col("quoted_margin") if "quoted_margin" in frame.columns else pl.lit(None)
    known = margin.cast(pl.Float64).is_not_null()
    floats_ = pl.col("bond_type").eq_missing(FLOATING_RATE)
    columns = frame.select(
        pl.when(~floats_)
        .then(int(Floating.FIXED))
        .when(known)
        .then(int(Floating.MARGIN))
        .otherwise(int(Floating.MARGIN_UNKNOWN))
        .cast(pl.Int32)
        .alias("floating"),
        pl.when(floats_ & known).then(margin.cast(pl.Float64)).otherwise(0.0).alias("margin"),
    )
    return columns["floating"].to_numpy(), columns["margin"].to_numpy()


def _of_markets(frame: pl.DataFrame) -> tuple[Ints, Ints]:
    """Return the last coupon date that goes to the seller, and how interest and yields are quoted, as markets have it.

    A market's quotation is that of bonds which have its day count and its coupons a year.
    """
    markets = [market for market in MARKETS if market.ex_dividend is not None or market.quotation]
    if not {"currency", "bond_type"} <= {*frame.columns}:
        return _NO_EX_DIVIDEND, _STREET
    rows = frame.select("currency", "bond_type", "settlement_date", "frequency", "day_count")
    if not rows["currency"].is_in([market.currency for market in markets]).any():
        return _NO_EX_DIVIDEND, _STREET
    until, quotation = pl.lit(None, dtype=pl.Date), pl.lit(int(Quotation.STREET))
    for market in markets:
        held = (pl.col("currency") == market.currency) & (
            (pl.col("bond_type") == GOVERNMENT)
            if market.kind
            else ~pl.col("bond_type").is_in([GOVERNMENT, ZERO_COUPON, FLOATING_RATE])
        )
        as_quoted = (pl.col("day_count") == market.day_count_name) & (pl.col("frequency") == market.frequency)
        quotation = pl.when(held & as_quoted).then(int(market.quotation)).otherwise(quotation)
        settled = rows.filter(held)["settlement_date"].drop_nulls().unique()
        if market.ex_dividend is not None and len(settled):
            last = pl.col("settlement_date").replace_strict(
                settled, last_coupons(market.ex_dividend, settled), default=None, return_dtype=pl.Date
            )
            until = pl.when(held).then(last).otherwise(until)
    found = rows.select(
        until.cast(pl.Int32).fill_null(int(NO_DATE)).alias("until"),
        quotation.cast(pl.Int32).fill_null(int(Quotation.STREET)).alias("quotation"),
    )
    return found["until"].to_numpy(), found["quotation"].to_numpy()


def last_coupons(period: ExDividend, settlements: pl.Series) -> pl.Series:
    """Return the latest coupon date that goes to the seller of a bond settled on each of some days."""
    if period.calendar is None:
        return settlements.to_frame("day").select(pl.col("day") + pl.duration(days=period.days))["day"]
    years = settlements.dt.year()
    closed = closing_days(period.calendar, int(years.sort()[0]), int(years.sort()[-1]) + 1)
    days = settlements.to_numpy().astype("datetime64[D]")
    return pl.Series(np.busday_offset(days, period.days, roll="backward", holidays=closed)).cast(pl.Date)


def _business_days(columns: pl.DataFrame) -> Ints:
    """Return the business days of Brazil, if there is a bond under BUS/252 among columns of terms."""
    held = columns.filter((pl.col("day_count") == int(DayCount.BUS_252)) & (pl.col("settlement_date") > int(NO_DATE)))
    dates = held.select(pl.col("settlement_date", "maturity_date").cast(pl.Date).dt.year())
    if dates.is_empty():
        return _NO_BUSINESS_DAYS
    first, last = int(dates["settlement_date"].sort()[0]), int(dates["maturity_date"].sort()[-1])
    return business_days_before(BANKS_OF_BRAZIL, first - 1, last)  # a coupon period may have begun the year before


def terms_from_frame(frame: pl.DataFrame) -> BondTerms:
    """Return the terms held in the canonical columns of a frame of observations.

    A null maturity, settlement or coupon and an unknown day count are kept as such and end in the status
    ``bad_terms``. Bonds float where a column ``bond_type`` says so, with the margin of ``quoted_margin``; they are
    ex-dividend and quoted as the market of a column ``currency`` has it. Raises ValueError when a column of the other
    terms is missing.
    """
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"bond terms need the columns {', '.join(_COLUMNS)}; missing: {', '.join(missing)}")
    no_date = int(NO_DATE)
    columns = frame.select(
        *(pl.col(name).cast(pl.Date).cast(pl.Int32).fill_null(no_date) for name in _COLUMNS if name.endswith("_date")),
        pl.col("coupon_rate").cast(pl.Float64).fill_null(float("nan")),
        pl.col("frequency").cast(pl.Int32).fill_null(-1),
        pl.col("day_count").replace_strict(dict(DAY_COUNT_CODES), default=UNKNOWN_DAY_COUNT, return_dtype=pl.Int32),
    )
    floating, margin = _floating(frame)
    found = {field: columns[name].to_numpy() for name, field in _COLUMNS.items()}
    ex_until, quotation = _of_markets(frame)
    return normalised(
        BondTerms(
            **found,
            floating=floating,
            margin=margin,
            ex_until=ex_until,
            quotation=quotation,
            business_days=_business_days(columns),
        )
    )
