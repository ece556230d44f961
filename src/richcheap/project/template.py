"""The files of a new project: those of the repository, of which the wheel holds a copy.

pyproject.toml lists them once, for the build; a clone reads that list and takes its own files. A project has no `src/`,
so dvc.yaml is rewritten: where a stage depends on folders there, the project's depends on one file with their digests,
which stage `code` writes (`richcheap.project.code`).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ruamel.yaml import YAML

FOLDER: Final = Path(__file__).parent / "template"
"""What a project has of its own; in the wheel, the repository's files as well."""
PACKAGES: Final = Path(__file__).parents[2]
"""Folder that holds the packages: `src/` of a clone, or where they are installed."""
CLONE: Final = PACKAGES.parent
PIPELINE: Final = "dvc.yaml"
CODE: Final = "code"
"""Folder of the digests, and the stage that writes them."""
SOURCE: Final = "src/"
KEY: Final = "${key}"
HEAD: Final = f"""\
stages: # deps: data, the stage's main, and the digest of all other code that it imports, of the installed package
  {CODE}:
    desc: Write a digest of the installed code of each stage, so that an upgrade runs again what it changes
    cmd: python -m richcheap.project.code
    always_changed: true # nothing else tells that another version is installed
    outs: [{CODE}: {{cache: false, persist: true}}] # files that are right are left alone

"""
_STAGES: Final = re.compile(r"^stages:[^\n]*\n")
_STAGE: Final = re.compile(r"^  (?P<name>\w+):[^\n]*\n(?:(?:    [^\n]*)?\n)+", re.MULTILINE)
_DEPS: Final = re.compile(r"^(?P<indent> +)deps:.*?(?=^(?P=indent)\w)", re.MULTILINE | re.DOTALL)


class StageCode(NamedTuple):
    """What a stage imports of the package.

    Attributes
    ----------
    file : str
        The file of its digests below `CODE`, with `KEY` in its name where a stage stands for each of several models.
    paths : list of str
        Folders and modules, from the folder that holds the packages.
    """

    file: str
    paths: list[str]


def contents(version: str, params: Mapping[str, str]) -> dict[str, bytes]:
    """Return the content of each file of a new project, but for its digests, by its path in the project.

    Parameters
    ----------
    version : str
        Of the package, which the project's requirements name.
    params : mapping of str to str
        Text of each params file.
    """
    texts = {name: text.encode() for name, text in params.items()}
    own = {"requirements.txt": requirements(version).encode()}
    return {**maintained(), **own, **texts}


def maintained() -> dict[str, bytes]:
    """Return the content of the files that an upgrade brings up to date, by their paths."""
    found = {name: file.read_bytes() for name, file in sorted(files().items())}
    return {**found, PIPELINE: pipeline().encode()}


def requirements(version: str) -> str:
    """Return the project's requirements: this package, and the versions with which it was tested."""
    return f"-c constraints.txt\nrichcheap=={version}\n"


def files() -> dict[str, Path]:
    """Return the file from which each file of a project is copied, by its path in the project."""
    own = _below(FOLDER)
    return own if PIPELINE in own else {**own, **_of_the_clone()}


def pipeline() -> str:
    """Return dvc.yaml of a project."""
    text = _STAGES.sub(HEAD, files()[PIPELINE].read_text(encoding="utf-8"))
    return _STAGE.sub(lambda stage: _DEPS.sub(lambda deps: _with_digest(stage["name"], deps), stage[0]), text)


def stage_code() -> Iterator[StageCode]:
    """Yield what each stage of the repository's dvc.yaml imports of the package."""
    stages = YAML(typ="safe").load(files()[PIPELINE])["stages"]
    for name, described in stages.items():
        deps = described.get("do", described)["deps"]
        yield StageCode(_file(name, deps), [dep.removeprefix(SOURCE) for dep in deps if dep.startswith(SOURCE)])


def _with_digest(stage: str, text: re.Match[str]) -> str:
    """Return the deps of a stage with one file in place of all that lies in `src/`."""
    deps: list[str] = YAML(typ="safe").load(text[0])["deps"]
    code = f"{CODE}/{_file(stage, deps)}"
    rest = [dep for dep in deps if not dep.startswith(SOURCE)]
    lines = "".join(f"{text['indent']}  - {dep}\n" for dep in [*rest, code])
    return f"{text['indent']}deps:\n{lines}"


def _file(stage: str, deps: list[str]) -> str:
    return f"{stage}/{KEY}.txt" if any(KEY in dep for dep in deps) else f"{stage}.txt"


def _of_the_clone() -> dict[str, Path]:
    """Return the files that pyproject.toml has the build put into `template/`."""
    project = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, Path] = {}
    for source, target in project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].items():
        place = CLONE / source
        name = Path(target).relative_to(FOLDER.relative_to(PACKAGES)).as_posix()
        inner = _below(place) if place.is_dir() else {"": place}
        found |= {f"{name}/{below}".removesuffix("/"): file for below, file in inner.items()}
    return found


def _below(folder: Path) -> dict[str, Path]:
    """Return every file below a folder by its path there, without what Python leaves."""
    found = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(folder).as_posix(): file for file in found}
