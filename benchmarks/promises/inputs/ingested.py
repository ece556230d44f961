"""Ingest a file in a folder of its own, and judge what became of its rows."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from benchmarks.promises.cases import Case, Verdict
from benchmarks.promises.figures import ROOT
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.params import DataParams
from richcheap.pipeline.storage import paths
from stages import ingest as stage

CHUNK_ROWS = 10_000
CHANGES = {"curve": "curve.csv", "terms": None, "max_rejected_share": 1.0}
"""Of the section ``data`` as it is when nothing is said: no curve, no terms, and any share of rows may be refused."""


class Ingested(NamedTuple):
    """What became of a file's rows.

    Attributes
    ----------
    accepted, refused : DataFrame
        Observations and quarantine.
    facts : dict
        Of metrics/ingest.json.
    """

    accepted: pl.DataFrame
    refused: pl.DataFrame
    facts: dict[str, Any]


@contextmanager
def room(silent: bool = True) -> Iterator[Path]:
    """Yield a new folder that the process works in, where stages say nothing on the terminal when it is silent."""
    before, made_by = Path.cwd(), stage.made_by
    # The code does not change while cases are tried, and to read it takes longer than to read a small file.
    setattr(stage, "made_by", repr)  # noqa: B010  a function, as mypy knows
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        os.chdir(folder)
        Path("curve.csv").write_text("date,tenor_years,rate,kind\n", encoding="utf-8")
        loud, sys.stderr = sys.stderr, nowhere if silent else sys.stderr
        try:
            yield Path(folder)
        finally:
            sys.stderr, stage.made_by = loud, made_by
            os.chdir(before)


def environment() -> dict[str, str]:
    """Return the variables of a process of its own, which works elsewhere and finds our modules."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]), "PYTHONHASHSEED": "0"}


def data_params(file: str, **changes: Any) -> DataParams:
    """Return params that read a file of the working folder, and differ so from their defaults."""
    return DataParams(**{"observations": file, **CHANGES, **changes})


def ingested(params: DataParams, rows: int = CHUNK_ROWS) -> Ingested:
    """Ingest, so many rows at a time.

    Raises
    ------
    AssertionError
        A row is neither accepted nor refused, or both.
    InputError
        The file is refused.
    """
    stage.ingest(params, rows)
    accepted, refused = (pl.read_parquet(folder / "*.parquet") for folder in (paths.OBSERVATIONS, paths.QUARANTINE))
    facts = json.loads((paths.METRICS / "ingest.json").read_text(encoding="utf-8"))
    numbers = pl.concat([accepted["source_row"], refused["source_row"]])
    if len(numbers) != facts["rows_read"] or numbers.n_unique() != len(numbers):
        raise AssertionError(f"read {facts['rows_read']}, accepted {accepted.height}, refused {refused.height}")
    return Ingested(accepted, refused, facts)


def judged(name: str, file: str, work: Callable[[], str]) -> Case:
    """Return the case of some work, which says what is wrong or nothing: right, refused in one line, or failed."""
    try:
        wrong = work()
    except InputError as error:
        return refusal(name, str(error), file)
    except BaseException as error:  # noqa: BLE001  polars' panics are no Exception
        return Case(name, Verdict.FAILED, f"{type(error).__name__}: {str(error)[:300]}")
    return Case(name, Verdict.FAILED if wrong else Verdict.RIGHT, wrong)


def refusal(name: str, said: str, *words: str) -> Case:
    """Return the case of a refusal: clear when each line has words such as a file's name, be it above a table."""
    lines = [line for line in said.split("\n") if not line.startswith("  ")]
    clear = all(word in line for line in lines for word in words)
    return Case(name, Verdict.REFUSED if clear else Verdict.FAILED, "" if clear else f"no clear refusal: {said[:300]}")
