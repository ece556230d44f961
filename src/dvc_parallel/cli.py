"""The command ``dvc-parallel``: bring a DVC project up to date, or say what is stale."""

import io
import sys
from collections.abc import Callable, Collection, Mapping, Sequence

from dvc_parallel.system import program
from dvc_parallel.system.command_line import did_you_mean
from dvc_parallel.system.errors import print_error
from dvc_parallel.system.exit_codes import INTERRUPTED, PIPE_CLOSED, UNUSABLE
from dvc_parallel.system.streams import finish_output, open_streams
from dvc_parallel.system.system_faults import REMEDIES, system_fault

SUMMARIES = {
    "run": "bring the pipeline up to date, stages side by side",
    "status": "say which stages are stale, and why",
}
ENDING = "`dvc-parallel COMMAND --help` says more."

Subcommand = Callable[[Sequence[str]], int]


def main() -> None:
    """Do what the command line says and exit."""
    exit_with(lambda: dispatch(sys.argv[1:], listed(SUMMARIES, ENDING), {"run": run, "status": status}))


def exit_with(command: Callable[[], int]) -> None:
    """Exit with the code that a command returns; quietly when nobody reads its output any more.

    What the terminal has no character for is shown by its number.
    """
    open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        finish_output()
        code = PIPE_CLOSED
    except KeyboardInterrupt:  # while nothing ran yet: a run takes care of its stages itself
        print_error("interrupted")
        code = INTERRUPTED
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        print_error(system_fault(error))
        finish_output()
        code = UNUSABLE
    sys.exit(code)


def listed(summaries: Mapping[str, str], ending: str) -> str:
    """Return the usage of a command whose words are described in a line each."""
    width = max(map(len, summaries))
    lines = (f"  {name:<{width}}  {summary}" for name, summary in summaries.items())
    return "\n".join((f"usage: {program.name} COMMAND [OPTION ...]", "", *lines, "", ending))


def dispatch(arguments: Sequence[str], usage: str, commands: Mapping[str, Subcommand]) -> int:
    """Do what the first argument names with those that follow; return the exit code."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(usage)
        return 0 if arguments else UNUSABLE
    word, *rest = arguments
    if word not in commands:
        print_error(f"no command {word!r}{did_you_mean(word, commands)}; `{program.name} --help` lists all")
        return UNUSABLE
    return commands[word](rest)


def run(arguments: Sequence[str], settled: Collection[str] = ()) -> int:
    """Bring the pipeline up to date; DVC is imported here, as that takes a while.

    Parameters
    ----------
    arguments : sequence of str
    settled : collection of str
        Stages marked ``always_changed`` whose outputs are known to be what they would write: none of them runs, and
        nothing follows from it, unless dvc.lock records other outputs.
    """
    from dvc_parallel.run import main as command  # noqa: PLC0415

    return command(arguments, settled)


def status(arguments: Sequence[str], settled: Collection[str] = ()) -> int:
    """Say which stages are stale, and why; `settled` as `run` takes it."""
    from dvc_parallel.status.command import main as command  # noqa: PLC0415

    return command(arguments, settled)


if __name__ == "__main__":
    main()
