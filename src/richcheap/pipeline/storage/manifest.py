"""What a stage that works part by part has done already: from which bytes, by which code, into which bytes.

The manifest is an output beside the table, tracked by DVC like it, so that a clone that pulls the table knows what its
parts were made from. A part is reused only when its source, the code and the part itself all have the recorded hash.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage.artifacts import file_md5, read_json, write_json


class Manifest:
    """Records of the parts of one table.

    Parameters
    ----------
    path : Path
        Its file.
    code : str
        Digest of the code that makes the parts.
    records : mapping
        By a part's file name: ``source`` and ``output`` (md5), and what else is worth knowing of the part.
    """

    def __init__(self, path: Path, code: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        self._path, self._code = path, code
        self.records = dict(records)

    @classmethod
    def open(cls, path: Path, code: str) -> Self:
        """Read a manifest; one that is missing, broken or of other code holds nothing."""
        try:
            content = read_json(path)
        except ArtifactError:
            content = {}
        known = content.get("parts") if content.get("code") == code else None
        return cls(path, code, known if isinstance(known, dict) else {})

    def holds(self, source: Path, output: Path) -> bool:
        """Return whether the output was made from the source as both are now."""
        record = self.records.get(output.name)
        return (
            record is not None
            and output.is_file()
            and record["source"] == file_md5(source)
            and record["output"] == file_md5(output)
        )

    def keep(self, names: Iterable[str]) -> None:
        """Forget every part but these."""
        kept = set(names)
        self.records = {name: record for name, record in self.records.items() if name in kept}

    def save(self) -> None:
        """Write the manifest."""
        write_json({"code": self._code, "parts": self.records}, self._path)
