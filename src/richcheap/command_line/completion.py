"""Completion of commands, options and files in a shell: ``richcheap completion bash``.

The script that is printed knows all of it, so that no Python is started while somebody types.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import shtab

from richcheap.command_line.commands import COMMANDS
from richcheap.command_line.parsers import completion, path_here


def main(arguments: Sequence[str]) -> None:
    """Print the script of the shell that is named."""
    print(shtab.complete(tree(), completion().parse_args(arguments).shell))


def tree() -> argparse.ArgumentParser:
    """Return one parser of all commands."""
    root = argparse.ArgumentParser("richcheap")
    root.add_argument("-V", "--version", action="store_true", help="say which version this is")
    below = root.add_subparsers(parser_class=argparse.ArgumentParser)
    for name, command in COMMANDS.items():
        one = below.add_parser(name, parents=[command.parser()], add_help=False, help=command.summary)
        for action in one._actions:
            if action.type in {Path, path_here}:
                vars(action)["complete"] = shtab.FILE  # where shtab looks for it
    return root
