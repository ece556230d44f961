"""Run a stage's ``main`` so that a user's mistake ends in one line and an exit code."""

import os
import sys
from collections.abc import Callable

from threadpoolctl import threadpool_limits

from stages.pipeline.errors import RichcheapError, machine_fault
from stages.pipeline.parent import die_with

DVC_STAGE = "DVC_STAGE"
"""The variable by which DVC names the stage that it runs."""
FAILED = 1
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
PIPE_CLOSED = 141  # 128 + SIGPIPE


def run(main: Callable[[], None]) -> None:
    """Call `main`; turn a `RichcheapError`, or what the machine cannot do, into ``error: ...`` and exit code 1.

    BLAS is held to one thread: how it cuts a product among threads decides the order of its sums, and so their
    last bits. Every other pool may use the cores of `stages.pipeline.cores`.
    """
    if DVC_STAGE in os.environ:  # a killed DVC does not end its stages, and the next would write beside them
        die_with(os.getppid())
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for a BLAS that is loaded later than here
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            main()
        sys.stdout.flush()
    except RichcheapError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        sys.exit(FAILED)
    except BrokenPipeError:  # who read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except (MemoryError, OSError) as error:
        fault = machine_fault(error)
        if fault is None:
            raise
        print(f"error: {fault}", file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
