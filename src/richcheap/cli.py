"""The command ``richcheap``: one word for each thing that it does."""

import sys
import tomllib
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from dvc_parallel import cli as runner
from dvc_parallel.cli import RUN_AND_STATUS, dispatch, exit_with
from dvc_parallel.system import program
from dvc_parallel.system.errors import UserError, print_error
from dvc_parallel.system.exit_codes import UNUSABLE

USAGE = f"""\
usage: richcheap COMMAND [OPTION ...]

  new      make a project in a new folder
{RUN_AND_STATUS}
  compare  compare the result with another revision: models, and what became rich or cheap; refuse a worse champion
  anchor   let the blocks of the splits end where they do now; later dates become the live block
  update   take in the next day, run what is stale, and say how the live dates have fared
  params   write params.yaml and params/ anew from the code; values are kept
  upgrade  bring the files of a project up to date with the installed version
  plots    let `dvc plots show` and `dvc plots diff` draw without a network
  price    price a list of bonds, with intervals, parts, signals and reasons
  fetch    copy data from an object store, a web server or a database to here; say what has changed
  inspect  look at a file of prices: what it is, how it is read, what is not sure; --write puts that into the params

`richcheap COMMAND --help` says more; `richcheap --version` says which version this is."""
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
    others = {"compare": _compare, "params": _params, "fetch": _fetch, "inspect": _inspect, "price": _price}
    others |= {"anchor": _anchor, "new": _new, "plots": _plots, "update": _update, "upgrade": _upgrade}
    return dispatch(arguments, USAGE, {"run": _run, "status": _status, **others})


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


def _run(arguments: Sequence[str]) -> int:
    return _with_code(runner.run, arguments)


def _status(arguments: Sequence[str]) -> int:
    return _with_code(runner.status, arguments)


def _with_code(main: Callable[[Sequence[str], frozenset[str]], int], arguments: Sequence[str]) -> int:
    """Run or judge the pipeline, once the digests of the installed code are up to date."""
    from richcheap.project import code  # noqa: PLC0415

    try:
        settled = code.settled(Path.cwd())
    except UserError as error:
        print_error(error)
        return UNUSABLE
    return main(arguments, settled)


def _new(arguments: Sequence[str]) -> int:
    from richcheap import params  # noqa: PLC0415
    from richcheap.project import new  # noqa: PLC0415

    return _in_one_line(lambda: new.main(arguments, version(), params.defaults()))


def _upgrade(arguments: Sequence[str]) -> int:
    from richcheap import params  # noqa: PLC0415
    from richcheap.project import upgrade  # noqa: PLC0415

    def main() -> None:
        upgrade.main(arguments, version())
        params.main([])

    return _in_one_line(main)


def _compare(arguments: Sequence[str]) -> int:
    from richcheap import compare  # noqa: PLC0415

    return _in_one_line(lambda: compare.main(arguments))


def _params(arguments: Sequence[str]) -> int:
    from richcheap import params  # noqa: PLC0415

    return _in_one_line(lambda: params.main(arguments))


def _anchor(arguments: Sequence[str]) -> int:
    from richcheap import update  # noqa: PLC0415

    return _in_one_line(lambda: update.anchor(arguments))


def _update(arguments: Sequence[str]) -> int:
    from richcheap import update  # noqa: PLC0415

    codes: list[int] = []
    return _in_one_line(lambda: codes.append(update.update(arguments))) or codes[0]


def _in_one_line(main: Callable[[], None]) -> int:
    from richcheap.pipeline.execution.stage_main import run as in_one_line  # noqa: PLC0415

    in_one_line(main)
    return 0


def _fetch(arguments: Sequence[str]) -> int:
    from richcheap import fetch  # noqa: PLC0415

    return _in_one_line(lambda: fetch.main(arguments))


def _inspect(arguments: Sequence[str]) -> int:
    from richcheap import inspect  # noqa: PLC0415

    return _in_one_line(lambda: inspect.main(arguments))


def _plots(arguments: Sequence[str]) -> int:
    from richcheap.reporting import plots  # noqa: PLC0415

    plots.main(arguments)
    return 0


def _price(arguments: Sequence[str]) -> int:
    from richcheap import price  # noqa: PLC0415

    return _in_one_line(lambda: price.main(arguments))


if __name__ == "__main__":
    main()
