"""The golden project: what `richcheap new` makes, kept as a list of files, each with where its content stands.

Most are files of the repository; what differs from those lies beside the list. `python -m tests.project.golden` renews
both after a change, and git shows what it does to a new project.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from richcheap import params
from richcheap.project.new import make
from richcheap.project.template import files
from tests.conftest import ROOT

FOLDER = Path(__file__).parent / "golden"
LIST = FOLDER / "files.txt"
VERSION = "7.8.9"
NAMES = {"dvc.yaml": "pipeline.yaml"}
"""What lies there under another name, for DVC would take it for a pipeline of ours."""
DIGESTS = "digests"
"""In the place of a file: contents that follow from the others and from the code."""


def made(folder: Path) -> dict[str, bytes]:
    """Make a project; return the content of each file by its path, without those of git."""
    make(folder, VERSION, params.defaults())
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def places(contents: dict[str, bytes]) -> dict[str, str]:
    """Return where the content of each file stands in the repository."""
    sources = files()
    found = {}
    for name, content in contents.items():
        source = sources.get(name, ROOT / name)
        if name == ".richcheap.json" or name.startswith("code/"):
            found[name] = DIGESTS
        elif source.is_file() and source.read_bytes() == content:
            found[name] = source.relative_to(ROOT).as_posix()
        else:
            found[name] = (FOLDER / NAMES.get(name, name)).relative_to(ROOT).as_posix()
    return found


def listed(found: dict[str, str]) -> str:
    """Return the list as it is kept."""
    return "".join(f"{name} <- {place}\n" for name, place in sorted(found.items()))


def main() -> None:
    """Renew what is kept."""
    with TemporaryDirectory() as folder:
        contents = made(Path(folder) / "project")
    found = places(contents)
    for old in FOLDER.iterdir():
        old.unlink()
    LIST.write_text(listed(found), encoding="utf-8")
    for name, place in found.items():
        if (ROOT / place).parent == FOLDER:
            (ROOT / place).write_bytes(contents[name])


if __name__ == "__main__":
    main()
