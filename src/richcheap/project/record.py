"""What a project records of the files that `richcheap new` and `upgrade` wrote: their digests, and the version.

By it an upgrade tells what a user has edited, and stage `code` that an upgrade is due.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from dvc_parallel.system.atomic_write import write_bytes
from richcheap.pipeline.errors import ArtifactError

FILE: Final = Path(".richcheap.json")


class Record(NamedTuple):
    """What was written.

    Attributes
    ----------
    version : str
        Of the package that wrote it.
    digests : dict of str to str
        Of each file's content, by its path in the project.
    """

    version: str
    digests: dict[str, str]

    def text(self) -> str:
        """Return it as `FILE` holds it."""
        return json.dumps({"richcheap": self.version, "files": self.digests}, indent=2, sort_keys=True) + "\n"

    def write(self, project: Path) -> None:
        """Write it into a project."""
        write_bytes(self.text().encode(), project / FILE)


def record_of(version: str, contents: Mapping[str, bytes]) -> Record:
    """Return the record of files that are written with these contents."""
    return Record(version, {name: digest(content) for name, content in contents.items()})


def read(project: Path) -> Record:
    """Return the record of a project.

    Raises
    ------
    ArtifactError
        There is none, or it is broken.
    """
    path = project / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Record(str(found["richcheap"]), {str(name): str(one) for name, one in found["files"].items()})
    except FileNotFoundError as error:
        raise ArtifactError(
            f"{path}: expected the record of a project that `richcheap new` made, got none; go to the project's "
            "folder, or make one with `richcheap new FOLDER`; a clone is upgraded by git"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"{path}: expected what `richcheap new` wrote, got something else; `git checkout {FILE}` brings it back"
        ) from error


def digest(content: bytes) -> str:
    """Return the digest of a content."""
    return hashlib.sha256(content).hexdigest()
