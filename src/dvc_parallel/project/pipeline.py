"""A DVC project as the runner sees it: its graph, what is stale, and the run of a stage cut in two.

DVC reproduces a stage in one go: it removes the outputs, looks into the run cache, runs the command with its lock
released, then hashes, caches and records what came of it. The same calls are made here in the same order
(`dvc.stage.Stage.run`, `dvc.stage.run.run_stage`), but between the two halves other stages may begin and end.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dvc.repo import Repo, lock_repo
from dvc.stage import PipelineStage, Stage
from dvc.stage.cache import RunCacheNotFoundError
from dvc.stage.run import _enforce_cmd_list, _make_cmd, get_executable, prepare_kwargs
from dvc.stage.serialize import to_single_stage_lockfile

from dvc_parallel.processes.processes import Command
from dvc_parallel.project.fetch import fetch_missing, fetch_run_cache, fetched, would_be_fetched
from dvc_parallel.project.ignore_lists import IgnoreLists
from dvc_parallel.project.inputs import differs, is_stale, lacking, present, recorded
from dvc_parallel.project.lockfile import LockFile, Series
from dvc_parallel.project.params_cache import params_read_once
from dvc_parallel.project.params_guard import refuse_faulty_params
from dvc_parallel.project.read_only import repo_to_read, repo_to_run
from dvc_parallel.project.repository import path_lock, plan
from dvc_parallel.protocols import StartOutcome
from dvc_parallel.scheduling.schedule import Step
from dvc_parallel.system import program

STATE = "dvc-parallel"
"""Folder of the runner below DVC's temporary files, which git ignores."""


class DvcPipeline:
    """The pipeline of a DVC project.

    Parameters
    ----------
    folder : Path
        The project's folder, or one below it.
    read_only : bool
        Whether it is only looked at, and need not be writable.
    settled : collection of str
        Stages marked ``always_changed`` that run only if their outputs are not those that dvc.lock records.

    Raises
    ------
    DvcException
        It is no DVC project, or its configuration is wrong.
    ParamsError
        A params file cannot be read, or params.yaml has no path where dvc.yaml needs one.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, settled: Collection[str] = ()) -> None:
        self._settled = frozenset(settled)
        self._repo = repo_to_read(folder, wait=True) if read_only else repo_to_run(folder)
        self.root = Path(self._repo.root_dir)
        refuse_faulty_params(self.root)
        self.tmp = self.root / Repo.DVC_DIR / "tmp"
        self.state = self.tmp / STATE
        self.targets: frozenset[str] = frozenset()
        self._stages: dict[str, Stage] = {}
        self._above: dict[str, list[Stage]] = {}
        self._made: list[str] = []  # paths of all outputs of the project
        self._read: dict[str, dict[str, Any]] = {}  # hashes of what the stages at work read
        self._locks: dict[str, LockFile] = {}
        self._ignored = IgnoreLists({})
        self._series = Series(self.state / "series.json")
        self._held: dict[str, ExitStack] = {}

    def plan(self, targets: Sequence[str]) -> tuple[list[Step], set[str]]:
        """Return the stages of the targets (`dvc_parallel.project.repository.plan`), and those that are stale now.

        Raises
        ------
        ProjectError
            A target is not known.
        DvcException
            A file cannot be read.
        """
        with self._session():
            order, above, chosen = plan(self._repo, targets)
            self.targets = frozenset(stage.addressing for stage in chosen)
            self._stages = {stage.addressing: stage for stage in order}
            self._above = {stage.addressing: stages for stage, stages in above.items()}
            self._made = [out.fs_path for stage in self._repo.index.stages for out in stage.outs]
            steps = [Step(stage.addressing, frozenset(up.addressing for up in above[stage])) for stage in order]
            with params_read_once():
                stale = {
                    name
                    for name, stage in self._stages.items()
                    if (differs if name in self._settled else is_stale)(stage)
                }
        return steps, stale

    def is_stale(self, name: str) -> bool:
        """Say whether a stage must run, now that all upstream of it is done."""
        with self._session():
            return bool(self._stages[name].changed())

    def stale_among(self, names: Sequence[str]) -> list[str]:
        """Return those of some stages, which were up to date, whose files have changed since."""
        with self._session(), params_read_once():
            return [name for name in names if differs(self._stages[name])]

    def lacks(self, name: str) -> list[str]:
        """Return what a stage needs, is not there, and no stage declares as an output."""
        return lacking(self._stages[name], self._made)

    def would_be_fetched(self, names: Collection[str]) -> set[str]:
        """Return those of some stale stages of which only data is missing, and the remote has it."""
        with self._session():
            return {name for name in names if would_be_fetched(self._stages[name], self._above[name])}

    def lock_files(self) -> dict[Path, list[str]]:
        """Return the dvc.lock files of the plan, each with its stages in DVC's order."""
        paths: dict[Path, list[str]] = {}
        for stage in self._stages.values():
            if isinstance(stage, PipelineStage):
                paths.setdefault(Path(stage.dvcfile._lockfile.path), []).append(stage.name)
        return paths

    def prepare(self, may_run: Collection[str]) -> None:
        """Prepare to record stages: the runner's first change of the project."""
        self._ignored = IgnoreLists({name: stage for name, stage in self._stages.items() if name in may_run})
        paths = self.lock_files()
        began = self._series.opened(paths)
        for path, names in paths.items():
            copy = self.state / "locks" / path.relative_to(self.root)
            self._locks[str(path)] = LockFile(path, began[str(path)], names, copy)

    def pull_run_cache(self) -> str:
        """Fetch from DVC's remote what is known of earlier runs; return why not, when that cannot be done."""
        with self._session():
            return fetch_run_cache(self._repo)

    def close_series(self) -> None:
        """Note that nothing is left to do."""
        self._series.close()

    def begin(self, name: str, force: bool, pull: bool) -> StartOutcome:
        """Make a stage ready to run, or bring it up to date without.

        Parameters
        ----------
        name : str
        force : bool
            Whether it runs although its result is known.
        pull : bool
            Whether the result is also looked for on DVC's remote.

        Raises
        ------
        DvcException
            A dependency or an output is missing, or an output is locked by another program.
        """
        stage = self._stages[name]
        with self._session():
            if not stage.cmd or stage.frozen:  # data that is imported or added by hand, and frozen stages
                if pull and not force and fetched(stage, self._above[name]):
                    return StartOutcome.RESTORED
                self._ignored.before(name)
                changed = stage.reproduce(force=force) is not None
                if changed:
                    self._record(stage)
                return StartOutcome.RESTORED if changed else StartOutcome.UNCHANGED
            if pull and not force and fetched(stage, self._above[name]):
                return StartOutcome.RESTORED
            stage.remove_outs(ignore_remove=False, force=False)
            if not force:
                if pull:
                    fetch_missing(stage, self.lacks(name))
                try:
                    self._repo.stage_cache.restore(stage, pull=pull)
                except RunCacheNotFoundError:
                    stage.save_deps()
                else:
                    self._finish(stage)
                    return StartOutcome.RESTORED
            self._read[name] = present(stage) if force else recorded(stage)
            self._hold(stage)
        return StartOutcome.TO_RUN

    def command(self, name: str, variables: Mapping[str, str]) -> Command:
        """Return what a stage runs, where, and with which environment."""
        stage = self._stages[name]
        options = prepare_kwargs(stage, run_env=dict(variables))
        shell = get_executable()
        lines = [_make_cmd(shell, line) for line in _enforce_cmd_list(stage.cmd)]
        return Command(lines, options["cwd"], options["env"])

    def finish(self, name: str, concurrent: bool) -> list[str]:
        """Hash, cache and record the outputs of a stage that has run.

        Parameters
        ----------
        name : str
        concurrent : bool
            Whether others ran meanwhile: then nothing is recorded if what it reads has changed since it began.

        Returns
        -------
        list of str
            The dependencies that have changed.

        Raises
        ------
        DvcException
            An output was not made.
        """
        self._let_go(name)
        stage, read = self._stages[name], self._read.pop(name)
        with self._session():
            now = present(stage) if concurrent else read
            moved = [path for path in read if now[path] != read[path]]
            if not moved:
                self._finish(stage)
        return moved

    def give_up(self, name: str, remove: bool) -> None:
        """Let go of a stage that did not finish, and remove what it may have written half of."""
        self._let_go(name)
        if remove:
            with self._session():
                self._stages[name].remove_outs(ignore_remove=False, force=False)

    def _finish(self, stage: Stage) -> None:
        self._ignored.before(stage.addressing)
        uncached = any(not out.use_cache for out in stage.outs if not (out.is_metric or out.is_plot))
        stage.save(run_cache=not uncached)
        stage.commit()
        self._record(stage)

    def _record(self, stage: Stage) -> None:
        if not isinstance(stage, PipelineStage):
            stage.dump(update_pipeline=False)
            return
        lock = stage.dvcfile._lockfile
        self._locks[lock.path].record(stage.name, to_single_stage_lockfile(stage))
        self._repo.scm_context.track_file(lock.relpath)

    def _hold(self, stage: Stage) -> None:
        """Lock a stage's paths against other DVC processes for as long as its command runs."""
        held = ExitStack()
        label = f"{program.name} run, stage {stage.addressing}"
        held.enter_context(path_lock(self._repo, label, stage.deps, stage.outs))
        self._held[stage.addressing] = held

    def _let_go(self, name: str) -> None:
        held = self._held.pop(name, None)
        if held is not None:
            held.close()

    @contextmanager
    def _session(self) -> Iterator[None]:
        with lock_repo(self._repo), self._repo.scm_context(quiet=True):
            yield
