"""Commands whose standard streams are closed, full or read by nobody."""

import subprocess
import sys
from pathlib import Path

import pytest

PRINTS = "from dvc_parallel.cli import exit_with\nexit_with(lambda: print('x' * {}) or 0)"
OPENS = """
import os, sys
from dvc_parallel.system.streams import open_streams
open_streams()
file = open(sys.argv[1], "w")
print("printed", flush=True)
print("told", file=sys.stderr, flush=True)
assert sys.stdin.read() == ""
os.write(1, b"by a library")
file.write(str(file.fileno() > 2))
"""


def run(code: str, around: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python from a shell that changes its streams."""
    command = ["sh", "-c", f'"$@" {around}', "sh", sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_what_is_printed_to_a_closed_stream_goes_into_no_file(tmp_path, closed):
    file = tmp_path / "output"
    done = run(OPENS, f"{closed} {'' if '<' in closed else '</dev/null'}", str(file))
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert file.read_text() == "True"


def test_a_closed_output_stops_no_command():
    done = run(PRINTS.format(20), ">&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_output_is_told_in_one_line():
    done = run(PRINTS.format(20), ">/dev/full")
    assert done.returncode == 2
    assert done.stderr == "error: no space left on device; make room there\n"


def test_an_output_that_nobody_reads_ends_the_command_quietly():
    words = f'"{sys.executable}" -c "$1" | head -c 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", words, "bash", PRINTS.format(1_000_000)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("x141\n", "")
