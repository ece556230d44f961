"""The loop at the heart of a run, with a pipeline and processes that are told what to do."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from dvc.exceptions import DvcException

from dvc_parallel.engine import Engine
from dvc_parallel.processes.processes import Command, Ended, Usage
from dvc_parallel.protocols import RunOptions, StartOutcome
from dvc_parallel.results import Outcome, Result, RunningStage, RunStatus
from dvc_parallel.scheduling.history import History
from dvc_parallel.scheduling.schedule import Step

RAN, FAILED, SKIPPED, UNCHANGED = Outcome.RAN, Outcome.FAILED, Outcome.SKIPPED, Outcome.UNCHANGED


class FakePipeline:
    """Stages that are stale, restored or broken as a test says."""

    def __init__(self, *, fresh=(), restored=(), broken=(), outputs_missing=(), lacking=None, moved=(), spoilt=None):
        self.fresh, self.restored, self.broken, self.missing = fresh, restored, broken, outputs_missing
        self.lacking, self.moved = dict(lacking or {}), set(moved)  # by stage: files, of which another makes one
        self.spoilt = dict(spoilt or {})  # by the stage that writes what it does not declare: who reads that
        self.stale_now: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.variables: dict[str, Mapping[str, str]] = {}

    def is_stale(self, name: str) -> bool:
        self.calls.append(("is_stale", name))
        return name in self.stale_now or name not in self.fresh

    def stale_among(self, names: Sequence[str]) -> list[str]:
        self.calls.append(("stale_among", " ".join(names)))
        return [name for name in names if name in self.stale_now]

    def lacks(self, name: str) -> list[str]:
        return [f"{name}.txt"] if self.lacking.get(name) else []

    def begin(self, name: str, force: bool, pull: bool) -> StartOutcome:  # noqa: ARG002
        self.calls.append(("begin", name))
        if name in self.broken or self.lacking.get(name):
            raise DvcException("missing data 'source': file")
        return StartOutcome.RESTORED if name in self.restored and not force else StartOutcome.TO_RUN

    def command(self, name: str, variables: Mapping[str, str]) -> Command:
        self.variables[name] = variables
        return Command([["true"]], "/", {})

    def finish(self, name: str, concurrent: bool) -> list[str]:
        self.calls.append(("finish", name))
        if name in self.missing:
            raise DvcException("output 'out' does not exist")
        if concurrent and name in self.moved:
            return ["file"]
        self.stale_now.discard(name)
        self.stale_now.update(self.spoilt.get(name, ()))
        self.lacking = {other: maker for other, maker in self.lacking.items() if maker != name}
        return []

    def give_up(self, name: str, remove: bool) -> None:
        self.calls.append(("remove" if remove else "leave", name))


class FakeProcesses:
    """Processes that end one after another, the first started first, with the codes that a test gives."""

    def __init__(self, codes: Mapping[str, int] | None = None):
        self.codes, self.most = codes or {}, 0
        self.running: list[str] = []
        self.started: list[str] = []
        self.signals: list[str] = []

    def start(self, name: str, command: Command, log: Path) -> None:  # noqa: ARG002
        self.running.append(name)
        self.started.append(name)
        self.most = max(self.most, len(self.running))

    def elapsed(self) -> Mapping[str, float]:
        return dict.fromkeys(self.running, 1.0)

    def wait(self, seconds: float) -> Ended:  # noqa: ARG002
        name = self.running.pop(0)
        return Ended(name, self.codes.get(name, 0), Usage(1.0, 0.9, 50.0))

    def interrupt(self) -> None:
        self.signals.append("interrupt")
        self.codes = dict.fromkeys(self.running, -2)

    def kill(self) -> None:
        self.signals.append("kill")


class Quiet:
    """A view that remembers what it was shown."""

    def __init__(self):
        self.cores: dict[str, int] = {}
        self.standings: list[RunStatus] = []

    def started(self, stage: RunningStage, cores: int) -> None:
        self.cores[stage.name] = cores

    def ended(self, result: Result, standing: RunStatus) -> None:  # noqa: ARG002
        self.standings.append(standing)

    def refresh(self, standing: RunStatus) -> None:
        self.standings.append(standing)


def steps(**upstream: str) -> list[Step]:
    return [Step(name, frozenset(above.split())) for name, above in upstream.items()]


CHAIN = steps(a="", b="a", c="b")
FAN = steps(top="", one="top", two="top", three="top", end="one two three")


@pytest.fixture
def engine(tmp_path):
    def _engine(plan, pipeline, *, stale=None, **options):
        known_stale = {step.name for step in plan} if stale is None else stale
        chosen = RunOptions(**{"jobs": 2, "cores": 2, **options})
        history = History(tmp_path / "seconds.json")
        return Engine(pipeline, plan, known_stale, chosen, history, FakeProcesses(), Path("/logs"), Quiet())

    return _engine


@pytest.fixture
def run(tmp_path):
    def _run(plan, pipeline, codes=None, *, stale=None, seconds=None, on_view=None, **options):
        history = History(tmp_path / "seconds.json")
        for name, took in (seconds or {}).items():
            history.add(name, took)
        processes, view = FakeProcesses(codes), on_view or Quiet()
        chosen = RunOptions(**{"jobs": 2, "cores": 2, **options})
        known_stale = {step.name for step in plan} if stale is None else stale
        engine = Engine(pipeline, plan, known_stale, chosen, history, processes, Path("/logs"), view)
        if hasattr(view, "engine"):
            view.engine = engine
        results = engine.run()
        assert [result.name for result in results] == [step.name for step in plan]
        return {result.name: result for result in results}, processes, view

    return _run


def outcomes(results):
    return {name: result.outcome for name, result in results.items()}


def test_stages_run_after_what_they_need_and_side_by_side(run):
    pipeline = FakePipeline()
    results, processes, _ = run(FAN, pipeline)
    assert set(outcomes(results).values()) == {RAN}
    assert processes.most == 2
    assert processes.started[0] == "top"
    assert processes.started[-1] == "end"
    assert [name for call, name in pipeline.calls if call == "finish"] == processes.started


def test_one_job_runs_one_stage_at_a_time(run):
    _, processes, _ = run(FAN, FakePipeline(), jobs=1)
    assert processes.most == 1


def test_the_longest_expected_stage_goes_first(run):
    seconds = {"top": 1.0, "one": 2.0, "two": 9.0, "three": 5.0, "end": 1.0}
    _, processes, _ = run(FAN, FakePipeline(), seconds=seconds)
    assert processes.started == ["top", "two", "three", "one", "end"]


def test_cores_are_shared_out_and_told_to_the_stages(run, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    pipeline = FakePipeline()
    _, _, view = run(FAN, pipeline, jobs=2, cores=4)
    assert (view.cores["top"], view.cores["one"], view.cores["two"], view.cores["end"]) == (4, 2, 2, 4)
    assert pipeline.variables["one"]["OMP_NUM_THREADS"] == "2"


def test_nothing_is_asked_of_a_stage_above_which_nothing_has_changed(run):
    pipeline = FakePipeline()
    results, processes, _ = run(CHAIN, pipeline, stale=set())
    assert set(outcomes(results).values()) == {UNCHANGED}
    assert (pipeline.calls, processes.started) == ([], [])


def test_a_stage_whose_inputs_came_out_as_they_were_does_not_run(run):
    results, _, _ = run(CHAIN, FakePipeline(fresh={"b", "c"}), stale={"a"})
    assert outcomes(results) == {"a": RAN, "b": UNCHANGED, "c": UNCHANGED}


def test_a_restored_stage_counts_as_changed_for_what_follows(run):
    pipeline = FakePipeline(restored={"a"})
    results, _, _ = run(CHAIN, pipeline)
    assert outcomes(results) == {"a": Outcome.RESTORED, "b": RAN, "c": RAN}
    assert ("is_stale", "b") in pipeline.calls


def test_forced_everything_runs_without_being_asked(run):
    pipeline = FakePipeline(fresh={"a", "b", "c"}, restored={"a", "b", "c"})
    results, _, _ = run(CHAIN, pipeline, stale=set(), force=frozenset({"a", "b", "c"}))
    assert set(outcomes(results).values()) == {RAN}


def test_a_single_stage_is_forced_and_what_follows_runs_only_when_it_changed(run):
    pipeline = FakePipeline(fresh={"a", "b", "c"}, restored={"a", "b", "c"})
    results, _, _ = run(CHAIN, pipeline, stale=set(), force=frozenset({"b"}))
    assert outcomes(results) == {"a": UNCHANGED, "b": RAN, "c": UNCHANGED}


def test_a_failure_ends_the_run_when_what_runs_is_done(run):
    results, processes, _ = run(FAN, FakePipeline(), {"one": 1})
    assert outcomes(results) == {"top": RAN, "one": FAILED, "two": RAN, "three": SKIPPED, "end": SKIPPED}
    assert results["one"].cause == "exit code 1"
    assert results["end"].cause == "one failed"
    assert results["three"].cause == "the run ended when one failed"
    assert processes.started == ["top", "one", "two"]


def test_with_keep_going_only_what_needs_the_failed_stage_is_skipped(run):
    results, _, _ = run(FAN, FakePipeline(), {"one": 1}, keep_going=True)
    assert outcomes(results) == {"top": RAN, "one": FAILED, "two": RAN, "three": RAN, "end": SKIPPED}


def test_outputs_of_a_failed_stage_stay_to_be_looked_at_those_of_a_killed_one_do_not(run):
    pipeline = FakePipeline()
    run(steps(a="", b="", c=""), pipeline, {"a": 1, "b": -9, "c": 137}, keep_going=True)
    assert {call for call in pipeline.calls if call[0] in {"remove", "leave"}} == {
        ("leave", "a"), ("remove", "b"), ("remove", "c")
    }  # fmt: skip


@pytest.mark.parametrize("fault", [{"broken": {"b"}}, {"outputs_missing": {"b"}}])
def test_a_fault_that_dvc_finds_fails_the_stage_with_dvcs_words(run, fault):
    results, _, _ = run(CHAIN, FakePipeline(**fault))
    assert outcomes(results) == {"a": RAN, "b": FAILED, "c": SKIPPED}
    assert results["b"].cause in {"missing data 'source': file", "output 'out' does not exist"}


FREE = steps(one="", two="", three="")


def test_one_job_goes_in_dvcs_order_whatever_takes_longest(run):
    _, processes, _ = run(FREE, FakePipeline(), jobs=1, seconds={"one": 1.0, "two": 2.0, "three": 3.0})
    assert processes.started == ["one", "two", "three"]


def test_one_job_asks_a_stage_at_its_turn(run):
    pipeline = FakePipeline(fresh={"two", "three"}, spoilt={"one": ["three"]})
    results, _, _ = run(FREE, pipeline, jobs=1, stale={"one"})
    assert outcomes(results) == {"one": RAN, "two": UNCHANGED, "three": RAN}
    assert ("stale_among", "one two") in pipeline.calls


def test_side_by_side_a_stage_that_another_made_stale_without_saying_so_runs_after_it(run):
    pipeline = FakePipeline(fresh={"two", "three"}, spoilt={"one": ["two"]})
    results, processes, view = run(FREE, pipeline, stale={"one"})
    assert outcomes(results) == {"one": RAN, "two": RAN, "three": UNCHANGED}
    assert processes.started == ["one", "two"]
    assert view.standings[-1].done == 3


def test_what_follows_from_a_stage_that_runs_a_second_time_is_asked_again(run):
    plan = steps(one="", two="", three="two", four="three")
    pipeline = FakePipeline(fresh={"four"}, spoilt={"one": ["two"]})
    results, processes, _ = run(plan, pipeline, seconds={"two": 0.1, "three": 0.1, "four": 0.1, "one": 9.0}, jobs=3)
    assert processes.started == ["one", "two", "three"]
    assert outcomes(results) == {"one": RAN, "two": RAN, "three": RAN, "four": UNCHANGED}


def test_what_dvc_repro_would_leave_stale_is_left_and_named(engine):
    built = engine(FREE, FakePipeline(fresh={"one", "two"}, spoilt={"three": ["one"]}), stale={"three"}, jobs=1)
    assert outcomes({result.name: result for result in built.run()})["one"] is UNCHANGED
    assert built.stale_again == ["one"]


def test_a_stage_whose_input_changed_while_it_ran_beside_others_runs_again_alone(engine):
    pipeline = FakePipeline(moved={"two"})
    built = engine(FREE, pipeline, jobs=2)
    results = {result.name: result for result in built.run()}
    assert results["two"].outcome is RAN
    assert results["two"].usage.seconds == pytest.approx(2.0)
    assert [name for call, name in pipeline.calls if call == "begin"] == ["one", "two", "three", "two"]
    assert built.notes == ["two ran a second time, alone: beside others, file changed while it ran"]


def test_a_stage_that_needs_what_no_stage_declares_waits_for_all_others(run):
    plan = steps(clean="", download="", model="clean", more="")
    pipeline = FakePipeline(lacking={"clean": "download"})
    results, processes, _ = run(plan, pipeline)
    assert set(outcomes(results).values()) == {RAN}
    assert processes.started.index("download") < processes.started.index("clean")


def test_what_is_missing_still_is_named_as_what_no_stage_declares(run):
    plan = steps(clean="", other="", model="clean")
    results, processes, _ = run(plan, FakePipeline(lacking={"clean": "nobody"}))
    assert outcomes(results) == {"clean": FAILED, "other": RAN, "model": SKIPPED}
    assert processes.started == ["other"]
    assert results["clean"].cause == (
        "clean needs clean.txt, which no stage declares as an output, and which is not there"
    )  # fmt: skip


class Impatient(Quiet):
    """A person who presses Ctrl-C when the second stage has started."""

    engine: Engine | None = None

    def started(self, stage: RunningStage, cores: int) -> None:
        super().started(stage, cores)
        if stage.name == "two" and self.engine is not None:
            self.engine.stop()


def test_an_interrupt_begins_nothing_more_and_removes_what_was_half_written(run):
    pipeline = FakePipeline()
    results, processes, _ = run(FAN, pipeline, on_view=Impatient())
    assert outcomes(results) == {
        "top": RAN, "one": Outcome.STOPPED, "two": Outcome.STOPPED, "three": SKIPPED, "end": SKIPPED
    }  # fmt: skip
    assert processes.signals[0] == "interrupt"
    assert [call for call in pipeline.calls if call[0] == "remove"] == [("remove", "one"), ("remove", "two")]


def test_a_second_interrupt_kills(run):
    class MoreImpatient(Impatient):
        def refresh(self, standing: RunStatus) -> None:  # noqa: ARG002
            if self.engine is not None and self.engine.interrupted:
                self.engine.stop()

    _, processes, _ = run(FAN, FakePipeline(), on_view=MoreImpatient())
    assert processes.signals[:2] == ["interrupt", "kill"]


def test_time_left_is_told_when_times_are_known_and_falls_to_nothing(run):
    _, _, view = run(CHAIN, FakePipeline(), seconds={"a": 4.0, "b": 2.0, "c": 1.0})
    left = [standing.left for standing in view.standings]
    assert left[0] == pytest.approx(3.0)  # a is done
    assert left[-1] == 0.0
    _, _, view = run(steps(x="", y="x"), FakePipeline(), stale=set())
    assert view.standings[-1].done == view.standings[-1].total == 2


def test_what_was_never_run_leaves_the_time_left_open(tmp_path):
    view = Quiet()
    plan = steps(new="")
    Engine(
        FakePipeline(), plan, {"new"}, RunOptions(1, 1), History(tmp_path / "none"), FakeProcesses(), tmp_path, view
    ).run()
    assert view.standings[0].left is None
