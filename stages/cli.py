"""The command ``richcheap``: one word for each thing that it does."""

import os
import sys
import tomllib
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from stages.runner.exit_codes import INTERRUPTED, PIPE_CLOSED, UNUSABLE

USAGE = """\
usage: richcheap COMMAND [OPTION ...]

  run      bring the pipeline up to date, stages side by side
  status   say which stages are stale, and why
  compare  compare the result with another revision; refuse a champion that got worse

`richcheap COMMAND --help` says more; `richcheap --version` says which version this is."""
DISTRIBUTION = "richcheap"
PROJECT = Path(__file__).absolute().parents[1] / "pyproject.toml"
"""Of a clone that is used without being installed."""


def main() -> None:
    """Do what the command line says and exit."""
    try:
        code = command(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # who read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    except KeyboardInterrupt:  # while nothing ran yet: a run takes care of its stages itself
        print("error: interrupted", file=sys.stderr)
        code = INTERRUPTED
    sys.exit(code)


def command(arguments: Sequence[str]) -> int:
    """Do what the arguments say; return the exit code."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE)
        return 0 if arguments else UNUSABLE
    word, *rest = arguments
    if word in {"-V", "--version"}:
        print(f"richcheap {version()}")
        return 0
    chosen = _command(word)
    if chosen is None:
        print(f"error: no command {word!r}\n{USAGE}", file=sys.stderr)
        return UNUSABLE
    return chosen(rest)


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


def _command(word: str) -> Callable[[Sequence[str]], int] | None:
    """Return the command's function; only its own modules are imported, as DVC takes a while."""
    if word == "run":
        from stages.runner import run  # noqa: PLC0415

        return run.main
    if word == "status":
        from stages.runner import status  # noqa: PLC0415

        return status.main
    if word == "compare":
        return _compare
    return None


def _compare(arguments: Sequence[str]) -> int:
    from stages import compare  # noqa: PLC0415
    from stages.pipeline.stage import run  # noqa: PLC0415

    run(lambda: compare.main(arguments))
    return 0


if __name__ == "__main__":
    main()
