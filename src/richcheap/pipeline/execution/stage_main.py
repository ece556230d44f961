"""Run a stage's ``main`` so that a mistake, and what the machine cannot do, end in one line and an exit code."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from threadpoolctl import threadpool_limits

from dvc_parallel.system.command_line import Parser
from dvc_parallel.system.environment_variables import variable
from dvc_parallel.system.errors import print_error
from dvc_parallel.system.exit_codes import FAILED, INTERRUPTED, PIPE_CLOSED
from dvc_parallel.system.process_death import die_with_parent
from richcheap.pipeline.errors import LeftOutError, RichcheapError, machine_fault
from richcheap.pipeline.execution.left_out import leave_out

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
    if variable(DVC_STAGE):  # a killed DVC does not end its stages, and the next would write beside them
        die_with_parent(os.getppid())
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for a BLAS that is loaded later than here
    try:
        with _memory_announced(), threadpool_limits(limits=1, user_api="blas"):
            main()
        sys.stdout.flush()
    except LeftOutError as error:
        stage = _stage()
        if stage is None:
            print_error(error)
            sys.exit(FAILED)
        leave_out(stage, sys.argv[1:], str(error))
    except RichcheapError as error:
        print_error(error)
        sys.exit(FAILED)
    except BrokenPipeError:  # who read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except Exception as error:
        fault = machine_fault(error)
        if fault is None:
            raise
        print_error(fault)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _memory_announced() -> AbstractContextManager[None]:
    """Let a stage wait for the memory that it needs; any other command needs little."""
    stage = _stage()
    if stage is None:
        return nullcontext()
    from richcheap.pipeline.memory.admission import announced  # noqa: PLC0415  not every command needs joblib

    return announced(stage)


def _stage() -> str | None:
    """Return the name of the stage that this process is; None when it is another command."""
    module = sys.modules["__main__"].__spec__
    return module.name.removeprefix(STAGES) if module is not None and module.name.startswith(STAGES) else None
