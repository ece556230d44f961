"""The next day: take in what is new, run what that makes stale, and say how the live dates have fared.

    richcheap anchor
    richcheap update prices-2024-06-03.csv

`dvc repro` does the same work. Neither command is a stage; like an editor, `anchor` changes params.yaml.
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from dvc_parallel.cli import run as run_pipeline
from dvc_parallel.system.yaml_source import Document
from richcheap.command_line import parsers
from richcheap.ingestion.params import DataParams
from richcheap.live.score_card import sentences
from richcheap.panel.params import SplitParams
from richcheap.panel.split import BlockDates
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import copy_file, file_md5, read_json
from richcheap.profile import apply
from richcheap.project.code import settled

ENDS = ("train_end", "validation_end", "test_end")
INGESTED = paths.METRICS / "ingest.json"


def anchor(arguments: Sequence[str]) -> None:
    """Anchor the splits where they stand, or release them.

    Raises
    ------
    ArtifactError
        The pipeline has not run yet.
    """
    ends: dict[str, date | None] = dict.fromkeys(ENDS)
    if not parsers.anchor().parse_args(arguments).release:
        if load(SplitParams, "split").test_end is not None:
            raise ParamsError("split: the blocks have their ends already; `richcheap anchor --release` takes them away")
        blocks = BlockDates.read(read_json(paths.SPLIT)["blocks"])
        ends = {key: block.last for key, block in zip(ENDS, blocks, strict=True)}
    apply(Document("blocks", {"split": ends}, {}))
    for key, end in ends.items():
        print(f"split.{key}: {end or 'null'}")


def update(arguments: Sequence[str]) -> int:
    """Take in files, run the pipeline, and tell how it went; return the exit code.

    Raises
    ------
    ParamsError
        Files are given, and observations are no folder; or a file of that name with other content lies there.
    ArtifactError
        A file is missing.
    """
    given = parsers.update().parse_args(arguments)
    if load(SplitParams, "split").test_end is None:
        raise ParamsError(
            "split.test_end: must be a date for an update, or new dates move all blocks; `richcheap anchor` sets it"
        )
    added = put_into_folder(given.files, Path(load(DataParams, "data").observations))
    for name in added:
        print(f"update: {name} added")
    before = rows_accepted()
    jobs = [] if given.jobs is None else ["-j", str(given.jobs)]
    code = run_pipeline(jobs, settled(Path.cwd()))
    if code == 0:
        print(f"update: {rows_accepted() - before:+,} rows of observations")
        print("\n".join(sentences(read_json(paths.LIVE_METRICS))))
    elif added:
        print(
            f"update: not finished; {', '.join(map(str, added))} stays, mend or delete it and call `richcheap update`"
        )
    return code


def put_into_folder(files: Sequence[Path], folder: Path) -> list[Path]:
    """Copy files into the folder of observations; one that lies there already is left alone. All or none.

    A new file is read after all others: one that came before them would number their rows anew, and with them change
    what every model was trained on.
    """
    if files and not folder.is_dir():
        raise ParamsError(
            f"data.observations: must be a folder to put files into, got {folder}; replace that file by one with the "
            "new rows and run `richcheap update` without a file, or make it a folder of files of one kind"
        )
    targets: dict[Path, Path] = {}
    last = max((one.name for one in folder.iterdir() if not one.name.startswith(".")), default="") if files else ""
    for file in files:
        if not file.is_file():
            raise ArtifactError(f"{file}: no such file")
        target = folder / file.name
        if not target.exists():
            if file.name < last:
                raise ParamsError(
                    f"{file}: must have a name that comes after {last}, or rows that are known are numbered anew and "
                    f"all is trained again: {folder} is read in the order of names; rename it"
                )
            targets[file] = target
        elif file_md5(file) != file_md5(target):
            raise ParamsError(f"{target}: lies there already with other content; rename {file}, or replace it by hand")
    for file, target in targets.items():
        copy_file(file, target)
    return list(targets.values())


def rows_accepted() -> int:
    """Return how many observations were accepted when they were last read."""
    if not INGESTED.is_file():
        return 0
    counted: dict[str, Any] = json.loads(INGESTED.read_text(encoding="utf-8"))
    return int(counted["rows_accepted"])
