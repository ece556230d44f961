"""The suite of bad input on a few cases of each kind, and that it sees what is wrong."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from hypothesis import strategies as st

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs import (
    archives,
    guided,
    ingested,
    moving,
    mutated,
    oracle,
    params_files,
    values,
    written,
)
from benchmarks.promises.inputs.tables import drawn
from richcheap.ingestion.files import arrow_types, readers
from richcheap.ingestion.files.csv_records import Records, count_records
from richcheap.pipeline.config import sections


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder to work in; what libraries warn of is not what is tested."""
    with ingested.room() as folder:
        yield folder


def verdicts(cases: Iterator[Case]) -> set[Verdict]:
    """Return the verdicts of cases, of which none has failed."""
    tried = list(cases)
    assert [case for case in tried if case.verdict is Verdict.FAILED] == []
    return {case.verdict for case in tried}


def of(strategy: st.SearchStrategy[written.Written], count: int = 15) -> Iterator[Case]:
    return (oracle.case(str(number), file) for number, file in enumerate(drawn(strategy, count, 1)))


STRATEGIES = [written.texts, written.workbooks, written.records, written.column_files]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_others_write_is_read(room: Path, strategy: Callable[[], st.SearchStrategy[written.Written]]) -> None:
    assert Verdict.RIGHT in verdicts(of(strategy()))


def test_mutated_files_lose_no_row(room: Path) -> None:
    assert Verdict.RIGHT in verdicts(mutated.case(str(seed), mutated.mutated(seed)) for seed in range(12))


@pytest.mark.parametrize("text", [*mutated.FILES, *mutated.SOURCES])
def test_files_survive_as_they_are(room: Path, text: str) -> None:
    verdicts(iter([mutated.case("as it is", text.encode())]))


def test_mutated_params_are_refused_or_read_as_by_dvc(room: Path) -> None:
    cases = (params_files.case(str(seed), *params_files.mutated(seed)) for seed in range(30))
    assert verdicts(cases) == {Verdict.RIGHT, Verdict.REFUSED}


def test_values_pass_where_the_range_allows_them() -> None:
    some = [key for key in values.keys() if key.section in ("seed", "split", "evaluate")]  # noqa: SIM118
    cases = (values.case(key, value, allowed) for key in some for allowed, value in one_of_each(key))
    assert verdicts(cases) == {Verdict.RIGHT, Verdict.REFUSED}


def one_of_each(key: values.Key) -> Iterator[tuple[bool, object]]:
    spread = values.spread_of(key.field)
    yield from ((True, value) for value in drawn(spread.inside, 1, 0))
    yield from ((False, value) for value in drawn(spread.outside, 1, 0))


def broken(cases: Iterator[Case]) -> bool:
    return any(case.verdict is Verdict.FAILED for case in cases)


def test_a_lost_row_a_wrong_value_and_a_wrong_date_are_seen(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = pl.scan_csv
    with monkeypatch.context() as patch:
        patch.setattr(pl, "scan_csv", lambda *words, **more: read(*words, **more).head(1))
        assert not broken(of(written.texts()))  # the reader counts records itself, and refuses the file
        patch.setattr(readers, "count_records", lambda *words: Records(count_records(*words).header, 1))
        assert broken(of(written.texts()))
    with monkeypatch.context() as patch:
        patch.setattr(arrow_types, "_offset_seconds", lambda _: 0)
        assert broken(of(written.column_files(), 40))


def test_a_range_that_is_not_kept_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_check", lambda *_: (None, []))
    some = [key for key in values.keys() if key.section == "split"]  # noqa: SIM118
    assert broken(values.case(key, value, allowed) for key in some for allowed, value in one_of_each(key))


def test_archives_and_files_in_motion_are_refused() -> None:
    assert archives.case("one long text.parquet").verdict is Verdict.REFUSED
    short = Options(short=True, seed=4)
    assert verdicts(moving.cases(short)) == {Verdict.REFUSED}


@pytest.mark.skipif(find_spec("atheris") is None, reason="Atheris has no wheel here")
def test_the_fuzzer_is_guided_and_the_same_inputs_follow_from_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(2):
        assert verdicts(guided.search("params", 60, 0)) == {Verdict.RIGHT}
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert "params: 60 executions reach" in said[0]
