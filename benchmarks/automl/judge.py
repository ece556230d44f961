"""Prices of what contestants predict, exactly discounted, and how they err: the rows of the table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.automl.contestants import Contestant
from benchmarks.promises.figures import Cell
from richcheap.evaluation.baselines import references
from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.pricing import with_baselines
from richcheap.evaluation.skill import Skill, skills
from richcheap.features.baselines import FILTER
from richcheap.features.repricing import Repricer
from richcheap.models.common.base import best_multiplier, finite_column
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.target_space import KALMAN as ANCHOR
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet
from richcheap.pipeline.storage.tables import read_table

Floats = NDArray[np.float64]

COLUMNS: Final = (
    "predictor", "version", "validation MAE, points", "test MAE, points", "below the filter, % [95 %]",
    "shrunk: test MAE, points", "shrunk: below the filter, % [95 %]",
    "training, CPU s", "peak memory, MB", "saved, MB", "batch, µs a row", "one row, ms",
)  # fmt: skip


class Judge:
    """Judges predictions for the validation block and the test block of a project's dataset.

    Parameters
    ----------
    project : Path
    """

    def __init__(self, project: Path) -> None:
        folders = (paths.DATASET_VALIDATION, paths.DATASET_TEST)
        self._validation, self._test = (with_baselines(read_table(project / folder)) for folder in folders)
        self._baselines = list(self._test.prices)
        self._repricer = Repricer.from_frame(read_parquet(project / paths.CURVES))
        self._params = load(EvaluateParams, "evaluate", project / paths.PARAMS)
        self._seed = load_seed(project / paths.PARAMS)

    def add(self, contestant: Contestant) -> None:
        """Price what a contestant predicts; a rival is priced a second time, shrunk as our models are."""
        if contestant.predictions is None:
            return
        parts = np.split(contestant.predictions, [self._validation.rows.height])
        if not contestant.is_rival:
            self._price(contestant.name, parts)
            return
        blocks = (self._validation.rows, self._test.rows)
        starts = [finite_column(rows, ANCHOR.offset or "") for rows in blocks]
        noises = [finite_column(rows, str(ANCHOR.noise)) for rows in blocks]
        distances = [part * noise for part, noise in zip(parts, noises, strict=True)]
        multiplier = best_multiplier(
            distances[0],
            finite_column(self._validation.rows, "target_bp") - starts[0],
            finite_column(self._validation.rows, "dv01"),
            SHRINKAGE_STEPS,
        )
        for name, factor in ((contestant.name, 1.0), (_shrunk(contestant.name), multiplier)):
            self._price(name, [start + factor * one for start, one in zip(starts, distances, strict=True)])

    def rows(self, contestants: Sequence[Contestant]) -> list[list[Cell]]:
        """Return the lines of the table: the best simple baseline, the filter, and all who took part."""
        gain = {name: one[FILTER] for name, one in self._skills([FILTER]).items()}
        mae = {name: self._validation.mae(name) for name in self._baselines}
        simple = references(self._baselines, mae)["best_simple_baseline"]
        lines = [[f"`{name}`", "", *self._errors(name, gain), *[""] * 7] for name in (simple, FILTER)]
        for one in contestants:
            if one.predictions is None:
                lines.append([one.name, f"left out: {one.left_out}", *[""] * (len(COLUMNS) - 2)])
                continue
            shrunk = self._errors(_shrunk(one.name), gain)[1:] if one.is_rival else ["", ""]
            name = one.name if one.is_rival else f"`{one.name}`"
            lines.append([name, one.version, *self._errors(one.name, gain), *shrunk, *_costs(one)])
        return lines

    def leads(self, contestants: Sequence[Contestant]) -> list[str]:
        """Say by how much the champion, ours of the least validation error, is below each rival on the test block."""
        took_part = [one for one in contestants if one.predictions is not None]
        ours = [one.name for one in took_part if not one.is_rival]
        rivals = [one.name for one in took_part if one.is_rival]
        if not ours or not rivals:
            return []
        champion = min(ours, key=self._validation.mae)
        leads = self._skills(rivals)[champion]
        return [f"{champion} below {name}, %: {_percent(lead)}" for name, lead in leads.items()]

    def _skills(self, references: Sequence[str]) -> dict[str, dict[str, Skill]]:
        """Return the skill of every predictor against some, on the test block."""
        rows = self._test.rows
        found = skills(
            rows["date"],
            rows["clean_price"].to_numpy(),
            self._test.prices,
            {name: name for name in references},
            references,
            self._params,
            self._seed,
        )
        return {name: {other: Skill(**one[f"against_{other}"]) for other in references} for name, one in found.items()}

    def _price(self, name: str, parts_bp: Sequence[Floats]) -> None:
        for block, part in zip((self._validation, self._test), parts_bp, strict=True):
            block.prices[name] = self._repricer.predicted_prices(block.rows, part[:, None])[:, 0]

    def _errors(self, name: str, gain: Mapping[str, Skill]) -> list[Cell]:
        """Return the error on either block, and what it is below the filter's."""
        below = "" if name == FILTER else _percent(gain[name])
        return [round(self._validation.mae(name), 4), round(self._test.mae(name), 4), below]


def _percent(gain: Skill) -> str:
    skill, low, high = (100.0 * figure for figure in gain[:3])
    return f"{skill:+.1f} [{low:+.1f}, {high:+.1f}]"


def _costs(contestant: Contestant) -> list[Cell]:
    assert contestant.cost is not None
    return [
        round(contestant.cost.cpu_seconds, 1),
        round(contestant.cost.peak_mb),
        round(contestant.saved_mb, 1),
        round(contestant.microseconds_a_row, 1),
        round(contestant.milliseconds_for_one, 2),
    ]


def _shrunk(name: str) -> str:
    return f"{name}, shrunk"
