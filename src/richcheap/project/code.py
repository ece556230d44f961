"""Stage code of a project: write a digest of the installed code of each stage, on which that stage depends.

A stage's file names each folder that the stage imports of the package, as the repository's dvc.yaml has it, so an
upgrade runs again the stages whose code it changes, and no other. Versions of libraries are not in it, as they are not
among the deps of a clone: requirements.txt and constraints.txt hold them.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from dvc_parallel.system.atomic_write import write_bytes
from dvc_parallel.system.yaml_source import read as read_yaml
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths
from richcheap.project import record
from richcheap.project.template import CODE, KEY, PACKAGES, PIPELINE, maintained, stage_code

MODELS: Final = "models"
"""Section of params.yaml whose keys DVC puts in the place of `KEY`."""
LEFT_BY_TOOLS: Final = {".pyc", ".nbi", ".nbc"}


def main() -> None:
    """Write the digests of the project in the working folder."""
    refresh(Path())


def refresh(project: Path) -> None:
    """Write the digests of a project where they differ from what is there.

    Raises
    ------
    ParamsError
        dvc.yaml or a stage's main is not that of the installed version.
    """
    _refuse_another_version(project)
    wanted = digests(_models(project))
    folder = project / CODE
    for name, text in wanted.items():
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text:
            write_bytes(text.encode(), folder / name)
    for file in folder.rglob("*"):
        if file.is_file() and file.relative_to(folder).as_posix() not in wanted:
            file.unlink()


def settled(folder: Path) -> frozenset[str]:
    """Bring the digests of the project that a folder lies in up to date; return the stage that then need not run.

    In a clone, which has no such stage, and in a project that cannot be written, there is none.

    Raises
    ------
    ParamsError
        As `refresh` has it.
    """
    project = next((one for one in (folder, *folder.parents) if (one / record.FILE).is_file()), None)
    if project is None:
        return frozenset()
    try:
        refresh(project)
    except OSError:
        return frozenset()
    return frozenset({CODE})


def digests(models: Iterable[str]) -> dict[str, str]:
    """Return the text of each stage's file below `CODE` by its name; models are those that are trained."""
    keys, known = sorted(models), dict[str, str]()
    found: dict[str, str] = {}
    for stage in stage_code():
        for key in keys if KEY in stage.file else [""]:
            listed = [path.replace(KEY, key) for path in stage.paths]
            known |= {path: _digest(PACKAGES / path) for path in listed if path not in known}
            found[stage.file.replace(KEY, key)] = "".join(f"{known[path]}  {path}\n" for path in sorted(listed))
    return found


def _digest(place: Path) -> str:
    """Return a digest of a module, or of all files below a folder with their names; of nothing where none is."""
    found = hashlib.sha256()
    for name, file in sorted(_files(place)):
        content = file.read_bytes()
        found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def _files(place: Path) -> Iterator[tuple[str, Path]]:
    if place.is_file():
        yield "", place
    for file in place.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts and file.suffix not in LEFT_BY_TOOLS:
            yield file.relative_to(place).as_posix(), file


def _models(project: Path) -> list[str]:
    values: dict[str, Any] = read_yaml(project / paths.PARAMS).values
    found = values.get(MODELS)
    return [str(name) for name in found] if isinstance(found, dict) else []


def _refuse_another_version(project: Path) -> None:
    written = record.read(project)
    differing = [
        name
        for name, content in maintained().items()
        if (name == PIPELINE or name.startswith("stages/")) and written.digests.get(name) != record.digest(content)
    ]
    if differing:
        raise ParamsError(
            f"{', '.join(differing)}: of richcheap {written.version}, and the one installed has others; "
            "`richcheap upgrade` brings them up to date"
        )


if __name__ == "__main__":
    from richcheap.pipeline.execution.stage_main import run

    run(main, __doc__)
