"""The commands of ``richcheap``: what each does, in a line, what it takes, and where it lies."""

from collections.abc import Callable
from typing import NamedTuple

from dvc_parallel import parsers as runner
from dvc_parallel.system.command_line import Parser
from richcheap.command_line import parsers


class Command(NamedTuple):
    """One word of the command line."""

    summary: str
    parser: Callable[[], Parser]
    module: str
    """It is imported when the command is called."""
    function: str = "main"


COMMANDS = {
    "new": Command("make a project in a new folder", parsers.new, "richcheap.cli", "new"),
    "run": Command("bring the pipeline up to date, stages side by side", runner.run, "dvc_parallel.run"),
    "status": Command("say which stages are stale, and why", runner.status, "dvc_parallel.status.command"),
    "compare": Command(
        "compare the result with another revision: models, and what became rich or cheap; refuse a worse champion",
        parsers.compare,
        "richcheap.compare",
    ),
    "experiments": Command(
        "list experiments on one screen: champion, its error, and what was set",
        parsers.experiments,
        "richcheap.command_line.experiments",
    ),
    "anchor": Command(
        "let the blocks of the splits end where they do now; later dates become the live block",
        parsers.anchor,
        "richcheap.update",
        "anchor",
    ),
    "update": Command(
        "take in the next day, run what is stale, and say how the live dates have fared",
        parsers.update,
        "richcheap.update",
        "update",
    ),
    "params": Command(
        "write params.yaml and params/ anew from the code; values are kept", parsers.params, "richcheap.params"
    ),
    "upgrade": Command(
        "bring the files of a project up to date with the installed version",
        parsers.upgrade,
        "richcheap.cli",
        "upgrade",
    ),
    "plots": Command(
        "let `dvc plots show` and `dvc plots diff` draw without a network", parsers.plots, "richcheap.reporting.plots"
    ),
    "price": Command(
        "price a list of bonds, with intervals, parts, signals and reasons", parsers.price, "richcheap.price"
    ),
    "fetch": Command(
        "copy data from an object store, a web server or a database to here; say what has changed",
        parsers.fetch,
        "richcheap.fetch",
    ),
    "inspect": Command(
        "look at a file of prices: what it is, how it is read, what is not sure; --write puts that into the params",
        parsers.inspect,
        "richcheap.inspect",
    ),
    "completion": Command(
        "print a script by which bash, zsh or fish completes all of this",
        parsers.completion,
        "richcheap.command_line.completion",
    ),
}
"""In the order in which they are listed."""
