"""Judge every predictor on the same rows: prices in, metrics out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.evaluation.bootstrap import PairedBootstrap, sums_by_date
from stages.evaluation.cells import MATURITY_CELLS, Cut, cuts, maturity_codes
from stages.evaluation.intervals import ScaledIntervals, error_scale
from stages.evaluation.metrics import Judged, price_metrics, r_squared, yield_metrics, yield_rows
from stages.evaluation.params import EvaluateParams
from stages.spreads.repricing import yields
from stages.spreads.units import BP

Floats = NDArray[np.float64]

REFERENCE = "last_adjusted"
TARGET_COLUMNS = ("clean_price", "fair_price", "rating_bucket", "years_to_maturity", "days_since_last", "price_risk")


class Block(NamedTuple):
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


class Truth(NamedTuple):
    """What the simulator knows of the test block.

    Attributes
    ----------
    mid : ndarray, shape (n_rows,)
        Clean price without the noise of the print.
    regime : Series
    """

    mid: Floats
    regime: pl.Series


def judged(rows: pl.DataFrame) -> Judged:
    """Take from the dataset what predictions are judged against."""
    return Judged(
        observed=rows["clean_price"].to_numpy(),
        fair=rows["fair_price"].to_numpy(),
        staleness_days=rows["days_since_last"].fill_null(np.nan).to_numpy(),
        years=rows["years_to_maturity"].to_numpy(),
    )


def half_widths(validation: Block, test: Block, params: EvaluateParams) -> dict[str, Floats]:
    """Return the half-width of every predictor's intervals on the test block, from its validation errors."""

    def scale_and_cell(rows: pl.DataFrame) -> tuple[Floats, NDArray[np.int64]]:
        noise, risk = rows["noise_scale_bp"].to_numpy(), rows["price_risk"].to_numpy()
        scale = error_scale(noise, risk, params.interval_floor_points)
        return scale, maturity_codes(rows["years_to_maturity"].to_numpy())

    known, new = scale_and_cell(validation.rows), scale_and_cell(test.rows)
    observed = validation.rows["clean_price"].to_numpy()
    widths = {}
    for name, price in validation.prices.items():
        intervals = ScaledIntervals(params.interval_coverage, params.interval_min_rows)
        widths[name] = intervals.fit(price - observed, *known, len(MATURITY_CELLS)).half_width(*new)
    return widths


def yield_errors(block: Block, threads: int = 1) -> dict[str, Floats]:
    """Return the yield at every predictor's price less the yield at the observed one, bp.

    NaN where a predicted price has no yield. ``threads`` changes no result.
    """
    observed = yields(block.rows, block.rows["clean_price"].to_numpy(), threads)
    return {name: BP * (yields(block.rows, price, threads) - observed) for name, price in block.prices.items()}


def judge(
    validation: Block,
    test: Block,
    widths: Mapping[str, Floats],
    errors_bp: Mapping[str, Floats],
    baselines: list[str],
    truth: Truth | None,
    params: EvaluateParams,
    seed: int,
) -> dict[str, Any]:
    """Work out everything that metrics/evaluate.json holds (docs/metrics.md).

    Parameters
    ----------
    validation, test : Block
        The former picks the best baseline and the best model; the latter is judged.
    widths : mapping of str to ndarray
        Half-widths of the intervals on the test block (`half_widths`).
    errors_bp : mapping of str to ndarray
        Errors of yield on the test block (`yield_errors`).
    baselines : list of str
        Which predictors are baselines.
    truth : Truth or None
        On a simulated market.
    params : EvaluateParams
    seed : int
        Seed of the bootstrap.
    """
    against = judged(test.rows)
    validation_mae = {name: validation.mae(name) for name in test.prices}
    best_baseline = min(baselines, key=validation_mae.__getitem__)
    models = [name for name in test.prices if name not in baselines]
    attainable = None if truth is None else r_squared(against.observed / against.fair, truth.mid / against.fair)
    predictors = {}
    for name, price in test.prices.items():
        metrics = price_metrics(against, price)
        predictors[name] = {
            "kind": "baseline" if name in baselines else "model",
            **metrics,
            **yield_metrics(against, errors_bp[name]),
            **_coverage(against.observed, price, widths[name]),
            "validation_mae": validation_mae[name],
            "attainable_share": None if attainable is None else metrics["r2_adjustment"] / attainable,
        }
    dates = test.rows["date"]
    return {
        "rows": test.rows.height,
        "dates": dates.n_unique(),
        "first_date": str(dates[0]),
        "last_date": str(dates[-1]),
        "rows_in_yield_metrics": int(yield_rows(against).sum()),
        "best_baseline": best_baseline,
        "best_model": min(models, key=validation_mae.__getitem__, default=None),
        "interval_coverage_target": params.interval_coverage,
        "confidence": params.confidence,
        "predictors": predictors,
        "skill": _skill(test, best_baseline, params, seed),
        "slices": {
            cut.name: _slice(cut, test, widths) for cut in cuts(test.rows, None if truth is None else truth.regime)
        },
        "oracle": None
        if truth is None
        else {"mae": float(np.abs(truth.mid - against.observed).mean()), "r2_adjustment": attainable},
    }


def prediction_table(test: Block, widths: Mapping[str, Floats]) -> pl.DataFrame:
    """Return every prediction for the test block, with its interval."""
    columns = {}
    for name, price in test.prices.items():
        columns[name] = price
        columns[f"{name}_low"] = price - widths[name]
        columns[f"{name}_high"] = price + widths[name]
    return test.rows.select("bond_id", "date", *TARGET_COLUMNS).hstack(pl.DataFrame(columns))


def _coverage(observed: Floats, price: Floats, width: Floats) -> dict[str, float]:
    return {
        "coverage": float((np.abs(observed - price) <= width).mean()),
        "interval_width": float(2.0 * width.mean()),
    }


def _skill(test: Block, best_baseline: str, params: EvaluateParams, seed: int) -> dict[str, dict[str, Any]]:
    names = list(test.prices)
    observed = test.rows["clean_price"].to_numpy()
    errors = np.column_stack([np.abs(test.prices[name] - observed) for name in names])
    bootstrap = PairedBootstrap(
        sums_by_date(test.rows["date"].to_physical().to_numpy(), errors),
        params.bootstrap_block_dates,
        params.bootstrap_resamples,
        params.confidence,
        seed,
    )
    reference, best = names.index(REFERENCE), names.index(best_baseline)
    return {
        name: {
            "against_last_adjusted": bootstrap.skill(position, reference)._asdict(),
            "against_best_baseline": bootstrap.skill(position, best)._asdict(),
        }
        for position, name in enumerate(names)
    }


def _slice(cut: Cut, test: Block, widths: Mapping[str, Floats]) -> list[dict[str, Any]]:
    observed, day = test.rows["clean_price"].to_numpy(), test.rows["date"].to_physical().to_numpy()
    table = []
    for code, cell in enumerate(cut.cells):
        members = cut.code == code
        if members.any():
            table.append(
                {
                    "cell": cell,
                    "rows": int(members.sum()),
                    "dates": int(np.unique(day[members]).size),
                    "predictors": {
                        name: {
                            "mae": float(np.abs(price - observed)[members].mean()),
                            **_coverage(observed[members], price[members], widths[name][members]),
                        }
                        for name, price in test.prices.items()
                    },
                }
            )
    return table
