"""Train the models from Python: the pipeline behind the class that users of an older script know.

::

    from richcheap.trainer import ModelTrainer

    trainer = ModelTrainer(dataset_path="bonds.csv", max_workers=4)
    results = trainer.train_all_models()

It is no stage of the pipeline: like ``dvc repro``, it runs stages.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dvc_parallel.processes.subprocess_run import bring_up_to_date
from dvc_parallel.results import Outcome, Result
from dvc_parallel.system.yaml_source import Document
from richcheap.arguments import (
    checked_path,
    checked_project,
    checked_switch,
    checked_workers,
    machine_faults_in_one_line,
)
from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.config.sections import model_names
from richcheap.pipeline.errors import ArtifactError, DataError, ParamsError, RichcheapError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.lock_records import recorded_files
from richcheap.pipeline.storage.tables import read_table
from richcheap.profile import apply
from richcheap.trained import MARKET_MODELS, Trained, TrainingResults, cause_of, folder_of

if TYPE_CHECKING:
    from richcheap.saved.models import SavedModels

DATASET = "features"
"""The stage that makes the dataset."""
LAST_JUDGED = "live"
"""The stage that judges the champion on the last dates; what it needs has chosen the champion."""
CHECKPOINT = re.compile(r"[0-9a-f]{64}")


class ModelTrainer:
    """Train every model of a project, as ``dvc repro`` would, and look at what was trained.

    The stages of dvc.yaml run in a process of their own, side by side. What is written is what they write, so that
    ``dvc repro`` finds the same work done; and, before they run, the two params that `dataset_path` and
    `checkpoint_dir` name, each only where it differs.

    Parameters
    ----------
    dataset_path : str or Path, optional
        File of bond observations, or folder of such files: ``data.observations``. By default as params have it.
    checkpoint_dir : str or Path, optional
        Folder of finished pieces of long work: ``compute.checkpoints``. By default as params have it.
    use_parallel : bool
        Whether stages run side by side.
    max_workers : int, optional
        How many at most; by default as many as there are cores.
    project : str or Path
        The project's folder, with its dvc.yaml and params.yaml; by default the working folder. Relative paths
        above are taken from here, as those in params are.
    progress : bool
        Whether ``sys.stderr`` is told how a run goes.

    Raises
    ------
    RichcheapError
        `project` is no project's folder, there is no such file, or an argument is of another kind than it must be.
    """

    def __init__(
        self,
        dataset_path: str | Path | None = None,
        checkpoint_dir: str | Path | None = None,
        use_parallel: bool = True,
        max_workers: int | None = None,
        *,
        project: str | Path = ".",
        progress: bool = True,
    ) -> None:
        workers = checked_workers(max_workers)
        self._jobs = workers if checked_switch("use_parallel", use_parallel) else 1
        self._progress = checked_switch("progress", progress)
        self._project = checked_project(project)
        dataset = None if dataset_path is None else checked_path("dataset_path", dataset_path)
        checkpoints = None if checkpoint_dir is None else checked_path("checkpoint_dir", checkpoint_dir)
        self._given = {("data", "observations"): dataset, ("compute", "checkpoints"): checkpoints}
        self._blocks: dict[Path, pl.DataFrame] = {}
        self._dataset_is_made = False
        self._results: dict[str, Result] = {}
        made = self._place(paths.SIMULATED_OBSERVATIONS)
        if dataset is not None and (place := self._place(dataset)) != made and not place.exists():
            raise DataError(f"dataset_path: {place}: no such file or folder; correct the path")

    @property
    def train_bonds(self) -> pl.DataFrame:
        """The training block of the dataset, made if need be."""
        return self._block(paths.DATASET_TRAIN)

    @property
    def validation_bonds(self) -> pl.DataFrame:
        """The validation block of the dataset, made if need be."""
        return self._block(paths.DATASET_VALIDATION)

    @property
    def test_bonds(self) -> pl.DataFrame:
        """The test block of the dataset, made if need be: to be looked at when all is chosen."""
        return self._block(paths.DATASET_TEST)

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each stage in the last run, for instance ``{"convert": "unchanged"}``."""
        return {name: result.outcome.value for name, result in self._results.items()}

    def train_all_models(self, resume: bool = True) -> TrainingResults:
        """Train the models, each in a stage of its own; one that fails does not stop the others.

        Parameters
        ----------
        resume : bool
            Whether what is valid is kept: models whose data, params and code are as they were, and finished pieces
            of a search that was stopped. False forgets both and trains every model anew from nothing. The dataset is
            made anew only when it is stale, either way.

        Returns
        -------
        TrainingResults
            By model, those of prices first; a notebook shows them as a table.

        Raises
        ------
        RichcheapError
            No training could be started: params or the data are faulty, or another run is at work.
        """
        resume = checked_switch("resume", resume)
        self._write_params()
        stages = self._stages()
        if not resume:
            self._forget_checkpoints(stages)
        self._blocks.clear()
        self._run(stages.values(), force_targets=not resume)
        if all(self._results[stage].outcome is Outcome.SKIPPED for stage in stages.values()):
            raise RichcheapError(self._failures())
        trained = Trained(self._project)
        return TrainingResults({name: trained.result(name, self._results[stage]) for name, stage in stages.items()})

    def save_models(self, folder: str | Path, *, champion: bool = True) -> "SavedModels":
        """Save the trained models to ``folder/NAME/`` and the champion to ``folder/champion/``, to be loaded anywhere.

        Who the champion is, and how every model errs, is what the pipeline finds out up to the stage ``live``: what is
        stale of it runs first.

        Parameters
        ----------
        folder : str or Path
            Made if need be; what it holds of these models is replaced.
        champion : bool
            Whether the champion is saved, with the market that it prices in and cards of all models. Without it
            nothing runs, and models are copied alone.

        Returns
        -------
        SavedModels
            Where each model lies; its ``sha256`` is what `richcheap.load_champion` asks for.

        Raises
        ------
        RichcheapError
            No model is trained, a file is not the one that dvc.lock records, or the champion could not be found.
        """
        from richcheap.price import load  # noqa: PLC0415  what prices takes seconds to import
        from richcheap.saved.models import SavedModels  # noqa: PLC0415

        target = checked_path("folder", folder).absolute()
        champion = checked_switch("champion", champion)
        found = self._trained_files()
        if any(file.is_relative_to(target) for files in found.values() for file in files):
            raise ParamsError(f"folder: expected one outside of the project's own models, got {target}")
        if champion:
            self._run([LAST_JUDGED])
            if not all(result.outcome.good for result in self._results.values()):
                raise RichcheapError(self._failures())
            found = self._trained_files()
        saved = SavedModels.write(self._project, found, target, load(self._project) if champion else None)
        if self._progress:
            _tell(f"saved {len(saved)} models to {target}, sha256 {saved.sha256}")
        return saved

    def _trained_files(self) -> dict[str, list[Path]]:
        """Return the files of each model that there is, checked."""
        files = {name: recorded_files(self._project, stage, folder_of(name)) for name, stage in self._stages().items()}
        if not any(files.values()):
            raise ArtifactError(f"{self._project / paths.LOCK}: records no trained model; call train_all_models first")
        return {name: found for name, found in files.items() if found}

    def _stages(self) -> dict[str, str]:
        """Return the stage of each model."""
        names = model_names(self._project / paths.PARAMS)
        return {**{name: f"train@{name}" for name in names}, **{name: name for name in MARKET_MODELS}}

    def _block(self, folder: Path) -> pl.DataFrame:
        if folder not in self._blocks:
            if not self._dataset_is_made:
                self._write_params()
                self._run([DATASET])
                if not self._dataset_is_made:
                    raise RichcheapError(self._failures())
            self._blocks[folder] = read_table(self._project / folder)
        return self._blocks[folder]

    def _run(self, targets: Iterable[str], force_targets: bool = False) -> None:
        self._dataset_is_made = False
        tell = _tell if self._progress else None
        done = bring_up_to_date(self._project, list(targets), jobs=self._jobs, force_targets=force_targets, tell=tell)
        self._results = {result.name: result for result in done}
        self._dataset_is_made = any(result.name == DATASET and result.outcome.good for result in done)

    def _differing(self) -> dict[str, dict[str, str]]:
        """Return the params that are to have other values, by section."""
        params, found = read_params(self._project / paths.PARAMS).values, dict[str, dict[str, str]]()
        for (section, key), given in self._given.items():
            current = _value(params, section, key)
            same = isinstance(current, str) and self._place(current) == self._place(given or current)
            if given is not None and not same:
                found.setdefault(section, {})[key] = Path(given).as_posix()
        return found

    def _place(self, path: str | Path) -> Path:
        return Path(os.path.normpath(self._project / path))  # a link may lead elsewhere tomorrow

    def _write_params(self) -> None:
        if wanted := self._differing():
            with machine_faults_in_one_line():
                apply(Document("ModelTrainer", wanted, {}), self._project)

    def _forget_checkpoints(self, models: Iterable[str]) -> None:
        """Remove the checkpoints of these models' trainings, and nothing that does not bear a checkpoint's name."""
        kept = _value(read_params(self._project / paths.PARAMS).values, "compute", "checkpoints")
        for name in models if isinstance(kept, str) else ():
            folder = self._project / str(kept) / name
            for file in folder.iterdir() if folder.is_dir() else ():
                if CHECKPOINT.fullmatch(file.name) and file.is_file():
                    try:
                        file.unlink(missing_ok=True)
                    except OSError as error:
                        raise ArtifactError(f"{file}: cannot be removed ({error.strerror}); remove it") from error

    def _failures(self) -> str:
        failed = [result for result in self._results.values() if result.outcome is Outcome.FAILED]
        return "\n".join(f"{result.name} failed: {cause_of(result)}" for result in failed)


def _value(params: Mapping[str, Any], section: str, key: str) -> object:
    values = params.get(section)
    return values.get(key) if isinstance(values, Mapping) else None


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
