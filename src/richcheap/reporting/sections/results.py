"""Which predictor is best, and which models beat the baselines: said in words and in a table.

An *evaluation* is the content of metrics/evaluate.json.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from richcheap.evaluation.metrics import METRICS, Metric
from richcheap.features.baselines import FILTER
from richcheap.reporting.layout.formats import NOTHING, count, interval, number, percent, plural, signed, signed_percent
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, row

MODEL = "model"
DIGITS = {"points": 4, "bp": 2, "": 4}
"""Decimals of a figure by its unit."""
BETTER, WORSE = "better", "worse"
MARKS = {BETTER: "good", WORSE: "bad"}
VERBS = {BETTER: "beats", WORSE: "loses to"}
MODELS_COMPARED = 6  # with two baselines, as many as there are colours
SHOWN_DATES = 20  # of the live block, the latest
POOR = 2.0  # times the error of the best baseline
UNDECIDED = "is not distinguishable from"
SIMPLE_ROLE, FILTER_ROLE, BEST_ROLE = "the best simple baseline", "the Kalman filter", "the best baseline"

Evaluation = Mapping[str, Any]


class Claim(NamedTuple):
    """What is said of a model against one baseline: ``beats``, ``the Kalman filter``, ``kalman``, by how much."""

    verb: str
    role: str
    baseline: str
    detail: str


class Verdict(NamedTuple):
    """What is said of one model against each of `references`.

    `mark` is ``bad`` when it loses to one of them, ``good`` when it beats them all, else ``even``.
    """

    name: str
    mark: str
    claims: list[Claim]


def ranked(evaluation: Evaluation) -> list[str]:
    """Return the predictors by test MAE, the least first; equals by name."""
    return _by(evaluation, "mae", list(evaluation["predictors"]))


def models(evaluation: Evaluation) -> list[str]:
    """Return the models by test MAE, the least first."""
    return [name for name in ranked(evaluation) if is_model(evaluation, name)]


def is_model(evaluation: Evaluation, name: str) -> bool:
    """Return whether `name` is a trained model rather than a baseline."""
    return bool(evaluation["predictors"][name]["kind"] == MODEL)


def chosen(evaluation: Evaluation) -> str:
    """Return the predictor of any kind with the least MAE on the validation block: the test block is not used."""
    return _by(evaluation, "validation_mae", ranked(evaluation))[0]


def baseline_of(evaluation: Evaluation) -> str:
    """Return the best baseline, as the evaluation names it."""
    return str(evaluation["best_baseline"])


def simple_of(evaluation: Evaluation) -> str:
    """Return the best simple baseline, as the evaluation names it."""
    return str(evaluation["best_simple_baseline"])


def references(evaluation: Evaluation) -> dict[str, str]:
    """Return the baselines that predictors are measured by, each with what it is; the best of all comes last."""
    best = baseline_of(evaluation)
    roles = {simple_of(evaluation): SIMPLE_ROLE, FILTER: FILTER_ROLE}
    roles = {name: role for name, role in roles.items() if name in evaluation["predictors"]}
    return {**{name: role for name, role in roles.items() if name != best}, best: roles.get(best, BEST_ROLE)}


def compared(evaluation: Evaluation) -> list[str]:
    """Return the predictors that are looked at closely: the first few models, the best and the best simple baseline."""
    shown = dict.fromkeys([*models(evaluation)[:MODELS_COMPARED], baseline_of(evaluation), simple_of(evaluation)])
    return [name for name in shown if name in evaluation["predictors"]]


def drawn(evaluation: Evaluation) -> list[str]:
    """Return the `compared` without a simple baseline so poor that it would flatten the other lines."""
    best, simple = baseline_of(evaluation), simple_of(evaluation)
    errors = {name: evaluation["predictors"][name]["mae"] for name in (best, simple)}
    poor = best != simple and None not in errors.values() and errors[simple] > POOR * errors[best]
    return [name for name in compared(evaluation) if not (poor and name == simple)]


def headline(evaluation: Evaluation) -> tuple[str, str]:
    """Return the name of the predictor with the least validation MAE, and the rest of the sentence about it."""
    best = chosen(evaluation)
    figures = evaluation["predictors"][best]
    kind = "model" if is_model(evaluation, best) else "baseline"
    miss = f"{number(figures['mae'], 4)} points per 100"
    if figures["yield_mae_bp"] is not None:
        miss += f" ({number(figures['yield_mae_bp'], 2)} bp of yield)"
    return best, (
        f"a {kind}, has the lowest error on the validation block. It misses the prices of the test block by {miss} on "
        f"average over {plural(evaluation['rows'], 'observation')} on {plural(evaluation['dates'], 'date')}."
    )


def verdicts(evaluation: Evaluation) -> list[Verdict]:
    """Return for each model whether it beats each of `references`, in the order of `models`."""
    said = []
    level = percent(evaluation["confidence"], 0)
    for name in models(evaluation):
        claims, words = [], set()
        for baseline, role in references(evaluation).items():
            skill = _skill(evaluation, name, baseline)
            word = str(skill.get("verdict"))
            words.add(word)
            claims.append(Claim(VERBS.get(word, UNDECIDED), role, baseline, _change(skill, level)))
        mark = MARKS[WORSE] if WORSE in words else MARKS[BETTER] if words == {BETTER} else "even"
        said.append(Verdict(name, mark, claims))
    return said


def results_section(evaluation: Evaluation) -> dict[str, Any]:
    """Return what the page shows of the test block."""
    return {
        "table": results_table(evaluation),
        "all_metrics": all_metrics_table(evaluation),
        "best_baseline": baseline_of(evaluation),
        "best_simple": simple_of(evaluation),
        "note": evaluation.get("skill_note"),
    }


def results_table(evaluation: Evaluation) -> Table:
    """Return the main table: predictors by test MAE, with their skill against `references` and its intervals."""
    level = percent(evaluation["confidence"], 0)
    best = baseline_of(evaluation)
    metrics = shown_in("main")
    columns = [
        Column("Predictor", numeric=False),
        *_metric_columns(metrics, evaluation),
        *(Column(f"Skill against {name}", f"% [{level} % interval]") for name in references(evaluation)),
        Column("Verdict", f"against {best}", numeric=False),
    ]
    rows = [_result(evaluation, name, metrics) for name in ranked(evaluation)]
    return Table("Results on the test block", columns, rows)


def all_metrics_table(evaluation: Evaluation) -> Table:
    """Return all other metrics; the optimal filter's share, and errors of rounded prices, only where they are known."""
    predictors = evaluation["predictors"]
    known = {key for figures in predictors.values() for key, value in figures.items() if value is not None}
    metrics = [*shown_in("more"), *(metric for metric in shown_in("known") if metric.key in known)]
    columns = [Column("Predictor", numeric=False), *_metric_columns(metrics, evaluation)]
    tick_rounded = evaluation.get("tick_rounded") or {"rows_with_tick": 0}
    if tick_rounded["rows_with_tick"]:
        columns += [Column("MAE rounded to ticks", "points")]
        columns += [Column(f"Skill rounded to ticks against {name}", "%") for name in (simple_of(evaluation), FILTER)]
    rows = []
    for name in ranked(evaluation):
        cells: list[str | Cell] = [
            name_cell(evaluation, name),
            *(figure(metric, predictors[name].get(metric.key)) for metric in metrics),
        ]
        if tick_rounded["rows_with_tick"]:
            found = tick_rounded["predictors"][name]
            cells.append(number(found["mae"], 4))
            for against, reference in (("best_simple_baseline", simple_of(evaluation)), (FILTER, FILTER)):
                skill = found[f"against_{against}"] or {}
                cells.append(NOTHING if name == reference else signed_percent(skill.get("skill")))
        rows.append(row(*cells, strong=is_model(evaluation, name)))
    return Table("All other metrics on the test block", columns, rows)


def figure(metric: Metric, value: float | None) -> str:
    """Return a metric's value as the tables show it; shares in per cent."""
    return percent(value) if metric.unit == "share" else number(value, DIGITS[metric.unit])


def shown_in(table: str) -> list[Metric]:
    """Return the metrics that have a column in a table of the page."""
    return [metric for metric in METRICS if metric.column is not None and metric.column.table == table]


def _metric_columns(metrics: Sequence[Metric], evaluation: Evaluation) -> list[Column]:
    target = percent(evaluation["interval_coverage_target"], 0)
    columns = [metric.column for metric in metrics if metric.column is not None]
    return [Column(column.title, column.unit.format(target=target)) for column in columns]


def name_cell(evaluation: Evaluation, name: str) -> Cell:
    """Return the cell that names a predictor; a baseline is marked as one."""
    return Cell(name, "model" if is_model(evaluation, name) else "baseline")


def _result(evaluation: Evaluation, name: str, metrics: Sequence[Metric]) -> Row:
    skills = {other: _skill(evaluation, name, other) for other in references(evaluation)}
    word = str(skills[baseline_of(evaluation)].get("verdict") or NOTHING)
    return row(
        name_cell(evaluation, name),
        *(figure(metric, evaluation["predictors"][name].get(metric.key)) for metric in metrics),
        *(_with_interval(skill) for skill in skills.values()),
        Cell(word, "" if word == NOTHING else MARKS.get(word, "even")),
        strong=is_model(evaluation, name),
    )


def _skill(evaluation: Evaluation, name: str, baseline: str) -> Mapping[str, Any]:
    """Return the skill of a predictor against a baseline; nothing of one against itself."""
    found: Mapping[str, Any] | None = evaluation["skill"].get(name, {}).get("against", {}).get(baseline)
    return found or {}


def _with_interval(skill: Mapping[str, Any]) -> str:
    if skill.get("skill") is None:
        return NOTHING
    digits = 0 if abs(skill["skill"]) >= 1.0 else 1  # nobody needs the decimals of an error that is twice as large
    return f"{signed_percent(skill['skill'], digits)} {interval(skill.get('low'), skill.get('high'), digits)}"


def _change(skill: Mapping[str, Any], level: str) -> str:
    """Say by how much the error is lower or higher, with the interval read in the same direction."""
    if skill.get("skill") is None:
        return "Not compared."
    word, sign = ("lower", 1.0) if skill["skill"] >= 0.0 else ("higher", -1.0)
    change = f"MAE {word} by {percent(sign * skill['skill'])} %"
    if skill.get("low") is None or skill.get("high") is None:
        return change
    low, high = sorted((sign * skill["low"], sign * skill["high"]))
    return f"{change} ({level} % interval {percent(low)} to {percent(high)} %)"


def _by(evaluation: Evaluation, metric: str, names: list[str]) -> list[str]:
    def key(name: str) -> tuple[bool, float, str]:
        value = evaluation["predictors"][name].get(metric)
        return value is None, 0.0 if value is None else value, name

    return sorted(names, key=key)


class LiveSection(NamedTuple):
    """What the page shows of the dates after the test block: what it says of them, in all and date by date."""

    sentences: list[str]
    totals: Table
    dates: Table


def live_section(card: Mapping[str, Any]) -> LiveSection | None:
    """Return what the page shows of the content of metrics/live.json; None without a date after the test block."""
    if not card["rows"]:
        return None
    champion, compared_with = card["champion"], card["compared_with"]
    figures = [Column("MAE", "points"), Column("Bias", "points"), Column("Coverage", "%")]
    columns = [
        Column("Predictor", numeric=False),
        *figures,
        *(Column(f"{one.title}, test", one.unit) for one in figures),
    ]
    totals = [
        row(Cell(name, "code"), *_few(found), *_few(found["test"]), strong=name == champion)
        for name in (champion, *compared_with)
        for found in [card["predictors"][name]]
    ]
    per_date = [Column("Date", numeric=False), Column("Rows"), *figures]
    others = [Column(f"MAE, {name}", "points") for name in compared_with]
    dates = [
        row(
            day["date"],
            count(day["rows"]),
            *_few({key: day[f"{champion}_{key}"] for key in ("mae", "bias", "coverage")}),
            *(number(day[f"{name}_mae"], 4) for name in compared_with),
        )
        for day in reversed(card["by_date"][-SHOWN_DATES:])
    ]
    advice = "Drift says to train again." if card["retrain"] else "Drift does not say to train again."
    days = f"{plural(card['dates'], 'date')}, {card['first_date']} to {card['last_date']}"
    return LiveSection(
        [
            f"{days}, {count(card['rows'])} rows: nothing was fitted to them.",
            "The champion is the one that was chosen on the validation block; its intervals go on adapting.",
            advice,
        ],
        Table("Errors on the live block", columns, totals),
        Table(f"Errors of {champion} by date", [*per_date, *others], dates),
    )


def _few(figures: Mapping[str, Any]) -> list[str]:
    return [number(figures["mae"], 4), signed(figures["bias"], 4), percent(figures["coverage"])]
