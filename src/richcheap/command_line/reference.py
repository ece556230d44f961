"""The page of all commands, docs/commands.md: ``python -m richcheap.command_line.reference > docs/commands.md``."""

import argparse
from collections.abc import Iterator

from dvc_parallel.system.command_line import Parser
from richcheap.command_line.commands import COMMANDS

HEAD = """\
# Commands

`richcheap COMMAND --help` says the same. `run` and `status` work in any DVC project, also as `dvc-parallel run` and
`dvc-parallel status`. A mistake is one line that begins with `error: `, and exit code 2.

**Completion.** A shell completes commands, options and files after one of these lines:

```sh
echo 'eval "$(richcheap completion bash)"' >> ~/.bashrc
richcheap completion zsh > ~/.zfunc/_richcheap              # a folder of $fpath
richcheap completion fish > ~/.config/fish/completions/richcheap.fish
```
"""


def markdown() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_summary(), *(line for name in COMMANDS for line in _section(name))])


def _summary() -> Iterator[str]:
    yield from ("| command | what it does |", "|---|---|")
    yield from (f"| [`{name}`](#richcheap-{name}) | {command.summary} |" for name, command in COMMANDS.items())
    yield ""


def _section(name: str) -> Iterator[str]:
    parser = COMMANDS[name].parser()
    parser.prog = f"richcheap {name}"  # of run and status, too
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    yield from (f"## richcheap {name}", "", (parser.description or "").replace("\n", "\n\n"), "", f"    {usage}", "")
    rows = list(_rows(parser))
    if rows:
        yield from ("| argument | meaning |", "|---|---|", *rows, "")


def _rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.dest != "help":
            value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 and action.option_strings else ""
            names = action.option_strings or [str(action.metavar)]
            yield f"| {', '.join(f'`{word}{value}`' for word in names)} | {action.help} |"


def main() -> None:
    """Print the page."""
    Parser(__doc__).parse_args()
    print(markdown(), end="")


if __name__ == "__main__":
    main()
