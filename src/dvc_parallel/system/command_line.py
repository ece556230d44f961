"""Read a command line so that a mistake in it is one line."""

import argparse
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

from dvc_parallel.system.errors import print_error
from dvc_parallel.system.exit_codes import UNUSABLE


class Parser(argparse.ArgumentParser):
    """Reads a command line; a mistake in it is one line and exit code 2.

    Parameters
    ----------
    about : str, optional
        What the command does, shown as it stands.
    program : str, optional
        How the command is called; by default as Python was told to run it.
    """

    def __init__(self, about: str | None, program: str | None = None) -> None:
        spec = sys.modules["__main__"].__spec__
        called = f"python -m {spec.name}" if spec is not None else None
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(prog=program or called, description=about, formatter_class=layout, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        print_error(f"{message}; `{self.prog} --help` says what is understood")
        sys.exit(UNUSABLE)


def count(text: str) -> int:
    """Return a number of at least 1 that a command line gives."""
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text}")
    return number


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``, did you mean 'NAME'`` for the known name that is nearest to a word, nothing where none is near."""
    near = get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]!r}" if near else ""
