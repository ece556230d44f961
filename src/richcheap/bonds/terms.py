"""The terms of bonds as plain arrays, one entry for each observation."""

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from richcheap.bonds.conventions import DAY_COUNT_CODES, EX_DIVIDEND, GOVERNMENT

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
_NOT_FLOATING.setflags(write=False)
_NO_MARGIN.setflags(write=False)
_NO_EX_DIVIDEND.setflags(write=False)


class Floating(IntEnum):
    """What is known of a bond's later coupons."""

    FIXED = 0  # they pay the coupon rate
    MARGIN = 1  # they pay an index and a known margin
    MARGIN_UNKNOWN = 2


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
    )


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


def _ex_until(frame: pl.DataFrame) -> Ints:
    """Return the last coupon date that goes to the seller, of bonds of markets that have an ex-dividend period."""
    if not {"currency", "bond_type"} <= {*frame.columns}:
        return _NO_EX_DIVIDEND
    held = frame["currency"].is_in([*EX_DIVIDEND]) & (frame["bond_type"] == GOVERNMENT)
    if not held.any():
        return _NO_EX_DIVIDEND
    rows = frame.select("settlement_date", pl.when(held).then("currency").alias("currency"))
    until = pl.lit(None, dtype=pl.Date)
    for currency, period in EX_DIVIDEND.items():
        days = rows.filter(pl.col("currency") == currency)["settlement_date"].drop_nulls().unique()
        if len(days):
            last = pl.col("settlement_date").replace_strict(
                days, period.last_coupons(days), default=None, return_dtype=pl.Date
            )
            until = pl.when(pl.col("currency") == currency).then(last).otherwise(until)
    return rows.select(until.cast(pl.Int32).fill_null(int(NO_DATE))).to_series().to_numpy()


def terms_from_frame(frame: pl.DataFrame) -> BondTerms:
    """Return the terms held in the canonical columns of a frame of observations.

    A null maturity, settlement or coupon and an unknown day count are kept as such and end in the status
    ``bad_terms``. Bonds float where a column ``bond_type`` says so, with the margin of ``quoted_margin``; governments'
    are ex-dividend as the market of a column ``currency`` has it. Raises ValueError when a column of the other terms is
    missing.
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
    return normalised(BondTerms(**found, floating=floating, margin=margin, ex_until=_ex_until(frame)))
