"""The params of a project: params.yaml for what a user touches, params/SECTION.yaml for all else, read as one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dvc_parallel.system.yaml_source import Document, KeyPath, read, read_text
from richcheap.pipeline.storage import paths

MODELS = "models"
"""The section with a block for each model; the blocks in params.yaml say which of them are trained."""


@dataclass(frozen=True)
class Params:
    """Params files read as one.

    Attributes
    ----------
    documents : tuple of Document
        params.yaml first.
    """

    documents: tuple[Document, ...]

    @cached_property
    def values(self) -> dict[str, Any]:
        """The keys of all files together, without models that params.yaml has no block for."""
        found: dict[str, Any] = {}
        for document in self.documents:
            found = _merged(found, document.values)
        trained = self.documents[0].values.get(MODELS)
        if isinstance(found.get(MODELS), dict):
            names = trained if isinstance(trained, dict) else ()
            found[MODELS] = {name: block for name, block in found[MODELS].items() if name in names}
        return found

    def file(self, path: KeyPath, user_key: bool) -> str:
        """Return the name of the file in which a key has its home."""
        main = Path(self.documents[0].name)
        return (main if user_key else main.with_name(paths.PARAMS_FOLDER.name) / f"{path[0]}.yaml").as_posix()

    def has(self, path: KeyPath) -> bool:
        """Return whether a key stands in one of the files."""
        return any(path in document.lines for document in self.documents)

    def place(self, path: KeyPath, home: str | None = None) -> tuple[tuple[int, int], str]:
        """Return where a key stands, to sort by and to show: its line, or that of what is nearest above it.

        Parameters
        ----------
        path : tuple
            The key.
        home : str, optional
            The file in which a key that is missing has its home.
        """

        def known(document: Document) -> int:
            return next((depth for depth in range(len(path), 0, -1) if path[:depth] in document.lines), 0)

        order = [document for document in self.documents if document.name == home] or list(self.documents)
        nearest = max(order, key=known)
        if home is not None and nearest.name != home:
            return (len(self.documents), 0), home
        line = nearest.lines.get(path[: known(nearest)], 0)
        return (self.documents.index(nearest), line), nearest.where(path)


def read_params(path: Path = paths.PARAMS, section: str | None = None) -> Params:
    """Read params.yaml and the files of the folder beside it.

    Parameters
    ----------
    path : Path
        params.yaml.
    section : str, optional
        The only section that is asked for; by default all.

    Raises
    ------
    ParamsError
        A file cannot be read; see `dvc_parallel.system.yaml_source.read`.
    """
    return Params(tuple(read(file) for file in [path, *more_files(path, section)]))


def more_files(path: Path = paths.PARAMS, section: str | None = None) -> Sequence[Path]:
    """Return the params files besides params.yaml, sorted: of one section, or of all."""
    return sorted(path.with_name(paths.PARAMS_FOLDER.name).glob(f"{section or '*'}.yaml"))


def params_texts(folder: Path = Path()) -> dict[str, str]:
    """Return the text of each params file of a project by its name; `ParamsError` when there is no params.yaml."""
    files = [folder / paths.PARAMS, *more_files(folder / paths.PARAMS)]
    return {file.relative_to(folder).as_posix(): read_text(file) for file in files}


def leaves(values: Mapping[Any, Any], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the path and the value of each key that leads to no further keys."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = _merged(found[key], value)
        elif key not in found or isinstance(found[key], dict):  # what should be a mapping and is none is to be refused
            found[key] = value
    return found
