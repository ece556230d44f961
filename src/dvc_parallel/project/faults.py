"""What DVC and the system raise for what a user or a machine does, and how each is reported on one line."""

import sqlite3

from dvc.exceptions import DvcException
from dvc.utils.strictyaml import YAMLSyntaxError, YAMLValidationError, merge_conflict_marker
from dvc_data.hashfile.build import IgnoreInCollectedDirError
from dvc_data.hashfile.cache import DiskError
from dvc_objects.errors import ObjectDBError, ObjectFormatError
from dvc_objects.fs.errors import AuthError, ConfigError, RemoteMissingDepsError
from scmrepo.exceptions import SCMError

from dvc_parallel.system.system_faults import system_fault

OF_LIBRARIES = (
    SCMError,
    IgnoreInCollectedDirError,
    DiskError,
    sqlite3.Error,
    ObjectDBError,
    ObjectFormatError,
    AuthError,
    ConfigError,
    RemoteMissingDepsError,
    UnicodeDecodeError,  # of .gitignore or .dvcignore
    ImportError,  # of what DVC needs for the place that a path names, as s3://
)
"""Faults of git, caches and remotes that DVC lets through as they are."""
FAULTS = (DvcException, OSError, *OF_LIBRARIES)


def one_line(error: BaseException) -> str:
    """Return a fault on one line, with the place that DVC would otherwise draw."""
    text = str(error)
    if isinstance(error, YAMLValidationError):
        faults = [
            " in ".join(filter(None, [fault.error_message, " -> ".join(map(str, fault.path))]))
            for fault in error.exc.errors
        ]
        text = f"{text}: {'; '.join(faults)}{_way_out(error.path)}"
    elif isinstance(error, YAMLSyntaxError):
        text = _of_syntax(error)
    elif isinstance(error, OSError):
        text = system_fault(error)
    elif isinstance(error, RemoteMissingDepsError):
        text = f"{error.url} needs {', '.join(error.missing_deps)}: pip install 'dvc[{error.protocol}]'"
    elif isinstance(error, sqlite3.Error):
        text = f"DVC's store of file hashes: {error}; remove the folder that `dvc doctor` names as Repo.site_cache_dir"
    elif isinstance(error, UnicodeDecodeError):
        text = f"a file of the project that must be text in UTF-8, as .gitignore or .dvcignore, is not: {error}"
    return " ".join(text.split()) or type(error).__name__


def _of_syntax(error: YAMLSyntaxError) -> str:
    conflict = merge_conflict_marker.search(error.yaml_text)
    if conflict:
        line = error.yaml_text.count("\n", 0, conflict.start()) + 1
        return f"'{error.relpath}' holds a merge conflict from line {line} on: resolve it with git, then try again"
    cause = error.exc.__cause__
    mark = getattr(cause, "problem_mark", None)
    place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"'{error.relpath}' is not valid YAML: {getattr(cause, 'problem', None) or cause}{place}"


def _way_out(path: str) -> str:
    """Return what to do with a file that no person writes."""
    if not path.endswith("dvc.lock"):
        return ""
    return "; it is no dvc.lock of DVC 2 or later: take one from git, or move it away and it is made anew"
