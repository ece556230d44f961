"""Kill the process groups that its parent leaves behind. A program of its own: it must outlive the runner by a moment.

It reads ``+GROUP`` when a group begins and ``-GROUP`` when it has ended from its standard input, whose end says that
the runner is gone. It imports nothing of the project, so that it starts in a hundredth of a second.
"""

import os
import signal
import sys


def main() -> None:
    """Watch until the runner is gone, then kill what it left."""
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
