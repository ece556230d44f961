"""Standard streams that are closed, or that nobody reads or nothing can be written to."""

import os
import sys

_MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}


def open_streams() -> None:
    """Open what is closed of standard input, output and error, to nowhere.

    The next file that is opened would take the number of a closed one, and what is printed would go into it.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) < len(_MODES):
        os.set_inheritable(number, True)
    os.close(number)
    for name, mode in _MODES.items():
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  until the process ends


def finish_output() -> None:
    """Write what is left of standard output; where that cannot be done, it goes nowhere and ends no process again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
