"""Let everything go wrong around a run, and see that it ends right, or stops with one line and nothing half-written.

    python -m benchmarks.promises.faults --short

Stages of a finished run of the small pipeline meet kills, disks that are full or read-only, limits of the system,
torn files and caches, locks that were left over, wrong clocks and odd surroundings.
"""

import sys
from typing import Final

from benchmarks.promises.cases import run
from benchmarks.promises.fault_kinds import disk, kernels, killed, limits, projects, surroundings, torn

KINDS: Final = (
    *killed.KINDS,
    *disk.KINDS,
    *limits.KINDS,
    *torn.KINDS,
    *kernels.KINDS,
    *projects.KINDS,
    *surroundings.KINDS,
)

if __name__ == "__main__":
    sys.exit(run("faults", __doc__, KINDS))
