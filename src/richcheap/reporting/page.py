"""The page as a whole: its sections in their order, and what each of them is made of."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from richcheap.reporting.charts import day, one_bond
from richcheap.reporting.layout import assets, figures
from richcheap.reporting.layout.drawing import Drawing
from richcheap.reporting.layout.embedding import packed, packed_text
from richcheap.reporting.layout.formats import percent
from richcheap.reporting.layout.tables import Table
from richcheap.reporting.sections import data, innovations, results, slices
from richcheap.reporting.sections.drift import drift_section
from richcheap.reporting.sections.factors import factor_section
from richcheap.reporting.sections.leaderboards import importance_table, training_section
from richcheap.reporting.sections.notices import notices
from richcheap.reporting.sections.regimes import regime_section
from richcheap.reporting.sections.relative_value import relative_value_section
from richcheap.reporting.sections.risk import risk_section
from richcheap.reporting.sections.stress import stress_section
from richcheap.reporting.trader.embedded import Lists, embedded
from richcheap.reporting.trader.first_screen import first_screen
from richcheap.reporting.trader.paid import has_it_paid

TEMPLATES = Path(__file__).parent / "templates"


class ReportData(NamedTuple):
    """What the page is made of: the content of metrics/*.json, tables and the params.

    Attributes
    ----------
    evaluate, split, ingest, convert, market, drift, factor_model, regime_detector, tail_risk, stress, signals,
    live : mapping
        Content of the file of that name in metrics/.
    train : mapping
        Content of models/NAME/findings.json for each model.
    tune : mapping
        Content of metrics/tune/NAME.json for each model.
    regimes : DataFrame
        Content of market_models/regime_detector/regimes.parquet.
    predictions : DataFrame
        Content of predictions/test.parquet.
    relative_value : DataFrame
        Content of predictions/relative_value.parquet, then of predictions/live_relative_value.parquet.
    quarantined : DataFrame
        What the quarantine holds of each bond (`richcheap.reporting.sections.innovations.quarantined_bonds`).
    quarantine : DataFrame
        The first rows of each reason in training_data/quarantine/; it may have no rows.
    lists : Lists
        Content of lists/, and the reference curves.
    params : mapping
        All params.
    too_few : str, optional
        Why nothing could be trained and judged, where the dates are too few: only what sections with `from_one_date`
        show needs to be there.
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
    signals: Mapping[str, Any]
    live: Mapping[str, Any]
    regimes: pl.DataFrame
    predictions: pl.DataFrame
    relative_value: pl.DataFrame
    quarantined: pl.DataFrame
    quarantine: pl.DataFrame
    lists: Lists
    params: Mapping[str, Any]
    too_few: str | None = None


class PageSection(NamedTuple):
    """A section of the page.

    Attributes
    ----------
    anchor : str
        Its identifier; also the name of its template in templates/sections/, and that of its content in there.
    link : str
        What readers click on to come to it.
    content : callable
        Makes of the page's material what the template shows; None leaves the section out.
    from_one_date : bool
        Whether there is something to show when the dates are too few to train and judge models.
    on_paper : bool
        Whether it is printed: a view prints on two pages.
    """

    anchor: str
    link: str
    content: Callable[[ReportData], Any]
    from_one_date: bool = False
    on_paper: bool = True


class View(NamedTuple):
    """What one reader wants to see; its anchor is also the name of its template in templates/views/."""

    anchor: str
    link: str
    title: str
    sections: Sequence[PageSection]


VIEWS = (
    View("trader", "Trader", "What is rich, what is cheap", ()),
    View(
        "quant",
        "Quant",
        "How well the models price",
        (
            PageSection("results", "Results", lambda given: results.results_section(given.evaluate)),
            PageSection(
                "relative_value",
                "Rich and cheap",
                lambda given: relative_value_section(given.relative_value, given.signals),
                True,
            ),
            PageSection("coverage", "Coverage", lambda given: slices.coverage_section(given.evaluate)),
            PageSection("importance", "Importance", lambda given: _importance(given.evaluate["importance"])),
            PageSection(
                "drift", "Drift", lambda given: drift_section(given.drift, given.evaluate["drift"], given.tune)
            ),
            PageSection("live", "Live", lambda given: results.live_section(given.live), on_paper=False),
            PageSection(
                "innovations",
                "Innovations",
                lambda given: innovations.innovations_section(given.predictions, given.evaluate),
                on_paper=False,
            ),
            PageSection(
                "errors", "Errors", lambda given: _plots(given.predictions, *_shown(given.evaluate)), on_paper=False
            ),
            PageSection(
                "cells",
                "By currency, maturity",
                lambda given: slices.cells_section(given.evaluate, given.market["benchmark"]),
                on_paper=False,
            ),
            PageSection(
                "optimal_filter",
                "Attainable",
                lambda given: slices.optimal_filter_table(given.evaluate),
                on_paper=False,
            ),
            PageSection("training", "Training", lambda given: training_section(given.train), on_paper=False),
            PageSection(
                "regimes", "Regimes", lambda given: regime_section(given.regime_detector, given.regimes), on_paper=False
            ),
            PageSection("factors", "Factors", lambda given: factor_section(given.factor_model), on_paper=False),
        ),
    ),
    View(
        "risk",
        "Risk manager",
        "What the portfolio can lose",
        (
            PageSection("risk", "Tail risk", lambda given: risk_section(given.tail_risk)),
            PageSection(
                "doubtful",
                "Prices not to trust",
                lambda given: innovations.doubtful_section(given.lists.bonds, given.quarantined),
                True,
            ),
            PageSection("stress", "Stress", lambda given: stress_section(given.stress, _shown(given.evaluate))),
            PageSection(
                "quarantine", "Quarantine", lambda given: data.quarantine_section(given.quarantine, given.ingest), True
            ),
            PageSection(
                "data", "Data", lambda given: data.data_section(given.ingest, given.convert, given.market), True
            ),
        ),
    ),
    View(
        "settings",
        "Settings and words",
        "Split, settings, and how to read this",
        (
            PageSection("reading", "How to read", lambda _: {}, from_one_date=True),
            PageSection("split", "Split", lambda given: data.split_table(given.split), from_one_date=True),
            PageSection("parameters", "Parameters", lambda given: data.params_table(given.params), from_one_date=True),
        ),
    ),
)
"""In the order of the page, which opens with the first."""
SECTIONS = tuple(section for view in VIEWS for section in view.sections)


def render(report_data: ReportData) -> str:
    """Return the page: one self-contained HTML document, the same bytes for the same material."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(context(report_data) | _scripts(report_data.lists))


def context(report_data: ReportData) -> dict[str, Any]:
    """Return what the templates name: for all of them, and each section's content by its anchor."""
    evaluation, too_few = report_data.evaluate, report_data.too_few
    contents = {
        section.anchor: section.content(report_data) for section in SECTIONS if section.from_one_date or not too_few
    }
    shown = {anchor for anchor, content in contents.items() if content is not None}
    return {
        "too_few": too_few,
        "evaluation": evaluation,
        "notices": notices(
            report_data.ingest, report_data.market, evaluation, report_data.train, report_data.live, too_few
        ),
        "first_screen": first_screen(report_data.lists.bonds),
        "paid": has_it_paid(report_data.signals),
        "views": [
            view._replace(sections=[section for section in view.sections if section.anchor in shown]) for view in VIEWS
        ],
        **({} if too_few else _judged(evaluation)),
        **contents,
    }


def _scripts(lists: Lists) -> dict[str, Any]:
    """Return what makes the page move: data, libraries, our own script, and the policy that lets these alone run."""
    libraries = (assets.table_library(), assets.chart_library())
    own = assets.own_script()
    return {
        "packed": {
            **embedded(lists),
            "specs": packed(
                {
                    day.CURVE: day.curve_picture(lists.bonds, lists.curves),
                    day.SPREADS: day.spread_picture(lists.bonds, with_bonds=False),
                    **{name: make() for name, make in one_bond.SPECS.items()},
                }
            ),
            **{library.name: packed_text(library.source) for library in libraries},
        },
        "licences": [library.notice for library in libraries],
        "policy": assets.policy([own, *(library.source for library in libraries)]),
        "script": own,
        "styles": assets.styles(),
    }


def _judged(evaluation: results.Evaluation) -> dict[str, Any]:
    leader, sentence = results.headline(evaluation)
    return {
        "leader": leader,
        "sentence": sentence,
        "verdicts": results.verdicts(evaluation),
        "shown": _shown(evaluation)[0],
        "target": percent(evaluation["interval_coverage_target"], 0),
        "confidence": percent(evaluation["confidence"], 0),
    }


def _shown(evaluation: results.Evaluation) -> list[str]:
    """Return the predictor whose errors are drawn, and the best baseline where that is another one."""
    first = evaluation["best_model"] or results.chosen(evaluation)
    return list(dict.fromkeys([first, results.baseline_of(evaluation)]))


def _importance(importance: Mapping[str, Any] | None) -> Table | None:
    return importance_table(importance) if importance else None


def _plots(predictions: pl.DataFrame, shown: str, *other: str) -> list[Drawing]:
    pair = [shown, *other]
    return [
        Drawing(
            figures.predicted_against_observed(predictions, shown),
            f"Predicted against observed price, {shown}. Look for points away from the line: prices that were missed.",
        ),
        Drawing(
            figures.error_against_observed(predictions, shown),
            f"Error against observed price, {shown}, without the largest 1 %. Look for a cloud that widens or tilts.",
        ),
        Drawing(
            figures.error_distribution(predictions, pair),
            "Errors, without the largest 1 %. Look for which is narrower, and whether it stands on zero.",
            pair,
        ),
        Drawing(
            figures.error_by_date(predictions, pair),
            "Mean absolute error on each date of the test block. Look for days on which both miss, and for a rise.",
            pair,
        ),
    ]
