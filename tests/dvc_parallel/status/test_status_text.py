"""Reasons in words."""

import pytest

from dvc_parallel.status.reasons import (
    Always,
    CodeChange,
    CommandChange,
    DependencyChange,
    FolderChange,
    NeverRun,
    OutputChange,
    ParamChange,
    Upstream,
    Verdict,
)
from dvc_parallel.status.status_text import WIDTH, block, count, report

FRESH = Verdict("fresh")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (NeverRun(), "never run before"),
        (Always(declared=True), "runs every time: it is marked always_changed"),
        (Always(declared=False), "runs every time: it has neither dependencies nor outputs"),
        (CommandChange("a  b", "a c"), "command changed: a b -> a c"),
        (DependencyChange("data.csv", "missing"), "dependency missing: data.csv"),
        (DependencyChange("data.csv", "new"), "dependency new, unknown to dvc.lock: data.csv"),
        (CodeChange("lib/x.py", "changed"), "code changed: lib/x.py"),
        (
            CodeChange("lib", "changed", FolderChange(("a.py", "b.py"), ("c.py",))),
            "code changed: lib, 2 files changed (a.py, b.py); 1 file new (c.py)",
        ),
        (ParamChange("params.yaml", "m.trials", "changed", 40, 60), "param m.trials: 40 -> 60"),
        (ParamChange("params.yaml", "m.on", "changed", None, "x"), 'param m.on: null -> "x"'),
        (ParamChange("other.yaml", "k", "new", new=1), "param k is new: 1 (other.yaml)"),
        (ParamChange("params.yaml", "k", "deleted", old=1), "param k is not in params.yaml; it was 1"),
        (OutputChange("o.txt", "missing"), "output missing: o.txt"),
        (OutputChange("o.txt", "changed"), "output changed since it was written: o.txt"),
        (OutputChange("o.txt", "not in cache"), "output not in the cache: o.txt"),
        (Upstream("market", ("m.txt",)), "market above it would run and may change m.txt"),
        (
            Upstream("market", ("m.txt", "c.txt"), {"c.txt": "missing"}),
            "market above it would run and may change m.txt, c.txt (missing now)",
        ),
    ],
)
def test_each_reason_has_its_words(reason, words):
    lines = block(Verdict("stage", (reason,))).splitlines()
    assert lines[0] == "stage"
    assert " ".join(line.strip() for line in lines[1:]) == words


def test_files_that_differ_alike_share_a_sentence_and_the_rest_are_counted():
    reasons = tuple(CodeChange(f"lib/m{i}.py", "changed") for i in range(6))
    assert block(Verdict("s", reasons)).splitlines()[1:] == [
        "  code changed: lib/m0.py, lib/m1.py, lib/m2.py, lib/m3.py and 2 more"
    ]


def test_stages_above_share_a_sentence_and_a_folder_that_they_share_is_named_once():
    reasons = (Upstream("tune@a", ("tuned",), {"tuned": "missing"}), Upstream("tune@b", ("tuned", "b.txt")))
    assert block(Verdict("s", reasons)).splitlines()[1:] == [
        "  tune@a, tune@b above it would run and may change tuned (missing now), b.txt"
    ]


def test_many_params_are_cut_and_counted():
    reasons = tuple(ParamChange("params.yaml", f"k{i}", "changed", 1, 2) for i in range(13))
    lines = block(Verdict("s", reasons)).splitlines()
    assert lines[10] == "  param k9: 1 -> 2"
    assert lines[11:] == ["  and 3 params more"]


def test_lines_fit_the_terminal_but_never_cut_a_path():
    long = "folder/" * 14 + "file.parquet"
    text = block(Verdict("s", (OutputChange(long, "missing"), CommandChange("x " * 300, "y " * 300), NeverRun())))
    assert long in text
    assert all(len(line) <= WIDTH for line in text.splitlines() if long not in line)


def test_the_run_cache_and_freezing_are_told_last():
    text = block(Verdict("s", (OutputChange("o", "missing"),), frozen=True, restorable=True))
    assert text.splitlines()[-1] == "  its result is cached: it could be restored without running"
    assert "frozen: it would not run" in text


@pytest.mark.parametrize(
    ("verdicts", "targets", "line"),
    [
        ([], [], "no stages"),
        ([FRESH], [], "1 stage, up to date"),
        ([FRESH, FRESH], [], "all 2 stages up to date"),
        (
            [Verdict("a", (NeverRun(),)), FRESH],
            [],
            "1 of 2 stages is stale; `dvc-parallel run` would bring it up to date",
        ),
        (
            [Verdict("a", (NeverRun(),)), Verdict("b", (Upstream("a", ("x",)),)), FRESH],
            ["b"],
            "1 of 3 stages is stale and 1 may follow; `dvc-parallel run b` would bring them up to date",
        ),
    ],
)
def test_the_last_line_counts(verdicts, targets, line):
    assert count(verdicts, targets) == line


def test_the_report_has_a_block_for_each_stage_that_would_run_and_names_the_frozen():
    text = report([FRESH, Verdict("b", (NeverRun(),)), Verdict("c", frozen=True)])
    assert text.split("\n\n") == [
        "b\n  never run before",
        "frozen, so their dependencies are not looked at: c",
        "1 of 3 stages is stale; `dvc-parallel run` would bring it up to date",
    ]
