"""The rules that a row must pass, in the order in which they are tried; the first that fails is its reason.

The mapping's own refusals come before them and duplicates after them. docs/data.md has a line for each.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from richcheap.bonds.units import DAYS_PER_YEAR
from richcheap.ingestion.call_schedules import FIRST, LAST, LEAST, MOST, ORDERED
from richcheap.ingestion.reading.dates import date_format_hint
from richcheap.ingestion.reading.notation import Notation
from richcheap.ingestion.schema import BAD, BEYOND_COUPON, ENDLESS, OPTIONAL, PRICES, names_of
from richcheap.ingestion.units import FRACTION_OF_FACE
from richcheap.ingestion.validation.currencies import CURRENCIES
from richcheap.ingestion.validation.rules import (
    OUT_OF_SCALE,
    RAW,
    Rule,
    missing,
    nothing,
    out_of_order,
    outside,
    unreadable,
    unsupported,
)

EARLIEST, LATEST = date(1900, 1, 1), date(2299, 12, 31)
MAX_MARGIN = 0.2
"""Largest plausible quoted margin, decimal; one in basis points, or in percent beside decimal coupons, is above it."""

CONDITIONS_REFUSED = {
    "when_issued": "after the issue",
    "special_price": "at its own price",
    "primary_market": "in the secondary market",
    "agency_duplicate": "that is reported once",
}
"""Conditions of trades that are left out, each with what was expected."""

_PRICE_KEYS = " (data.min_price, data.max_price, data.price_unit)"
_DAY_COUNTS = "30/360, 30E/360, ACT/ACT ICMA, ACT/365F or ACT/360"


@dataclass(frozen=True)
class Limits:
    """What is plausible; see `richcheap.ingestion.params.DataParams` for units."""

    currencies: tuple[str, ...]
    min_price: float
    max_price: float
    max_coupon_rate: float
    min_yield: float
    max_yield: float
    max_years_to_maturity: float
    max_settlement_days: int


def rulebook(limits: Limits, notation: Notation) -> list[Rule]:
    """Return all rules in their order; the details name the formats of dates."""
    return [
        *_present(),
        *_at_market(),
        *_readable(notation),
        *_known(limits.currencies),
        *_dates_in_order(limits),
        *_coupons_plausible(limits),
        _plain(),
        *_prices_plausible(limits),
    ]


def simple_yield() -> pl.Expr:
    """Return the simple yield, (coupon + (100 - price) / years) / price, decimal, years at least one.

    It needs no cash flows and is close enough to find prices that no plain bond has.
    """
    price = pl.coalesce("clean_price", "dirty_price")
    years = ((pl.col("maturity_date") - pl.col("date")).dt.total_days() / DAYS_PER_YEAR).clip(1.0)
    return (100.0 * pl.col("coupon_rate") + (100.0 - price) / years) / price


def _present() -> list[Rule]:
    unpriced = pl.all_horizontal(pl.col(name).is_null() & ~pl.col(BAD + name) for name in PRICES)
    one_of = pl.lit("clean_price, dirty_price, yield: expected one of them, got ")
    return [
        missing("bond_id", unreadable=False),
        missing("date"),
        missing("maturity_date"),
        missing("coupon_rate"),
        Rule("missing_value", unpriced, one_of + nothing(*PRICES)),
    ]


def _at_market() -> list[Rule]:
    """Return the rules that leave out trades whose price is not the market's; each names its condition."""
    condition, face, price = pl.col("condition"), pl.col("face_value"), pl.col("clean_price")
    return [
        *(
            Rule(
                reason,
                condition == reason,
                pl.format(f"condition: expected a trade {at}, got '{{}}'", RAW + "condition"),
            )
            for reason, at in CONDITIONS_REFUSED.items()
        ),
        Rule(
            "non_par_price",
            (face < 100.0) & (pl.col("price_kind") == "trade") & price.is_between(0.5 * face, 1.5 * face),
            pl.format(
                "clean_price: expected a price per 100, got {} of a bond of {} (data.price_unit: per_face)", price, face
            ),
        ),
    ]


def _readable(notation: Notation) -> list[Rule]:
    hints = {name: date_format_hint(notation.date_format(name)) for name in names_of("date")}
    return [
        Rule(
            "unsupported_instrument",
            pl.col(ENDLESS),
            pl.format("maturity_date: expected a date, got '{}' (perpetual, not supported)", RAW + "maturity_date"),
        ),
        *unreadable("not_a_number", [name for name in names_of("number", "rate") if name not in OPTIONAL], "a number"),
        *(
            rule
            for name in names_of("date")
            if name not in OPTIONAL
            for rule in unreadable("not_a_date", [name], "a date", hints[name])
        ),
        *(outside("implausible_date", name, EARLIEST, LATEST, "", hints[name]) for name in names_of("date")),
        Rule(
            "implausible_date",
            ~(pl.col(FIRST).is_between(EARLIEST, LATEST) & pl.col(LAST).is_between(EARLIEST, LATEST)),
            _of_schedule(f"dates of {EARLIEST} to {LATEST}"),
        ),
    ]


def _of_schedule(expected: str) -> pl.Expr:
    return pl.format(f"call_schedule: expected {expected}, got '{{}}'", pl.col(RAW + "call_schedule"))


def _meaning(name: str, example: str) -> str:
    """Return the end of a message about a word: the key that says what it stands for."""
    return f"; data.values can say what it means, such as {{{name}: {{WORD: {example}}}}}"


def _known(currencies: tuple[str, ...]) -> list[Rule]:
    currency = pl.col("currency")
    selected = Rule(
        "currency_not_selected",
        ~currency.is_in(currencies),
        pl.format(f"currency: expected {', '.join(currencies)} (data.currencies), got {{}}", currency),
    )
    return [
        *unreadable(
            "unknown_frequency", ["frequency"], "0, 1, 2, 4 or 12 coupons a year", _meaning("frequency", "'2'")
        ),
        unsupported("unsupported_day_count", "day_count", _DAY_COUNTS),
        *unreadable("unknown_day_count", ["day_count"], _DAY_COUNTS, _meaning("day_count", "30/360")),
        unsupported("unsupported_instrument", "bond_type", "a plain bond"),
        unsupported("unsupported_instrument", "coupon_type", "fixed, zero or floating"),
        unsupported("unsupported_instrument", "maturity_type", "a bond that is paid back at once"),
        *unreadable(
            "unknown_bond_type", ["bond_type"], "a type of the data contract", _meaning("bond_type", "treasury")
        ),
        *unreadable(
            "unknown_coupon_type",
            ["coupon_type"],
            "fixed, zero or floating",
            _meaning("coupon_type", "fixed") + "; data.columns: {coupon_type: null} does not read it",
        ),
        *unreadable(
            "unknown_maturity_type",
            ["maturity_type"],
            "bullet, callable or convertible",
            _meaning("maturity_type", "bullet") + "; data.columns: {maturity_type: null} does not read it",
        ),
        Rule(
            "unknown_currency",
            ~currency.is_in(CURRENCIES),
            pl.format(
                "currency: expected an ISO code, got '{}'; a blank is data.default_currency",
                pl.col(RAW + "currency"),
            ),
        ),
        *([selected] if currencies else []),
    ]


def _dates_in_order(limits: Limits) -> list[Rule]:
    trade, settlement, maturity = pl.col("date"), pl.col("settlement_date"), pl.col("maturity_date")
    issue, first_coupon, call = pl.col("issue_date"), pl.col("first_coupon_date"), pl.col("call_date")
    lag = (settlement - trade).dt.total_days()
    years = (maturity - settlement).dt.total_days() / DAYS_PER_YEAR
    order = "dates_out_of_order"
    return [
        out_of_order("matured", "maturity_date", maturity <= trade, "after", "date"),
        out_of_order(order, "settlement_date", lag < 0, "on or after", "date"),
        Rule(
            "implausible_settlement",
            lag > limits.max_settlement_days,
            pl.format(
                f"settlement_date: expected at most {limits.max_settlement_days} days after date {{}}, got {{}} "
                "(data.max_settlement_days)",
                trade,
                settlement,
            ),
        ),
        out_of_order("matured", "maturity_date", maturity <= settlement, "after", "settlement_date"),
        out_of_order(order, "issue_date", issue >= maturity, "before", "maturity_date"),
        out_of_order("not_yet_issued", "issue_date", issue > settlement, "on or before", "settlement_date"),
        out_of_order(order, "first_coupon_date", first_coupon <= issue, "after", "issue_date"),
        out_of_order(order, "first_coupon_date", first_coupon > maturity, "on or before", "maturity_date"),
        out_of_order(order, "call_date", call > maturity, "on or before", "maturity_date"),
        Rule(order, ~pl.col(ORDERED), _of_schedule("ascending dates")),
        out_of_order(order, "call_schedule", pl.col(LAST) > maturity, "on or before", "maturity_date"),
        Rule(
            "implausible_maturity",
            years > limits.max_years_to_maturity,
            pl.format(
                f"maturity_date: expected at most {limits.max_years_to_maturity:g} years after settlement, got {{}} "
                "(data.max_years_to_maturity)",
                maturity,
            ),
        ),
    ]


def _coupons_plausible(limits: Limits) -> list[Rule]:
    coupon, raw = pl.col("coupon_rate"), pl.col(RAW + "coupon_rate")
    zero = (pl.col("frequency") == 0) | (pl.col("bond_type") == "zero_coupon")
    return [
        Rule(
            "inconsistent_unit",
            pl.col(OUT_OF_SCALE),
            pl.format("coupon_rate: expected the unit of the bond's other rows, got '{}' (factor 100)", raw),
        ),
        Rule(
            "implausible_coupon",
            ~coupon.is_between(0.0, limits.max_coupon_rate),
            pl.format(
                f"coupon_rate: expected 0 to {limits.max_coupon_rate} (decimal), got '{{}}' "
                "(data.max_coupon_rate, data.coupon_unit)",
                raw,
            ),
        ),
        Rule(
            "inconsistent_coupon",
            zero & (coupon > 0.0),
            pl.format(
                "coupon_rate: expected 0 with bond_type {} and frequency {}, got '{}'", "bond_type", "frequency", raw
            ),
        ),
        Rule(
            "inconsistent_coupon",
            (pl.col("frequency") == 0) & (pl.col("first_coupon_date") != pl.col("maturity_date")),
            pl.format(
                "first_coupon_date: expected none, or maturity_date, with bond_type {} and frequency 0, got {}",
                "bond_type",
                "first_coupon_date",
            ),
        ),
        Rule(
            "implausible_margin",
            pl.col("quoted_margin").abs() > MAX_MARGIN,
            pl.format(
                f"quoted_margin: expected -{MAX_MARGIN} to {MAX_MARGIN} (decimal), got '{{}}' (data.coupon_unit)",
                pl.col(RAW + "quoted_margin"),
            ),
        ),
    ]


def _plain() -> Rule:
    """Return the rule that finds bonds of another kind by two prices that no plain bond has."""
    return Rule(
        "unsupported_instrument",
        pl.col(BEYOND_COUPON),
        pl.format(
            "dirty_price: expected clean_price and at most a coupon of interest, got '{}' with clean_price '{}' "
            "(index-linked, or amounts of another unit; data.columns: {{dirty_price: null}} does not read it)",
            RAW + "dirty_price",
            RAW + "clean_price",
        ),
    )


def _prices_plausible(limits: Limits) -> list[Rule]:
    low, high = limits.min_yield, limits.max_yield
    # A schedule's prices are per 100 and never converted: fractions of face must not pass for them.
    lowest_call = max(limits.min_price, FRACTION_OF_FACE)
    return [
        *(
            outside("implausible_price", name, limits.min_price, limits.max_price, " per 100", _PRICE_KEYS)
            for name in ("clean_price", "dirty_price", "call_price")
        ),
        Rule(
            "implausible_price",
            ~(pl.col(LEAST).is_between(lowest_call, limits.max_price) & (pl.col(MOST) <= limits.max_price)),
            _of_schedule(f"prices of {lowest_call} to {limits.max_price} per 100") + pl.lit(_PRICE_KEYS),
        ),
        outside(
            "implausible_yield", "yield", low, high, " (decimal)", " (data.min_yield, data.max_yield, data.yield_unit)"
        ),
        Rule(
            "implausible_yield",
            ~simple_yield().is_between(low, high),
            pl.format(
                f"{{}}: expected a simple yield of {low} to {high}, got price {{}} with coupon {{}} to {{}} "
                "(data.min_yield, data.max_yield)",
                "observed",
                pl.coalesce("clean_price", "dirty_price"),
                "coupon_rate",
                "maturity_date",
            ),
        ),
        Rule(
            "implausible_size",
            pl.col("face_value") <= 0.0,
            pl.format("face_value: expected more than 0, got {}", "face_value"),
        ),
        Rule(
            "implausible_size",
            pl.col("volume") < 0.0,
            pl.format("volume: expected 0 or more, got {}", "volume"),
        ),
    ]
