"""What metrics/ingest.json says about a source: counts, units, contradictions, suspicious days."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from richcheap.ingestion.reading.scan import Findings
from richcheap.ingestion.schema import TIME
from richcheap.ingestion.units import UnitDecision
from richcheap.ingestion.validation.counters import STATIC, AcceptedCounts, CheckCounts, RefusedCounts
from richcheap.ingestion.validation.cross_check import OTHER_CASH_FLOWS, Compared

EXAMPLES = 5
SEVERAL = ("kept_by_time", "kept_by_row", "last_row_not_latest", "some_without_time")
"""Days of a bond that had several rows, as `richcheap.ingestion.trades.daily.Chosen` counts them."""


def reasons(refused: RefusedCounts) -> dict[str, int]:
    """Return refused rows by reason, most frequent first."""
    return dict(sorted(refused.counts.items(), key=lambda item: (-item[1], item[0])))


def reason_table(refused: RefusedCounts, rows_read: int) -> str:
    """Return one line for each reason: code, rows, share and the first row's detail."""
    lines = [f"  {'reason':<24}{'rows':>12}{'share':>9}  first"]
    for reason, count in reasons(refused).items():
        row, detail = refused.first[reason]
        lines.append(f"  {reason:<24}{count:>12,}{count / max(rows_read, 1):>9.2%}  row {row}: {detail}")
    return "\n".join(lines)


def summarise(
    findings: Findings,
    checked: CheckCounts,
    accepted: AcceptedCounts,
    refused: RefusedCounts,
    compared: Sequence[Compared] = (),
) -> dict[str, Any]:
    """Return the content of metrics/ingest.json but for the curve's part."""
    counts = {name: _sorted(counter) for name, counter in accepted.counts.items()}
    return {
        "rows_read": checked.rows,
        "rows_accepted": accepted.rows,
        "rows_quarantined": refused.rows,
        "rejected_share": refused.faults / checked.rows,
        "quarantine_reasons": reasons(refused),
        "bonds": accepted.terms["bond_id"].n_unique(),
        "dates": accepted.dates,
        "first_date": _text(accepted.first_date),
        "last_date": _text(accepted.last_date),
        "currencies": counts["currency"],
        "replaced_by_euro": _sorted(checked.replaced_currencies),
        "observed": counts["observed"],
        "price_kinds": counts["price_kind"],
        "bond_types": counts["bond_type"],
        "ratings": counts["credit_rating"],
        "units": {unit.column: describe(unit) for unit in findings.units},
        "assumed": assumptions(checked),
        "cross_check": {one.name: one.as_dict() for one in compared},
        "contradictions": contradictions(accepted.terms),
        "unparsed_times": checked.unparsed[TIME],
        "unparsed_values": _sorted(checked.unparsed),
        "days_of_several_rows": {name: accepted.several[name] for name in SEVERAL},
        "repeated_days": accepted.repeated_days,
    }


def assumptions(checked: CheckCounts) -> dict[str, dict[str, int]]:
    """Return what was taken for what the file does not say, and for how many accepted rows, by column."""
    found: dict[str, dict[str, int]] = {}
    for (name, value), count in sorted(checked.assumed.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        found.setdefault(name, {})[value] = count
    return found


def notices(
    checked: CheckCounts,
    accepted: AcceptedCounts,
    refused: RefusedCounts,
    compared: Sequence[Compared],
    curve: pl.DataFrame,
) -> list[str]:
    """Return a line for each thing that a user should look at, with the key that settles it."""
    lines = []
    taken = "; ".join(
        f"{name} {', '.join(f'{value} ({count:,})' for value, count in [*values.items()][:3])}"
        for name, values in assumptions(checked).items()
    )
    if taken:
        lines.append(
            f"what the file does not say is by convention, for so many rows: {taken}; data.constants, "
            "data.default_currency and data.settlement_lag_days say otherwise"
        )
    if checked.unparsed:
        what = ", ".join(f"{name} ({count:,})" for name, count in sorted(checked.unparsed.items()))
        lines.append(f"values of optional columns that cannot be read count as none: {what}; data.columns names others")
    for one in compared:
        if one.agree < one.rows:
            kinds = ", ".join(f"{kind} ({count:,})" for kind, count in one.kinds.items())
            lines.append(
                f"{one.name}: of {one.rows:,} values that the file gives besides {one.rows - one.agree:,} differ from "
                f"what follows from its prices: {kinds}{'; ' if one.cause else ''}{one.cause}; largest: {one.where}"
            )
    # Where most yields differ it is their convention, and no bond is hidden among others.
    hidden = sum(one.kinds.get(OTHER_CASH_FLOWS, 0) for one in compared if 2 * one.agree >= one.rows)
    if hidden:
        lines.append(
            f"{hidden:,} rows are priced as plain bonds though their yields say that they are not; data.values or "
            "bond_type in a file of data.terms can name them inflation-linked, amortising or step-up, so that they are "
            "refused"
        )
    if refused.counts["unsupported_instrument"]:
        row, detail = refused.first["unsupported_instrument"]
        count = refused.counts["unsupported_instrument"]
        lines.append(f"{count:,} rows are of bonds that are not supported, first row {row}: {detail}")
    if refused.counts["duplicate"]:
        lines.append(
            f"{refused.counts['duplicate']:,} rows are further prints of a bond and day; data.trades says what its "
            "price is made of: last, vwap or median"
        )
    if curve.is_empty() and not accepted.counts["bond_type"]["treasury"]:
        lines.append(
            "no accepted row is a government's, so that no curve can be fitted to them: data.curve names a curve; "
            "data.constants, such as {bond_type: treasury}, or data.values say what bonds are"
        )
    return lines


def describe(unit: UnitDecision) -> dict[str, Any]:
    """Return a unit decision as plain values."""
    return {"unit": unit.unit, "how": unit.how, "median_as_read": unit.median}


def contradictions(terms: pl.DataFrame) -> dict[str, Any]:
    """Find bonds whose static data differ between rows.

    A missing value contradicts nothing, and the coupon of a floating-rate bond may change.

    Parameters
    ----------
    terms : DataFrame
        As `AcceptedCounts.terms`.

    Returns
    -------
    dict
        For each static column that does: ``bonds`` (how many) and ``examples``, bond and values.
    """
    spans = terms.group_by("bond_id").agg(
        (pl.col(name).min() != pl.col(name).max()).fill_null(False).alias(name) for name in STATIC
    )
    found: dict[str, Any] = {}
    for name in STATIC:
        bonds = spans.filter(pl.col(name))["bond_id"].sort()
        if len(bonds):
            examples = []
            for bond in bonds.head(EXAMPLES):
                values = terms.filter(pl.col("bond_id") == bond)[name].drop_nulls().unique().sort()
                examples.append({"bond_id": bond, "values": [_plain(value) for value in values]})
            found[name] = {"bonds": len(bonds), "examples": examples}
    return found


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


def _sorted(counts: Mapping[str, int] | Mapping[str | None, int]) -> dict[str, int]:
    named = {"unknown" if value is None else value: count for value, count in counts.items()}
    return dict(sorted(named.items()))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str) else str(value)
