"""What was read, what became of it, and with which settings: tables from the counts that earlier stages kept."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from richcheap.reporting.layout.formats import NOTHING, count, percent, plural
from richcheap.reporting.layout.tables import Cell, Column, Table, row

EXAMPLES_EACH = 3
DAYS_NAMED = 20
MIDNIGHT = " 00:00:00"  # what a date read from a column of times ends with
CURVES = {
    "given": "the published curve",
    "fitted": "a curve fitted to the government bonds of the dates before",
    "flat": "the flat market.risk_free_rate",
}
UNITS = {
    "accrued_interest": ("points", 1.0),
    "dirty_price": ("points", 1.0),
    "clean_price": ("points", 1.0),
    "yield": ("bp", 1e4),
    "modified_duration": ("years", 1.0),
    "spread": ("bp", 1e4),
}
"""Of figures that a file may give besides, and what makes our difference one in that unit."""
Counts = Mapping[str, Any]


def summary(ingest: Counts, convert: Counts, market: Counts) -> list[tuple[str, str]]:
    """Return what the data are, as pairs of a name and a sentence.

    Parameters
    ----------
    ingest, convert, market : mapping
        Content of metrics/ingest.json, metrics/convert.json and metrics/market.json.
    """
    rows = f"{count(ingest['rows_read'])} read, {count(ingest['rows_quarantined'])} quarantined, "
    rows += f"{count(market['rows_valued'])} valued"
    known, valued = market["rows_with_history"], market["rows_valued"]
    history = f"{count(known)} rows have an earlier price of the same bond ({percent(_share(known, valued))} %)"
    pairs = [
        ("Rows", rows),
        ("Bonds", count(ingest["bonds"])),
        ("Dates", f"{count(ingest['dates'])}, {ingest['first_date']} to {ingest['last_date']}"),
        ("Currencies", listed(ingest["currencies"])),
        ("Bond types", listed(ingest["bond_types"])),
        ("Kinds of price", listed(ingest["price_kinds"])),
        ("With history", history),
    ]
    for currency, dates in sorted(market["benchmark"].items()):
        used = [f"{CURVES[kind]} on {plural(dates[kind], 'date')}" for kind in CURVES if dates.get(kind)]
        pairs.append((f"Curve, {currency}", "; ".join(used) or NOTHING))
    return pairs + _warnings(ingest, convert, market)


def data_section(ingest: Counts, convert: Counts, market: Counts) -> dict[str, Any]:
    """Return what the page shows of the data: `summary`, and the file's own figures where it gives any."""
    compared = ingest.get("cross_check") or {}
    tables = {"own_figures": own_figures_table(compared)} if compared else {}
    return {"pairs": summary(ingest, convert, market), **tables}


def own_figures_table(compared: Counts) -> Table:
    """Return how the figures that the file gives besides compare with ours, by kind of difference.

    Parameters
    ----------
    compared : mapping
        ``cross_check`` of metrics/ingest.json.
    """
    columns = [
        Column("Figure", numeric=False),
        Column("Rows"),
        Column("Agree", "rows"),
        Column("Median difference", "with its unit"),
        Column("Largest", numeric=False),
        Column("Differences by likely cause", numeric=False),
    ]
    rows = [
        row(
            name.replace("_", " "),
            count(one["rows"]),
            count(one["agree"]),
            f"{scale * one['median']:.2g} {unit}",
            Cell(one["where"], "wrap"),
            Cell("; ".join(said for said in (listed(one["kinds"]), one["cause"]) if said), "wrap"),
        )
        for name, one in compared.items()
        for unit, scale in [UNITS[name]]
    ]
    return Table("The file's own figures against ours", columns, rows)


def listed(counts: Mapping[str, int]) -> str:
    """Return names with their counts, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count(rows)}" for name, rows in ordered) or NOTHING


def split_table(split: Counts) -> Table:
    """Return the blocks of dates from the content of metrics/split.json."""
    columns = [
        Column("Block", numeric=False),
        Column("First date", numeric=False),
        Column("Last date", numeric=False),
        Column("Dates"),
        Column("Rows"),
    ]
    rows = [
        row(block["name"], block["first_date"], block["last_date"], count(block["dates"]), count(block["rows"]))
        for block in split["blocks"]
    ]
    return Table("Blocks of dates", columns, rows)


def quarantine_section(quarantine: pl.DataFrame, ingest: Counts) -> dict[str, Table]:
    """Return what the page shows of the quarantine; nothing when every row was accepted."""
    if not ingest["rows_quarantined"]:
        return {}
    return {"reasons": reasons_table(ingest), "examples": examples_table(quarantine, ingest)}


def reasons_table(ingest: Counts) -> Table:
    """Return the reasons for quarantine with their counts, the most frequent first."""
    counts, read = ingest["quarantine_reasons"], ingest["rows_read"]
    columns = [Column("Reason", numeric=False), Column("Rows"), Column("Share", "% of rows read")]
    rows = [
        row(Cell(name, "code"), count(counts[name]), percent(_share(counts[name], read), 2))
        for name in _by_frequency(ingest)
    ]
    return Table("Reasons for quarantine", columns, rows)


def first_of_each_reason(quarantine: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the first few quarantined rows of each reason from the parts of the quarantine, one held at a time."""
    kept: list[pl.DataFrame] = []
    for part in quarantine:
        ordered = pl.concat([*kept, part]).sort("source_row")
        kept = [ordered.filter(pl.int_range(pl.len()).over("reason") < EXAMPLES_EACH)]
    return pl.concat(kept)


def examples_table(examples: pl.DataFrame, ingest: Counts) -> Table:
    """Return the first quarantined rows of each reason, the most frequent reason first.

    Parameters
    ----------
    examples : DataFrame
        Columns source_row, source_file, file_row, bond_id, date, reason, detail (`first_of_each_reason`).
    ingest : mapping
        Content of metrics/ingest.json, which counts the reasons.
    """
    groups = [examples.filter(pl.col("reason") == reason) for reason in _by_frequency(ingest)]
    columns = [
        Column("File", numeric=False),
        Column("Row"),
        Column("Bond", numeric=False),
        Column("Date", numeric=False),
        Column("Reason", numeric=False),
        Column("Detail", numeric=False),
    ]
    rows = [
        row(
            Cell(str(values["source_file"]), "code"),
            str(values["file_row"]),
            Cell(str(values["bond_id"] or NOTHING), "code"),
            str(values["date"] or NOTHING).partition(MIDNIGHT)[0],
            Cell(str(values["reason"]), "code"),
            Cell(str(values["detail"]), "wrap"),
        )
        for group in groups
        for values in group.iter_rows(named=True)
    ]
    return Table("First rows in quarantine, for each reason", columns, rows)


def params_table(params: Mapping[str, Any]) -> Table:
    """Return the settings, one leaf for each row, sorted: the order of the file has no meaning."""
    columns = [Column("Key", numeric=False), Column("Value", numeric=False)]
    rows = [row(Cell(key, "code key"), Cell(value, "value")) for key, value in sorted(_leaves(params))]
    return Table("Parameters", columns, rows)


def _by_frequency(ingest: Counts) -> list[str]:
    counts: Mapping[str, int] = ingest["quarantine_reasons"]
    return sorted(counts, key=lambda name: (-counts[name], name))


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            found += _leaves(value, f"{name}.")
        else:
            found.append((name, _text(value)))
    return found


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _warnings(ingest: Counts, convert: Counts, market: Counts) -> list[tuple[str, str]]:
    """Return what a reader should know before trusting the file."""
    pairs = []
    assumed = ingest.get("assumed") or {}
    if assumed:
        said = [f"{name} ({listed(values)})" for name, values in sorted(assumed.items())]
        pairs.append(("Taken by convention", "; ".join(said)))
    if market["rows_set_aside"]:
        statuses = {name: rows for name, rows in convert["rows_by_status"].items() if name != "ok"}
        reasons = market.get("set_aside_reasons") or statuses
        why = f": {listed(reasons)}" if reasons else ""
        pairs.append(("Not valued", f"{plural(market['rows_set_aside'], 'row')}{why}"))
    contradictions = ingest.get("contradictions") or {}
    if contradictions:
        said = [f"{name} ({plural(found['bonds'], 'bond')})" for name, found in sorted(contradictions.items())]
        pairs.append(("Static data that change", ", ".join(said)))
    repeated = ingest.get("repeated_days") or []
    if repeated:
        said = [f"{day['date']} as {day['same_as']}" for day in repeated[:DAYS_NAMED]]
        more = f" and {len(repeated) - DAYS_NAMED} more" if len(repeated) > DAYS_NAMED else ""
        pairs.append(("Days that repeat the day before", ", ".join(said) + more))
    return pairs


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
