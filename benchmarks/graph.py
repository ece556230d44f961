"""The stages from a file of observations to the dataset, as the graph of dvc.yaml has them."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dvc.repo import Repo, lock_repo

from dvc_parallel.project.repository import dvc_faults_in_one_line, plan
from dvc_parallel.system.errors import ProjectError
from richcheap.pipeline.storage import paths

if TYPE_CHECKING:
    from dvc.stage import Stage


class Step(NamedTuple):
    """A stage of the pipeline.

    Attributes
    ----------
    name : str
    words : tuple of str
        Its command line.
    outs : tuple of Path
        What it writes, relative to the project's folder.
    """

    name: str
    words: tuple[str, ...]
    outs: tuple[Path, ...]


class DataPath(NamedTuple):
    """The stages that the dataset needs, each list in an order in which they can run.

    Attributes
    ----------
    beside : list of Step
        Those that handle no observations.
    source : Step
        The one that makes the file of observations.
    steps : list of Step
        Those through which observations become the dataset.
    """

    beside: list[Step]
    source: Step
    steps: list[Step]


def data_path(folder: Path, observations: str, dataset: Sequence[Path] = (paths.DATASET_TRAIN,)) -> DataPath:
    """Find the data path in a project's graph: no stage is named here, so that none can be forgotten.

    Parameters
    ----------
    folder : Path
        With params.yaml and dvc.yaml; it becomes a DVC project where it is none yet.
    observations : str
        The file that it starts from, ``data.observations``.
    dataset : sequence of Path
        What it ends with.

    Raises
    ------
    ProjectError
        The project cannot be read, or no stage that the dataset needs makes that file.
    """
    with dvc_faults_in_one_line(), _opened(folder) as repo, lock_repo(repo):
        ends = {folder / out for out in dataset}
        order, above, _ = plan(
            repo, [stage.addressing for stage in repo.index.stages if ends.intersection(_outs(stage))]
        )
        source = next((stage for stage in order if folder / observations in _outs(stage)), None)
        if source is None:
            raise ProjectError(f"data.observations: no stage of the data path makes {observations}")
        below = {source}
        for stage in order:
            if below.intersection(above[stage]):
                below.add(stage)
        beside = [_step(stage, folder) for stage in order if stage not in below]
        steps = [_step(stage, folder) for stage in order if stage in below and stage is not source]
        return DataPath(beside, _step(source, folder), steps)


def _opened(folder: Path) -> Repo:
    return Repo(str(folder)) if (folder / Repo.DVC_DIR).is_dir() else Repo.init(str(folder), no_scm=True)


def _outs(stage: "Stage") -> list[Path]:
    return [Path(out.fs_path) for out in stage.outs]


def _step(stage: "Stage", folder: Path) -> Step:
    outs = tuple(path.relative_to(folder) for path in _outs(stage))
    return Step(stage.name, tuple(shlex.split(stage.cmd)), outs)
