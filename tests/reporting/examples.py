"""A made-up evaluation with everything that the page can show."""

import copy
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from benchmarks.invented import lists
from richcheap.evaluation.metrics import METRICS
from richcheap.reporting.page import ReportData
from richcheap.reporting.sections.innovations import quarantined_bonds
from tests.reporting.sections import test_factors as factors
from tests.reporting.sections import test_regimes as regimes
from tests.reporting.sections import test_relative_value as relative_value
from tests.reporting.sections.test_drift import drift, figures
from tests.reporting.sections.test_risk import tail_risk
from tests.reporting.sections.test_stress import stress

ERRORS = {
    "matrix": 0.9312,
    "last": 0.4101,
    "last_adjusted": 0.2304,
    "ewma": 0.2389,
    "peers": 0.2213,
    "kalman": 0.2190,
    "ridge": 0.2245,
    "ml_adjuster": 0.2150,
}
MODELS = ("ml_adjuster",)
MATURITIES = ("<1y", "1-3y", "3-5y", "5-10y", "10-20y", ">20y")
STALENESS = ("1d", "2-5d", "6-20d", ">20d", "never")
REGIMES = ("normal", "crisis")


def evaluation() -> dict[str, Any]:
    """Return what metrics/evaluate.json holds when a model beats the best baseline on simulated data."""
    predictors = {name: _figures(name, error) for name, error in ERRORS.items()}
    slices = {
        "maturity": _cells(MATURITIES),
        "staleness": _cells(STALENESS),
        "rating_bucket": _cells(("AAA", "BBB", "CCC")),
        "currency": _cells(("EUR", "USD")),
        "regime": _cells(REGIMES),
    }
    return {
        "rows": 2950, "dates": 59, "first_date": "2023-05-01", "last_date": "2023-07-20", "rows_in_yield_metrics": 2801,
        "best_baseline": "kalman", "best_simple_baseline": "peers", "best_model": "ml_adjuster",
        "interval_coverage_target": 0.9, "confidence": 0.95,
        "predictors": predictors,
        "skill": {name: _skill(name) for name in ERRORS},
        "tick_rounded": {
            "rows_with_tick": 2600,
            "predictors": {
                name: {
                    "mae": figures["mae"] - 0.005,
                    "against_best_simple_baseline": _against(0.031),
                    "against_kalman": _against(0.021),
                }
                for name, figures in predictors.items()
            },
        },
        "slices": slices,
        "oracle": {
            "mid": {"mae": 0.1321, "rmse": 0.21, "r2_adjustment": 0.9612, "r2_move": 0.96},
            "optimal_filter": {"mae": 0.171, "rmse": 0.31, "r2_adjustment": 0.9, "r2_move": 0.8},
            "noise_free": {"mae": 0.152, "rmse": 0.26, "r2_adjustment": 0.93, "r2_move": 0.88},
        },
        "drift": drift(ml_adjuster=figures(0.1, "steady")),
        "importance": {
            "mae": 0.215, "rows": 2950, "repeats": 5,
            "groups": [
                {"group": "peers", "features": ["f_a"], "importance": 0.05, "std": 0.002, "relative": 0.23},
            ],
        },
    }  # fmt: skip


def losing(verdict: str = "worse") -> dict[str, Any]:
    """Return an evaluation whose model has a larger error than the best baseline."""
    changed = copy.deepcopy(evaluation())
    changed["predictors"]["ml_adjuster"].update(mae=0.25, validation_mae=0.26)
    changed["skill"]["ml_adjuster"]["against"]["kalman"] = {
        "skill": -0.1297, "low": -0.16, "high": -0.09 if verdict == "worse" else 0.02, "verdict": verdict,
    }  # fmt: skip
    return changed


def predictions(rows: int = 2950, dates: int = 59) -> pl.DataFrame:
    """Return what predictions/test.parquet holds; errors of the size that `evaluation` says."""
    random = np.random.default_rng(5)
    day = np.sort(np.arange(rows) % dates)
    observed = 98.0 + 12.0 * random.standard_t(6, rows)
    columns: dict[str, Any] = {
        "bond_id": [f"US{number:07d}" for number in range(rows)],
        "date": [date(2023, 5, 1) + timedelta(days=int(number)) for number in day],
        "clean_price": observed,
        "fair_price": observed + random.normal(0.0, 1.1, rows),
        "rating_bucket": random.choice(["AAA", "A", "BBB", "CCC"], rows),
        "years_to_maturity": random.uniform(0.2, 30.0, rows),
        "days_since_last": np.where(random.random(rows) < 0.05, np.nan, random.integers(1, 40, rows).astype(float)),
        "dv01": random.uniform(0.002, 0.16, rows),
    }
    for name, error in ERRORS.items():
        columns[name] = observed + random.standard_t(4, rows) * error
        half = error * random.uniform(1.5, 3.5, rows)
        columns[f"{name}_low"], columns[f"{name}_high"] = columns[name] - half, columns[name] + half
    return pl.DataFrame(columns).with_columns(pl.col("days_since_last").fill_nan(None))


def quarantine() -> pl.DataFrame:
    """Return three quarantined rows whose text would break HTML if it were not escaped."""
    return pl.DataFrame(
        {
            "source_row": [912, 17, 40],
            "source_file": ["2023.csv", "2022.csv", "2022.csv"],
            "file_row": [112, 17, 40],
            "bond_id": ["<b>bold</b>", "A&B 5 1/4", None],
            "date": ["2022-13-45", "2022-02-01", "2022-02-02"],
            "reason": ["bad_date", "implausible_price", "missing_bond_id"],
            "detail": [
                "date: expected a date as %Y-%m-%d, got '2022-13-45'",
                "clean_price: expected 1 to 250, got 1e9 <script>",
                "bond_id: expected text, got nothing",
            ],
        }
    )


def live(retrain: bool = False) -> dict[str, Any]:
    """Return what metrics/live.json holds after two dates."""
    figures = {"mae": 0.25, "bias": -0.01, "coverage": 0.9}
    errors = {"ml_adjuster_mae": 0.2, "ml_adjuster_bias": 0.1, "ml_adjuster_coverage": 0.95, "kalman_mae": 0.3}
    return {
        "rows": 80,
        "dates": 2,
        "first_date": "2023-07-21",
        "last_date": "2023-07-24",
        "champion": "ml_adjuster",
        "compared_with": ["kalman"],
        "retrain": retrain,
        "predictors": {name: {**figures, "test": figures} for name in ("ml_adjuster", "kalman")},
        "by_date": [{"date": date, "rows": 40, **errors} for date in ("2023-07-21", "2023-07-24")],
    }


def report_data(**changes: Any) -> ReportData:
    """Return all that the page is made of; `changes` replace parts of it."""
    return ReportData(
        evaluate=evaluation(),
        split={
            "blocks": [
                _block("train", "2022-01-03", "2023-01-31", 280, 14000),
                _block("embargo", "2023-02-01", "2023-02-01", 1, 50),
                _block("validation", "2023-02-02", "2023-04-27", 59, 2950),
                _block("embargo", "2023-04-28", "2023-04-28", 1, 50),
                _block("test", "2023-05-01", "2023-07-20", 59, 2950),
            ]
        },
        ingest={
            "rows_read": 20003, "rows_accepted": 20000, "rows_quarantined": 3, "bonds": 612, "dates": 400,
            "first_date": "2022-01-03", "last_date": "2023-07-20", "currencies": {"EUR": 400, "USD": 19600},
            "bond_types": {"corporate": 15000, "treasury": 5000}, "price_kinds": {"trade": 20000},
            "quarantine_reasons": {"bad_date": 1, "implausible_price": 1, "missing_bond_id": 1},
            "contradictions": {"coupon_rate": {"bonds": 2, "examples": []}},
            "repeated_days": [{"date": "2022-05-31", "same_as": "2022-05-30", "bonds": 40}],
        },
        convert={"rows": 20000, "rows_by_status": {"ok": 19990, "no_price": 10}, "rows_by_bond_type": {}},
        market={
            "rows_valued": 19980, "rows_set_aside": 10, "rows_with_history": 19368,
            "benchmark": {"USD": {"fitted": 398, "flat": 2}},
        },
        drift=drift(ml_adjuster=figures(0.3, "watch")),
        train={"ml_adjuster": {"model": "ml_adjuster", "multiplier": 0.9, "leaderboard": []}},
        tune={"ml_adjuster": {"replaced": False, "verdict": "kept: it has not drifted"}},
        factor_model=factors.described(),
        regime_detector=regimes.described(),
        regimes=regimes.table(),
        tail_risk=tail_risk(),
        stress=stress(),
        signals=relative_value.scores(),
        live=live(),
        relative_value=relative_value.written(),
        predictions=predictions(),
        quarantined=quarantined_bonds([quarantine()]),
        quarantine=quarantine(),
        lists=lists(30, 8),
        params={"seed": 7, "data": {"columns": {}, "currencies": [], "curve": "no_curve.csv", "settlement": None}},
    )._replace(**changes)  # fmt: skip


def _block(name: str, first: str, last: str, dates: int, rows: int) -> dict[str, Any]:
    return {"name": name, "first_date": first, "last_date": last, "dates": dates, "rows": rows}


def _figures(name: str, error: float) -> dict[str, Any]:
    return {
        **{metric.key: error for metric in METRICS},
        "kind": "model" if name in MODELS else "baseline",
        "mae": error, "rmse": error * 1.6, "wmae": error * 1.2, "median_absolute_error": error * 0.6,
        "bias": -0.0031, "hit_rate_0.25": 0.71, "hit_rate_0.5": 0.88, "hit_rate_1": 0.97,
        "yield_mae_bp": error * 24.0, "yield_median_bp": error * 15.0, "r2_adjustment": 1.0 - error,
        "coverage": 0.893, "interval_width": error * 4.5, "validation_mae": error * 1.02,
        "r2_move": 0.8 - error, "optimal_filter_share_of_move": 1.0 - error / 0.8,
        "noise_free_share_of_move": (0.8 - error) / 0.88, "mid_share_of_adjustment": (1.0 - error) / 0.9612,
    }  # fmt: skip


def _cells(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "cell": cell,
            "rows": 500 + place,
            "dates": 59 - place,
            "predictors": {
                name: {
                    "mae": error * (0.3 + 0.4 * place),
                    "yield_mae_bp": 10.0 + place,
                    "yield_median_bp": 5.0 + place,
                    "coverage": 0.9 - 0.02 * place,
                    "interval_width": error * (2.0 + place),
                }
                for name, error in ERRORS.items()
            },
        }
        for place, cell in enumerate(names)
    ]


def _skill(name: str) -> dict[str, Any]:
    best = {"best_baseline": "kalman", "best_simple_baseline": "peers", "kalman": "kalman"}
    others = [other for other in ERRORS if other not in (name, *MODELS)]
    return {
        **{f"against_{key}": _against(1.0 - ERRORS[name] / ERRORS[other]) for key, other in best.items()},
        "against": {other: _against(1.0 - ERRORS[name] / ERRORS[other]) for other in others},
    }


def _against(skill: float) -> dict[str, Any]:
    low, high = skill - 0.015, skill + 0.013
    return {
        "skill": skill,
        "low": low,
        "high": high,
        "verdict": "better" if low > 0.0 else "worse" if high < 0.0 else "not distinguishable",
    }
