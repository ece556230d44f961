"""What drifted between two windows of time, and what tuning made of it: tables.

A *drift* is the content of metrics/drift.json, or the same of later windows; a *tuning* that of metrics/tune/NAME.json.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from richcheap.reporting.layout.formats import NOTHING, number, percent, signed, signed_percent
from richcheap.reporting.layout.tables import Cell, Column, Table, row

MARKS = {"steady": "good", "watch": "even", "retrain": "bad", "unknown": "even"}
PART_NAMES = {
    "features": "features",
    "residuals": "errors",
    "coverage": "coverage",
    "consensus": "distance from the consensus",
}
SHOWN_FEATURES = 15

Drift = Mapping[str, Any]
Tuning = Mapping[str, Any]


class DriftSection(NamedTuple):
    """What the page shows of drift: what tuning could know, what happened afterwards, and what tuning did.

    Attributes
    ----------
    known_sentence, later_sentence : str
    known_models, later_models, known_features, later_features : Table
    tuning : Table
    """

    known_sentence: str
    known_models: Table
    known_features: Table
    later_sentence: str
    later_models: Table
    later_features: Table
    tuning: Table


def drift_section(known: Drift, later: Drift, tunings: Mapping[str, Tuning]) -> DriftSection:
    """Return what the page shows of the drift before the test block, in it, and of the tuning between."""
    return DriftSection(
        drift_sentence(known),
        models_table(known),
        features_table(known),
        drift_sentence(later),
        models_table(later)._replace(name="Drift of each predictor in the test block"),
        features_table(later)._replace(name="Drift of features in the test block"),
        tuning_table(tunings),
    )


def drift_sentence(drift: Drift) -> str:
    """Say whether any model should be trained anew, and what could not be determined on so few dates."""
    notes = sorted({figures["note"] for figures in drift["models"].values() if figures.get("note")})
    return " ".join([_status_sentence(drift), *(f"{note[:1].upper()}{note[1:]}." for note in notes)])


def _status_sentence(drift: Drift) -> str:
    statuses = {name: figures["status"] for name, figures in sorted(drift["models"].items())}
    flagged = [name for name, status in statuses.items() if status == "retrain"]
    watched = [name for name, status in statuses.items() if status == "watch"]
    if flagged:
        return f"To be retrained: {', '.join(flagged)}."
    if watched:
        return f"To be watched: {', '.join(watched)}; none needs retraining."
    if "unknown" in statuses.values():
        return "There are too few dates to tell whether models have drifted."
    return "No model needs retraining."


def models_table(drift: Drift) -> Table:
    """Return the drift of each model, the largest score first, and below the methods that make the consensus."""
    columns = [
        Column("Predictor", numeric=False),
        Column("Score", "0 to 1"),
        Column("Status", numeric=False),
        Column("Features", "score, 0 to 1"),
        Column("Error against the consensus's", "% change"),
        Column("Coverage", f"% inside the width that held {percent(drift['params']['coverage'], 0)} % before"),
        Column("Shift from consensus", "bp"),
        Column("Trend", "bp in 20 dates"),
        Column("Distance from consensus", "points, mean"),
        Column("Largest part", numeric=False),
    ]
    rows = [_predictor(name, figures, "model") for name, figures in _by_score(drift["models"])]
    rows += [_predictor(name, figures, "baseline") for name, figures in _by_score(drift["methods"])]
    return Table("Drift of each predictor", columns, rows)


def features_table(drift: Drift) -> Table:
    """Return the features that drifted, and the next ones by stability index."""
    columns = [
        Column("Feature", numeric=False),
        Column("Group", numeric=False),
        Column("Stability index", "0 = the same"),
        Column("Stability index without drift", "95 % quantile"),
        Column("Kolmogorov-Smirnov", "0 to 1"),
        Column("Blocks of dates", "p-value"),
        Column("Blocks, adjusted", "p-value"),
        Column("If rows were independent", "p-value"),
        Column("Drifted", numeric=False),
    ]
    ordered = sorted(drift["features"], key=lambda entry: not entry["drifted"])
    drifted = sum(entry["drifted"] for entry in ordered)
    rows = [
        row(
            Cell(entry["feature"], "code"),
            entry["group"],
            number(entry["psi"], 3),
            number(entry["psi_noise"], 3),
            number(entry["ks"], 3),
            number(entry["p_value"], 3),
            number(entry["q_value"], 3),
            number(entry["rows_p_value"], 3),
            Cell("yes", "bad") if entry["drifted"] else "no",
        )
        for entry in ordered[: max(drifted, SHOWN_FEATURES)]
    ]
    return Table("Drift of features", columns, rows)


def tuning_table(tunings: Mapping[str, Tuning]) -> Table:
    """Return what tuning found for each model, on the validation held-out dates from the choice."""
    columns = [
        Column("Model", numeric=False),
        Column("Verdict", numeric=False),
        Column("Best variation", numeric=False),
        Column("MAE before", "points"),
        Column("MAE after", "points"),
        Column("Gain", "% [interval]"),
        Column("Drift before", "score, 0 to 1"),
        Column("Drift after", "score, 0 to 1"),
    ]
    return Table("Tuning, on held-out dates", columns, [_tuned(name, one) for name, one in tunings.items()])


def _by_score(predictors: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(predictors.items(), key=lambda item: (-item[1]["score"], item[0]))


def _predictor(name: str, figures: Mapping[str, Any], kind: str) -> Any:
    consensus, trend = figures["consensus"], figures["consensus"]["trend_bp_a_date"]["value"]
    return row(
        Cell(name, kind),
        number(figures["score"], 2),
        Cell(figures["status"], MARKS[figures["status"]]),
        number(figures["features"]["score"], 2),
        signed_percent(figures["residuals"]["growth"]),
        percent(figures["coverage"]["empirical"]),
        signed(consensus["shift_bp"]["value"], 2),
        signed(None if trend is None else 20.0 * trend, 2),
        number(consensus["distance_points"]["after"], 4),
        PART_NAMES.get(figures["largest"] or "", NOTHING),
        strong=kind == "model",
    )


def _tuned(name: str, tuning: Tuning) -> Any:
    verdict = Cell(tuning["verdict"], "good" if tuning["replaced"] else "")
    sides, gain = tuning.get("confirmation"), tuning.get("gain")
    if sides is None or gain is None:
        return row(Cell(name, "model"), verdict, *[NOTHING] * 6)
    figure = signed_percent(gain["skill"])
    if gain["low"] is not None and gain["high"] is not None:
        figure += f" [{signed_percent(gain['low'])}, {signed_percent(gain['high'])}]"
    return row(
        Cell(name, "model"),
        verdict,
        _variation(tuning["chosen"]),
        number(sides["before"]["mae"], 4),
        number(sides["after"]["mae"], 4),
        figure,
        number(sides["before"]["drift"], 2),
        number(sides["after"]["drift"], 2),
    )


def _variation(chosen: Mapping[str, Any]) -> str:
    settings = [f"{name} {value:g}" for name, value in sorted(chosen["settings"].items())]
    share = chosen["window_share"]
    window = [] if share == 1.0 else [f"last {percent(share, 0)} % of the training dates"]
    return ", ".join([*window, *settings])
