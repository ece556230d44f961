"""Market conventions as a table of named specs, each with the source that defines it."""

from datetime import date
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import polars as pl

FREQUENCIES: tuple[int, ...] = (0, 1, 2, 4, 12)


class DayCount(IntEnum):
    """Codes of the day counts inside kernels."""

    THIRTY_360 = 0
    ACT_ACT_ICMA = 1
    ACT_365F = 2
    ACT_360 = 3
    THIRTY_E_360 = 4


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
    DayCountSpec(
        DayCount.THIRTY_E_360,
        "30E/360",
        "months of 30 days; a 31st counts as the 30th, and the last of February is what it is",
        "ISDA 2006 Definitions 4.16(g); ICMA Rule 251.1(ii); QuantLib Thirty360(European)",
    ),
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


GOVERNMENT = "treasury"
"""Bond type of a government's debt in its own currency."""


class Market(NamedTuple):
    """How a market's bonds are quoted where their source does not say.

    Attributes
    ----------
    currency : str
    government : bool
        Whether of governments, or of all other bonds with fixed coupons.
    day_count : DayCount
    frequency : int
        Coupons a year.
    settlement_days : int
        Business days from trade to settlement.
    source : str
    country : str, optional
        Of the ISIN: only of bonds with such a one.
    """

    currency: str
    government: bool
    day_count: DayCount
    frequency: int
    settlement_days: int
    source: str
    country: str | None = None

    @property
    def day_count_name(self) -> str:
        """As `DAY_COUNTS` names it."""
        return DAY_COUNTS[self.day_count].name


_ICMA, _ISDA_365, _EUROPEAN = DayCount.ACT_ACT_ICMA, DayCount.ACT_365F, DayCount.THIRTY_E_360
_RULE_251 = "ICMA Rules 221 and 251.1: ACT/ACT unless the terms say otherwise, settled on the second business day"
MARKETS: tuple[Market, ...] = (
    Market("AUD", True, _ICMA, 2, 2, "AOFM, Information Memorandum for Treasury Bonds"),
    Market("BRL", True, _ICMA, 2, 1, "Tesouro Nacional, NTN-F; accrues BUS/252, of which ACT/ACT is an approximation"),
    Market("CAD", True, _ICMA, 2, 1, "IIAC, Canadian Conventions in Fixed Income Markets; it accrues by days / 365"),
    Market("CHF", True, _EUROPEAN, 1, 2, "SIX Swiss Exchange, accrued interest of Confederation bonds"),
    Market("CNY", True, _ICMA, 1, 1, "CFETS, calculation of bonds' accrued interest: actual days of the coupon period"),
    Market("CZK", True, _EUROPEAN, 1, 2, "Czech Ministry of Finance, issue conditions of government bonds"),
    Market("DKK", True, _ICMA, 1, 2, "Danmarks Nationalbank, terms of government bonds"),
    Market("EUR", True, _ICMA, 1, 2, "terms of German, French, Dutch and Spanish government bonds; ICMA Rule 251"),
    Market("EUR", True, _ICMA, 2, 2, "MEF, BTP: half-yearly coupons, ACT/ACT", "IT"),
    Market("GBP", True, _ICMA, 2, 1, "UK DMO, Formulae for Calculating Gilt Prices from Yields"),
    Market("HUF", True, _ICMA, 1, 2, "AKK, calculation of yields of government bonds"),
    Market("INR", True, _EUROPEAN, 2, 1, "RBI and FIMMDA, dated securities accrue by months of 30 days"),
    Market("JPY", True, _ISDA_365, 2, 1, "JSDA, accrued interest of JGBs by days / 365"),
    Market("KRW", True, _ICMA, 2, 1, "KTB, half-yearly coupons, actual days of the coupon period"),
    Market("MXN", True, DayCount.ACT_360, 2, 2, "Banco de Mexico, technical description of fixed-rate BONOS"),
    Market("NOK", True, _ICMA, 1, 2, "Norges Bank, terms of government bonds"),
    Market("NZD", True, _ICMA, 2, 2, "New Zealand Treasury, Information Memorandum for Government Bonds"),
    Market("PLN", True, _ICMA, 1, 2, "Polish Ministry of Finance, accrued interest of Treasury bonds"),
    Market("SEK", True, _EUROPEAN, 1, 2, "Swedish National Debt Office, General Terms and Conditions"),
    Market("SGD", True, _ICMA, 2, 1, "MAS, Singapore Government Securities, technical notes"),
    Market("USD", True, _ICMA, 2, 1, "31 CFR 356 Appendix B"),
    Market("ZAR", True, _ISDA_365, 2, 3, "JSE, Bond Pricing Formula Specifications"),
    Market("AUD", False, _ICMA, 2, 2, "AFMA, Debt Capital Markets Conventions"),
    Market("CAD", False, _ICMA, 2, 1, "IIAC, Canadian Conventions in Fixed Income Markets"),
    Market("CHF", False, _EUROPEAN, 1, 2, "SIX Swiss Exchange, accrued interest of Swiss franc bonds"),
    Market("CNY", False, _ICMA, 1, 1, "CFETS, calculation of bonds' accrued interest"),
    Market("INR", False, _ISDA_365, 1, 1, "SEBI circular of 2013-10-29: actual days / actual days of the year"),
    Market("JPY", False, _ISDA_365, 2, 1, "JSDA, accrued interest by days / 365"),
    Market("KRW", False, _ICMA, 4, 1, "KOFIA, quarterly coupons"),
    Market("NZD", False, _ICMA, 2, 2, "NZFMA, conventions"),
    Market("USD", False, DayCount.THIRTY_360, 2, 1, "MSRB Rule G-33; FINRA Rule 11620"),
    *(
        Market(currency, False, _ICMA, 1, 2, _RULE_251)
        for currency in ("CZK", "DKK", "EUR", "GBP", "HUF", "MXN", "NOK", "PLN", "SEK", "ZAR")
    ),
)  # fmt: skip
"""What is taken for fixed coupons by currency and kind; of currencies that are not here `DEFAULT_CONVENTIONS` hold."""

MONEY_MARKET_365 = ("AUD", "CAD", "GBP", "HKD", "INR", "KRW", "MYR", "NZD", "SGD", "THB", "ZAR")
"""Currencies whose floating-rate bonds accrue by days / 365 (ISDA 2006 Definitions 7.1); in others it is days / 360."""


class ExDividend(NamedTuple):
    """How long before a coupon a market's government bonds trade without it.

    Attributes
    ----------
    days : int
        Days before the coupon date from which on a trade settles without the coupon.
    country : str, optional
        Business days are counted, of this country's calendar (ISO 3166 code of the `holidays` package); None:
        calendar days.
    source : str
    """

    days: int
    country: str | None
    source: str

    def last_coupons(self, settlements: pl.Series) -> pl.Series:
        """Return the latest coupon date that goes to the seller of a bond settled on each of some days."""
        if self.country is None:
            return settlements.to_frame("day").select(pl.col("day") + pl.duration(days=self.days))["day"]
        from holidays import country_holidays  # noqa: PLC0415  most markets have no such period

        years = settlements.dt.year()
        closed = country_holidays(self.country, years=range(_year(years.min()), _year(years.max()) + 2))
        holidays = np.array(sorted(day for day in closed if isinstance(day, date)), dtype="datetime64[D]")
        days = settlements.to_numpy().astype("datetime64[D]")
        return pl.Series(np.busday_offset(days, self.days, roll="backward", holidays=holidays)).cast(pl.Date)


def _year(value: object) -> int:
    return value if isinstance(value, int) else 0


EX_DIVIDEND: MappingProxyType[str, ExDividend] = MappingProxyType(
    {
        "GBP": ExDividend(7, "GB", "UK DMO, Formulae for Calculating Gilt Prices from Yields, sections 2 and 3"),
        "SEK": ExDividend(5, "SE", "Swedish National Debt Office, General Terms and Conditions for government bonds"),
        "AUD": ExDividend(7, None, "AOFM, Information Memorandum for Treasury Bonds, pricing formulae"),
        "NZD": ExDividend(10, None, "New Zealand Treasury, Information Memorandum for Government Bonds"),
        "ZAR": ExDividend(10, None, "JSE, Bond Pricing Formula Specifications"),
    }
)
"""By currency, of governments' bonds; all other bonds trade with their next coupon to the day before it."""
SIDE_SIGNS: Final = {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}
"""Direction in which a print lies from mid, in price: customers buy above it and sell below."""
