"""Odd surroundings: no shared memory, no home, odd rights, closed or full streams, no temporary files, no git."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from benchmarks.promises.cases import Case, Kind, Options, Verdict
from benchmarks.promises.fault_kinds.disk import mounted
from benchmarks.promises.fault_kinds.workspace import (
    PLACE,
    Copy,
    called,
    command_line,
    drawn,
    environment,
    judged_command,
    targets,
)

SHORT_NUMBER: Final = 4
"""Of surroundings in the part that CI runs."""
SHORT_STAGES: Final = ("check", "convert")
STAGES: Final = (*SHORT_STAGES, "train@automl")


class Surroundings(NamedTuple):
    """What is odd around a process.

    Attributes
    ----------
    variables : dict
        None takes a variable away.
    around : str
        Words of a shell before and after the command, which stands for ``"$@"``.
    mount : str
        What is mounted where; nothing if empty.
    """

    variables: Mapping[str, str | None] = MappingProxyType({})
    around: str = 'exec "$@"'
    mount: str = ""


CLOSED: Final = {
    "standard input closed": Surroundings(around='exec "$@" <&-'),
    "standard output closed": Surroundings(around='exec "$@" >&-'),
    "standard error closed": Surroundings(around='exec "$@" 2>&-'),
    "all streams closed": Surroundings(around='exec "$@" <&- >&- 2>&-'),
}
WRITTEN: Final = {
    "standard output full": Surroundings(around='exec "$@" >/dev/full'),
    "standard output read by nobody": Surroundings(around='"$@" | true; exit 141'),
}
ODD: Final = {
    "no shared memory": Surroundings(mount="mount -t tmpfs -o ro tmpfs /dev/shm"),
    "no home": Surroundings({"HOME": None}),
    "a home that is not there": Surroundings({"HOME": "/nowhere"}),
    "a home that cannot be written": Surroundings({"HOME": "/proc"}),
    "rights for the owner alone": Surroundings(around='umask 077; exec "$@"'),
    "rights for all": Surroundings(around='umask 000; exec "$@"'),
    "no folder for temporary files": Surroundings({"TMPDIR": "/nowhere"}),
    "full folder for temporary files": Surroundings(
        {"TMPDIR": "/mnt"},
        mount="mount -t tmpfs -o size=4k,nr_inodes=2 tmpfs /mnt && ! head -c 9000 /dev/zero > /mnt/x",
    ),
}


def stages(options: Options) -> Iterator[Case]:
    """Run some stages by hand in odd surroundings."""
    place = Copy(options, "odd surroundings")
    for name, odd in drawn({**ODD, **CLOSED}, options, SHORT_NUMBER):
        with ExitStack() as held:
            enter: list[str] = []
            if odd.mount:
                there = held.enter_context(mounted(odd.mount, str(place.folder)))
                if there is None:
                    print(f"{name}: file systems cannot be mounted here, so it is not tried")
                    continue
                enter = there.enter
            for stage in SHORT_STAGES if options.short else STAGES:
                place.empty(stage)
                done = place.run(stage, *enter, "sh", "-c", odd.around, "sh", more=odd.variables)
                case = place.judged(f"{stage}, {name}", stage, done)
                place.restore(stage)
                yield case if done.returncode == 0 else case._replace(verdict=Verdict.FAILED)
    place.close()


def commands(options: Options) -> Iterator[Case]:
    """Call the runner and a command in odd surroundings."""
    place = Copy(options, "odd commands")
    target = targets(options.short) or ["market"]
    for name, odd in drawn({**ODD, **CLOSED, **WRITTEN}, options, SHORT_NUMBER):
        if odd.mount:
            continue
        for command in (["status", *target], ["run", *target], ["--help"])[: 2 if options.short else None]:
            words = ["sh", "-c", odd.around, "sh", *command_line(*command)]
            done = called(words, place.folder, odd.variables)
            yield judged_command(f"richcheap {command[0]}, {name}", done, {0, 2, 141} if name in WRITTEN else {0})
    place.close()


def without_git(options: Options) -> Iterator[Case]:
    """Run and look without git's program, on a detached head, and in a folder that is no repository."""
    place = Copy(options, "without git")
    target = targets(options.short) or ["market"]
    only_python = Path(PLACE.name) / "programs"
    only_python.mkdir(exist_ok=True)
    for program in ("python", "python3", "sh"):
        if (found := shutil.which(program, path=environment(place.folder)["PATH"])) and not (
            only_python / program
        ).exists():
            (only_python / program).symlink_to(found)
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=place.folder, check=True)
    for name, variables in (("a detached head", {}), ("no git", {"PATH": f"{only_python}"})):
        for command in (["status", *target], ["run", *target]):
            done = called(command_line(*command), place.folder, variables)
            yield judged_command(f"richcheap {command[0]}, {name}", done, {0})
    shutil.rmtree(place.folder / ".git")
    for command in (["status", *target], ["run", *target]):
        done = called(command_line(*command), place.folder)
        yield judged_command(f"richcheap {command[0]}, no repository of git", done, {2})
    for stage in SHORT_STAGES:
        yield place.judged(f"{stage}, no repository of git", stage, place.run(stage))
    place.close()


KINDS: Final = (
    Kind("surroundings", "Stages write the same bytes in odd surroundings.", stages),
    Kind("surroundings of commands", "Commands do their work there, too, or say in one line why not.", commands),
    Kind("git", "Without git's program the runner works; without a repository it says so.", without_git),
)
