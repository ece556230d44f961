"""A folder of saved models: every file is known by its hash, and the list of hashes by one of its own.

::

    FOLDER/
      manifest.json        the sha256 of every other file; its own is what is to be kept apart
      NAME/                a model: model.json, findings.json, validation.parquet, card.md, card.json
      champion/            who prices, said to be so: its card, its model and intervals, the market of the last date
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.arguments import checked_path, machine_faults_in_one_line
from richcheap.cli import version
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.pipeline.storage.artifacts import copy_file, read_json
from richcheap.pipeline.storage.tables import new_folder
from richcheap.pricer import Pricer
from richcheap.saved.champion import MODEL, SavedChampion, read_model, write_card, write_champion, write_exact

MANIFEST: Final = "manifest.json"
CHAMPION: Final = "champion"
FORMAT: Final = 2


class SavedModels(Mapping[str, Path]):
    """Models that were saved in a folder: where each lies, by name.

    Parameters
    ----------
    folder : Path
    sha256 : str
        Of the folder's manifest.

    Attributes
    ----------
    folder : Path
    sha256 : str
        What `load_champion` and `load_saved` ask for.
    champion : str or None
        Who prices; None where none was saved.
    """

    def __init__(self, folder: Path, sha256: str) -> None:
        self.folder, self.sha256 = folder, sha256
        file = folder / MANIFEST
        found = _sha256(file)
        if found != sha256:
            raise ArtifactError(f"{file}: sha256 must be {sha256}, got {found}; nothing of the folder is loaded")
        manifest = read_json(file)
        if manifest.get("format") != FORMAT:
            raise ArtifactError(f"{file}: format must be {FORMAT}, got {manifest.get('format')!r}; use its richcheap")
        self._files: dict[str, str] = manifest["files"]
        self.champion: str | None = manifest["champion"]

    def __getitem__(self, name: str) -> Path:
        if name not in self._names():
            raise KeyError(name)
        return self.folder / name

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __repr__(self) -> str:
        return f"<{', '.join(self)} in {self.folder}; champion {self.champion}; sha256 {self.sha256}>"

    def _repr_html_(self) -> str:
        return self.table._repr_html_()

    @property
    def table(self) -> pl.DataFrame:
        """A row for each model: whether it is the champion, and where it lies."""
        rows = [(name, name == self.champion, str(path)) for name, path in self.items()]
        return pl.DataFrame(
            rows, schema={"model": pl.String, "champion": pl.Boolean, "folder": pl.String}, orient="row"
        )

    def load(self, name: str) -> Any:
        """Return a model: of one of prices, ``predict(rows of the dataset)`` gives bp to add to the base spread.

        Raises
        ------
        ParamsError
            None of that name was saved.
        ArtifactError
            A file is missing, or is not the one that was saved.
        """
        models = [one for one in self if f"{one}/{MODEL}" in self._files]
        if name not in models:
            raise ParamsError(f"name: expected one of {', '.join(models) or 'none'}, got {name!r}")
        self._check(name)
        return read_model(self.folder / name / MODEL, available_cores())

    def load_champion(self) -> SavedChampion:
        """Return the champion, to be asked for prices.

        Raises
        ------
        ArtifactError
            None was saved, a file is missing, or one is not what was saved.
        """
        if self.champion is None:
            raise ArtifactError(f"{self.folder}: no champion was saved; save_models(folder) saves it")
        self._check(CHAMPION)
        return SavedChampion(self.folder / CHAMPION, available_cores())

    def _names(self) -> list[str]:
        return list(dict.fromkeys(file.split("/")[0] for file in self._files if not file.startswith(f"{CHAMPION}/")))

    def _check(self, name: str) -> None:
        """Refuse the files of a model of which one is missing, added, or not the one that was saved."""
        for file, expected in self._files.items():
            if file.startswith(f"{name}/") and (found := _sha256(self.folder / file)) != expected:
                raise ArtifactError(f"{self.folder / file}: sha256 must be {expected}, got {found}; not loaded")
        there = {file.relative_to(self.folder).as_posix() for file in (self.folder / name).rglob("*") if file.is_file()}
        if added := sorted(there - self._files.keys()):
            raise ArtifactError(f"{self.folder / added[0]}: was not saved with the others; not loaded, remove it")

    @classmethod
    def write(cls, project: Path, files: Mapping[str, list[Path]], folder: Path, pricer: Pricer | None) -> Self:
        """Save models, and the champion.

        Parameters
        ----------
        project : Path
        files : mapping
            Of each model, checked.
        folder : Path
            Made if need be; the models' and the champion's files there are replaced.
        pricer : Pricer or None
            The project, opened; without it no champion is saved, and no card.
        """
        from richcheap.saved.cards import card_of, model_card  # noqa: PLC0415  what loads needs no evaluation

        with machine_faults_in_one_line():
            for name, found in files.items():
                with new_folder(folder / name) as made:
                    for file in found:
                        copy_file(file, made / file.name)
                    if pricer is not None:
                        write_card(card_of(project, name), made)
            names, champion = list(files), None
            if pricer is not None:
                champion, names = pricer.champion, [*files, CHAMPION]
                with new_folder(folder / CHAMPION) as made:
                    write_champion(pricer, model_card(project, champion), made)
            written = [file for name in names for file in sorted((folder / name).rglob("*")) if file.is_file()]
            hashes = {file.relative_to(folder).as_posix(): _sha256(file) for file in written}
            content = {"format": FORMAT, "richcheap": version(), CHAMPION: champion, "files": hashes}
            write_exact(content, folder / MANIFEST)
        return cls(folder, _sha256(folder / MANIFEST))


def load_saved(folder: str | os.PathLike[str], *, sha256: str) -> SavedModels:
    """Open a folder that ``ModelTrainer.save_models`` has written.

    Parameters
    ----------
    folder : str or Path
    sha256 : str
        What `save_models` returned.

    Raises
    ------
    ArtifactError
        It is not the folder that was saved.
    """
    return SavedModels(checked_path("folder", folder).absolute(), _checked_hash(sha256))


def load_champion(folder: str | os.PathLike[str], *, sha256: str) -> SavedChampion:
    """Load the champion of a folder that ``ModelTrainer.save_models`` has written, to price bonds with it anywhere.

    Parameters
    ----------
    folder : str or Path
    sha256 : str
        What `save_models` returned.

    Raises
    ------
    ArtifactError
        It is not the folder that was saved, or holds no champion.
    """
    return load_saved(folder, sha256=sha256).load_champion()


def _checked_hash(given: object) -> str:
    if isinstance(given, str) and len(given) == hashlib.sha256().digest_size * 2:
        return given.lower()
    raise ParamsError(f"sha256: must be the 64 hexadecimal digits that save_models returned, got {given!r}")


def _sha256(file: Path) -> str:
    if not file.is_file():
        raise ArtifactError(f"{file}: no such file; copy the whole folder that save_models wrote")
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
