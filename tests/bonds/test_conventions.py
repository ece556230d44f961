"""Each market's conventions against the figures that its debt office, its exchange or QuantLib gives."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.conventions import (
    BANKS_OF_BRAZIL,
    DEFAULT_CONVENTIONS,
    FIRST_DAY,
    FREQUENCIES,
    GOVERNMENT,
    MARKETS,
    WEEKDAYS,
    ZERO_COUPON,
    DayCount,
    Quotation,
    business_days_before,
    calendar_codes,
    closing_days,
    markdown_table,
)
from richcheap.bonds.conversion import convert_frame
from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.bonds.status import Status
from richcheap.bonds.terms import days, terms_from_frame
from tests.bonds import referee
from tests.bonds.referee import Bond, bond, ql_date, terms

_CONVENTIONS = {market.currency: market for market in MARKETS if market.kind == GOVERNMENT and market.country is None}


def row(
    currency: str | None,
    settlement: date,
    maturity: date,
    coupon_rate: float,
    *,
    clean: float | None = None,
    dirty: float | None = None,
    rate: float | None = None,
    **changes: Any,
) -> pl.DataFrame:
    """One government bond of a currency as ingestion would hand it on."""
    market = _CONVENTIONS.get(currency or "", _CONVENTIONS["USD"])
    observed = {"clean_price": clean, "dirty_price": dirty, "yield": rate}
    values = {
        "source_row": 1,
        "settlement_date": settlement,
        "maturity_date": maturity,
        "issue_date": None,
        "first_coupon_date": None,
        "coupon_rate": coupon_rate,
        "frequency": market.frequency,
        "day_count": market.day_count_name,
        "bond_type": GOVERNMENT,
        "currency": currency,
        "observed": next(name for name, value in observed.items() if value is not None),
        **observed,
        **changes,
    }
    kinds = {name: pl.Date for name in values if name.endswith("_date")} | dict.fromkeys(observed, pl.Float64)
    return pl.DataFrame({name: [value] for name, value in values.items()}, schema_overrides=kinds)


def figures(*arguments: Any, **keywords: Any) -> dict[str, Any]:
    return convert_frame(row(*arguments, **keywords)).row(0, named=True)


def test_the_table_of_markets_is_complete_and_each_line_names_its_rule() -> None:
    keys = [(market.currency, market.kind, market.country) for market in MARKETS]
    assert len({*keys}) == len(keys)
    assert all(market.source and market.frequency in FREQUENCIES for market in MARKETS)
    assert all((market.frequency == 0) == (market.kind == ZERO_COUPON) for market in MARKETS)
    assert {market.calendar for market in MARKETS} <= {*calendar_codes()}
    governments = {market.currency for market in MARKETS if market.kind == GOVERNMENT}
    assert governments >= {
        "USD",
        "GBP",
        "EUR",
        "JPY",
        "CAD",
        "AUD",
        "NZD",
        "CNY",
        "INR",
        "BRL",
        "MXN",
        "ZAR",
        "SEK",
        "CHF",
    }
    assert {market.country for market in MARKETS if market.currency == "EUR"} >= {"DE", "FR", "IT", "ES", "NL"}
    assert {"agency", "municipal"} < {convention.bond_type for convention in DEFAULT_CONVENTIONS}


def test_the_page_shows_the_table_of_markets_as_it_is(project_root: Path) -> None:
    page = (project_root / "docs" / "conventions.md").read_text(encoding="utf-8")
    assert markdown_table() in page, f"docs/conventions.md: its table of markets must be\n{markdown_table()}"


# QuantLib's test-suite (bonds.cpp, testExCouponGilt, testExCouponAustralianBond) quotes these from a terminal.
@pytest.mark.parametrize(
    ("currency", "maturity", "coupon", "settlement", "accrued", "rate", "modified", "convexity", "digits"),
    [
        ("GBP", date(2021, 6, 7), 0.08, date(2013, 5, 29), 3.8021978, 0.0749518, 5.6760445, 42.1531486, 1e-7),
        ("GBP", date(2021, 6, 7), 0.08, date(2013, 5, 30), -0.1758242, 0.0749618, 5.8928163, 43.7562186, 1e-7),
        ("GBP", date(2021, 6, 7), 0.08, date(2013, 5, 31), -0.1538462, 0.0749599, 5.8901860, 43.7239438, 1e-7),
        ("AUD", date(2017, 2, 15), 0.06, date(2014, 8, 7), 2.867, 0.04723815, 2.262763, 6.5487, 5e-4),
        ("AUD", date(2017, 2, 15), 0.06, date(2014, 8, 8), -0.116, 0.04723548, 2.325360, 6.7253, 5e-4),
        ("AUD", date(2017, 2, 15), 0.06, date(2014, 8, 11), -0.066, 0.04719278, 2.317320, 6.6841, 5e-4),
    ],
)
def test_a_bond_in_its_ex_dividend_days_has_the_published_figures(
    currency: str, maturity: date, coupon: float, settlement: date, accrued: float, rate: float, modified: float,
    convexity: float, digits: float,
) -> None:  # fmt: skip
    found = figures(currency, settlement, maturity, coupon, clean=103.0)
    assert found["accrued_interest"] == pytest.approx(accrued, abs=digits)
    assert found["yield_to_maturity"] == pytest.approx(rate, abs=max(digits / 50, 1e-7))
    assert found["modified_duration"] == pytest.approx(modified, abs=max(digits, 1e-6))
    assert found["convexity"] == pytest.approx(convexity, abs=max(digits, 2e-5))
    assert figures(currency, settlement, maturity, coupon, dirty=103.0 + accrued)["clean_price"] == pytest.approx(
        103.0, abs=digits
    )


def test_a_dirty_price_of_a_gilt_in_its_ex_dividend_days_is_taken_without_the_coupon() -> None:
    # Worked by hand from the DMO's formulae: six of 182 days are left, and the coupon is the seller's.
    dirty = 101.5 - 1.75 * 6 / 182
    found = figures("GBP", date(2024, 7, 16), date(2034, 7, 22), 0.035, dirty=dirty)
    assert found["clean_price"] == pytest.approx(101.5, abs=1e-12)
    assert (
        found["yield_to_maturity"]
        < figures("GBP", date(2024, 7, 10), date(2034, 7, 22), 0.035, dirty=dirty)["yield_to_maturity"]
    )


# The exchange's list of 2018-07-20 and 2018-08-16, settled on the third business day, as a newspaper printed it.
@pytest.mark.parametrize(
    ("settlement", "maturity", "coupon", "rate", "all_in", "clean", "accrued"),
    [
        (date(2018, 7, 25), date(2026, 12, 21), 0.105, 0.08715, 111.4426, 110.4645, 0.9781),
        (date(2018, 7, 25), date(2018, 12, 21), 0.08, 0.067, 101.2313, 100.4861, 0.7452),
        (date(2018, 8, 21), date(2026, 12, 21), 0.105, 0.0898, 110.5104, 108.7556, 1.7548),
        (date(2018, 8, 21), date(2021, 3, 31), 0.0675, 0.0796, 99.8249, 97.1804, 2.6445),
        (date(2018, 8, 21), date(2031, 2, 28), 0.07, 0.09475, 81.8842, 82.0760, -0.1918),
    ],
)
def test_south_african_bonds_have_the_exchanges_figures(
    settlement: date, maturity: date, coupon: float, rate: float, all_in: float, clean: float, accrued: float
) -> None:
    found = figures("ZAR", settlement, maturity, coupon, rate=rate)
    assert found["accrued_interest"] == pytest.approx(accrued, abs=5e-5)
    assert found["dirty_price"] == pytest.approx(all_in, abs=6e-5)
    assert found["clean_price"] == pytest.approx(clean, abs=6e-5)


def test_a_bill_of_australia_has_its_debt_offices_price() -> None:
    # AOFM, Treasury Notes, worked example: 1.70 % from 2017-10-27 to 2018-02-23, 119 days.
    found = figures(
        "AUD", date(2017, 10, 27), date(2018, 2, 23), 0.0, rate=0.017, frequency=0, day_count="ACT/365F",
        bond_type=ZERO_COUPON,
    )  # fmt: skip
    assert found["dirty_price"] == pytest.approx(99.44880839, abs=5e-9)


def test_a_bill_of_brazil_has_its_treasurys_price() -> None:
    # Tesouro Nacional, methodology of Tesouro Direto: LTN of 2003-10-01 at 27.33 % on 2003-03-21, 134 business days.
    found = figures(
        "BRL", date(2003, 3, 21), date(2003, 10, 1), 0.0, rate=0.2733, frequency=0, day_count="BUS/252",
        bond_type=ZERO_COUPON,
    )  # fmt: skip
    assert found["dirty_price"] == pytest.approx(87.943, abs=1e-3)
    assert found["dirty_price"] == pytest.approx(100.0 / 1.2733 ** (134 / 252), abs=1e-12)


@pytest.mark.parametrize(
    ("maturity", "rate", "price"),
    [
        (date(2008, 1, 1), 0.114614, 1034.63031372),
        (date(2010, 1, 1), 0.105726, 1030.09919487),
        (date(2010, 7, 1), 0.105328, 1029.98307160),
        (date(2012, 1, 1), 0.104283, 1028.13585068),
        (date(2014, 1, 1), 0.103218, 1028.33383817),
        (date(2017, 1, 1), 0.102948, 1026.19716497),
    ],
)
def test_brazilian_bonds_have_the_prices_that_andima_published(maturity: date, rate: float, price: float) -> None:
    # QuantLib's test-suite, bonds.cpp, testBrazilianCached: NTN-F of 10 % on 2007-06-06; the yields are truncated.
    found = figures("BRL", date(2007, 6, 6), maturity, 0.10, rate=rate)
    assert found["dirty_price"] == pytest.approx(price / 10, abs=1e-5)
    again = figures("BRL", date(2007, 6, 6), maturity, 0.10, dirty=found["dirty_price"])
    assert again["yield_to_maturity"] == pytest.approx(rate, abs=1e-12)


def test_an_american_note_has_the_price_of_its_issue_circular() -> None:
    # On a coupon date every convention gives 31 CFR 356 Appendix B: C/2 a_n + 100 v^n, v = 1 / (1 + i/2).
    v, n = 1 / (1 + 0.0884 / 2), 60
    expected = 8.75 / 2 * (1 - v**n) / (0.0884 / 2) + 100 * v**n
    found = figures("USD", date(1990, 5, 15), date(2020, 5, 15), 0.0875, rate=0.0884)
    assert found["dirty_price"] == pytest.approx(expected, abs=1e-10)
    assert found["dirty_price"] == pytest.approx(99.057893, abs=5e-7)


def test_canadian_bonds_agree_with_quantlib() -> None:
    rng = np.random.default_rng(4)
    checked = 0
    for _ in range(200):
        frequency, periods = int(rng.choice([1, 2])), int(rng.integers(4, 40))
        end = ql_date(int(rng.integers(15_000, 24_000)))
        start = ql.NullCalendar().advance(
            end, -periods * 12 // frequency, ql.Months, ql.Unadjusted, ql.Date.isEndOfMonth(end)
        )
        at = start + int(rng.integers(0, end - start - 400))
        of = Bond(0, end - ql_date(0), float(rng.uniform(0.0, 0.1)), frequency, int(DayCount.ACT_365_CANADIAN), 0)
        b = of._replace(issue=start - ql_date(0), settlement=at - ql_date(0))
        periods_of = referee.schedule(b, start, 12 // frequency)
        accruing = ql.FixedRateBond(
            0, 100.0, periods_of, [b.coupon_rate], ql.Actual365Fixed(ql.Actual365Fixed.Canadian)
        )
        ql.Settings.instance().evaluationDate = at
        # At 182 days QuantLib is already past the half of a half-year: IIAC has 182.5.
        if at - max(day for day in periods_of if day <= at) != 182:
            assert accrued_interest(terms([b]))[0] == pytest.approx(accruing.accruedAmount(at), abs=1e-10), b
            checked += 1
        # QuantLib's coupon of 181 days is not a half: what is paid and when follows ACT/ACT ICMA.
        counter = ql.ActualActual(ql.ActualActual.ISMA, periods_of)
        paying = ql.FixedRateBond(0, 100.0, periods_of, [b.coupon_rate], counter)
        rate = measures(terms([b]), 98.0).yield_to_maturity[0]
        interest = ql.InterestRate(float(rate), counter, ql.Compounded, frequency)
        assert ql.CashFlows.npv(paying.cashflows(), interest, False, at, at) == pytest.approx(98.0, abs=1e-9), b
    assert checked > 190


def test_a_canadian_bond_in_its_last_period_yields_simple_interest_over_days_of_365() -> None:
    # IIAC: (100 + C / 2) / (1 + y days / 365); interest by days / 365 up to 182.5 days, then from the coupon backwards.
    found = figures("CAD", date(2024, 7, 1), date(2024, 12, 1), 0.04, rate=0.05)
    assert found["dirty_price"] == pytest.approx(102.0 / (1 + 0.05 * 153 / 365), abs=1e-12)
    assert found["accrued_interest"] == pytest.approx(4 * 30 / 365, abs=1e-12)
    assert figures("CAD", date(2024, 8, 31), date(2030, 9, 1), 0.04, clean=99.0)["accrued_interest"] == pytest.approx(
        2.0 - 4 / 365, abs=1e-12
    )
    assert figures("CAD", date(2024, 8, 31), date(2024, 9, 1), 0.04, clean=99.0)["accrued_interest"] == pytest.approx(
        2.0 - 4 / 365, abs=1e-12
    )


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("GBP", 102.0 * (1 + 0.05 / 2) ** (-146 / 184)),
        ("AUD", 102.0 / (1 + 0.05 * 146 / 365)),
        ("NZD", 102.0 / (1 + 0.05 * 146 / 365)),
        ("ZAR", 102.0 / (1 + 0.05 * 146 / 365)),
        ("USD", 102.0 / (1 + 0.05 / 2 * 146 / 184)),
        ("JPY", 102.0 / (1 + 0.05 / 2 * 146 / 184)),
        (None, 102.0 / (1 + 0.05 / 2 * 146 / 184)),
    ],
)
def test_the_yield_in_the_last_period_follows_the_market(currency: str | None, expected: float) -> None:
    found = figures(currency, date(2024, 6, 22), date(2024, 11, 15), 0.04, rate=0.05)
    assert found["dirty_price"] == pytest.approx(expected, abs=1e-12)


def test_a_japanese_bond_pays_half_its_rate_and_accrues_days_of_365() -> None:
    found = figures("JPY", date(2024, 5, 1), date(2030, 3, 20), 0.02, clean=100.0)
    assert found["accrued_interest"] == pytest.approx(2 * 42 / 365, abs=1e-12)
    at_par = figures("JPY", date(2024, 3, 20), date(2030, 3, 20), 0.02, clean=100.0)
    assert at_par["yield_to_maturity"] == pytest.approx(0.02, abs=1e-13)


def test_mexican_coupons_are_182_days_apart_and_yields_compound_over_them() -> None:
    # Banco de Mexico: C = 100 c 182 / 360; P = sum of C / (1 + y 182 / 360)^(j - d / 182) with the redemption.
    settlement, coupons, elapsed = date(2024, 3, 7), 9, 40
    maturity = settlement + timedelta(days=182 * coupons - elapsed)
    c, v = 100 * 0.0775 * 182 / 360, 1 / (1 + 0.09 * 182 / 360)
    expected = sum(c * v ** (j - elapsed / 182) for j in range(1, coupons + 1)) + 100 * v ** (coupons - elapsed / 182)
    found = figures("MXN", settlement, maturity, 0.0775, rate=0.09)
    assert found["dirty_price"] == pytest.approx(expected, abs=1e-10)
    assert found["accrued_interest"] == pytest.approx(100 * 0.0775 * elapsed / 360, abs=1e-12)
    assert found["remaining_coupons"] == coupons
    for issue in (settlement - timedelta(days=elapsed + 182), settlement - timedelta(days=5)):
        again = figures("MXN", settlement, maturity, 0.0775, dirty=expected, issue_date=issue)
        assert again["status"] == "ok"
        assert again["accrued_interest"] == pytest.approx(
            100 * 0.0775 * min(elapsed, (settlement - issue).days) / 360, abs=1e-12
        )
    first = settlement + timedelta(days=182 - elapsed)
    started = first - timedelta(days=200)
    odd = figures("MXN", settlement, maturity, 0.0775, clean=99.0, issue_date=started, first_coupon_date=first)
    assert odd["accrued_interest"] == pytest.approx(100 * 0.0775 * (settlement - started).days / 360, abs=1e-12)


@pytest.mark.parametrize(
    ("currency", "coupon_date", "settlement", "without"),
    [
        ("GBP", date(2024, 3, 7), date(2024, 2, 27), False),  # on its ex-dividend date
        ("GBP", date(2024, 3, 7), date(2024, 2, 28), True),
        ("GBP", date(2024, 4, 8), date(2024, 3, 26), False),  # Good Friday, Easter Monday
        ("GBP", date(2024, 4, 8), date(2024, 3, 27), True),
        ("AUD", date(2024, 4, 21), date(2024, 4, 13), False),
        ("AUD", date(2024, 4, 21), date(2024, 4, 14), True),
        ("NZD", date(2012, 10, 15), date(2012, 10, 5), False),  # RBNZ's notice of 2012-07-17: from 6 October a bill
        ("NZD", date(2012, 10, 15), date(2012, 10, 6), True),
        ("ZAR", date(2018, 8, 31), date(2018, 8, 20), False),
        ("ZAR", date(2018, 8, 31), date(2018, 8, 21), True),
        ("SEK", date(2024, 5, 13), date(2024, 5, 2), False),  # Ascension Day
        ("SEK", date(2024, 5, 13), date(2024, 5, 3), True),
        ("USD", date(2024, 5, 15), date(2024, 5, 14), False),
    ],
)
def test_the_next_coupon_is_the_sellers_from_the_markets_day_on(
    currency: str, coupon_date: date, settlement: date, without: bool
) -> None:
    maturity = date(coupon_date.year + 10, coupon_date.month, coupon_date.day)
    found = figures(currency, settlement, maturity, 0.04, clean=100.0)
    assert (found["accrued_interest"] < 0.0) == without
    assert found["status"] == "ok"
    corporate = figures(currency, settlement, maturity, 0.04, clean=100.0, bond_type="corporate")
    assert corporate["accrued_interest"] > 0.0


@pytest.mark.parametrize(
    ("currency", "calendar"),
    [("GBP", ql.UnitedKingdom()), ("SEK", ql.Sweden()), ("AUD", None), ("NZD", None), ("ZAR", None), ("JPY", None)],
)
def test_governments_agree_with_quantlib_around_their_coupons(currency: str, calendar: Any) -> None:
    market = _CONVENTIONS[currency]
    days_before = 0 if market.ex_dividend is None else market.ex_dividend.days
    rng = np.random.default_rng(3)
    rows: list[pl.DataFrame] = []
    theirs: list[tuple[float, float]] = []
    while len(rows) < 60:
        maturity = date(2012, 1, 1) + timedelta(days=int(rng.integers(800, 9000)))
        at = date(2010, 1, 4) + timedelta(days=int(rng.integers(0, 1400)))
        near = ql.NullCalendar().advance(_ql(maturity), -int(rng.integers(2, 8)), ql.Years)
        at = at if rng.random() < 0.3 else near.to_date() - timedelta(days=int(rng.integers(0, 15)))
        if at.weekday() > 4 or at.year < 2006 or maturity.day > 28:
            continue
        start = ql.NullCalendar().advance(_ql(maturity), -40, ql.Years)
        periods = ql.Schedule(
            start, _ql(maturity), ql.Period(12 // market.frequency, ql.Months), ql.NullCalendar(), ql.Unadjusted,
            ql.Unadjusted, ql.DateGeneration.Backward, ql.Date.isEndOfMonth(_ql(maturity)),
        )  # fmt: skip
        european = market.day_count == DayCount.THIRTY_E_360
        counter = ql.Thirty360(ql.Thirty360.European) if european else ql.ActualActual(ql.ActualActual.ISMA, periods)
        instrument = ql.FixedRateBond(
            0, 100.0, periods, [0.05], counter, ql.Unadjusted, 100.0, start, ql.NullCalendar(),
            ql.Period(days_before, ql.Days), calendar or ql.NullCalendar(), ql.Unadjusted, False,
        )  # fmt: skip
        ql.Settings.instance().evaluationDate = _ql(at)
        interest = ql.InterestRate(0.04, counter, ql.Compounded, market.frequency)
        dirty = ql.CashFlows.npv(instrument.cashflows(), interest, False, _ql(at), _ql(at))
        rows.append(row(currency, at, maturity, 0.05, rate=0.04, source_row=len(rows)))
        theirs.append((dirty, instrument.accruedAmount(_ql(at))))
    ours = convert_frame(pl.concat(rows))
    assert ours["dirty_price"].to_numpy() == pytest.approx(np.array(theirs)[:, 0], abs=1e-9)
    assert days_before == 0 or (ours["accrued_interest"] < 0.0).any()
    if not market.quotation & Quotation.LEVEL:
        assert ours["accrued_interest"].to_numpy() == pytest.approx(np.array(theirs)[:, 1], abs=1e-9)


def _ql(day: date) -> Any:
    return ql.Date(day.day, day.month, day.year)


def test_a_quotation_is_taken_only_by_bonds_with_its_markets_day_count_and_frequency() -> None:
    rows = pl.concat(
        row(currency, date(2024, 3, 7), date(2030, 3, 20), 0.02, clean=100.0, **changes)
        for currency, changes in (
            ("JPY", {}), ("JPY", {"day_count": "30/360"}), ("JPY", {"frequency": 1}),
            ("JPY", {"bond_type": "corporate"}), ("GBP", {}), ("GBP", {"bond_type": "corporate"}), ("USD", {}),
            (None, {}),
        )
    )  # fmt: skip
    level, compound = int(Quotation.LEVEL), int(Quotation.COMPOUND_LAST)
    assert terms_from_frame(rows).quotation.tolist() == [level, 0, 0, level, compound, 0, 0, 0]
    assert terms_from_frame(rows.filter(pl.col("currency") == "USD")).quotation.tolist() == [0]


_REFEREES: Mapping[str, Any] = {
    "XSIF": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    "XECB": ql.TARGET(),
    "GB-ENG": ql.UnitedKingdom(),
    "XJPX": ql.Japan(),
    "NZ-WGN": ql.NewZealand(),
    "SE": ql.Sweden(),
    "CZ": ql.CzechRepublic(),
    BANKS_OF_BRAZIL: ql.Brazil(),
    "CA-ON": ql.Canada(),
}


@pytest.mark.parametrize("code", _REFEREES)
def test_business_days_agree_with_quantlibs_calendars(code: str) -> None:
    closed = {*closing_days(code, 2005, 2026).tolist()}
    every = [date(2005, 1, 1) + timedelta(days=k) for k in range(365 * 22)]
    theirs = _REFEREES[code]
    wrong = [
        day
        for day in every
        if day.weekday() < 5 and (day in closed) == theirs.isBusinessDay(ql.Date(day.day, day.month, day.year))
    ]
    assert wrong == []


def test_business_days_are_counted_from_the_first_day_of_the_calendar() -> None:
    counted = business_days_before(BANKS_OF_BRAZIL, 2002, 2004)
    start, end = (int(days(day)) - FIRST_DAY for day in (date(2003, 3, 21), date(2003, 10, 1)))
    assert counted[end] - counted[start] == 134
    assert closing_days(WEEKDAYS, 2000, 2020).size == 0
    assert (
        measures(
            terms([bond(date(2024, 1, 2), date(2030, 1, 1), 0.1, 2, DayCount.BUS_252)])._replace(
                business_days=np.zeros(1, np.int32)
            ),
            99.0,
        ).status[0]
        == Status.BAD_TERMS
    )


def test_bonds_under_bus_252_are_priced_back_from_their_yields() -> None:
    bonds = [
        bond(date(2024, 5, 6), maturity, coupon, frequency, DayCount.BUS_252, issue)
        for maturity in (date(2024, 7, 1), date(2029, 1, 1), date(2035, 1, 1))
        for coupon in (0.06, 0.1)
        for frequency in (1, 2)
        for issue in (None, date(2024, 3, 4))
    ]
    found = measures(terms(bonds), 97.0)
    assert not found.status.any()
    assert dirty_from_yield(terms(bonds), found.yield_to_maturity) == pytest.approx(97.0, abs=1e-10)
    up, down = (dirty_from_yield(terms(bonds), found.yield_to_maturity + step) for step in (1e-4, -1e-4))
    assert (down - up) / 2e-4 / 97.0 == pytest.approx(found.modified_duration, rel=1e-6)
