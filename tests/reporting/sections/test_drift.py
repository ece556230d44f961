"""Tables of drift and tuning."""

from typing import Any

from richcheap.reporting.layout.tables import Cell, Table
from richcheap.reporting.sections.drift import (
    SHOWN_FEATURES,
    drift_sentence,
    features_table,
    models_table,
    tuning_table,
)


def figures(score: float, status: str, **changes: Any) -> dict[str, Any]:
    """Return what metrics/drift.json holds of one predictor."""
    made = {
        "score": score,
        "status": status,
        "retrain": status == "retrain",
        "largest": "coverage" if score else None,
        "note": None,
        "features": {"score": 0.1},
        "residuals": {"growth": 0.123},
        "coverage": {"empirical": 0.871},
        "consensus": {
            "shift_bp": {"value": -1.5},
            "trend_bp_a_date": {"value": 0.02},
            "distance_points": {"before": 0.2, "after": 0.2345},
        },
    }
    return made | changes


def drift(**models: dict[str, Any]) -> dict[str, Any]:
    """Return what metrics/drift.json holds."""
    entry = {"group": "noise", "psi_noise": 0.05, "ks": 0.2, "p_value": 0.001, "q_value": 0.01, "rows_p_value": 1e-9}
    features = [{"feature": f"f_{k:02d}", "psi": 1.0 - k / 40, "drifted": k % 2 == 1, **entry} for k in range(40)]
    methods = {"peers": figures(0.0, "steady"), "ewma": figures(0.3, "watch")}
    return {"models": models, "methods": methods, "features": features, "params": {"coverage": 0.9}}


def column(table: Table, title: str) -> list[str]:
    position = [heading.title for heading in table.columns].index(title)
    return [row.cells[position].text for row in table.rows]


def test_predictors_stand_by_their_score_models_first() -> None:
    table = models_table(drift(a=figures(0.2, "steady"), b=figures(0.7, "retrain")))
    assert column(table, "Predictor") == ["b", "a", "ewma", "peers"]
    assert [row.cells[2].mark for row in table.rows] == ["bad", "good", "even", "good"]
    assert [row.strong for row in table.rows] == [True, True, False, False]
    assert column(table, "Error against the consensus's")[0] == "+12.3"
    assert column(table, "Trend")[0] == "+0.40"
    assert column(table, "Largest part") == ["coverage", "coverage", "coverage", "\u2013"]


def test_unknown_figures_are_dashes() -> None:
    unknown = figures(0.0, "steady", residuals={"growth": None})
    unknown["consensus"] |= {"shift_bp": {"value": None}, "trend_bp_a_date": {"value": None}}
    table = models_table(drift(a=unknown))
    assert column(table, "Trend")[0] == column(table, "Error against the consensus's")[0] == "\u2013"


def test_all_features_that_drifted_are_shown_before_the_others() -> None:
    shown = column(features_table(drift()), "Feature")
    assert len(shown) == 20
    assert shown[0] == "f_01"
    few = drift() | {"features": drift()["features"][:30:2]}
    assert column(features_table(few), "Drifted") == ["no"] * SHOWN_FEATURES


def test_the_sentence_names_what_is_to_be_done() -> None:
    retrain, watch, steady = figures(0.7, "retrain"), figures(0.3, "watch"), figures(0.0, "steady")
    assert drift_sentence(drift(a=retrain, b=watch)) == "To be retrained: a."
    assert drift_sentence(drift(a=steady, b=watch)) == "To be watched: b; none needs retraining."
    assert drift_sentence(drift(a=steady)) == "No model needs retraining."


def test_tuning_is_shown_before_and_after_with_its_verdict() -> None:
    standing = {"mae": 0.5, "drift": 0.1, "objective": 1.01}
    tuned = {
        "replaced": True,
        "verdict": "replaced",
        "chosen": {"window_share": 0.35, "settings": {"leaf_rows": 40}},
        "confirmation": {"before": standing, "after": standing | {"mae": 0.4}},
        "gain": {"skill": 0.2, "low": 0.1, "high": 0.3},
    }
    untried = {"replaced": False, "verdict": "kept: it has not drifted"}
    table = tuning_table({"a": tuned, "b": untried})
    assert column(table, "Best variation") == ["last 35 % of the training dates, leaf_rows 40", "\u2013"]
    assert column(table, "Gain") == ["+20.0 [+10.0, +30.0]", "\u2013"]
    assert column(table, "MAE after") == ["0.4000", "\u2013"]
    assert [row.cells[1].mark for row in table.rows] == ["good", ""]


def test_what_too_few_dates_cannot_tell_is_said_and_not_called_steady() -> None:
    note = "residuals, coverage, consensus: needs at least 5 dates in each window, has 0 before and 1 after"
    undetermined = figures(0.0, "unknown", note=note, residuals={"growth": None}, coverage={"empirical": None})
    known = drift(a=undetermined, b=undetermined)
    assert drift_sentence(known) == f"There are too few dates to tell whether models have drifted. R{note[1:]}."
    assert models_table(known).rows[0].cells[2] == Cell("unknown", "even")
    assert column(models_table(known), "Coverage")[0] == "\u2013"
