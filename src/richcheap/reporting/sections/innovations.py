"""Prices to look at twice: those far from what the champion predicted, for its interval, and those not to trust."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import polars as pl

from richcheap.reporting.layout.formats import NOTHING, number, percent, plural, signed
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, bond_cell, row
from richcheap.reporting.sections.notices import FILTERS
from richcheap.reporting.sections.results import Evaluation, chosen, is_model
from richcheap.reporting.trader.shown import DOUBTS

SHOWN = 10
SHOWN_DOUBTFUL = 20
PRICE_FILTERS = ("decimal_shift", "unconfirmed_jump")
"""Filters that leave a print out because of its price; others say nothing of how good a bond's prices are."""


class Innovations(NamedTuple):
    """The bonds of one date that are furthest above and below their predicted price.

    Attributes
    ----------
    day : str
        The last date of the test block, ISO.
    above, below : Table
        The furthest first.
    note : str
        How many bonds are outside their interval, and how many are so by chance.
    """

    day: str
    above: Table
    below: Table
    note: str


def latest_innovations(predictions: pl.DataFrame, predictor: str) -> pl.DataFrame:
    """Return the last date's bonds with their distance from `predictor`, the furthest above first.

    Parameters
    ----------
    predictions : DataFrame
        Content of predictions/test.parquet.
    predictor : str
        Column of the predicted clean price.

    Returns
    -------
    DataFrame
        ``points`` is observed minus predicted price per 100; ``yield_bp`` the yield so given up (negative: above) to
        first order, bp; ``distance`` is points over the interval's arm on that side, above 1 in size when outside.
    """
    low, high = pl.col(f"{predictor}_low"), pl.col(f"{predictor}_high")
    points = pl.col("clean_price") - pl.col(predictor)
    arm = pl.when(points >= 0).then(high - pl.col(predictor)).otherwise(pl.col(predictor) - low)
    return (
        predictions.filter(pl.col("date") == pl.col("date").max())
        .with_columns(predicted=pl.col(predictor), low=low, high=high, points=points)
        .with_columns(yield_bp=-points / pl.col("dv01"), distance=points / arm)
        .filter(pl.col("distance").is_finite())
        .sort(["distance", "bond_id"], descending=[True, False])
    )


def innovations_section(predictions: pl.DataFrame, evaluation: Evaluation) -> dict[str, Any]:
    """Return what the page shows of innovations, against the predictor that the validation block chose."""
    fair = chosen(evaluation)
    return {
        "fair": fair,
        "fair_is_baseline": not is_model(evaluation, fair),
        "found": innovations(predictions, fair, evaluation["interval_coverage_target"]),
    }


def innovations(predictions: pl.DataFrame, predictor: str, target: float) -> Innovations | None:
    """Return the largest innovations of the last date against `predictor`; None when no row has an interval.

    Parameters
    ----------
    predictions : DataFrame
        Content of predictions/test.parquet.
    predictor : str
        Whose prices are taken as fair.
    target : float
        Coverage that the intervals aim at, a share.
    """
    found = latest_innovations(predictions, predictor)
    if not found.height:
        return None
    outside = found.filter(pl.col("distance").abs() > 1.0).height
    day = str(found["date"][0])
    note = (
        f"Outside the interval: {outside:,} of {plural(found.height, 'bond')} ({percent(outside / found.height)} %); "
        f"{percent(1.0 - target, 0)} % are expected by chance."
    )
    above = found.filter(pl.col("points") > 0).head(SHOWN)
    below = found.filter(pl.col("points") < 0).reverse().head(SHOWN)
    return Innovations(
        day, _table(f"Above prediction on {day}", above), _table(f"Below prediction on {day}", below), note
    )


def _table(name: str, bonds: pl.DataFrame) -> Table:
    columns = [
        Column("Bond", numeric=False),
        Column("Rating", numeric=False),
        Column("Maturity", "years"),
        Column("Last price", "days ago"),
        Column("Observed", "per 100"),
        Column("Predicted", "per 100"),
        Column("Difference", "points"),
        Column("Yield against fair", "bp"),
        Column("Interval", "per 100"),
        Column("Outside it by", "points"),
    ]
    return Table(name, columns, [_row(values) for values in bonds.iter_rows(named=True)])


def _row(bond: dict[str, object]) -> Row:
    def figure(name: str) -> float | None:
        value = bond[name]
        return value if isinstance(value, float) else None

    price, low, high = figure("clean_price") or 0.0, figure("low") or 0.0, figure("high") or 0.0
    outside = max(low - price, price - high)
    return row(
        bond_cell(str(bond["bond_id"])),
        str(bond["rating_bucket"] or NOTHING),
        number(figure("years_to_maturity"), 2),
        number(figure("days_since_last"), 0),
        number(figure("clean_price"), 3),
        number(figure("predicted"), 3),
        signed(figure("points"), 3),
        signed(figure("yield_bp"), 1),
        f"{number(low, 3)} to {number(high, 3)}",
        Cell(number(outside, 3), "bad") if outside > 0.0 else "within",
    )


class Doubtful(NamedTuple):
    """Which prices not to trust: a sentence, and the bonds with their reasons."""

    sentence: str
    bonds: Table


def quarantined_bonds(quarantine: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Count what the parts of the quarantine hold of each bond, one part after the other.

    Returns
    -------
    DataFrame
        ``bond_id``, ``refused`` (rows), and their ``why`` (reasons in the order of the alphabet), without rows that
        filters leave out for other reasons than their price.
    """
    apart = [name for name in FILTERS if name not in PRICE_FILTERS]
    counted = [
        part.filter(~pl.col("reason").is_in(apart) & pl.col("bond_id").is_not_null())
        .group_by("bond_id", "reason")
        .agg(refused=pl.len())
        for part in quarantine
    ]
    found = pl.concat(counted)
    why = pl.col("reason").unique().sort().str.replace_all("_", " ").str.join(", ")
    return found.group_by("bond_id").agg(pl.col("refused").sum(), why=why).sort("bond_id")


def doubtful_section(bonds: pl.DataFrame, quarantined: pl.DataFrame) -> Doubtful:
    """Return which prices of the list not to trust, the furthest outside its interval first.

    Parameters
    ----------
    bonds : DataFrame
        Content of lists/bonds.parquet.
    quarantined : DataFrame
        See `quarantined_bonds`.
    """
    own, low, high = pl.col("own_clean_price"), pl.col("low"), pl.col("high")
    counts = bonds.select(pl.when(doubt.found).then(1).sum().alias(doubt.name) for doubt in DOUBTS).row(0, named=True)
    of_all = [doubt.words for doubt in DOUBTS if 0 < counts[doubt.name] == bonds.height]
    reasons = [pl.when(doubt.found).then(pl.lit(doubt.words)) for doubt in DOUBTS if doubt.words not in of_all]
    refused = pl.when(pl.col("refused") > 0).then(pl.format("in quarantine, rows: {} ({})", "refused", "why"))
    found = (
        bonds.join(quarantined, on="bond_id", how="left", maintain_order="left")
        .with_columns(
            reasons=pl.concat_str(*reasons, refused, separator="; ", ignore_nulls=True),
            outside=pl.max_horizontal(own - high, low - own),
            distance=pl.col("innovation_share").abs(),
        )
        .filter(pl.col("reasons") != "")
        .sort(["distance", "refused", "last_print", "bond_id"], descending=[True, True, False, False], nulls_last=True)
    )
    columns = [
        Column("Bond", numeric=False),
        Column("Last print", "date", numeric=False),
        Column("Kind of price", numeric=False),
        Column("Last price", "per 100"),
        Column("Fair price", "per 100"),
        Column("Outside its interval by", "points"),
        Column("Why not to trust it", numeric=False),
    ]
    rows = [
        row(
            bond_cell(str(bond["bond_id"])),
            str(bond["last_print"] or NOTHING),
            bond["last_price_kind"] or NOTHING,
            number(bond["last_clean_price"], 3),
            number(bond["fair_clean_price"], 3),
            number(bond["outside"], 3) if (bond["outside"] or 0.0) > 0.0 else NOTHING,
            Cell(bond["reasons"], "wrap"),
        )
        for bond in found.head(SHOWN_DOUBTFUL).iter_rows(named=True)
    ]
    listed = plural(bonds.height, "live bond")
    sentence = f"Of {listed} {found.height:,} give a reason not to trust a price."
    if of_all:
        sentence = f"What all {listed} have: {'; '.join(of_all)}. {found.height:,} give another reason."
    if found.height > SHOWN_DOUBTFUL:
        sentence += f" The first {SHOWN_DOUBTFUL} are shown; the list filters all of them."
    return Doubtful(sentence, Table("Prices not to trust", columns, rows))
