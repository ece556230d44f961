"""Bad input: files and params as others write them, edit them badly or attack with them.

    python -m benchmarks.promises.bad_input --short
    python -m benchmarks.promises.bad_input --write

Of a file each row must be read, value by value, or be refused with its reason; a file or a key that cannot be read is
refused in a line that names it. docs/promises.md shows what came of it.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial

from hypothesis import strategies as st

from benchmarks.promises.cases import Case, Kind, Options, run
from benchmarks.promises.inputs import archives, guided, moving, mutated, oracle, params_files, usable, values, written
from benchmarks.promises.inputs.ingested import room
from benchmarks.promises.inputs.tables import drawn

SAME = "The values read are those that another program wrote, or the file is refused by name."


def _written(strategy: st.SearchStrategy[written.Written], short: int, whole: int, options: Options) -> Iterator[Case]:
    with room():
        files = drawn(strategy, short if options.short else whole, options.seed)
        for number, file in enumerate(files):
            yield oracle.case(f"{number}", file)


def _mutated(options: Options) -> Iterator[Case]:
    with room():
        for seed in range(options.seed, options.seed + (30 if options.short else 1000)):
            yield mutated.case(f"seed {seed}", mutated.mutated(seed))


def _in_room(cases: Callable[[Options], Iterator[Case]], options: Options) -> Iterator[Case]:
    with room():
        yield from cases(options)


KINDS = (
    Kind("text", SAME, partial(_written, written.texts(), 60, 1200)),
    Kind("workbooks", SAME, partial(_written, written.workbooks(), 30, 600)),
    Kind("JSON", SAME, partial(_written, written.records(), 30, 500)),
    Kind("Parquet and Arrow", SAME, partial(_written, written.column_files(), 60, 1200)),
    Kind("mutated files", "As many rows as another reader counts are accepted or refused, each once.", _mutated),
    Kind(
        "mutated params",
        "A line names the place, or the values are those that DVC reads, and `richcheap params` keeps them.",
        partial(_in_room, params_files.cases),
    ),
    Kind("values of params", "What the key's range allows passes; all else is refused by its name.", values.cases),
    Kind(
        "params in use",
        "Where check lets a value pass, the stages that read it run on a small market, or say in a line why not.",
        usable.cases,
    ),
    Kind("archives", "What unpacks to very much is read or refused within a gigabyte more.", archives.cases),
    Kind("files in motion", "A file that changes while it is read is refused by name.", moving.cases),
    Kind("guided by coverage", "Nothing that Atheris finds ends in a traceback or loses a row.", guided.cases),
)

if __name__ == "__main__":
    sys.exit(run("bad_input", __doc__, KINDS))
