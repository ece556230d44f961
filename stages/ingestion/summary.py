"""What metrics/ingest.json says about a file: counts, units, contradictions, suspicious days."""

from typing import Any

import polars as pl

from stages.ingestion.observations import Ingested
from stages.ingestion.schema import PRICES
from stages.ingestion.units import UnitDecision

STATIC = (
    "maturity_date",
    "coupon_rate",
    "frequency",
    "day_count",
    "issue_date",
    "first_coupon_date",
    "bond_type",
    "issuer",
    "currency",
    "callable",
    "convertible",
    "face_value",
)
"""Columns that one bond should not change; ratings and call dates may."""

EXAMPLES = 5
REPEAT_MIN_BONDS = 10
"""Bonds that two days must share before equal prices look like a copy."""

NOT_FAULTS = ("currency_not_selected",)
"""Reasons that the user asked for; they do not count against the share of rejected rows."""


def reasons(quarantine: pl.DataFrame) -> dict[str, int]:
    """Count quarantined rows by reason, most frequent first."""
    counts = quarantine["reason"].value_counts().sort(["count", "reason"], descending=[True, False])
    return dict(counts.iter_rows())


def rejected_share(ingested: Ingested) -> float:
    """Return the share of rows that were quarantined for a reason that the user did not ask for."""
    read = ingested.accepted.height + ingested.quarantine.height
    faults = ingested.quarantine.filter(~pl.col("reason").is_in(NOT_FAULTS)).height
    return faults / read if read else 0.0


def reason_table(ingested: Ingested) -> str:
    """Return one line for each reason: code, rows, share and the first row's detail."""
    read = ingested.accepted.height + ingested.quarantine.height
    lines = [f"  {'reason':<24}{'rows':>12}{'share':>9}  first"]
    for reason, count in reasons(ingested.quarantine).items():
        first = ingested.quarantine.filter(pl.col("reason") == reason).row(0, named=True)
        lines.append(f"  {reason:<24}{count:>12,}{count / read:>9.2%}  row {first['source_row']}: {first['detail']}")
    return "\n".join(lines)


def summarise(ingested: Ingested) -> dict[str, Any]:
    """Return the content of metrics/ingest.json but for the curve's part.

    Parameters
    ----------
    ingested : Ingested
        What became of the file.
    """
    accepted = ingested.accepted
    return {
        "rows_read": accepted.height + ingested.quarantine.height,
        "rows_accepted": accepted.height,
        "rows_quarantined": ingested.quarantine.height,
        "rejected_share": rejected_share(ingested),
        "quarantine_reasons": reasons(ingested.quarantine),
        "bonds": accepted["bond_id"].n_unique(),
        "dates": accepted["date"].n_unique(),
        "first_date": _text(accepted["date"].min()),
        "last_date": _text(accepted["date"].max()),
        "currencies": _counts(accepted["currency"]),
        "replaced_by_euro": dict(ingested.replaced_currencies),
        "observed": _counts(accepted["observed"]),
        "price_kinds": _counts(accepted["price_kind"].fill_null("unknown")),
        "bond_types": _counts(accepted["bond_type"]),
        "ratings": _counts(accepted["credit_rating"]),
        "units": {unit.column: describe(unit) for unit in ingested.units},
        "contradictions": contradictions(accepted),
        "repeated_days": repeated_days(accepted),
    }


def describe(unit: UnitDecision) -> dict[str, Any]:
    """Return a unit decision as plain values."""
    return {"unit": unit.unit, "how": unit.how, "median_as_read": unit.median}


def contradictions(accepted: pl.DataFrame) -> dict[str, Any]:
    """Find bonds whose static data differ between rows.

    A missing value contradicts nothing, and the coupon of a floating-rate bond may change.

    Returns
    -------
    dict
        For each static column that does: ``bonds`` (how many) and ``examples``, bond and values.
    """
    fixed = pl.when(pl.col("bond_type") != "floating_rate").then("coupon_rate")
    accepted = accepted.with_columns(coupon_rate=fixed)
    spans = accepted.group_by("bond_id").agg(
        (pl.col(name).min() != pl.col(name).max()).fill_null(False).alias(name) for name in STATIC
    )
    found: dict[str, Any] = {}
    for name in STATIC:
        bonds = spans.filter(pl.col(name))["bond_id"].sort()
        if len(bonds):
            examples = []
            for bond in bonds.head(EXAMPLES):
                values = accepted.filter(pl.col("bond_id") == bond)[name].drop_nulls().unique().sort()
                examples.append({"bond_id": bond, "values": [_plain(value) for value in values]})
            found[name] = {"bonds": len(bonds), "examples": examples}
    return found


def repeated_days(accepted: pl.DataFrame) -> list[dict[str, Any]]:
    """Find days whose observations all equal those of the day before: probably a copy of it.

    Only bonds that are seen on both days count, and there must be `REPEAT_MIN_BONDS` of them.
    """
    days = accepted.select(pl.col("date").unique().sort()).with_row_index("day")
    value = pl.coalesce(PRICES)
    rows = accepted.select("bond_id", "date", value.alias("value")).join(days, on="date").sort("bond_id", "day")
    following = (pl.col("bond_id") == pl.col("bond_id").shift(1)) & (pl.col("day") == pl.col("day").shift(1) + 1)
    pairs = rows.with_columns(
        following.fill_null(False).alias("following"),
        (pl.col("value") == pl.col("value").shift(1)).alias("same"),
    ).filter("following")
    by_day = pairs.group_by("day").agg(pl.len().alias("bonds"), pl.col("same").all())
    copies = by_day.filter(pl.col("same"), pl.col("bonds") >= REPEAT_MIN_BONDS).sort("day")
    return [
        {"date": _text(days["date"][day]), "bonds": bonds, "same_as": _text(days["date"][day - 1])}
        for day, bonds in copies.select("day", "bonds").iter_rows()
    ]


def summarise_curve(curve: pl.DataFrame, unit: UnitDecision | None) -> dict[str, Any]:
    """Return the curve's part of metrics/ingest.json."""
    return {
        "rows": curve.height,
        "dates": curve["date"].n_unique(),
        "first_date": _text(curve["date"].min()),
        "last_date": _text(curve["date"].max()),
        "currencies": _counts(curve["currency"]),
        "kinds": _counts(curve["kind"]),
        "unit": None if unit is None else describe(unit),
    }


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.alias("value").value_counts().sort("value").iter_rows())


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str) else str(value)
