"""Rich and cheap bonds by relative value, and whether that has paid: from the content of metrics/signals.json."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from richcheap.reporting.layout.formats import NOTHING, count, number, percent, plural, signed
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, bond_cell, row
from richcheap.reporting.sections.slices import title_of

SHOWN = 20
SHOWN_QUARTERS = 4
CALLS = {
    ("flags", "rich"): "flagged rich",
    ("flags", "cheap"): "flagged cheap",
    ("deciles", "1"): "richest tenth",
    ("deciles", "10"): "cheapest tenth",
}
"""Calls that a desk trades, as metrics/signals.json knows them, in its words."""
SPAN = "validation_and_test"
"""What of metrics/signals.json is shown: the longest span."""
CUTS = ("rating_bucket", "maturity", "staleness", "size", "price_kind")
MARKS = {"pays": "good", "loses": "bad"}
FLAG_MARKS = {"cheap": "good", "rich": "bad"}

Scores = Mapping[str, Any]


class RelativeValueSection(NamedTuple):
    """What the page shows of relative value.

    Attributes
    ----------
    day : str
        The last date with signals, ISO.
    sentences : list of str
        What relative value is.
    judged : str
        How it was judged, or why not.
    is_judged : bool
        Whether any bond printed again, so that there are outcomes to show.
    cheapest, richest : Table
        Bonds of the last date.
    quarters : Table
        How often calls of the latest quarters were right, and of all dates.
    deciles, flags, signals : Table
        What became of gaps, by decile and flag of relative value, and of the extreme deciles of every signal.
    cuts : list of Table
        The extreme deciles of relative value by rating, maturity and the like.
    """

    day: str
    sentences: list[str]
    judged: str
    is_judged: bool
    cheapest: Table
    richest: Table
    quarters: Table
    deciles: Table
    flags: Table
    signals: Table
    cuts: list[Table]


def relative_value_section(table: pl.DataFrame, scores: Scores) -> RelativeValueSection:
    """Return what the page shows.

    Parameters
    ----------
    table : DataFrame
        Content of predictions/relative_value.parquet.
    scores : mapping
        Content of metrics/signals.json.
    """
    latest = table.filter(pl.col("date") == pl.col("date").max()).sort("relative_value_bp", "bond_id")
    cheap = latest.filter(pl.col("relative_value_bp") > 0).reverse().head(SHOWN)
    rich = latest.filter(pl.col("relative_value_bp") < 0).head(SHOWN)
    horizon = horizon_of(scores)
    found = scores["spans"][SPAN]["horizons"][horizon]
    day = str(table["date"].max()) if table.height else NOTHING
    return RelativeValueSection(
        day=day,
        sentences=sentences(latest, scores),
        judged=judged(scores),
        is_judged=is_judged(scores),
        cheapest=bonds_table(f"Cheapest bonds on {day}", cheap),
        richest=bonds_table(f"Richest bonds on {day}", rich),
        quarters=quarters_table(scores),
        deciles=outcomes_table("By decile of relative value", "Decile, 1 = richest", "deciles", scores),
        flags=outcomes_table("By flag", "Flag", "flags", scores),
        signals=signals_table(scores),
        cuts=[cut_table(name, found["cuts"][name], horizon) for name in CUTS if name in found["cuts"]],
    )


def horizon_of(scores: Scores) -> str:
    """Return the dates after which gaps are shown."""
    return str(scores["spans"][SPAN]["shown_horizon"])


def sentences(latest: pl.DataFrame, scores: Scores) -> list[str]:
    """Say what the list is of."""
    days, left_out = scores["params"]["horizon_days"], scores["params"]["leave_out"]
    lives = ", ".join(f"{name} {number(life, 0)}" for name, life in sorted(scores["half_life_days"].items()))
    said = [
        (
            "Relative value is the part of a bond's spread that lasts and that curve, rating, coupon, options and "
            f"issuer do not explain; here of {plural(latest.height, 'bond')} that printed on the last date."
        ),
        f"Half of it is gone after so many business days: {lives}." if lives else "",
        (
            f"Carry, roll-down and the gain from convergence are over {days} business days; trading it costs a "
            "half-spread twice."
        ),
        "The innovation, the print's yield less that at the champion's price, is another signal and stands beside it.",
        f"Left out: {' and '.join(left_out)} prices." if left_out else "",
    ]
    return [sentence for sentence in said if sentence]


def is_judged(scores: Scores) -> bool:
    """Return whether any bond printed again within the span, so that signals have outcomes."""
    return any(cell["rows"] for found in scores["spans"][SPAN]["horizons"].values() for cell in found["deciles"])


def judged(scores: Scores) -> str:
    """Say on what the signals were judged, and how."""
    span = scores["spans"][SPAN]
    if not is_judged(scores):
        return f"Not judged: no bond printed again within {plural(span['dates'], 'date')}."
    return (
        f"On {plural(span['dates'], 'date')} of the validation and test blocks. Cheap bonds are bought "
        "and rich ones sold at their next print, and traded back at the first print after so many dates. The gap is a "
        "print less what the filter makes of its peers without it; earned is by how much it narrowed, bp of spread, "
        f"carry apart. Intervals ({percent(scores['confidence'], 0)} %) resample blocks of dates."
    )


def bonds_table(name: str, bonds: pl.DataFrame) -> Table:
    """Return bonds of the last date with both signals."""
    columns = [
        Column("Bond", numeric=False),
        Column("Rating", numeric=False),
        Column("Maturity", "years"),
        Column("Kind of print", numeric=False),
        Column("Price", "per 100"),
        Column("Spread", "bp"),
        Column("Relative value", "bp"),
        Column("Standard deviation of it", "bp"),
        Column("Against peers", "standard deviations"),
        Column("Against its own history", "standard deviations"),
        Column("Flag", numeric=False),
        Column("Expected gain", "bp of spread"),
        Column("Cost of both trades", "bp of spread"),
        Column("Carry", "points"),
        Column("Roll-down", "points"),
        Column("Innovation", "bp"),
    ]
    return Table(name, columns, [_bond(bond) for bond in bonds.iter_rows(named=True)])


def _bond(bond: Mapping[str, Any]) -> Row:
    flag = str(bond["flag"] or NOTHING)
    return row(
        bond_cell(bond["bond_id"]),
        str(bond["rating_bucket"] or NOTHING),
        number(bond["years_to_maturity"], 2),
        str(bond["mark"] or NOTHING),
        number(bond["clean_price"], 3),
        number(bond["spread_bp"], 1),
        signed(bond["relative_value_bp"], 1),
        number(bond["relative_value_std_bp"], 1),
        signed(bond["peer_zscore"], 1),
        signed(bond["own_zscore"], 1),
        Cell(flag, FLAG_MARKS.get(flag, "")),
        signed(bond["expected_gain_bp"], 1),
        number(2.0 * bond["half_spread_bp"], 1),
        signed(bond["carry_points"], 2),
        signed(bond["roll_down_points"], 2),
        signed(bond["innovation_bp"], 1),
    )


def quarters_table(scores: Scores) -> Table:
    """Return how often the calls of each of the latest quarters were right, the latest first, and of all dates."""
    span, horizons = scores["spans"][SPAN], ("5", "20")
    columns = [Column("Quarter", "of the call", numeric=False), Column("Call", numeric=False)]
    for horizon in horizons:
        after = f"after {horizon} dates"
        columns += [
            Column("Calls", f"with a print {after}"),
            Column("Right", f"%, {after}"),
            Column("Right after half-spreads", f"%, {after}"),
            Column("Earned", f"bp, {after}"),
            Column("Earned after half-spreads", f"bp, {after}"),
        ]
    latest = [(entry["quarter"], entry["horizons"]) for entry in reversed(scores["quarters"][-SHOWN_QUARTERS:])]
    rows = []
    for name, found in [*latest, (f"all {plural(span['dates'], 'date')}", span["horizons"])]:
        for (kind, cell), call in CALLS.items():
            cells = [name, call]
            for horizon in horizons:
                (figures,) = (one for one in found[horizon][kind] if one["cell"] == cell)
                hits, net = figures["hit_rate"], figures["net_hit_rate_interval"]
                cells += [
                    count(figures["rows"]),
                    share_with_interval(hits["value"], hits["low"], hits["high"]),
                    share_with_interval(figures["net_hit_rate"], *net),
                    with_interval(figures["earned_bp"]),
                    with_interval(figures["net_bp"]),
                ]
            rows.append(row(*cells, strong=found is span["horizons"]))
    return Table("How often calls were right, by quarter", columns, rows)


def outcomes_table(name: str, heading: str, kind: str, scores: Scores) -> Table:
    """Return what became of gaps by decile or by flag of relative value."""
    found, shown = scores["spans"][SPAN]["horizons"], horizon_of(scores)
    shares = [horizon for horizon in ("next", "5", "20", "60") if horizon in found]
    columns = [
        Column(heading, numeric=False),
        Column("Prints", f"after {shown} dates"),
        Column("Gap", "bp"),
        *(Column("Closed", f"% of the gap, {_when(name)}") for name in shares),
        *_earned_columns(shown),
    ]
    rows = [
        row(
            cell["cell"],
            count(cell["rows"]),
            number(cell["gap_bp"], 1),
            *(percent(found[horizon][kind][place]["closed"]["value"], 0) for horizon in shares),
            *_earned(cell),
        )
        for place, cell in enumerate(found[shown][kind])
    ]
    return Table(name, columns, rows)


def _when(horizon: str) -> str:
    return "at the next print" if horizon == "next" else f"after {horizon} dates"


def signals_table(scores: Scores) -> Table:
    """Return what the extreme deciles of every signal earned, on the prints that have all signals."""
    span, shown = scores["spans"][SPAN], horizon_of(scores)
    found = span["horizons"]
    columns = [
        Column("Signal", numeric=False),
        Column("Prints", f"after {shown} dates"),
        Column("Closed", "% of the gap, at the next print"),
        Column("Closed", f"% of the gap, after {shown} dates"),
        *_earned_columns(shown),
        Column("Relative value earns more by", "bp"),
        Column("Earned", "bp, against the matrix price"),
        Column("Rank correlation", "with what is earned, -1 to 1"),
    ]
    truth = span.get("truth")
    if truth:
        columns += [Column("Rank correlation", "with the truth, -1 to 1"), Column("True extremes found", "%")]
    rows = []
    for cell, following in zip(found[shown]["signals"], found["next"]["signals"], strict=True):
        name = cell["cell"]
        cells = [
            Cell(name, "code"),
            Cell(count(cell["rows"])),
            Cell(percent(following["closed"]["value"], 0)),
            Cell(percent(cell["closed"]["value"], 0)),
            *_earned(cell),
            Cell(with_interval(cell["relative_value_ahead_bp"]) if "relative_value_ahead_bp" in cell else NOTHING),
            Cell(with_interval(cell["matrix_earned_bp"])),
            Cell(number(cell["rank_correlation"]["value"], 2)),
        ]
        if truth:
            cells += [
                Cell(number(truth[name]["rank_correlation"]["value"], 2)),
                Cell(percent(truth[name]["found"]["value"], 0)),
            ]
        rows.append(row(*cells))
    return Table("Signals: their extreme deciles", columns, rows)


def cut_table(name: str, cells: Sequence[Mapping[str, Any]], shown: str) -> Table:
    """Return what the extreme deciles of relative value earned by the cells of a cut."""
    title = title_of(name)
    columns = [Column(title, numeric=False), Column("Prints"), Column("Gap", "bp"), Column("Closed", "% of the gap")]
    rows = [
        row(
            cell["cell"],
            count(cell["rows"]),
            number(cell["gap_bp"], 1),
            percent(cell["closed"]["value"], 0),
            *_earned(cell),
        )
        for cell in cells
    ]
    return Table(f"By {title.lower()}, after {shown} dates", [*columns, *_earned_columns(shown)], rows)


def with_interval(estimate: Mapping[str, float | None]) -> str:
    """Return a figure in basis points with its interval, ``+2.1 [+1.0, +3.2]``."""
    value, low, high = (signed(estimate[name], 1) for name in ("value", "low", "high"))
    return value if NOTHING in (value, low) else f"{value} [{low}, {high}]"


def share_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Return a share in per cent with its interval, ``58 [53, 64]``."""
    return percent(value, 0) if low is None else f"{percent(value, 0)} [{percent(low, 0)}, {percent(high, 0)}]"


def _earned_columns(shown: str) -> list[Column]:
    return [
        Column("Earned", f"bp, after {shown} dates"),
        Column("Earned", "bp, after half-spreads"),
        Column("Hit rate", "% that earned, before half-spreads"),
        Column("Verdict", "after half-spreads", numeric=False),
    ]


def _earned(cell: Mapping[str, Any]) -> list[Cell]:
    return [
        Cell(with_interval(cell["earned_bp"])),
        Cell(with_interval(cell["net_bp"])),
        Cell(percent(cell["hit_rate"]["value"], 0)),
        Cell(cell["verdict"], MARKS.get(cell["verdict"], "")),
    ]
