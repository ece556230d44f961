"""Market conventions as tables of named specs, each with the source that defines it."""

from datetime import date
from enum import IntEnum, IntFlag
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

_EPOCH: Final = date(1970, 1, 1).toordinal()
FIRST_DAY: Final = date(1901, 1, 1).toordinal() - _EPOCH
LAST_DAY: Final = date(2199, 12, 31).toordinal() - _EPOCH
"""Dates are days since 1970-01-01, from here to there."""

FREQUENCIES: tuple[int, ...] = (0, 1, 2, 4, 12)


class DayCount(IntEnum):
    """Codes of the day counts inside kernels."""

    THIRTY_360 = 0
    ACT_ACT_ICMA = 1
    ACT_365F = 2
    ACT_360 = 3
    THIRTY_E_360 = 4
    ACT_ACT_ISDA = 5
    BUS_252 = 6
    ACT_365_CANADIAN = 7


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
    DayCountSpec(
        DayCount.ACT_ACT_ISDA,
        "ACT/ACT ISDA",
        "days in leap years / 366 + days in other years / 365",
        "ISDA 2006 Definitions 4.16(b); QuantLib ActualActual(ISDA)",
    ),
    DayCountSpec(
        DayCount.BUS_252,
        "BUS/252",
        "business days of Brazil / 252; a coupon is (1 + rate)^(1 / coupons a year) - 1, a yield compounds once a year",
        "Tesouro Nacional, Metodologia de calculo dos titulos publicos; ANBIMA; QuantLib Business252(Brazil)",
    ),
    DayCountSpec(
        DayCount.ACT_365_CANADIAN,
        "ACT/365 Canadian",
        "interest accrues by days / 365 up to 365 / coupons a year, then it is the coupon less the days left / 365; "
        "yields count time as ACT/ACT ICMA, in the last period as days / 365",
        "IIAC, Canadian Conventions in Fixed Income Markets, release 1.3; QuantLib Actual365Fixed(Canadian)",
    ),
)

# What a bond follows when its source does not say.
DEFAULT_CONVENTIONS: tuple[Convention, ...] = (
    Convention("treasury", DayCount.ACT_ACT_ICMA, 2, "31 CFR 356 Appendix B"),
    Convention("corporate", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("high_yield", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("fixed_rate", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("agency", DayCount.THIRTY_360, 2, "FINRA Rule 11620"),
    Convention("supranational", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("foreign_sovereign", DayCount.THIRTY_360, 2, "MSRB Rule G-33; FINRA Rule 11620"),
    Convention("municipal", DayCount.THIRTY_360, 2, "MSRB Rule G-33"),
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


GOVERNMENT: Final = "treasury"
"""Bond type of a government's debt in its own currency."""
FOREIGN_SOVEREIGN: Final = "foreign_sovereign"
"""Bond type of a government's debt in a currency that is not its own, which it can default on as others do."""
CURRENCY_OF: Final = {
    "AU": "AUD", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CN": "CNY", "CZ": "CZK", "DK": "DKK", "GB": "GBP", "HU": "HUF",
    "ID": "IDR", "IL": "ILS", "IN": "INR", "JP": "JPY", "KR": "KRW", "MX": "MXN", "MY": "MYR", "NO": "NOK", "NZ": "NZD",
    "PH": "PHP", "PL": "PLN", "RO": "RON", "SE": "SEK", "SG": "SGD", "TH": "THB", "TR": "TRY", "US": "USD", "ZA": "ZAR",
    **dict.fromkeys(("AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "IE"), "EUR"),
    **dict.fromkeys(("IT", "LT", "LU", "LV", "MT", "NL", "PT", "SI", "SK"), "EUR"),
}  # fmt: skip
"""Currency of a country by its code of ISO 3166; of those whose governments' bonds are widely traded."""
ZERO_COUPON: Final = "zero_coupon"
"""Bond type of bills and strips, which are governments' but for a few."""


class Quotation(IntFlag):
    """How a market's interest and yields differ from those of the street convention (docs/conventions.md)."""

    STREET = 0
    COMPOUND_LAST = 1  # the yield compounds in the last coupon period, too
    LAST_IN_365 = 2  # simple interest of the last period counts days / 365
    LEVEL = 4  # every coupon is rate / frequency, and time is ACT/ACT ICMA: days / 365 say what has accrued
    DAYS_182 = 8  # coupons are 182 days apart, and yields compound over these periods


class ExDividend(NamedTuple):
    """How long before a coupon bonds trade without it.

    Attributes
    ----------
    days : int
        Days before the coupon date from which on a trade settles without the coupon.
    calendar : str, optional
        Business days of this calendar are counted (`closing_days`); None: calendar days.
    """

    days: int
    calendar: str | None = None


class Market(NamedTuple):
    """How a market's bonds are quoted where their source does not say.

    Attributes
    ----------
    currency : str
    kind : str
        `GOVERNMENT`, `ZERO_COUPON`, or empty: all other bonds with fixed coupons.
    day_count : DayCount
    frequency : int
        Coupons a year.
    settlement_days : int
        Business days from trade to settlement.
    calendar : str
        Of these business days, see `closing_days`.
    source : str
    country : str, optional
        Of the issuer, ISO 3166: only of such bonds.
    quotation : Quotation
    ex_dividend : ExDividend, optional
    """

    currency: str
    kind: str
    day_count: DayCount
    frequency: int
    settlement_days: int
    calendar: str
    source: str
    country: str | None = None
    quotation: Quotation = Quotation.STREET
    ex_dividend: ExDividend | None = None

    @property
    def day_count_name(self) -> str:
        """As `DAY_COUNTS` names it."""
        return DAY_COUNTS[self.day_count].name


_ICMA, _IN_365, _IN_360, _EUROPEAN = DayCount.ACT_ACT_ICMA, DayCount.ACT_365F, DayCount.ACT_360, DayCount.THIRTY_E_360
_CANADIAN, _BUS_252 = DayCount.ACT_365_CANADIAN, DayCount.BUS_252
_GOV, _ZERO, _OTHER = GOVERNMENT, ZERO_COUPON, ""
_RULE_251 = "ICMA Rules 221 and 251.1: ACT/ACT unless the terms say otherwise, settled on the second business day"
_G_33 = "MSRB Rule G-33; FINRA Rule 11620; SEC Rule 15c6-1"
_DMO = "UK DMO, Formulae for Calculating Gilt Prices from Yields: after the seventh business day the dividend is gone"
_AOFM = "AOFM, Treasury Bonds and Treasury Notes, pricing formulae"
_NZ = (
    "New Zealand Treasury, Information Memorandum for Government Bonds; Operating Rules for the Reserve Bank's tenders"
)
_JSE = "JSE, Bond Pricing Formula Specifications, version 2"
_IIAC = "IIAC, Canadian Conventions in Fixed Income Markets, release 1.3"
_TESOURO = "Tesouro Nacional, Metodologia de calculo dos titulos publicos (LTN, NTN-F); ANBIMA"
_BANXICO = "Banco de Mexico, technical description of BONOS: 182 days a coupon, days / 360"
_CFETS = "PBoC and CFETS, calculation of bonds' accrued interest: actual days of the coupon period"
_RGK = "Swedish National Debt Office, General Terms and Conditions for government bonds"

MARKETS: tuple[Market, ...] = (
    Market("AUD", _GOV, _ICMA, 2, 2, "AU-NSW", _AOFM, None, Quotation.LAST_IN_365, ExDividend(7)),
    Market("BRL", _GOV, _BUS_252, 2, 1, "BVMF", _TESOURO),
    Market("CAD", _GOV, _CANADIAN, 2, 1, "CA-ON", _IIAC),
    Market("CHF", _GOV, _EUROPEAN, 1, 2, "XSWX", "SIX Swiss Exchange, accrued interest of Confederation bonds"),
    Market("CNY", _GOV, _ICMA, 1, 1, "CN", _CFETS),
    Market("CZK", _GOV, _EUROPEAN, 1, 2, "CZ", "Czech Ministry of Finance, issue conditions of government bonds"),
    Market("DKK", _GOV, _ICMA, 1, 2, "DK", "Danmarks Nationalbank, terms of government bonds"),
    Market("EUR", _GOV, _ICMA, 1, 2, "XECB", _RULE_251),
    Market("EUR", _GOV, _ICMA, 1, 2, "XECB", "German Finance Agency, issuance terms: ACT/ACT, ICMA Rule 251", "DE"),
    Market("EUR", _GOV, _ICMA, 1, 2, "XECB", "Tesoro Publico, Bonos and Obligaciones: ACT/ACT", "ES"),
    Market("EUR", _GOV, _ICMA, 1, 2, "XECB", "Agence France Tresor, OAT: ACT/ACT", "FR"),
    Market("EUR", _GOV, _ICMA, 2, 2, "XECB", "MEF, BTP: half-yearly coupons, ACT/ACT", "IT"),
    Market("EUR", _GOV, _ICMA, 1, 2, "XECB", "Dutch State Treasury Agency, DSL: ACT/ACT", "NL"),
    Market("GBP", _GOV, _ICMA, 2, 1, "GB-ENG", _DMO, None, Quotation.COMPOUND_LAST, ExDividend(6, "GB-ENG")),
    Market("HUF", _GOV, _ICMA, 1, 2, "HU", "AKK, calculation of yields of government bonds"),
    Market("INR", _GOV, _EUROPEAN, 2, 1, "XNSE", "RBI and FIMMDA, dated securities accrue by months of 30 days"),
    Market("JPY", _GOV, _IN_365, 2, 1, "XJPX", "MoF and JSDA, JGBs: half the rate each half-year, days / 365 accrued",
           None, Quotation.LEVEL),
    Market("KRW", _GOV, _ICMA, 2, 1, "KR", "MOEF, KTB: half-yearly coupons, actual days of the coupon period"),
    Market("MXN", _GOV, _IN_360, 2, 2, "XMEX", _BANXICO, None, Quotation.DAYS_182),
    Market("NOK", _GOV, _ICMA, 1, 2, "NO", "Norges Bank, terms of government bonds"),
    Market("NZD", _GOV, _ICMA, 2, 2, "NZ-WGN", _NZ, None, Quotation.LAST_IN_365, ExDividend(9)),
    Market("PLN", _GOV, _ICMA, 1, 2, "PL", "Polish Ministry of Finance, accrued interest of Treasury bonds"),
    Market("SEK", _GOV, _EUROPEAN, 1, 2, "SE", _RGK, None, Quotation.STREET, ExDividend(5, "SE")),
    Market("SGD", _GOV, _ICMA, 2, 1, "SG", "MAS, Singapore Government Securities, technical notes"),
    Market("USD", _GOV, _ICMA, 2, 1, "XSIF", "31 CFR 356 Appendix B"),
    Market("ZAR", _GOV, _IN_365, 2, 3, "ZA", _JSE, None, Quotation.LEVEL | Quotation.LAST_IN_365, ExDividend(10)),
    Market("AUD", _ZERO, _IN_365, 0, 2, "AU-NSW", _AOFM),
    Market("BRL", _ZERO, _BUS_252, 0, 1, "BVMF", _TESOURO),
    Market("CAD", _ZERO, _IN_365, 0, 1, "CA-ON", _IIAC),
    Market("CNY", _ZERO, _ICMA, 0, 1, "CN", _CFETS),
    Market("EUR", _ZERO, _ICMA, 0, 2, "XECB", "ICMA Rule 251, year by year back from maturity"),
    Market("GBP", _ZERO, _IN_365, 0, 1, "GB-ENG", "UK DMO, Treasury bills: simple interest, days / 365"),
    Market("INR", _ZERO, _IN_365, 0, 1, "XNSE", "RBI, Treasury bills: simple interest, days / 365"),
    Market("JPY", _ZERO, _IN_365, 0, 1, "XJPX", "MoF, Treasury discount bills: simple interest, days / 365"),
    Market("MXN", _ZERO, _IN_360, 0, 2, "XMEX", "Banco de Mexico, technical description of CETES: days / 360"),
    Market("NZD", _ZERO, _IN_365, 0, 2, "NZ-WGN", _NZ),
    Market("SEK", _ZERO, _ICMA, 0, 2, "SE", "ICMA Rule 251, year by year back from maturity"),
    Market("USD", _ZERO, _ICMA, 0, 1, "XSIF", "31 CFR 356 Appendix B, the coupon-equivalent yield of bills; STRIPS"),
    Market("ZAR", _ZERO, _IN_365, 0, 3, "ZA", "JSE, Treasury bills: simple interest, days / 365"),
    Market("AUD", _OTHER, _ICMA, 2, 2, "AU-NSW", "AFMA, Long Term Corporate Debt Securities Conventions"),
    Market("CAD", _OTHER, _CANADIAN, 2, 1, "CA-ON", _IIAC),
    Market("CHF", _OTHER, _EUROPEAN, 1, 2, "XSWX", "SIX Swiss Exchange, accrued interest of Swiss franc bonds"),
    Market("CNY", _OTHER, _ICMA, 1, 1, "CN", _CFETS),
    Market("INR", _OTHER, _IN_365, 1, 1, "XNSE", "SEBI circular of 2013-10-29: actual days / actual days of the year"),
    Market("JPY", _OTHER, _IN_365, 2, 1, "XJPX", "JSDA, accrued interest by days / 365", None, Quotation.LEVEL),
    Market("KRW", _OTHER, _ICMA, 4, 1, "KR", "KOFIA, quarterly coupons"),
    Market("NZD", _OTHER, _ICMA, 2, 2, "NZ-WGN", "NZFMA, conventions"),
    Market("USD", _OTHER, DayCount.THIRTY_360, 2, 1, "XSIF", _G_33),
    *(
        Market(currency, _OTHER, _ICMA, 1, 2, calendar, _RULE_251)
        for currency, calendar in {
            "CZK": "CZ", "DKK": "DK", "EUR": "XECB", "GBP": "GB-ENG", "HUF": "HU", "MXN": "XMEX", "NOK": "NO",
            "PLN": "PL", "SEK": "SE", "ZAR": "ZA",
        }.items()
    ),
)  # fmt: skip
"""What is taken by currency and kind where the source does not say; of others `DEFAULT_CONVENTIONS` hold."""

MONEY_MARKET_365 = ("AUD", "CAD", "GBP", "HKD", "INR", "KRW", "MYR", "NZD", "SGD", "THB", "ZAR")
"""Currencies whose floating-rate bonds accrue by days / 365 (ISDA 2006 Definitions 7.1); in others it is days / 360."""

SIDE_SIGNS: Final = {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}
"""Direction in which a print lies from mid, in price: customers buy above it and sell below."""


def markdown_table() -> str:
    """Return the table of `MARKETS` for docs/conventions.md."""
    kinds = {GOVERNMENT: "government", ZERO_COUPON: "bills and strips", "": "others"}
    lines = [
        "| currency | bonds | day count | coupons a year | settlement | without the next coupon | quotation | rule |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in MARKETS:
        period = one.ex_dividend
        days = "" if period is None else f"{period.days} {'business ' if period.calendar else ''}days before"
        quoted = "; ".join(_QUOTATIONS[flag] for flag in Quotation if flag & one.quotation)
        kind = kinds[one.kind] + (f" of {one.country}" if one.country else "")
        cells = (
            one.currency,
            kind,
            one.day_count_name,
            one.frequency,
            f"{one.settlement_days}, {one.calendar}",
            days,
            quoted,
        )
        lines.append("| " + " | ".join(map(str, (*cells, one.source))) + " |")
    return "\n".join(lines)


_QUOTATIONS: MappingProxyType[Quotation, str] = MappingProxyType(
    {
        Quotation.COMPOUND_LAST: "compounded in the last period",
        Quotation.LAST_IN_365: "days / 365 in the last period",
        Quotation.LEVEL: "coupons of rate / frequency, time ACT/ACT ICMA",
        Quotation.DAYS_182: "coupons 182 days apart, yields compounded over them",
    }
)


WEEKDAYS: Final = "weekdays"
"""The calendar that has no holidays."""
BANKS_OF_BRAZIL: Final = "BR-ANBIMA"
"""ANBIMA's calendar, which counts for BUS/252: the exchange's, which also closes on the last days of the year."""
_CATEGORIES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "AU": ("public", "bank"),
        "CA": ("public", "government", "optional"),
        "KR": ("public", "bank"),
        "SE": ("public", "de_facto"),
    }
)
# A holiday of these categories on which the market is open.
_OPEN: MappingProxyType[str, str] = MappingProxyType({"CA": "Easter Monday"})


@cache
def calendar_codes() -> tuple[str, ...]:
    """Return the codes of calendars with holidays: financial ones of the `holidays` package, and those of markets."""
    from holidays.utils import list_supported_financial  # noqa: PLC0415  weekdays need not pay for it

    of_markets = {market.calendar for market in MARKETS}
    return tuple(sorted({*list_supported_financial(include_aliases=False), *of_markets, BANKS_OF_BRAZIL}))


@cache
def closing_days(calendar: str, first_year: int, last_year: int) -> npt.NDArray[np.datetime64]:
    """Return the days on which a calendar's market is closed besides weekends, ascending.

    Parameters
    ----------
    calendar : str
        `WEEKDAYS` (none), a financial calendar of the `holidays` package (``XSIF`` is SIFMA's for US bonds, ``XECB`` is
        TARGET), or the banks of a country and, after a dash, of the part of it where the market is (``GB-ENG``).
    first_year, last_year : int
        Years covered, both included.
    """
    if calendar == WEEKDAYS:
        return np.array([], dtype="datetime64[D]")
    from holidays import country_holidays, financial_holidays  # noqa: PLC0415  weekdays need not pay for it

    years = range(first_year, last_year + 1)
    country, _, part = calendar.partition("-")
    if calendar == BANKS_OF_BRAZIL:
        closed = financial_holidays("BVMF", years=years)
        days = [day for day in closed if isinstance(day, date) and (day.month < 12 or day.day == 25)]
    elif len(country) == 2:
        closed = country_holidays(country, part or None, years=years, categories=_CATEGORIES.get(country, ("public",)))
        opened = set(closed.get_named(_OPEN[country])) if country in _OPEN else set()
        days = [day for day in closed if isinstance(day, date) and day not in opened]
    else:
        days = [day for day in financial_holidays(calendar, years=years) if isinstance(day, date)]
    return np.array(sorted(days), dtype="datetime64[D]")


def business_days_before(calendar: str, first_year: int, last_year: int) -> npt.NDArray[np.int32]:
    """Return for each day from `FIRST_DAY` on how many business days lie before it.

    Years outside the given ones, both included, have no holidays.
    """
    days = np.arange(FIRST_DAY, LAST_DAY + 2).astype("datetime64[D]")
    opened = np.is_busday(days, holidays=closing_days(calendar, first_year, last_year))
    return np.concatenate(([0], np.cumsum(opened[:-1]))).astype(np.int32)
