"""Run a stage's ``main`` so that a mistake, and what the machine cannot do, end in one line and an exit code."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import NoReturn

from threadpoolctl import threadpool_limits

from dvc_parallel.system.command_line import Parser
from dvc_parallel.system.environment_variables import variable
from dvc_parallel.system.errors import print_error
from dvc_parallel.system.exit_codes import FAILED, INTERRUPTED, PIPE_CLOSED
from dvc_parallel.system.process_death import die_with_parent
from dvc_parallel.system.streams import finish_output, open_streams
from richcheap.pipeline.errors import LeftOutError, RichcheapError, machine_fault
from richcheap.pipeline.execution.left_out import leave_out
from richcheap.pipeline.execution.progress import close_bars
from richcheap.pipeline.execution.provenance import by_hand

STAGES = "stages."
"""The package of the mains of stages."""
DVC_STAGE = "DVC_STAGE"
"""The variable by which DVC names the stage that it runs."""


def run(main: Callable[[], None], about: str | None = None, takes: str | None = None) -> None:
    """Call `main`; turn a `RichcheapError`, or what the machine cannot do, into ``error: ...`` and exit code 1.

    BLAS is held to one thread: how it cuts a product among threads decides the order of its sums, and so their
    last bits. Every other pool may use the cores of `dvc_parallel.system.cores`.

    Parameters
    ----------
    main : callable
    about : str, optional
        Docstring of a module that is a command: ``--help`` shows it, and what the command does not take is refused.
    takes : str, optional
        What the command takes, which `main` reads from ``sys.argv``; by default nothing.
    """
    if about is not None:
        parser = Parser(about)
        if takes is not None:
            parser.add_argument(takes, nargs="*")  # `main` says what it must be
            parser.usage = f"%(prog)s [-h] {takes}"
        parser.parse_args()
    open_streams()
    if variable(DVC_STAGE):  # a killed DVC does not end its stages, and the next would write beside them
        die_with_parent(os.getppid())
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for a BLAS that is loaded later than here
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            _do(main)
        sys.stdout.flush()
    except RichcheapError as error:
        _refuse(error)
    except BrokenPipeError:  # who read the output has had enough
        finish_output()
        sys.exit(PIPE_CLOSED)
    except Exception as error:
        fault = machine_fault(error)
        if fault is None:
            raise
        _refuse(fault)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _refuse(fault: object) -> NoReturn:
    """Print a fault below the bars, and exit."""
    close_bars()
    print_error(fault)
    finish_output()
    sys.exit(FAILED)


def _do(main: Callable[[], None]) -> None:
    """Call the main of a command or a stage.

    A stage waits for the memory that it needs; one that DVC does not run looks at what it reads itself.
    """
    module = sys.modules["__main__"].__spec__
    if module is None or not module.name.startswith(STAGES):
        main()
        return
    from richcheap.pipeline.memory.admission import announced  # noqa: PLC0415  not every command needs joblib

    stage, arguments = module.name.removeprefix(STAGES), sys.argv[1:]
    with nullcontext() if variable(DVC_STAGE) else by_hand(stage, arguments), announced(stage):
        try:
            main()
        except LeftOutError as error:
            leave_out(stage, arguments, str(error))
