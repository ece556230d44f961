import time

import pytest

from dvc_parallel.system.errors import ParamsError
from dvc_parallel.system.yaml_source import parse, read


def test_each_key_knows_its_line():
    document = parse("a: 1\nb:\n  c:\n    - x\n    - y\n", "params.yaml")
    assert document.values == {"a": 1, "b": {"c": ["x", "y"]}}
    assert document.lines == {("a",): 1, ("b",): 2, ("b", "c"): 3, ("b", "c", 0): 4, ("b", "c", 1): 5}


def test_a_key_that_is_not_there_is_placed_at_its_parent():
    document = parse("a:\n\n  b: 1\n", "params.yaml")
    assert document.where(("a", "b")) == "params.yaml:3"
    assert document.where(("a", "c", "d")) == "params.yaml:1"
    assert document.where(("z",)) == "params.yaml"


def test_numbers_are_read_as_dvc_reads_them():
    assert parse("a: 1e-3\nb: yes\n", "params.yaml").values == {"a": 0.001, "b": "yes"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", r"^params\.yaml:2:2: not valid YAML: expected"),
        ("a: 1 : 2\n", r"^params\.yaml:1:6: not valid YAML: mapping values are not allowed here$"),
        ("a: 1\na: 2\n", r'^params\.yaml:2:1: not valid YAML: found duplicate key "a"'),
        ("- 1\n", r"^params\.yaml: must be a mapping of sections, got list$"),
        ("", r"^params\.yaml: must be a mapping of sections, got NoneType$"),
        ("%YAML 1.3\n---\na: 1\n", r"^params\.yaml: not valid YAML: its reader stops with AssertionError version"),
        ("a:\n%YAML 9.9\n---\n  b: 1\n", r"^params\.yaml.*: not valid YAML: "),
    ],
    ids=["unclosed list", "two colons", "duplicate key", "list", "empty", "version", "version amid the text"],
)
def test_what_is_not_a_mapping_in_yaml_is_one_line_with_its_place(text, message):
    with pytest.raises(ParamsError, match=message) as caught:
        parse(text, "params.yaml")
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_where_to_run(tmp_path):
    with pytest.raises(ParamsError, match="no such file; run from the project's root"):
        read(tmp_path / "params.yaml")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParamsError, match="must be text in UTF-8"):
        read(path)


def laughing(levels):
    """Return a document of a few hundred bytes whose last key stands for 9 ** levels values."""
    rows = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join([f"k0: &k0 [{', '.join(['lol'] * 9)}]", *rows])


MERGING = "\n".join(f"k{n}: &k{n} {{<<: [{', '.join([f'*k{n - 1}'] * 9)}]}}" for n in range(1, 9))
CHAIN = "\n".join(f"k{n}: &k{n} [*k{n - 1}]" for n in range(1, 1000))
INDENTED = "\n".join(" " * n + "a:" for n in range(3000))
LIMITS = {
    "laughs": (laughing(9), "5:5: aliases stand for more than 10,000 values"),
    "merged laughs": (f"k0: &k0 {{x: 1}}\n{MERGING}", "5:14: aliases stand for more than 10,000 values"),
    "list in itself": ("a:\n  b: &b [*b]", "2:6: an alias stands for what contains it"),
    "mapping in itself": ("a: &a\n  b: *a", "1:4: an alias stands for what contains it"),
    "digits": ("a: 1\nb: " + "9" * 5000, "2:4: expected a number of at most 300 digits, got 5,000 ('999"),
    "hexadecimal digits": ("b: 0x" + "f" * 5000, "1:4: expected a number of at most 300 digits, got 5,002 ('0xf"),
    "key": ("a:\n  {? [a, b] : c}", "2:6: a key must be text, got a list or a mapping"),
    "brackets": ("a: " + "[" * 3000, "1:53: expected at most 50 lists and mappings within each other"),
    "indentation": (INDENTED, "50:50: expected at most 50 lists and mappings within each other"),
    "chain": (f"k0: &k0 [1]\n{CHAIN}", "50:6: expected at most 50 lists and mappings within each other"),
    "no date": ("a: 2024-13-45", "1:4: not valid YAML: expected a value of the kind timestamp, got '2024-13-45'"),
    "no integer": ("a: !!int abc", "1:4: not valid YAML: expected a value of the kind int, got 'abc'"),
    "no flag": ("a: !!bool maybe", "1:4: not valid YAML: expected a value of the kind bool, got 'maybe'"),
}


@pytest.mark.parametrize(("text", "message"), LIMITS.values(), ids=LIMITS)
def test_what_is_small_and_stands_for_much_is_refused_at_once(text, message):
    began = time.process_time()
    with pytest.raises(ParamsError) as caught:
        parse(text, "params.yaml")
    assert str(caught.value).startswith(f"params.yaml:{message}")
    assert "\n" not in str(caught.value)
    assert time.process_time() - began < 1.0


def test_anchors_aliases_and_merged_keys_are_understood():
    text = "a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]\n"
    assert parse(text, "params.yaml").values == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": [{"x": 1}, {"x": 1}]}


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path):
    (tmp_path / "params.yaml").mkdir()
    with pytest.raises(ParamsError, match=r"params\.yaml: cannot be read \(Is a directory\)$"):
        read(tmp_path / "params.yaml")
