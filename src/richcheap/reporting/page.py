"""The page as a whole: everything that is shown, handed to the template."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from richcheap.reporting.layout import figures
from richcheap.reporting.layout.drawing import Drawing
from richcheap.reporting.layout.formats import percent
from richcheap.reporting.sections import data, results, slices
from richcheap.reporting.sections.drift import drift_section
from richcheap.reporting.sections.factors import factor_section
from richcheap.reporting.sections.importance import importance_table
from richcheap.reporting.sections.leaderboards import leaderboards, multipliers_table
from richcheap.reporting.sections.regimes import regime_section
from richcheap.reporting.sections.risk import risk_section
from richcheap.reporting.sections.signals import signals
from richcheap.reporting.sections.stress import stress_section

TEMPLATES = Path(__file__).parent / "templates"


class ReportData(NamedTuple):
    """What the page is made of: the content of metrics/*.json, two frames and the params.

    Attributes
    ----------
    evaluate, split, ingest, convert, market, drift, factor_model, regime_detector, tail_risk, stress : mapping
        Content of the file of that name in metrics/.
    train : mapping
        Content of models/NAME/findings.json for each model.
    tune : mapping
        Content of metrics/tune/NAME.json for each model.
    regimes : DataFrame
        Content of market_models/regime_detector/regimes.parquet.
    predictions : DataFrame
        Content of predictions/test.parquet.
    quarantine : DataFrame
        The first rows of each reason in training_data/quarantine/; it may have no rows.
    params : mapping
        All params.
    """

    evaluate: Mapping[str, Any]
    split: Mapping[str, Any]
    ingest: Mapping[str, Any]
    convert: Mapping[str, Any]
    market: Mapping[str, Any]
    drift: Mapping[str, Any]
    train: Mapping[str, Mapping[str, Any]]
    tune: Mapping[str, Mapping[str, Any]]
    factor_model: Mapping[str, Any]
    regime_detector: Mapping[str, Any]
    tail_risk: Mapping[str, Any]
    stress: Mapping[str, Any]
    regimes: pl.DataFrame
    predictions: pl.DataFrame
    quarantine: pl.DataFrame
    params: Mapping[str, Any]


def render(material: ReportData) -> str:
    """Return the page: one self-contained HTML document, the same bytes for the same material."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(context(material))


def context(material: ReportData) -> dict[str, Any]:
    """Return what the template names."""
    evaluation = material.evaluate
    shown = evaluation["best_model"] or results.chosen(evaluation)
    pair = list(dict.fromkeys([shown, results.baseline_of(evaluation)]))
    fair = results.chosen(evaluation)
    target = evaluation["interval_coverage_target"]
    leader, sentence = results.headline(evaluation)
    return {
        "evaluation": evaluation,
        "leader": leader,
        "sentence": sentence,
        "verdicts": results.verdicts(evaluation),
        "summary": data.summary(material.ingest, material.convert, material.market),
        "results": results.results_table(evaluation),
        "all_metrics": results.all_metrics_table(evaluation),
        "best_baseline": results.baseline_of(evaluation),
        "note": evaluation.get("skill_note"),
        "best_simple": results.simple_of(evaluation),
        "shown": shown,
        "target": percent(target, 0),
        "confidence": percent(evaluation["confidence"], 0),
        "tolerance": percent(slices.TOLERANCE, 0),
        "fewest_marked": slices.FEWEST_MARKED,
        "plots": _plots(material.predictions, shown, pair),
        "slices": [_slice(evaluation, name) for name in slices.SHOWN_FIRST if slices.cells_of(evaluation, name)],
        "other_slices": [slices.error_table(evaluation, name) for name in slices.other_slices(evaluation)],
        "fair": fair,
        "fair_is_baseline": not results.is_model(evaluation, fair),
        "signals": signals(material.predictions, fair, target),
        "split": data.split_table(material.split),
        "quarantined": material.ingest["rows_quarantined"],
        "reasons": data.reasons_table(material.ingest),
        "examples": data.examples_table(material.quarantine, material.ingest),
        "attainable": slices.attainable_table(evaluation),
        "params": data.params_table(material.params),
        "importance": importance_table(evaluation["importance"]) if evaluation["importance"] else None,
        "multipliers": multipliers_table(material.train),
        "leaderboards": leaderboards(material.train),
        "drift": drift_section(material.drift, evaluation["drift"], material.tune),
        "regimes": regime_section(material.regime_detector, material.regimes),
        "factors": factor_section(material.factor_model),
        "risk": risk_section(material.tail_risk),
        "stress": stress_section(material.stress, pair),
    }


def _plots(predictions: pl.DataFrame, shown: str, pair: list[str]) -> list[Drawing]:
    return [
        Drawing(
            figures.predicted_against_observed(predictions, shown),
            f"Predicted against observed price, {shown}. The stronger the colour, the more observations.",
        ),
        Drawing(
            figures.error_against_observed(predictions, shown),
            f"Error against observed price, {shown}. The largest 1 % of errors are beyond the edge.",
        ),
        Drawing(figures.error_distribution(predictions, pair), "Errors. The largest 1 % are beyond the edge.", pair),
        Drawing(figures.error_by_date(predictions, pair), "Mean absolute error of each date of the test block.", pair),
    ]


def _slice(evaluation: results.Evaluation, name: str) -> dict[str, Any]:
    title, names = slices.title_of(name), results.drawn(evaluation)
    figure = figures.error_by_cell(name, title, slices.cells_of(evaluation, name), names)
    caption = f"Mean absolute error by {title.lower()}."
    absent = [name for name in results.compared(evaluation) if name not in names]
    if absent:
        caption += f" {absent[0]} is far above and stands in the table alone."
    return {
        "title": title,
        "plot": Drawing(figure, caption, names),
        "errors": slices.error_table(evaluation, name),
        "coverage": slices.coverage_table(evaluation, name),
    }
