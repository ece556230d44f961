import pytest

from stages.pipeline.document import parse, read
from stages.pipeline.errors import ParamsError


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
    ],
    ids=["unclosed list", "two colons", "duplicate key", "list", "empty"],
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
