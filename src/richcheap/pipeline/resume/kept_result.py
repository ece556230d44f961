"""Keep what a long computation has found as an artifact that the stage's next run takes up, if nothing has changed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.resume.continuation import digest
from richcheap.pipeline.storage.artifacts import read_json, write_json


def keep_result(result: Mapping[str, Any], made_from: str, path: Path) -> None:
    """Write a result, what it was made from, and a digest of both.

    Parameters
    ----------
    result : mapping
        Of what JSON holds without loss: floats as hexadecimal text.
    made_from : str
        Digest of code, params and data.
    path : Path
    """
    write_json({"made_from": made_from, "result": result, "digest": _digest(result, made_from)}, path)


def kept_result(path: Path, made_from: str) -> dict[str, Any] | None:
    """Return a result made from the same; None where there is none, or its file has changed since."""
    try:
        content = read_json(path)
    except ArtifactError:
        return None
    result = content.get("result", {})
    if content.get("made_from") != made_from or content.get("digest") != _digest(result, made_from):
        return None
    return cast(dict[str, Any], result)


def _digest(result: Mapping[str, Any], made_from: str) -> str:
    return digest(made_from, json.dumps(result, sort_keys=True))
