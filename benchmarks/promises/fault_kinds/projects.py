"""What lies around runs of any DVC project: its locks, its clock, its cache, its remote."""

import json
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from benchmarks.kills import made, make_project
from benchmarks.promises.cases import Case, Kind, Options, Verdict
from benchmarks.promises.determinism import remove
from benchmarks.promises.fault_kinds.workspace import PLACE, called, command_line, drawn, judged_command, said

SHORT_NUMBER: Final = 3
"""Of left locks in the part that CI runs."""
YEAR: Final = 365 * 86_400
OUTS: Final = ("source", "a", "b", "c", "twice", "ab", "last")


@cache
def _template() -> Path:
    """Make the project of `benchmarks.kills`, and bring it up to date."""
    folder = Path(PLACE.name).resolve() / "project"
    make_project(folder)
    if (done := called(command_line("run"), folder)).returncode != 0:
        raise RuntimeError(done.stderr)
    return folder


@contextmanager
def _project() -> Iterator[tuple[Path, dict[str, bytes]]]:
    """Give a copy of the project, and the content of all that a run makes."""
    folder = Path(PLACE.name).resolve() / "project-copy"
    shutil.copytree(_template(), folder, symlinks=True)
    try:
        yield folder, made(_template())
    finally:
        remove(folder)


def _run(folder: Path, wanted: dict[str, bytes], name: str, *words: str, codes: tuple[int, ...] = (0,)) -> Case:
    """Call the runner; when it has done its work, all must be as in an undisturbed run."""
    done = called(command_line("run", "-j", "2", *words), folder)
    case = judged_command(name, done, codes)
    if done.returncode == 1 and case.verdict is Verdict.RIGHT:  # a stage has failed
        causes = [line for line in done.stdout.splitlines() if " failed: " in line]
        return case._replace(verdict=Verdict.REFUSED if causes else Verdict.FAILED, detail=said(done))
    if case.verdict is not Verdict.RIGHT:
        return case
    found = made(folder)
    wrong = [file for file, content in wanted.items() if found.get(file) != content]
    return case._replace(verdict=Verdict.FAILED, detail=f"differs: {', '.join(wrong)}") if wrong else case


def locks(options: Options) -> Iterator[Case]:
    """Leave locks of DVC and of the runner, of dead processes and living ones."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    info = {"pid": dead.pid, "cmd": "dvc repro"}
    left: dict[str, tuple[str, str]] = {
        "a torn list of locked paths": ("rwlock", '{"write": {"'),
        "a list of locked paths that is no such list": ("rwlock", "[1, 2]"),
        "an empty list of locked paths": ("rwlock", ""),
        "a path locked by a dead process": ("rwlock", json.dumps({"write": {"PLACE/a": info}, "read": {}})),
        "a path read by a dead process": ("rwlock", json.dumps({"write": {}, "read": {"PLACE/source": [info]}})),
        "DVC's lock left over": ("lock", f"{dead.pid}"),
        "the runner's lock left over": ("dvc-parallel/run_lock", f"{dead.pid}"),
        "the runner's lock of nobody": ("dvc-parallel/run_lock", "nobody"),
        "torn seconds of earlier runs": ("dvc-parallel/seconds.json", '{"a": [1'),
        "a torn note of what was recorded": ("dvc-parallel/series.json", '{"'),
    }
    for name, (file, content) in drawn(left, options, SHORT_NUMBER):
        with _project() as (folder, wanted):
            remove(folder / "last")
            path = folder / ".dvc" / "tmp" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.replace("PLACE", str(folder)), encoding="utf-8")
            yield _run(folder, wanted, name)
    yield from _two_at_once(options)


def _two_at_once(options: Options) -> Iterator[Case]:
    """Start a run while another one, or DVC, is at work."""
    beside = {"two runs": command_line("run"), "dvc repro beside a run": ["dvc", "repro", "-q"]}
    for name, words in list(beside.items())[: 1 if options.short else None]:
        for waits in (False,) if options.short else (False, True):
            with _project() as (folder, wanted):
                for out in OUTS:
                    remove(folder / out)
                shutil.rmtree(folder / ".dvc" / "cache")
                first = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(1.0)
                option = ["--wait"] if waits else []
                case = _run(folder, wanted, f"{name}{', which waits' * waits}", *option, codes=(0, 2, 75))
                first.wait()
                yield case
                yield _run(folder, wanted, f"{name}{', which waits' * waits}, the next")


def clock(options: Options) -> Iterator[Case]:
    """Set the dates of inputs and outputs a year forwards or back, all of them or some."""
    chance = random.Random(options.seed)
    shifts = {"forwards": YEAR, "back": -YEAR, "to the beginning of time": -int(time.time())}
    for name, shift in drawn(shifts, options, 1):
        for some in (False, True):
            with _project() as (folder, wanted):
                files = [path for path in folder.iterdir() if path.is_file()]
                for path in chance.sample(files, len(files) // 2) if some else files:
                    os.utime(path, (time.time() + shift, time.time() + shift))
                yield _run(folder, wanted, f"{'some' if some else 'all'} dates {name}")
                yield _clock_and_change(folder, wanted, chance, name)


def _clock_and_change(folder: Path, wanted: dict[str, bytes], chance: random.Random, name: str) -> Case:
    """Change an output besides, under the date that it had."""
    path = folder / chance.choice(OUTS)
    before = path.stat()
    path.unlink()
    path.write_bytes(b"what no stage has written")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return _run(folder, wanted, f"dates {name}, {path.name} changed under its old date")


def store(options: Options) -> Iterator[Case]:
    """Damage DVC's cache, and have an output restored or made anew."""
    chance = random.Random(options.seed)
    damages: dict[str, Callable[[Path], None]] = {
        "missing": shutil.rmtree,
        "empty files": partial(_each, lambda path: _overwrite(path, b"")),
        "cut files": partial(_each, lambda path: _overwrite(path, path.read_bytes()[:-1])),
        "files of others": partial(_each, lambda path: _overwrite(path, b"of another")),
        "in its place a file": _become_a_file,
    }
    for name, damage in drawn(damages, options, 2):
        with _project() as (folder, wanted):
            damage(folder / ".dvc" / "cache")
            for out in chance.sample(OUTS, 3):
                remove(folder / out)
            yield _run(folder, wanted, f"DVC's cache: {name}", codes=(0, 1, 2))


def _become_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder", encoding="utf-8")


def _each(damage: Callable[[Path], None], cache_folder: Path) -> None:
    for path in [path for path in cache_folder.rglob("*") if path.is_file() and "runs" not in path.parts]:
        path.chmod(0o644)
        damage(path)


def _overwrite(path: Path, content: bytes) -> None:
    path.write_bytes(content)


class _Dying(SimpleHTTPRequestHandler):
    """Serves the files of a folder; from some moment on it breaks every connection in the middle."""

    left = 0

    def do_GET(self) -> None:
        """Answer, or promise more than is sent."""
        type(self).left -= 1
        if type(self).left >= 0:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def log_message(self, format: str, *given: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


def remotes(options: Options) -> Iterator[Case]:
    """Let a remote vanish before or while outputs are fetched from it."""
    with _project() as (folder, wanted):
        remote = folder.with_name("remote")
        dvc = partial(called, folder=folder)
        dvc(["dvc", "remote", "add", "-q", "-d", "there", str(remote)])
        dvc(["dvc", "push", "-q"])
        for out in OUTS:
            remove(folder / out)
        shutil.rmtree(folder / ".dvc" / "cache")
        yield _run(folder, wanted, "a remote that is there", "--pull")
        for name in ("removed", "a file"):
            if name == "removed":
                shutil.rmtree(remote)
            else:
                remote.write_text("no folder", encoding="utf-8")
            for out in OUTS:
                remove(folder / out)
            shutil.rmtree(folder / ".dvc" / "cache")
            yield _run(folder, wanted, f"a remote in a folder, {name}", "--pull", codes=(0, 1, 2))
        remove(remote)
        dvc(["dvc", "push", "-q"])
        for answers in (3,) if options.short else (0, 1, 2, 3, 5, 8, 13):
            _Dying.left = answers
            with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Dying, directory=str(remote))) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                address = f"http://127.0.0.1:{server.server_port}"
                dvc(["dvc", "remote", "modify", "-q", "there", "url", address])
                for out in OUTS:
                    remove(folder / out)
                shutil.rmtree(folder / ".dvc" / "cache", ignore_errors=True)
                case = _run(
                    folder, wanted, f"a web server that dies after {answers} answers", "--pull", codes=(0, 1, 2)
                )
                server.shutdown()
            yield case


KINDS: Final = (
    Kind("locks", "Locks that a dead process has left stop nobody; a living one is waited for or named.", locks),
    Kind("clock", "No date of a file makes a run wrong.", clock),
    Kind("DVC's cache", "What DVC's cache has lost or holds torn is made anew.", store),
    Kind("remotes", "When a remote vanishes, a run does the work itself or says why it cannot go on.", remotes),
)
