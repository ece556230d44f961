"""Copy what lies elsewhere to here, where the pipeline reads it: `richcheap fetch`.

    richcheap fetch postgresql://db.example/desk --query "SELECT * FROM prices ORDER BY day, isin"
    richcheap fetch s3://desk/prices/ && richcheap fetch https://example.com/terms.csv --as terms
    richcheap fetch            # all of them again: says what has changed
    richcheap fetch --check    # the same, and writes nothing

The copy is an ordinary file for DVC, which notices when it changes; beside it stands where it is from and its SHA-256.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from richcheap.command_line import parsers
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.remote import Fetched, described, fault_of, fetch
from richcheap.ingestion.params import ORIGINS, DataParams
from richcheap.inspect import write
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json


def main(arguments: Sequence[str]) -> None:
    """Fetch what is asked for, or all that was fetched before; say what has changed.

    Raises
    ------
    DataError
        Something cannot be had, or with ``--check`` is not as it was.
    """
    parser = parsers.fetch()
    asked = parser.parse_args(arguments)
    origins: dict[str, Mapping[str, str]] = dict(load(DataParams, "data").origins)
    if asked.url is None:
        if asked.query or asked.name:
            parser.error("--query and --as need a URL")
        if not origins:
            raise DataError("data.origins: expected what to fetch, got nothing; richcheap fetch URL adds to it")
    else:
        name = asked.name or ORIGINS[0]
        origin = {"url": asked.url} | ({} if asked.query is None else {"query": asked.query})
        fault = fault_of(asked.url, asked.query)
        if fault is not None:
            raise DataError(f"richcheap fetch: {fault}")
        origins = {name: origin}
    try:
        differing = [name for name, origin in origins.items() if not _fetched(name, origin, check=asked.check)]
    except InputError as error:
        raise DataError(str(error)) from error
    if asked.check and differing:
        raise DataError(f"{', '.join(differing)}: expected what was fetched before; richcheap fetch takes it in")
    if asked.url is not None and not asked.check:
        held = {**load(DataParams, "data").origins, **origins}
        changed = write({"origins": held, **{name: str(_copy(name)) for name in origins}})
        print(f"written to {' and '.join(changed)}" if changed else "params say so already")


def _fetched(name: str, origin: Mapping[str, str], *, check: bool) -> bool:
    """Fetch one source; return whether it is as it was. Only a new copy that differs is kept."""
    paths.FETCHED.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", dir=paths.FETCHED) as folder:
        new = fetch(origin["url"], origin.get("query"), Path(folder), name)
        before, old = _pin(name), _held(name)
        pin = {**origin, **_identity(new)}
        same = before == pin and old is not None and _identity(old) == _identity(new)
        print(f"{name}: {_said(before, old, new, same)}")
        if not same and not check:
            for copy in _copies(name):
                shutil.rmtree(copy) if copy.is_dir() else copy.unlink()
            new.path.rename(paths.FETCHED / new.path.name)
            write_json(pin, _pin_path(name))
    return same


def _said(before: Mapping[str, Any] | None, old: Fetched | None, new: Fetched, same: bool) -> str:
    now = f"{new.size:,} bytes, sha256 {new.sha256[:12]}"
    if same:
        return f"unchanged, {now}"
    if before is None:
        return f"new, {now}"
    if old is None or old.sha256 != before["sha256"]:
        here = "is not here" if old is None else "was changed here"
        what = "the source is as it was" if new.sha256 == before["sha256"] else "the source has changed"
        return f"the copy {here}; {what}, {now}"
    if new.sha256 == old.sha256:
        return f"from elsewhere, the same, {now}"
    return f"changed, from {before['bytes']:,} bytes, sha256 {before['sha256'][:12]}, to {now}"


def _identity(copy: Fetched) -> dict[str, Any]:
    return {"bytes": copy.size, "sha256": copy.sha256}


def _pin_path(name: str) -> Path:
    return paths.FETCHED / f"{name}.origin.json"


def _pin(name: str) -> dict[str, Any] | None:
    path = _pin_path(name)
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def _copies(name: str) -> list[Path]:
    return [path for path in paths.FETCHED.glob(f"{name}*") if path != _pin_path(name)]


def _copy(name: str) -> Path:
    return _copies(name)[0]


def _held(name: str) -> Fetched | None:
    copies = _copies(name)
    return described(copies[0]) if copies else None
