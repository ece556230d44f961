"""The rules that a row must pass, in the order in which they are tried; the first that fails is its reason.

Each rule is an expression over the parsed columns (see `stages.ingestion.parsing`), so that all rows are tried
at once; its detail is an expression over the refused rows alone, where ``raw:NAME`` is what the file held.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from stages.ingestion.parsing import BAD
from stages.ingestion.schema import PRICES, names_of

RAW = "raw:"
EARLIEST, LATEST = date(1900, 1, 1), date(2299, 12, 31)
DAYS_PER_YEAR = 365.25

OUT_OF_SCALE = "out_of_scale"
"""Boolean column: the coupon is 100 times, or a hundredth of, what the bond's other rows say."""


@dataclass(frozen=True)
class Limits:
    """What is plausible; see ``data`` in params.yaml for units."""

    currencies: tuple[str, ...]
    min_price: float
    max_price: float
    max_coupon_rate: float
    min_yield: float
    max_yield: float
    max_years_to_maturity: float
    max_settlement_days: int


@dataclass(frozen=True)
class Rule:
    """One way to fail.

    Parameters
    ----------
    reason : str
        Quarantine code; several rules may share one.
    when : Expr
        True where a row fails; null counts as false.
    detail : Expr
        Text: the column, what was expected, what came.
    """

    reason: str
    when: pl.Expr
    detail: pl.Expr


def _bad(reason: str, names: tuple[str, ...], expected: str) -> list[Rule]:
    return [
        Rule(
            reason,
            pl.col(BAD + name),
            pl.format(f"{name}: expected {expected}, got '{{}}'", pl.col(RAW + name)),
        )
        for name in names
    ]


def _unsupported(reason: str, name: str, expected: str) -> Rule:
    given = pl.format(f"{name}: expected {expected}, got '{{}}'", pl.col(RAW + name))
    return Rule(reason, pl.col(name).str.starts_with("unsupported:"), given)


def _order(reason: str, early: str, late: str, when: pl.Expr, relation: str) -> Rule:
    detail = pl.format(f"{late}: expected {relation} {early} {{}}, got {{}}", early, late)
    return Rule(reason, when, detail)


def _outside(reason: str, name: str, low: float, high: float, unit: str) -> Rule:
    detail = pl.format(f"{name}: expected {low:g} to {high:g} {unit}, got {{}}", name)
    return Rule(reason, ~pl.col(name).is_between(low, high), detail)


def simple_yield() -> pl.Expr:
    """Return the simple yield, (coupon + (100 - price) / years) / price, decimal, years at least one.

    It needs no cash flows and is close enough to find prices that no plain bond has.
    """
    price = pl.coalesce("clean_price", "dirty_price")
    years = ((pl.col("maturity_date") - pl.col("date")).dt.total_days() / DAYS_PER_YEAR).clip(1.0)
    return (100.0 * pl.col("coupon_rate") + (100.0 - price) / years) / price


def rules(limits: Limits) -> list[Rule]:
    """Return all rules but those of the source's mapping (before them) and of duplicates (after them)."""
    col = pl.col
    dates = names_of("date")
    settle_days = (col("settlement_date") - col("date")).dt.total_days()
    years = (col("maturity_date") - col("settlement_date")).dt.total_days() / DAYS_PER_YEAR
    observed_nothing = pl.all_horizontal(col(name).is_null() for name in PRICES)
    bad_price = pl.any_horizontal(col(BAD + name) for name in PRICES)
    required = [
        Rule(
            "missing_value",
            col(name).is_null() & ~col(BAD + name) if name != "bond_id" else col(name).is_null(),
            pl.lit(f"{name}: expected a value, got none"),
        )
        for name in ("bond_id", "date", "maturity_date", "coupon_rate")
    ]
    return [
        *required,
        Rule(
            "missing_value",
            observed_nothing & ~bad_price,
            pl.lit("clean_price: expected it, dirty_price or yield, got none"),
        ),
        *_bad("not_a_number", names_of("number", "rate"), "a number"),
        *_bad("not_a_date", dates, "a date"),
        *_bad("unknown_frequency", ("frequency",), "0, 1, 2, 4 or 12 coupons a year"),
        _unsupported("unsupported_day_count", "day_count", "30/360, ACT/ACT ICMA, ACT/365F or ACT/360"),
        *_bad("unknown_day_count", ("day_count",), "30/360, ACT/ACT ICMA, ACT/365F or ACT/360"),
        _unsupported("unsupported_instrument", "bond_type", "a plain bond"),
        *_bad("unknown_bond_type", ("bond_type",), "a type of the data contract"),
        *_bad("unknown_rating", ("credit_rating",), "a rating of S&P, Moody's or Fitch"),
        *_bad("unknown_value", ("side",), "buy, sell or interdealer"),
        *_bad("unknown_value", ("price_kind",), "trade, quote or reference"),
        *_bad("unknown_value", names_of("flag"), "true or false"),
        Rule(
            "unknown_currency",
            ~col("currency").str.contains(r"^[A-Z]{3}$"),
            pl.format("currency: expected an ISO code, got '{}'", col(RAW + "currency")),
        ),
        Rule(
            "currency_not_selected",
            ~col("currency").is_in(list(limits.currencies)) if limits.currencies else pl.lit(False),
            pl.format(f"currency: expected {', '.join(limits.currencies)} (data.currencies), got {{}}", "currency"),
        ),
        *[
            Rule(
                "implausible_date",
                ~col(name).is_between(EARLIEST, LATEST),
                pl.format(f"{name}: expected {EARLIEST} to {LATEST}, got {{}}", name),
            )
            for name in dates
        ],
        _order("matured", "date", "maturity_date", col("maturity_date") <= col("date"), "one after"),
        _order("dates_out_of_order", "date", "settlement_date", settle_days < 0, "one no earlier than"),
        _order(
            "matured", "settlement_date", "maturity_date", col("maturity_date") <= col("settlement_date"),
            "one after",
        ),
        Rule(
            "implausible_settlement",
            settle_days > limits.max_settlement_days,
            pl.format(
                f"settlement_date: expected at most {limits.max_settlement_days} days after date {{}}, got {{}}",
                "date", "settlement_date",
            ),
        ),
        _order(
            "not_yet_issued", "settlement_date", "issue_date", col("issue_date") > col("settlement_date"),
            "one no later than",
        ),
        _order(
            "dates_out_of_order", "issue_date", "first_coupon_date", col("first_coupon_date") <= col("issue_date"),
            "one after",
        ),
        _order(
            "dates_out_of_order", "maturity_date", "first_coupon_date",
            col("first_coupon_date") > col("maturity_date"), "one no later than",
        ),
        _order(
            "dates_out_of_order", "maturity_date", "call_date", col("call_date") > col("maturity_date"), "one no later than"
        ),
        Rule(
            "implausible_maturity",
            years > limits.max_years_to_maturity,
            pl.format(f"maturity_date: expected at most {limits.max_years_to_maturity:g} years ahead, got {{}}",
                      "maturity_date"),
        ),
        Rule(
            "implausible_coupon",
            ~col("coupon_rate").is_between(0.0, limits.max_coupon_rate),
            pl.format(f"coupon_rate: expected 0 to {limits.max_coupon_rate:g} (decimal), got {{}} (read as '{{}}')",
                      "coupon_rate", RAW + "coupon_rate"),
        ),
        Rule(
            "inconsistent_unit",
            col(OUT_OF_SCALE),
            pl.format("coupon_rate: expected the bond's other rows' unit, got '{}', 100 times more or less",
                      RAW + "coupon_rate"),
        ),
        Rule(
            "inconsistent_coupon",
            ((col("frequency") == 0) | (col("bond_type") == "zero_coupon")) & (col("coupon_rate") > 0.0),
            pl.format("coupon_rate: expected 0 for a zero-coupon bond (frequency {}, {}), got {}",
                      "frequency", "bond_type", "coupon_rate"),
        ),
        *[_outside("implausible_price", name, limits.min_price, limits.max_price, "per 100")
          for name in ("clean_price", "dirty_price", "call_price")],
        _outside("implausible_yield", "yield", limits.min_yield, limits.max_yield, "(decimal)"),
        Rule(
            "implausible_yield",
            ~simple_yield().is_between(limits.min_yield, limits.max_yield),
            pl.format(
                f"price: expected one whose simple yield is {limits.min_yield:g} to {limits.max_yield:g}, got {{}} "
                f"(yield {{}}, coupon {{}}, maturity {{}})",
                pl.coalesce("clean_price", "dirty_price"), simple_yield().round(4), "coupon_rate", "maturity_date",
            ),
        ),
        Rule("implausible_size", col("face_value") <= 0.0,
             pl.format("face_value: expected more than 0, got {}", "face_value")),
        Rule("implausible_size", col("volume") < 0.0, pl.format("volume: expected no less than 0, got {}", "volume")),
    ]  # fmt: skip


def first_failure(all_rules: list[Rule]) -> pl.Expr:
    """Return the position of the first rule that a row fails, or null."""
    return pl.coalesce(
        *(pl.when(rule.when).then(pl.lit(i, dtype=pl.Int16)) for i, rule in enumerate(all_rules)),
        pl.lit(None, dtype=pl.Int16),
    )
