"""Exit codes of the commands, and of a run that is started from within a program."""

DONE = 0
FAILED = 1
"""The work failed; of ``status``, a stage is stale."""
UNUSABLE = 2
"""A user's mistake, as argparse has it."""
BUSY = 75  # EX_TEMPFAIL of sysexits.h: try again later
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
PIPE_CLOSED = 141  # 128 + SIGPIPE
