"""Error and coverage by maturity, staleness, rating and the like."""

from collections.abc import Mapping, Sequence
from typing import Any

from richcheap.features.baselines import FILTER
from richcheap.reporting.layout.drawing import Drawing
from richcheap.reporting.layout.figures import error_by_cell
from richcheap.reporting.layout.formats import count, number, percent
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, row
from richcheap.reporting.sections.data import listed
from richcheap.reporting.sections.results import Evaluation, chosen, compared, drawn, name_cell, ranked, simple_of

TITLES = {
    "maturity": "Years to maturity",
    "staleness": "Days since last price",
    "rating_bucket": "Rating",
    "market_state": "Market state",
    "price_kind": "Kind of price",
    "size": "Size",
    "age": "Days since issue",
    "unchanged": "Latest price of the bond",
    "currency": "Currency",
    "detected_regime": "Detected regime",
    "regime": "Simulated regime",
}
SHOWN_FIRST = ("maturity", "staleness")
TOLERANCE = 0.05  # a coverage further than this from the target is marked,
MIN_MARKED = 50  # in a cell of so many rows: in a smaller one chance alone does it
MIN_JUDGED = 200  # rows of a cell by which intervals are judged


def cells_of(evaluation: Evaluation, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the cells of slice `name`, in the order of the evaluation; none when it is absent."""
    found: Sequence[Mapping[str, Any]] | None = evaluation["slices"].get(name)
    return found or []


def title_of(name: str) -> str:
    """Return how readers call slice `name`."""
    return TITLES.get(name, name.replace("_", " ").capitalize())


def other_slices(evaluation: Evaluation) -> list[str]:
    """Return the slices besides maturity, staleness and currency that divide the rows at all."""
    known = [name for name in TITLES if name in evaluation["slices"]]
    strange = sorted(set(evaluation["slices"]) - set(TITLES))
    return [
        name
        for name in [*known, *strange]
        if name not in (*SHOWN_FIRST, "currency") and len(cells_of(evaluation, name)) > 1
    ]


def cells_section(evaluation: Evaluation, benchmark: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return what the page shows of errors by cell: by currency, slices that are drawn, and tables of the others.

    Parameters
    ----------
    evaluation : mapping
    benchmark : mapping
        ``benchmark`` of metrics/market.json: dates by the source of their curve, for each currency.
    """
    return {
        "currencies": currency_table(evaluation, benchmark),
        "drawn": [_drawn(evaluation, name) for name in SHOWN_FIRST if cells_of(evaluation, name)],
        "others": [error_table(evaluation, name) for name in other_slices(evaluation)],
    }


def coverage_section(evaluation: Evaluation) -> dict[str, Any]:
    """Return what the page shows of coverage by cell: a table by its heading, and when a cell is marked."""
    shown = [name for name in SHOWN_FIRST if cells_of(evaluation, name)]
    return {
        "tables": {title_of(name): coverage_table(evaluation, name) for name in shown},
        "tolerance": percent(TOLERANCE, 0),
        "min_marked": MIN_MARKED,
    }


def error_table(evaluation: Evaluation, name: str) -> Table:
    """Return the MAE of every predictor in every cell of slice `name`; the least of a cell is marked."""
    names = ranked(evaluation)
    columns = [Column(title_of(name), numeric=False), Column("Rows"), Column("Dates")]
    columns += [Column(predictor, "MAE, points") for predictor in names]
    rows = []
    for cell in cells_of(evaluation, name):
        errors = [_figure(cell, predictor, "mae") for predictor in names]
        least = min((error for error in errors if error is not None), default=None)
        marked = [Cell(number(error, 4), "good" if error is not None and error == least else "") for error in errors]
        rows.append(row(str(cell["cell"]), count(cell["rows"]), count(cell["dates"]), *marked))
    return Table(f"Mean absolute error by {title_of(name).lower()}", columns, rows)


def currency_table(evaluation: Evaluation, benchmark: Mapping[str, Mapping[str, int]]) -> Table:
    """Return how the champion does in each currency, beside the filter and the best simple baseline."""
    target, best = percent(evaluation["interval_coverage_target"], 0), chosen(evaluation)
    against = [name for name in dict.fromkeys((FILTER, simple_of(evaluation))) if name != best]
    columns = [
        Column("Currency", numeric=False),
        Column("Curve", "dates by its source", numeric=False),
        Column("Rows"),
        Column("Dates"),
        Column(f"MAE, {best}", "points"),
        *(Column(f"MAE, {name}", "points") for name in against),
        Column(f"MAE of yield, {best}", "bp"),
        Column(f"Median error of yield, {best}", "bp"),
        Column("Coverage", f"%, target {target}"),
        Column("Interval width", "points, mean"),
    ]
    rows = []
    for cell in cells_of(evaluation, "currency"):
        coverage = _figure(cell, best, "coverage")
        off = _is_off(coverage, evaluation["interval_coverage_target"], cell["rows"])
        rows.append(
            row(
                str(cell["cell"]),
                listed(benchmark.get(cell["cell"], {})),
                count(cell["rows"]),
                count(cell["dates"]),
                *(number(_figure(cell, name, "mae"), 4) for name in (best, *against)),
                *(number(_figure(cell, best, name), 2) for name in ("yield_mae_bp", "yield_median_bp")),
                Cell(percent(coverage), "bad" if off else ""),
                number(_figure(cell, best, "interval_width"), 3),
            )
        )
    return Table("By currency", columns, rows)


def coverage_table(evaluation: Evaluation, name: str) -> Table:
    """Return coverage and mean width of the intervals of the compared predictors in the cells of slice `name`."""
    target = evaluation["interval_coverage_target"]
    names = compared(evaluation)
    columns = [Column(title_of(name), numeric=False), Column("Rows")]
    for predictor in names:
        columns += [Column(predictor, "coverage, %"), Column(predictor, "width, points")]
    rows = []
    for cell in cells_of(evaluation, name):
        figures: list[Cell] = []
        for predictor in names:
            coverage = _figure(cell, predictor, "coverage")
            figures += [
                Cell(percent(coverage), "bad" if _is_off(coverage, target, cell["rows"]) else ""),
                Cell(number(_figure(cell, predictor, "interval_width"), 3)),
            ]
        rows.append(row(str(cell["cell"]), count(cell["rows"]), *figures))
    return Table(f"Interval coverage by {title_of(name).lower()}", columns, rows)


ORACLES = {"mid": "true mid price", "noise_free": "noise-free bound", "optimal_filter": "optimal filter"}
"""What the simulator's knowledge leads to, the most knowing first."""


def optimal_filter_table(evaluation: Evaluation) -> Table | None:
    """Return how near each predictor comes to the simulator's own knowledge; None when the truth is not known."""
    oracle = evaluation.get("oracle")
    if oracle is None:
        return None
    columns = [
        Column("Predictor", numeric=False),
        Column("MAE", "points"),
        Column("R\u00b2 of the move", "1 = all explained"),
        Column("Share of the optimal filter's R\u00b2", "%"),
        Column("Share of the noise-free bound", "%"),
    ]
    most = {name: oracle[name]["r2_move"] if oracle.get(name) else None for name in ("optimal_filter", "noise_free")}
    known = {name: oracle[name] for name in ORACLES if oracle.get(name)}
    rows = [_shares(Cell(ORACLES[name], "code"), figures, most) for name, figures in known.items()]
    predictors = evaluation["predictors"]
    rows += [_shares(name_cell(evaluation, name), predictors[name], most) for name in ranked(evaluation)]
    return Table("Share of the optimal filter's R\u00b2", columns, rows)


def _drawn(evaluation: Evaluation, name: str) -> dict[str, Any]:
    title, names = title_of(name), drawn(evaluation)
    caption = f"Mean absolute error by {title.lower()}. Look for where a model's line is well below the baselines'."
    absent = [other for other in compared(evaluation) if other not in names]
    if absent:
        caption += f" {absent[0]} is far above and is shown only in the table."
    figure = error_by_cell(name, title, cells_of(evaluation, name), names)
    return {"title": title, "plot": Drawing(figure, caption, names), "errors": error_table(evaluation, name)}


def _shares(name: Cell, figures: Mapping[str, Any], most: Mapping[str, float | None]) -> Row:
    moved = figures["r2_move"]
    shares = (percent(moved / bound) if bound else percent(None) for bound in most.values())
    return row(name, number(figures["mae"], 4), number(moved, 4), *shares)


def _figure(cell: Mapping[str, Any], predictor: str, figure: str) -> float | None:
    value = cell["predictors"].get(predictor, {}).get(figure)
    return None if value is None else float(value)


def _is_off(coverage: float | None, target: float, rows: int) -> bool:
    return coverage is not None and rows >= MIN_MARKED and abs(coverage - target) > TOLERANCE
