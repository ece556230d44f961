"""Tell which stages would run, and why: ``dvc-parallel status [TARGET...] [--json]``."""

import json
from collections.abc import Collection, Sequence

from dvc_parallel import parsers
from dvc_parallel.project.repository import open_project
from dvc_parallel.status.staleness import explain
from dvc_parallel.status.status_text import report
from dvc_parallel.system.errors import UserError, print_error
from dvc_parallel.system.exit_codes import DONE, FAILED, UNUSABLE


def main(arguments: Sequence[str], settled: Collection[str] = ()) -> int:
    """Print the stages that would run, and why; return 0 if there are none, 1 if any, 2 after a user's mistake.

    `settled` is as `dvc_parallel.cli.run` takes it.
    """
    options = parsers.status().parse_args(arguments)
    try:
        with open_project() as repo:
            verdicts = explain(repo, options.targets, settled)
    except UserError as error:
        print_error(error)
        return UNUSABLE
    if options.json:
        printed = [verdict.as_dict() for verdict in verdicts if verdict.reasons or verdict.frozen]
        print(json.dumps(printed, indent=2, default=str))
    else:
        print(report(verdicts, options.targets))
    return FAILED if any(verdict.reasons for verdict in verdicts) else DONE
