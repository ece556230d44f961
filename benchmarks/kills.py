"""Kill runs at random moments and see that the next run always ends as if nothing had happened.

    python -m benchmarks.kills --count 100

A small DVC project is brought up to date by ``richcheap run`` or by plain ``dvc repro``. At a random moment the runner,
DVC, its reaper or a stage's process is killed with signal 9. Then ``richcheap run`` is called once more: it must end
well, run no stage that was recorded as done, leave no process of the killed run alive, and end in the bytes of a run
that nobody disturbed: outputs, dvc.lock, .gitignore.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from benchmarks.sizes import parse
from dvc_parallel.project.lockfile import recorded_stages
from dvc_parallel.results import Outcome
from dvc_parallel.system.exit_codes import INTERRUPTED

WORKER = """
import subprocess, sys, time
out, *deps = sys.argv[1:]
text = "".join(open(dep).read() for dep in deps)
if out.endswith("twice"):  # a stage with a process of its own, which writes on when its parent is gone
    child = "import sys, time; f = open(sys.argv[1], 'w'); f.write('half'); f.flush(); time.sleep(0.3); f.close()"
    subprocess.run([sys.executable, "-c", child, out], check=True)
    text += open(out).read()
with open(out, "w") as file:  # not written beside: a kill leaves half of it
    file.write(text[: len(text) // 2])
    file.flush()
    time.sleep(0.15)
    file.write(text[len(text) // 2 :] + out)
"""
VICTIMS = ("runner", "reaper", "stage", "dvc", "dvc torn")
"""The last is DVC killed while it writes: dvc.lock and its list of locked paths are cut at a random byte besides."""
LONGEST_RUN_SECONDS = 120


class Trial(NamedTuple):
    """One kill: who was killed, when, in which state that was, and what was wrong afterwards."""

    victim: str
    seconds: float
    recorded: int
    faults: list[str]


def make_project(folder: Path) -> None:
    """Write a project of nine stages, of which several can run side by side."""
    stages: dict[str, Any] = {"source": _stage("source", "source.txt")}
    for name in ("a", "b", "c", "twice"):
        stages[name] = _stage(name, "source")
    stages["ab"] = _stage("ab", "a", "b")
    stages["metric"] = {**_stage("metric", "c"), "outs": [], "metrics": [{"metric": {"cache": False}}]}
    stages["kept"] = {**_stage("kept", "c"), "outs": [{"kept": {"persist": True}}]}
    stages["last"] = _stage("last", "ab", "metric", "kept", "twice")
    folder.mkdir(parents=True)
    (folder / "worker.py").write_text(WORKER)
    (folder / "source.txt").write_text("a source of many words " * 20)
    (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}, indent=1))
    for words in (("git", "init", "-q"), ("dvc", "init", "-q"), ("git", "add", "-A")):
        subprocess.run(words, cwd=folder, check=True)
    who = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org"]
    subprocess.run(["git", *who, "commit", "-q", "-m", "project"], cwd=folder, check=True)


def start(folder: Path, words: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a command in a project, in a session of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def runner(*words: str) -> list[str]:
    """Return the command line of ``richcheap run``."""
    return [sys.executable, "-m", "richcheap.cli", "run", *words]


def made(folder: Path) -> dict[str, bytes]:
    """Return every file of a project that a run makes or changes."""
    names = ["dvc.lock", ".gitignore", "source", "a", "b", "c", "twice", "ab", "metric", "kept", "last"]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def kill_once(
    folder: Path,
    wanted: dict[str, bytes],
    victim: str,
    after: float,
    chance: random.Random,
    number: signal.Signals = signal.SIGKILL,
) -> Trial:
    """Run a project, kill or stop it by another signal, run again, and judge."""
    process = start(folder, command(victim))
    deadline = time.monotonic() + after
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.005)
    _kill(victim, process, number)
    code = process.wait(timeout=LONGEST_RUN_SECONDS)  # when it is not the victim, it must notice by itself
    recorded = recorded_stages(folder / "dvc.lock")
    if victim == "dvc torn":
        tear(folder / "dvc.lock", chance)
        tear(folder / ".dvc" / "tmp" / "rwlock", chance)
    again = subprocess.run(
        runner("-j", "2", "--json"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN_SECONDS,
        check=False,
    )
    faults = []
    if number is not signal.SIGKILL and code not in {0, INTERRUPTED, -number}:  # the last before it has begun
        faults.append(f"exit code {code} after {number.name}")
    if again.returncode != 0:
        faults.append(f"exit code {again.returncode}: {again.stderr.strip()[-400:]}")
    else:
        ran = {row["stage"] for row in json.loads(again.stdout)["stages"] if row["outcome"] == Outcome.RAN.value}
        again_allowed = {"kept"} if victim == "dvc torn" else set()  # DVC's run cache holds no output that persists
        if twice := (ran & set(recorded)) - again_allowed:
            faults.append(f"ran again: {', '.join(sorted(twice))}")
    found = made(folder)
    faults += [f"{name} differs" for name, content in wanted.items() if found.get(name) != content]
    faults += [f"process {process.pid} lives on" for process in _alive(folder)]
    shutil.rmtree(folder)
    return Trial(victim, after, len(recorded), faults)


def command(victim: str) -> list[str]:
    """Return the command line of the run in which a victim is killed."""
    return ["dvc", "repro", "-q"] if victim.startswith("dvc") else runner("-j", "3")


def tear(file: Path, chance: random.Random) -> None:
    """Cut a file at a random byte."""
    if file.is_file():
        content = file.read_bytes()
        file.write_bytes(content[: chance.randrange(len(content) + 1)])


def _kill(victim: str, process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Send a signal to the victim among a run's processes; none, when the run has none of that kind at the moment."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
        reapers = [child for child in family if "reaper.py" in " ".join(child.cmdline())]
        stages = [child for child in family if child not in reapers]
    except psutil.Error:
        return
    chosen = {"reaper": reapers, "stage": stages}.get(victim, [process])
    for one in chosen[-1:]:
        try:
            one.send_signal(number)
        except psutil.Error:
            continue


def _alive(folder: Path) -> list[psutil.Process]:
    """Return the processes of stages of a project."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DVC_ROOT") == str(folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _stage(out: str, *deps: str) -> dict[str, Any]:
    return {"cmd": f"{sys.executable} worker.py {out} {' '.join(deps)}", "deps": ["worker.py", *deps], "outs": [out]}


def main() -> None:
    """Kill as often as the command line says and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="kills, victims in turn")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parse(parser, count=1)
    trials = []
    for trial in kills(options.count, options.seed):
        trials.append(trial)
        print(f"{len(trials):>4} {trial.victim:<9} after {trial.seconds:.2f} s: {trial.faults or 'well'}", flush=True)
    for victim in VICTIMS:
        own = [trial for trial in trials if trial.victim == victim]
        states = Counter(trial.recorded for trial in own)
        faulty = sum(bool(trial.faults) for trial in own)
        recorded = ", ".join(f"{state} ({count})" for state, count in sorted(states.items()))
        print(
            f"{victim:<9} {len(own):>4} kills, {faulty} with a fault; stages recorded by then (how often): {recorded}"
        )
    sys.exit(any(trial.faults for trial in trials))


def kills(
    count: int, seed: int, victims: Sequence[str] = VICTIMS, signals: Sequence[signal.Signals] = (signal.SIGKILL,)
) -> Iterator[Trial]:
    """Kill some runs, victims and signals in turn and moments at random, and judge each."""
    with tempfile.TemporaryDirectory() as place:
        here = Path(place).resolve()
        make_project(here / "template")
        longest = {victim: undisturbed(here, victim) for victim in ("runner", "dvc")}
        wanted = made(here / "dvc")
        chance = random.Random(seed)
        for number in range(count):
            victim = victims[number % len(victims)]
            after = chance.uniform(0.3, longest["dvc" if victim.startswith("dvc") else "runner"])
            shutil.copytree(here / "template", here / str(number))
            yield kill_once(here / str(number), wanted, victim, after, chance, signals[number % len(signals)])


def undisturbed(here: Path, victim: str) -> float:
    """Run a copy of the project to its end and return the seconds that this took."""
    shutil.copytree(here / "template", here / victim)
    began = time.monotonic()
    if start(here / victim, command(victim)).wait() != 0:
        raise RuntimeError(f"the undisturbed run of {victim} failed")
    return time.monotonic() - began


if __name__ == "__main__":
    main()
