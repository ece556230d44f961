"""The command ``richcheap``: one word for each thing that it does."""

import sys
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module, metadata
from pathlib import Path

from dvc_parallel.cli import dispatch, exit_with, listed
from dvc_parallel.system import program
from dvc_parallel.system.errors import UserError, print_error
from dvc_parallel.system.exit_codes import UNUSABLE
from richcheap.command_line.commands import COMMANDS

ENDING = "`richcheap COMMAND --help` says more; `richcheap --version` says which version this is."
DISTRIBUTION = "richcheap"
PROJECT = Path(__file__).absolute().parents[2] / "pyproject.toml"
"""Of a clone that is used without being installed."""


def main() -> None:
    """Do what the command line says and exit."""
    exit_with(lambda: command(sys.argv[1:]))


def command(arguments: Sequence[str]) -> int:
    """Do what the arguments say; return the exit code."""
    if arguments and arguments[0] in {"-V", "--version"}:
        print(f"richcheap {version()}")
        return 0
    program.name = "richcheap"
    summaries = {name: one.summary for name, one in COMMANDS.items()}
    return dispatch(arguments, listed(summaries, ENDING), {name: partial(_do, name) for name in COMMANDS})


def version() -> str:
    """Return the version that is installed, or that of the clone that this is."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        pass
    try:
        return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"


def _do(name: str, arguments: Sequence[str]) -> int:
    wanted = COMMANDS[name]
    wanted.parser().parse_known_args(arguments)  # help, and most mistakes, end here, before seconds of imports
    main = getattr(import_module(wanted.module), wanted.function)
    if wanted.module.startswith("dvc_parallel."):
        return _with_code(main, arguments)
    from richcheap.pipeline.execution.stage_main import run as in_one_line  # noqa: PLC0415

    codes: list[int | None] = []
    in_one_line(lambda: codes.append(main(arguments)))
    return codes[0] or 0


def _with_code(main: Callable[[Sequence[str], frozenset[str]], int], arguments: Sequence[str]) -> int:
    """Run or judge the pipeline, once the digests of the installed code are up to date."""
    from richcheap.project import code  # noqa: PLC0415

    try:
        settled = code.settled(Path.cwd())
    except UserError as error:
        print_error(error)
        return UNUSABLE
    return main(arguments, settled)


def new(arguments: Sequence[str]) -> None:
    """Make a project; its params have the defaults of the code."""
    from richcheap import params  # noqa: PLC0415
    from richcheap.project import new  # noqa: PLC0415

    new.main(arguments, version(), params.defaults())


def upgrade(arguments: Sequence[str]) -> None:
    """Bring a project's files and params up to date with the installed version."""
    from richcheap import params  # noqa: PLC0415
    from richcheap.project import upgrade  # noqa: PLC0415

    upgrade.main(arguments, version())
    params.main([])


if __name__ == "__main__":
    main()
