"""What a params file looks like: comments from the fields, values as they were spelled."""

from typing import Annotated

import pytest
from pydantic import Field

from richcheap.pipeline.config.fields import Section, param
from richcheap.pipeline.config.params_yaml import dropped, rendered
from richcheap.pipeline.errors import ParamsError

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Shares(Section):
    """Shares of two things."""

    one: Share = 0.25
    other: Share = 0.75


class State(Section):
    """What a state does."""

    level: float = param(..., "Level", unit="percent", ge=-1.0, le=5.0)
    calm: bool = param(..., "Calm")


class States(Section):
    """Two states."""

    up: State = State(level=1.0, calm=True)
    down: State = State(level=-1.0, calm=False)


class Deep(Section):
    """What lies deeper."""

    shares: Shares = Shares()
    states: States = States()


class Outer(Section):
    """What is done.

    More about it.
    """

    files: str = param("a b.csv", "Files", unit="path", user=True)
    count: int = param(3, "How many", ge=1, le=9)
    long: float = param(1.5, "A meaning of many words, " * 5 + "so that it does not fit", unit="bp", ge=0.0, le=1.0)
    deep: Deep = Deep()
    rows: tuple[State, ...] = param((State(level=1.0, calm=True),), "Rows", min_length=1)


OUTER = """\

outer:  # What is done
  count: 3  # How many; 1 to 9
  # A meaning of many words, A meaning of many words, A meaning of many words, A meaning of many words, A meaning of
  # many words, so that it does not fit; bp, 0 to 1
  long: 1.5
  deep:  # What lies deeper
    shares: {one: 0.25, other: 0.75}  # Shares of two things; each 0 to 1
    # Two states
    # level: Level; percent, -1 to 5
    # calm: Calm; true or false
    states:
      up: {level: 1.0, calm: true}
      down: {level: -1.0, calm: false}
  # Rows; at least 1 of them
  # level: Level; percent, -1 to 5
  # calm: Calm; true or false
  rows:
    - {level: 1.0, calm: true}
"""
MAIN = """\

outer:  # What is done
  files: "a b.csv"  # Files; path
"""


def body(text: str) -> str:
    """Return a file without the lines about it."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def made(**texts: str) -> dict[str, str]:
    names = {"main": "params.yaml", "outer": "params/outer.yaml"}
    found = rendered({"outer": Outer}, {names.get(name, name): text for name, text in texts.items()}, "params.yaml")
    return {name: body(found[file]) for name, file in names.items()}


def test_from_nothing_every_value_is_its_default() -> None:
    assert made() == {"main": MAIN, "outer": OUTER}


def test_written_again_nothing_changes() -> None:
    once = rendered({"outer": Outer}, {}, "params.yaml")
    assert rendered({"outer": Outer}, once, "params.yaml") == once


@pytest.mark.parametrize(
    ("given", "default", "kept"),
    [
        ("count: 0x7", "count: 3", "count: 0x7"),
        ("long: 1e0", "long: 1.5", "long: 1e0"),
        ("deep: {shares: {one: 0.50, other: 0.50}}", "{one: 0.25, other: 0.75}", "{one: 0.50, other: 0.50}"),
        ("deep: {shares: {one: 0.50}}", "{one: 0.25, other: 0.75}", "{one: 0.5, other: 0.75}"),
        ("deep: {states: {up: {level: 2, calm: no}}}", "up: {level: 1.0, calm: true}", "up: {level: 2, calm: no}"),
        ("rows: [{level: 2, calm: true}]", "- {level: 1.0, calm: true}", "- {level: 2, calm: true}"),
        ("count: lots", "count: 3", "count: lots"),
    ],
)
def test_a_value_is_kept_as_it_was_spelled_whichever_file_it_stands_in(given: str, default: str, kept: str) -> None:
    for name in ("main", "outer", "more.yaml"):
        assert made(**{name: f"outer: {{{given}}}\n"})["outer"] == OUTER.replace(default, kept, 1)


def test_a_value_where_it_belongs_counts_before_one_elsewhere() -> None:
    assert "count: 4 " in made(main="outer: {count: 5}", outer="outer: {count: 4}")["outer"]


def test_keys_that_there_are_none_of_are_dropped_and_told() -> None:
    before = {"params.yaml": "outer: {count: 5}\n", "params/outer.yaml": "outer:\n  counts: [1, a]\nother: 2\n"}
    after = rendered({"outer": Outer}, before, "params.yaml")
    assert body(after["params/outer.yaml"]) == OUTER.replace("count: 3", "count: 5")
    assert list(dropped(before, after)) == [
        "params/outer.yaml:2: outer.counts: there is no such key; it was [1, a]",
        "params/outer.yaml:3: other: there is no such key; it was 2",
    ]


def test_a_file_that_is_no_yaml_is_told_with_its_place() -> None:
    with pytest.raises(ParamsError, match=r"^params/outer.yaml:1:\d+: not valid YAML"):
        made(outer="outer: [1")
