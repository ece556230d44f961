"""Market conventions as a table of named specs, each with the source that defines it."""

from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

FREQUENCIES: tuple[int, ...] = (0, 1, 2, 4, 12)


class DayCount(IntEnum):
    """Codes of the day counts inside kernels."""

    THIRTY_360 = 0
    ACT_ACT_ICMA = 1
    ACT_365F = 2
    ACT_360 = 3


class DayCountSpec(NamedTuple):
    """One day count: its canonical name, its rule in a line, and where the rule is defined."""

    code: DayCount
    name: str
    rule: str
    source: str


class Convention(NamedTuple):
    """How one kind of bond is quoted: day count, coupons a year, and the source."""

    bond_type: str
    day_count: DayCount
    frequency: int
    source: str


DAY_COUNTS: tuple[DayCountSpec, ...] = (
    DayCountSpec(
        DayCount.THIRTY_360,
        "30/360",
        "months of 30 days; a 31st counts as the 30th after a 30th or 31st, and for bonds that pay at months' ends "
        "the last of February as a 30th",
        "ISDA 2006 Definitions 4.16(f); the end-of-February rule of SIFMA, Standard Securities Calculation Methods; "
        "QuantLib Thirty360(BondBasis), and Thirty360(USA) for bonds that pay at months' ends",
    ),
    DayCountSpec(
        DayCount.ACT_ACT_ICMA,
        "ACT/ACT ICMA",
        "days accrued / (days in the coupon period x coupons a year), over quasi-periods in a stub",
        "ICMA Rule 251.1(iii); 31 CFR 356 Appendix B; QuantLib ActualActual(ISMA)",
    ),
    DayCountSpec(
        DayCount.ACT_365F, "ACT/365F", "actual days / 365", "ISDA 2006 Definitions 4.16(d); QuantLib Actual365Fixed"
    ),
    DayCountSpec(DayCount.ACT_360, "ACT/360", "actual days / 360", "ISDA 2006 Definitions 4.16(e); QuantLib Actual360"),
)

# What a bond follows when its source does not say.
DEFAULT_CONVENTIONS: tuple[Convention, ...] = (
    Convention("treasury", DayCount.ACT_ACT_ICMA, 2, "31 CFR 356 Appendix B"),
    Convention("corporate", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("high_yield", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("fixed_rate", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("zero_coupon", DayCount.ACT_ACT_ICMA, 0, "ICMA Rule 251; 31 CFR 356 Appendix B for bills"),
    Convention("floating_rate", DayCount.ACT_360, 4, "ISDA 2006 Definitions 4.16(e)"),
)

DAY_COUNT_CODES: MappingProxyType[str, int] = MappingProxyType({spec.name: int(spec.code) for spec in DAY_COUNTS})
DEFAULT_DAY_COUNT: MappingProxyType[str, str] = MappingProxyType(
    {convention.bond_type: DAY_COUNTS[convention.day_count].name for convention in DEFAULT_CONVENTIONS}
)
DEFAULT_FREQUENCY: MappingProxyType[str, int] = MappingProxyType(
    {convention.bond_type: convention.frequency for convention in DEFAULT_CONVENTIONS}
)

SIDE_SIGNS: Final = {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}
"""Direction in which a print lies from mid, in price: customers buy above it and sell below."""
