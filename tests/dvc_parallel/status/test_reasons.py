"""Differences as reasons, without DVC."""

import json

import pytest

from dvc_parallel.status.reasons import (
    CodeChange,
    CommandChange,
    FolderChange,
    NeverRun,
    OutputChange,
    ParamChange,
    Upstream,
    Verdict,
    folder_change,
    param_changes,
)


def changes(old, new):
    return list(param_changes("params.yaml", old, new))


def test_equal_params_have_no_changes():
    assert changes({"a": {"b": [1, {"c": None}]}}, {"a": {"b": [1, {"c": None}]}}) == []


def test_only_leaves_that_differ_show():
    old = {"models": {"automl": {"trials": 40, "folds": 3}, "ridge": {"alpha": 1.0}}}
    new = {"models": {"automl": {"trials": 60, "folds": 3}, "ridge": {"alpha": 1.0}}}
    assert changes(old, new) == [ParamChange("params.yaml", "models.automl.trials", "changed", 40, 60)]


def test_new_and_deleted_keys_are_told_apart_from_null():
    assert changes({"a": None, "b": 1}, {"a": 1, "c": None}) == [
        ParamChange("params.yaml", "a", "changed", None, 1),
        ParamChange("params.yaml", "c", "new", None, None),
        ParamChange("params.yaml", "b", "deleted", 1, None),
    ]


def test_elements_of_lists_are_compared_by_place():
    assert changes({"l": [1, {"x": 2}, 3]}, {"l": [1, {"x": 5}]}) == [
        ParamChange("params.yaml", "l[1].x", "changed", 2, 5),
        ParamChange("params.yaml", "l[2]", "deleted", 3, None),
    ]


def test_a_mapping_that_becomes_a_value_is_one_change():
    assert changes({"a": {"b": 1}}, {"a": 1}) == [ParamChange("params.yaml", "a", "changed", {"b": 1}, 1)]


def test_text_is_a_leaf_and_a_tuple_equals_its_list():
    assert changes({"a": "xy", "t": [1, 2]}, {"a": "xz", "t": (1, 2)}) == [
        ParamChange("params.yaml", "a", "changed", "xy", "xz")
    ]


def test_folders_are_compared_file_by_file():
    old, new = {"a": "1", "b": "1", "c/d": "1"}, {"a": "2", "b": "1", "e": "1"}
    assert folder_change(old, new) == FolderChange(changed=("a",), added=("e",), deleted=("c/d",))


@pytest.mark.parametrize(
    ("reasons", "stale", "follows"),
    [
        ((), False, False),
        ((NeverRun(),), True, False),
        ((Upstream("a", ("a.txt",)),), False, True),
        ((CommandChange("x", "y"), Upstream("a", ("a.txt",))), True, False),
    ],
)
def test_a_stage_is_stale_by_itself_or_follows(reasons, stale, follows):
    verdict = Verdict("s", reasons)
    assert (verdict.stale, verdict.follows) == (stale, follows)


def test_json_names_each_reason_by_its_kind():
    reasons = (
        CodeChange("lib", "changed", FolderChange(changed=("a.py",))),
        OutputChange("out", "missing"),
        Upstream("up", ("u.txt",), {"u.txt": "missing"}),
    )
    content = json.loads(json.dumps(Verdict("s", reasons, restorable=True).as_dict()))
    assert content["stage"] == "s"
    assert content["restorable"]
    assert [reason["kind"] for reason in content["reasons"]] == ["code", "output", "upstream"]
    assert content["reasons"][0]["files"]["changed"] == ["a.py"]
    assert content["reasons"][2]["now"] == {"u.txt": "missing"}
