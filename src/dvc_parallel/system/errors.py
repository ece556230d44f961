"""Faults that a user can mend, each one line: what was expected, what came, where, what to do.

::

    UserError
    |-- ParamsError      a params file holds a wrong key or value, or cannot be read
    |-- ProjectError     the project cannot be read, or a run of it was stopped
    `-- BusyError        another run is at work in the project

A command prints each line after `PREFIX` on standard error, by which a program that reads its output finds it again.
"""

import sys
from collections.abc import Iterable

PREFIX = "error: "


class UserError(Exception):
    """Base of every fault that a user can mend."""


class ParamsError(UserError):
    """A params file with a wrong key or value, or that cannot be read; one line for each fault."""


class ProjectError(UserError):
    """No project, a pipeline that DVC cannot read, a target that it does not have, or a run that was stopped."""


class BusyError(UserError):
    """Another run is at work in the project."""


def print_error(fault: object) -> None:
    """Print a fault, each of its lines after `PREFIX`."""
    for line in str(fault).splitlines():
        print(f"{PREFIX}{line}", file=sys.stderr)


def printed_errors(lines: Iterable[str]) -> list[str]:
    """Return what `print_error` has printed among some lines."""
    return [line.removeprefix(PREFIX) for line in lines if line.startswith(PREFIX)]
