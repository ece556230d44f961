"""The largest innovations: prices far from what the champion predicted of them, for the width of its interval."""

from typing import Any, NamedTuple

import polars as pl

from richcheap.reporting.layout.formats import NOTHING, number, percent, plural, signed
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, row
from richcheap.reporting.sections.results import Evaluation, chosen, is_model

SHOWN = 10


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
        Cell(str(bond["bond_id"]), "code"),
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
