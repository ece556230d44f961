"""Look at what was trained: one model's result, its metrics, where it lies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from dvc_parallel.results import Result
from dvc_parallel.system.cores import available_cores
from dvc_parallel.system.errors import printed_errors
from dvc_parallel.views.tqdm_log import last_lines
from richcheap.evaluation.validation import block_metrics
from richcheap.features.repricing import Repricer
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, read_parquet
from richcheap.pipeline.storage.tables import read_table

MARKET_MODELS = ("factor_model", "regime_detector", "tail_risk")
"""Stages that are models of the market as a whole."""
LINES_OF_A_LOG = 20
SHOWN = ("mae", "rmse", "yield_mae_bp")
"""Errors that a table of results has room for."""


@dataclass(frozen=True)
class TrainingResult:
    """What became of one model.

    Parameters
    ----------
    metrics : dict or None
        Errors on the validation block (docs/metrics.md), or what a model of the market says of itself; None when it
        was not trained.
    path : Path
        Folder of the model and of what is made with it.
    status : str
        ``ran``, ``restored from cache``, ``unchanged``, ``failed`` or ``skipped``.
    seconds : float
        Of this run: 0 when nothing was trained.
    cause : str
        Why it failed or was skipped.
    log : Path or None
        What the training printed.
    """

    metrics: dict[str, Any] | None
    path: Path
    status: str
    seconds: float
    cause: str = ""
    log: Path | None = field(default=None, repr=False)


class TrainingResults(Mapping[str, TrainingResult]):
    """What became of each model, by name; printed, and in notebooks, it is a table.

    Parameters
    ----------
    results : mapping
    """

    def __init__(self, results: Mapping[str, TrainingResult]) -> None:
        self._results = dict(results)

    def __getitem__(self, name: str) -> TrainingResult:
        return self._results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        with pl.Config(tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=80, tbl_hide_dataframe_shape=True):
            return str(self.table)

    def _repr_html_(self) -> str:
        with pl.Config(tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=80):
            return self.table._repr_html_()

    @property
    def table(self) -> pl.DataFrame:
        """A row for each model: status, seconds of this run, errors on the validation block, and why it has none."""
        rows = [
            {
                "model": name,
                "status": one.status,
                "seconds": one.seconds,
                **{key: (one.metrics or {}).get(key) for key in SHOWN},
                "cause": one.cause or None,
            }
            for name, one in self.items()
        ]
        numbers = dict.fromkeys(("seconds", *SHOWN), pl.Float64)
        return pl.DataFrame(rows, schema={"model": pl.String, "status": pl.String, **numbers, "cause": pl.String})


class Trained:
    """The models of a project; the validation block is read when the first of them is judged on it."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def result(self, name: str, run: Result) -> TrainingResult:
        """Return what became of a model, given what became of its stage."""
        metrics = self._metrics(name) if run.outcome.good else None
        folder, word = self._project / folder_of(name), run.outcome.value
        return TrainingResult(metrics, folder, word, run.usage.seconds, cause_of(run), run.log)

    def _metrics(self, name: str) -> dict[str, Any]:
        if name in MARKET_MODELS:
            return read_json(self._project / paths.METRICS / f"{name}.json")
        predicted = read_parquet(self._project / paths.validation_predictions(name))["prediction_bp"].to_numpy()
        return block_metrics(self._rows, predicted, self._repricer, available_cores())

    @cached_property
    def _rows(self) -> pl.DataFrame:
        return read_table(self._project / paths.DATASET_VALIDATION)

    @cached_property
    def _repricer(self) -> Repricer:
        return Repricer.from_frame(read_parquet(self._project / paths.CURVES), available_cores())


def folder_of(name: str) -> Path:
    """Return where a model lies in its project, with what is made with it."""
    return (paths.MARKET_MODELS if name in MARKET_MODELS else paths.MODELS) / name


def cause_of(result: Result) -> str:
    """Return why a stage failed, in its own words where it ended with some."""
    lines = [] if result.log is None or result.outcome.good else last_lines(result.log, LINES_OF_A_LOG)
    said = printed_errors(lines)
    return "; ".join([result.cause, *said] if result.cause else said)
