"""Mutated files of every dialect and source: no traceback, no lost row; `python -m benchmarks.fuzz` tries thousands."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import FILES, SOURCES, mutated, survives


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_no_mutation_of_a_file_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("fuzz")
        patch.chdir(folder)
        survives(mutated(seed), folder)


@pytest.mark.parametrize("text", [*FILES, *SOURCES], ids=[str(place) for place in range(len(FILES) + len(SOURCES))])
def test_every_file_survives_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    survives(text.encode(), tmp_path)


@pytest.mark.slow
def test_the_first_mutations_end_in_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(75):
        survives(mutated(seed), tmp_path)
