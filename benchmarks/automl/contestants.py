"""Each contestant trained and made to predict in processes of its own: the models of a project, and the rivals."""

import json
import os
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.automl.blocks import CHOSEN_ON, JUDGED_ON, LEARNED, Block, write_block
from benchmarks.automl.costs import Cost, measured, saved_bytes
from benchmarks.automl.rivals import RIVALS, Rival
from benchmarks.promises.figures import ROOT
from richcheap.models.common.base import model_module
from richcheap.models.common.spread_differences import wide_sample
from richcheap.pipeline.config.sections import model_names
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import read_block, read_training_block

SAME_COLUMNS: Final = "advanced_ml_adjuster"
"""The model whose columns, start and winsorised target the rivals get: of ours it makes most of the dataset."""
READ: Final = (paths.PARAMS, paths.PARAMS_FOLDER, paths.TRAINING_DATA)
"""What training reads of a project."""
ENOUGH: Final = 0.8
"""Share of the CPU that a rival is to have, below which, or above the inverse, it is trained again."""
TRIES: Final = 3


class Contestant(NamedTuple):
    """One that took part, or a rival that could not.

    Attributes
    ----------
    name : str
    is_rival : bool
    left_out : str
        Why; empty for one that took part.
    predictions : ndarray or None
        Of the validation rows and then of the test rows. Ours predict bp added to the base spread, rivals multiples
        of the noise added to the filter's spread.
    cost : Cost or None
        Of training.
    saved_mb : float
        Size of what is saved, units of 10^6 bytes.
    microseconds_a_row, milliseconds_for_one : float
        CPU time of predictions.
    version : str
    """

    name: str
    is_rival: bool
    left_out: str = ""
    predictions: NDArray[np.float64] | None = None
    cost: Cost | None = None
    saved_mb: float = 0.0
    microseconds_a_row: float = 0.0
    milliseconds_for_one: float = 0.0
    version: str = ""


def export(project: Path, folder: Path) -> None:
    """Write the blocks of a project's dataset as rivals get them."""
    module = model_module(SAME_COLUMNS)
    model: Any = module.build(module.Params(), 0, 1)
    rows = {
        LEARNED: read_training_block(project / paths.DATASET_TRAIN, "rivals"),
        CHOSEN_ON: read_block(project / paths.DATASET_VALIDATION),
        JUDGED_ON: read_block(project / paths.DATASET_TEST),
    }
    samples = {name: wide_sample(block, model.features, model.anchor) for name, block in rows.items()}
    mean_cost = (samples[LEARNED].unit_bp * samples[LEARNED].dv01).mean()
    for name, sample in samples.items():
        day = rows[name]["date"].to_physical().to_numpy().astype(np.int64)
        target = sample.target_bp / sample.unit_bp
        if name == LEARNED:
            target = sample.clipped(sample.bounds(model.sizes.clip_share))
        seen = slice(0) if name == JUDGED_ON else slice(None)  # what a rival cannot read it cannot learn
        write_block(Block(sample.matrix, day, target[seen], sample.unit_bp * sample.dv01 / mean_cost), name, folder)


def ours(project: Path, folder: Path, only: Collection[str]) -> Iterator[Contestant]:
    """Train models of a project by stage ``train``, in a folder beside it, with no checkpoint to go on from."""
    place = folder / "project"
    place.mkdir()
    for path in READ:
        (place / path).symlink_to(project / path)
    for name in filter(only.__contains__, model_names(project / paths.PARAMS)):
        log = folder / f"{name}.log"
        cost = measured([sys.executable, "-m", "stages.train", name], place, log, ROOT)
        measured([sys.executable, "-m", "benchmarks.automl.ours", name, folder / f"{name}.npy"], place, log, ROOT)
        yield _found(name, False, cost, (place / paths.model_file(name)).stat().st_size, folder / f"{name}.npy")


def rivals(folder: Path, environments: Path, seconds: int, only: Collection[str]) -> Iterator[Contestant]:
    """Train rivals on the blocks in a folder, each by the Python of its own environment.

    Parameters
    ----------
    folder : Path
        Of the blocks; what is trained lies there, too.
    environments : Path
        Folder of virtual environments, each named as a rival's package.
    seconds : int
        CPU seconds of a rival.
    only : collection of str
        Their names.
    """
    for name, rival in RIVALS.items():
        if name not in only:
            continue
        python = _python(rival, environments)
        if python is None:
            yield Contestant(name, True, f"{rival.package} is not installed: no {environments / rival.package}")
            continue
        saved, log = folder / name, folder / f"{name}.log"
        words: list[object] = [python, "-m", "benchmarks.automl.rivals", name]
        cost = _trained([*words, "fit", folder, saved], saved, log, seconds * rival.times)
        measured([*words, "predict", folder, saved, folder / f"{name}.npy"], folder, log, ROOT)
        yield _found(name, True, cost, saved_bytes(saved), folder / f"{name}.npy")


def _python(rival: Rival, environments: Path) -> Path | None:
    """Return the Python that has a rival's package: this one for what models of ours are made of."""
    if rival.package == "lightgbm":
        return Path(sys.executable)
    python = environments.absolute() / rival.package / "bin" / "python"
    return python if python.exists() else None


def _trained(words: list[object], saved: Path, log: Path, seconds: int) -> Cost:
    """Train a rival, again with another time limit where other work on the machine has left it too little CPU or much.

    Rivals know wall time alone. One that ends before its time has all that it asks for.
    """
    limit = seconds / min(1.0, (os.cpu_count() or 1) / (1.0 + os.getloadavg()[0]))
    for _ in range(TRIES):
        shutil.rmtree(saved, ignore_errors=True)
        saved.mkdir()
        cost = measured([*words, str(round(limit))], saved.parent, log, ROOT)
        if ENOUGH <= cost.cpu_seconds / seconds <= 1.0 / ENOUGH or cost.wall_seconds < ENOUGH * limit:
            break
        limit *= seconds / cost.cpu_seconds
    return cost


def _found(name: str, is_rival: bool, cost: Cost, size: int, predictions: Path) -> Contestant:
    """Return what a contestant has written of itself."""
    written = json.loads(predictions.with_suffix(".json").read_text(encoding="utf-8"))
    return Contestant(name, is_rival, "", np.load(predictions), cost, size / 1e6, **written)
