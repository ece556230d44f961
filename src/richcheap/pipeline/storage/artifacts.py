"""Write a stage's outputs whole or not at all, with the same bytes each time; read them with care.

Every writer fills a file beside the target, flushes it to the disk and renames it, so a killed stage leaves no
half of an output behind.
"""

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, Any, cast
from zipfile import BadZipFile

import numpy as np
import polars as pl
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dvc_parallel.system.atomic_write import write_atomic, write_bytes
from richcheap.pipeline.errors import ArtifactError, LeftOutError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.plain_objects import from_json, to_json

ROW_GROUP_ROWS = 1 << 17
JSON_DIGITS = 10
MAKE = "run `dvc repro` to make it"
LEFT_OUT = "left_out"
"""Key, or column, of an artifact that says why there is none: the data have too few dates for its stage."""
MODEL_PACKAGES = ("richcheap.models", "richcheap.factors", "richcheap.regimes")
"""Whose classes a model is made of."""
REMAKE = "delete it and run `dvc repro`"


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame`; the bytes do not depend on how it is chunked in memory."""
    whole = frame.rechunk()
    _write_watched(
        path,
        lambda file: whole.write_parquet(
            file, compression="lz4", statistics=True, row_group_size=ROW_GROUP_ROWS, use_pyarrow=False
        ),
    )


def sink_parquet(frame: pl.LazyFrame, path: Path) -> None:
    """Write what a lazy frame gives without holding it: the bytes that `write_parquet` writes of it."""
    _write_watched(
        path,
        lambda file: frame.sink_parquet(
            file, compression="lz4", statistics=True, row_group_size=ROW_GROUP_ROWS, maintain_order=True
        ),
    )


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` with a header; floats are written with the digits that read back to the same bits."""
    _write_watched(path, frame.write_csv)


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write `content` with sorted keys, floats to 10 significant digits, and null for what is not finite."""
    text = json.dumps(_plain(content), sort_keys=True, indent=2, allow_nan=False, ensure_ascii=False)
    write_text(text + "\n", path)


def write_text(text: str, path: Path) -> None:
    """Write `text` as UTF-8, lines ending as they stand in it."""
    write_bytes(text.encode("utf-8"), path)


def write_arrays(arrays: Mapping[str, np.ndarray[Any, Any]], path: Path) -> None:
    """Write arrays by name in NumPy's own form, uncompressed, in the order of their names."""
    write_atomic(path, lambda file: np.savez(file, allow_pickle=False, **dict(sorted(arrays.items()))))


def read_arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Read what `write_arrays` has written; nothing in it is executed.

    Raises
    ------
    ArtifactError
        It is missing or broken.
    LeftOutError
        The data have too few dates for the stage that makes it.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; {MAKE}")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
    except (ValueError, EOFError, BadZipFile) as error:
        raise ArtifactError(f"{path}: not a whole file of arrays ({error}); {REMAKE}") from None
    if LEFT_OUT in arrays:
        raise LeftOutError(str(arrays[LEFT_OUT]))
    return arrays


def dump_model(model: object, path: Path) -> None:
    """Write a model as JSON. Set its ``n_jobs`` to 1 first: it is part of the bytes."""
    write_text(to_json(model, *MODEL_PACKAGES), path)


def parse_model(text: str, path: Path) -> Any:
    """Return the model that a file's text is; nothing in it is executed.

    Raises
    ------
    ArtifactError
        It is none, or one of another version.
    """
    try:
        return from_json(text, *MODEL_PACKAGES)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path}: not a model of this version of richcheap ({error}); {REMAKE}") from None


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's bytes."""
    with source.open("rb") as original:
        write_atomic(target, lambda file: shutil.copyfileobj(original, file))


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a Parquet artifact, or some of its columns.

    Raises
    ------
    ArtifactError
        When it is missing, is not Parquet, or lacks a column.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; {MAKE}")
    try:
        return pl.read_parquet(path, columns=None if columns is None else list(columns), use_statistics=False)
    except pl.exceptions.ColumnNotFoundError:
        missing = [name for name in columns or () if name not in pl.read_parquet_schema(path)]
        raise ArtifactError(f"{path}: no column {', '.join(missing)}; {REMAKE}") from None
    except pl.exceptions.ComputeError as error:
        reason = str(error).splitlines()[0]
        raise ArtifactError(f"{path}: not a whole Parquet file ({reason}); {REMAKE}") from None


def read_json(path: Path, even_left_out: bool = False) -> dict[str, Any]:
    """Read a JSON artifact that holds one object.

    Parameters
    ----------
    path : Path
    even_left_out : bool
        Whether an artifact that only says why there is none is read, too.

    Raises
    ------
    ArtifactError
        It is missing or broken.
    LeftOutError
        The data have too few dates for the stage that makes it.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; {MAKE}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactError(f"{path}: not JSON ({error}); {REMAKE}") from None
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: must hold one JSON object; {REMAKE}")
    if LEFT_OUT in content and not even_left_out:
        raise LeftOutError(str(content[LEFT_OUT]))
    return content


def load_model(path: Path, lock: Path = paths.LOCK) -> Any:
    """Load a model, but only the very file that the git-tracked dvc.lock records.

    Raises
    ------
    ArtifactError
        Before anything of it is read, when the file or dvc.lock is missing, or the file is not recorded in it,
        or differs.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; {MAKE}")
    expected = _recorded_md5(path, lock)
    with path.open("rb") as file:
        found = _md5(file)
        if found != expected:
            raise ArtifactError(
                f"{path}: md5 must be {expected} as {lock} records, got {found}; not loaded, "
                "`dvc checkout --force` restores it, `dvc repro` makes it anew"
            )
        file.seek(0)
        return parse_model(file.read().decode(), path)


def file_md5(path: Path) -> str:
    """Return the md5 of a file's bytes, the hash that DVC records."""
    with path.open("rb") as file:
        return _md5(file)


def _md5(file: BufferedReader) -> str:
    return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def locked_stages(lock: Path) -> dict[str, Any] | None:
    """Return the stages that a dvc.lock records, by name; None when it cannot be read or records none."""
    try:
        content = YAML(typ="safe", pure=True).load(lock)
    except YAMLError:
        content = None
    stages = content.get("stages") if isinstance(content, dict) else None
    return stages if isinstance(stages, dict) else None


class _Watched(RawIOBase):
    """Passes on what polars writes, and remembers why that failed, of which polars may say "transport error" alone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.fault: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.fault = error
            raise


def _write_watched(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let polars write a file; a fault of the system comes out as the `OSError` that it was."""

    def fill(file: IO[bytes]) -> None:
        watched = _Watched(file)
        try:
            write(cast(IO[bytes], watched))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise watched.fault or error from None

    write_atomic(path, fill)


def _recorded_md5(path: Path, lock: Path) -> str:
    if not lock.is_file():
        raise ArtifactError(f"{lock}: no such file, so {path} is not checked, not loaded; {MAKE}")
    stages = locked_stages(lock)
    if stages is None:
        raise ArtifactError(f"{lock}: records no stages, so {path} is not loaded; restore it from git, or {MAKE}")
    for stage in stages.values():
        for out in stage.get("outs", ()):
            if lock.parent / out["path"] == path:
                return str(out["md5"])
    raise ArtifactError(f"{path}: {lock} does not record it, so it is not loaded; {REMAKE}")


def _plain(value: Any) -> Any:
    """Return `value` as JSON types, floats rounded."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.{JSON_DIGITS}g}") if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)  # dates and paths
