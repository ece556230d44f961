"""Score every predictor on the same rows: prices in, metrics out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.evaluation.baselines import least, references
from richcheap.evaluation.cells import Cut, cuts, row_staleness_days
from richcheap.evaluation.metrics import Actuals, interval_metrics, price_metrics, yield_metrics, yield_rows
from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.simulated_truth import SimulatedTruth
from richcheap.evaluation.skill import few_dates_note, skills
from richcheap.evaluation.ticks import score_rounded
from richcheap.features.baselines import FILTER
from richcheap.features.repricing import yields

Floats = NDArray[np.float64]

TARGET_COLUMNS = ("clean_price", "fair_price", "rating_bucket", "years_to_maturity", "days_since_last", "dv01")

SHARES = MappingProxyType(
    {
        "optimal_filter_share_of_move": ("optimal_filter", "r2_move"),
        "noise_free_share_of_move": ("noise_free", "r2_move"),
        "mid_share_of_adjustment": ("mid", "r2_adjustment"),
    }
)
"""Each share of what the oracle knows: whose price, and which figure."""

Oracle = dict[str, dict[str, float] | None]


class ScoredBlock(NamedTuple):
    """One block of the dataset with every predictor's prices.

    Attributes
    ----------
    rows : DataFrame
        Rows of the dataset, sorted by (date, bond_id).
    prices : dict of str to ndarray
        Predicted clean prices, baselines first.
    """

    rows: pl.DataFrame
    prices: dict[str, Floats]

    def mae(self, name: str) -> float:
        """Return a predictor's mean absolute error, points."""
        return float(np.abs(self.prices[name] - self.rows["clean_price"].to_numpy()).mean())


class OptionalInputs(NamedTuple):
    """What is shown beside predictions when the caller has it.

    Attributes
    ----------
    regimes : DataFrame, optional
        Detected regime of each date: ``date``, ``regime``, ``name`` (`detected_cut`).
    members : mapping of str to ndarray, shape (n_rows, n_seeds)
        Clean prices on the test block that each seed of a model predicts alone.
    ticks : ndarray, shape (n_rows,), optional
        Of the rows of the test block, points per 100 (`richcheap.evaluation.ticks`); without, nothing is rounded.
    """

    regimes: pl.DataFrame | None = None
    members: Mapping[str, Floats] = MappingProxyType({})
    ticks: Floats | None = None


def actuals(rows: pl.DataFrame) -> Actuals:
    """Take from the dataset what predictions are scored against."""
    return Actuals(
        observed=rows["clean_price"].to_numpy(),
        fair=rows["fair_price"].to_numpy(),
        last=rows["baseline_last"].to_numpy(),
        staleness_days=row_staleness_days(rows),
        years=rows["years_to_maturity"].to_numpy(),
    )


def yield_errors(block: ScoredBlock, threads: int = 1) -> dict[str, Floats]:
    """Return the yield at every predictor's price less the yield at the observed one, bp.

    NaN where a predicted price has no yield. ``threads`` changes no result.
    """
    observed = yields(block.rows, block.rows["clean_price"].to_numpy(), threads)
    return {name: BP * (yields(block.rows, price, threads) - observed) for name, price in block.prices.items()}


def score_predictors(
    validation: ScoredBlock,
    test: ScoredBlock,
    widths: Mapping[str, Floats],
    errors_bp: Mapping[str, Floats],
    baselines: list[str],
    truth: SimulatedTruth | None,
    params: EvaluateParams,
    seed: int,
    optional_inputs: OptionalInputs = OptionalInputs(),  # noqa: B008  immutable
) -> dict[str, Any]:
    """Work out everything that metrics/evaluate.json holds (docs/metrics.md).

    Parameters
    ----------
    validation, test : ScoredBlock
        The former picks the best baselines and the best model; the latter is scored.
    widths : mapping of str to ndarray
        Half-widths of the intervals on the test block (`walk_intervals`).
    errors_bp : mapping of str to ndarray
        Errors of yield on the test block (`yield_errors`).
    baselines : list of str
        Which predictors are baselines.
    truth : SimulatedTruth or None
        On a simulated market.
    params : EvaluateParams
    seed : int
        Seed of the bootstrap.
    optional_inputs : OptionalInputs
    """
    against = actuals(test.rows)
    validation_mae = {name: validation.mae(name) for name in test.prices}
    best = references(baselines, validation_mae)
    models = [name for name in test.prices if name not in baselines]
    oracle = None if truth is None else _oracle(against, truth)
    predictors = {}
    for name, price in test.prices.items():
        metrics = price_metrics(against, price)
        predictors[name] = {
            "kind": "baseline" if name in baselines else "model",
            **metrics,
            **yield_metrics(against, errors_bp[name]),
            **interval_metrics(against.observed, price, widths[name], params.interval_coverage),
            "validation_mae": validation_mae[name],
            **_shares(metrics, oracle),
            "seeds": _seeds(against.observed, optional_inputs.members.get(name)),
        }
    dates = test.rows["date"]
    return {
        "rows": test.rows.height,
        "dates": dates.n_unique(),
        "first_date": str(dates[0]),
        "last_date": str(dates[-1]),
        "rows_in_yield_metrics": int(yield_rows(against).sum()),
        **{key: name for key, name in best.items() if key != FILTER},
        "best_model": least(models, validation_mae),
        "interval_coverage_target": params.interval_coverage,
        "confidence": params.confidence,
        "predictors": predictors,
        "skill_note": few_dates_note(dates.n_unique()),
        "skill": skills(test.rows["date"], against.observed, test.prices, best, baselines, params, seed),
        "tick_rounded": None
        if optional_inputs.ticks is None
        else score_rounded(test.rows, test.prices, optional_inputs.ticks, best, baselines, params, seed),
        "slices": {
            cut.name: _slice(cut, test, widths, errors_bp, params.interval_coverage)
            for cut in cuts(test.rows, None if truth is None else truth.regime, optional_inputs.regimes)
        },
        "oracle": oracle,
    }


def prediction_table(test: ScoredBlock, widths: Mapping[str, Floats]) -> pl.DataFrame:
    """Return every prediction for the test block, with its interval."""
    columns = {}
    for name, price in test.prices.items():
        columns[name] = price
        columns[f"{name}_low"] = price - widths[name]
        columns[f"{name}_high"] = price + widths[name]
    return test.rows.select("bond_id", "date", *TARGET_COLUMNS).hstack(pl.DataFrame(columns))


def _oracle(against: Actuals, truth: SimulatedTruth) -> Oracle:
    """Return the errors of each price that the simulator's knowledge leads to; None for one that was not worked out."""
    prices = {"mid": truth.mid, "optimal_filter": truth.optimal_filter, "noise_free": truth.noise_free}
    return {name: None if price is None else _oracle_metrics(against, price) for name, price in prices.items()}


def _oracle_metrics(against: Actuals, price: Floats) -> dict[str, float]:
    metrics = price_metrics(against, price)
    return {key: metrics[key] for key in ("mae", "rmse", "r2_adjustment", "r2_move")}


def _shares(metrics: Mapping[str, float], oracle: Oracle | None) -> dict[str, float | None]:
    """Return a predictor's R2 as a share of the oracle's; None where the truth is not known."""
    shares: dict[str, float | None] = {}
    for share, (name, figure) in SHARES.items():
        most = None if oracle is None else oracle[name]
        shares[share] = None if most is None else metrics[figure] / most[figure]
    return shares


def _seeds(observed: Floats, members: Floats | None) -> dict[str, Any] | None:
    """Return number, mean and sample standard deviation of the seeds' mean absolute errors; no deviation from one
    seed.
    """
    if members is None:
        return None
    errors = np.abs(members - observed[:, None]).mean(axis=0)
    std = float(errors.std(ddof=1)) if errors.size > 1 else None
    return {"count": errors.size, "mae": float(errors.mean()), "mae_std": std}


def _slice(
    cut: Cut, test: ScoredBlock, widths: Mapping[str, Floats], errors_bp: Mapping[str, Floats], coverage: float
) -> list[dict[str, Any]]:
    against, day = actuals(test.rows), test.rows["date"].to_physical().to_numpy()
    observed = against.observed
    table = []
    for code, cell in enumerate(cut.cells):
        members = cut.code == code
        if members.any():
            rows = Actuals(*(column[members] for column in against))
            table.append(
                {
                    "cell": cell,
                    "rows": int(members.sum()),
                    "dates": int(np.unique(day[members]).size),
                    "predictors": {
                        name: {
                            "mae": float(np.abs(price - observed)[members].mean()),
                            **yield_metrics(rows, errors_bp[name][members]),
                            **interval_metrics(observed[members], price[members], widths[name][members], coverage),
                        }
                        for name, price in test.prices.items()
                    },
                }
            )
    return table
