"""Look at a file of bond observations, and propose how to read it; with --write, put that into params.yaml.

    richcheap inspect prices.xlsx --write

It is no stage of the pipeline: it shows what was found and ten rows as they would be read, and lists what is not sure.
"""

import sys
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from dvc_parallel.system.yaml_source import read, read_text
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.look import RESET, look
from richcheap.ingestion.inspection.page import page
from richcheap.ingestion.inspection.proposal import propose
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.stage_main import Parser
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_text

NO_TERMS = "training_data/no_terms.csv"
"""A file of terms without rows, which DVC can depend on where null is no file."""

ABOUT = "Look at a file or folder of bond observations: what it is, how its columns are read, and what is not sure."
CODES = "Exit code 0: rows would be accepted; 1: the file cannot be read so, or no row would be accepted; 2: misused."


def main(arguments: Sequence[str]) -> None:
    """Print what was found, and write it into params.yaml when that is asked for.

    Raises
    ------
    DataError
        The file cannot be read, or no row of it would be accepted.
    """
    parser = Parser(f"{ABOUT} {CODES}", "richcheap inspect")
    parser.add_argument("file", metavar="FILE", type=Path, help="file, or folder of files, of any kind that is read")
    parser.add_argument("--terms", metavar="TERMS", type=Path, help="file of the bonds' terms, a row for each bond")
    parser.add_argument("--write", action="store_true", help=f"put the proposal into {paths.PARAMS}")
    asked = parser.parse_args(arguments)
    base = read(paths.PARAMS).values.get("data")
    try:
        with TemporaryDirectory(prefix="richcheap-") as folder:
            proposal = propose(asked.file, Path(folder), asked.terms)
            try:
                seen = look(proposal, base if isinstance(base, Mapping) else {}, Path(folder))
            except InputError as error:
                raise InputError("\n".join([*proposal.notes, *proposal.doubts, str(error)])) from error
    except InputError as error:
        raise DataError(str(error)) from error
    print(page(proposal, seen))
    if asked.write:
        write_text(with_data(read_text(paths.PARAMS), {**RESET, "terms": NO_TERMS, **proposal.params}), paths.PARAMS)
        print(f"\nwritten to {paths.PARAMS}", file=sys.stderr)
    if not seen.bonds.height:
        raise DataError(f"{asked.file}: no row would be accepted; the list above names the keys that can settle it")


def with_data(text: str, values: Mapping[str, Any]) -> str:
    """Return the text of params.yaml with other values in its section ``data``, and all else as it is."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    document["data"].update(values)
    written = StringIO()
    yaml.dump(document, written)
    return written.getvalue()
