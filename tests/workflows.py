"""Run the steps of a GitHub workflow's job here, in order, as its runner would."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from tests.conftest import ROOT

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` stands for
ALWAYS = "!cancelled()"


class Outcome(NamedTuple):
    """What a step came to: ``success``, ``failure`` or ``skipped``, and what it printed."""

    outcome: str
    output: str = ""


def job(path: Path, name: str) -> dict[str, Any]:
    """Return a job of a workflow."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path)["jobs"][name]
    return found


class Runner:
    """A machine with a repository's address, the values of a workflow's expressions, and commands that need no network.

    Parameters
    ----------
    folder : Path
        New, for the clone and the machine's own files.
    origin : Path
        The repository, bare.
    values : mapping
        What each expression of the workflow stands for, by its text; one that is not here fails the test.
    """

    def __init__(self, folder: Path, origin: Path, values: Mapping[str, str]) -> None:
        self.folder, self.origin, self.values = folder, origin, dict(values)
        self.workspace, self.temporary, self.commands = folder / "work", folder / "temporary", folder / "commands"
        for made in (self.temporary, self.commands):
            made.mkdir(parents=True)
        for name in ("pip", "gh"):  # they would reach for the network: what they are called with is written down
            script = f'#!/bin/sh\necho "$*" >> "{self.folder}/{name}.txt"\n'
            (self.commands / name).write_text(script, encoding="utf-8")
            (self.commands / name).chmod(0o755)
        self.summary, self._variables = folder / "summary.md", folder / "variables.txt"
        for file in (self.summary, self._variables):
            file.touch()

    def called(self, name: str) -> str:
        """Return the arguments that a replaced command was called with."""
        file = self.folder / f"{name}.txt"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def run(self, steps: list[dict[str, Any]]) -> dict[str, Outcome]:
        """Run the steps; return what each came to, by its name or by the action that it uses."""
        found: dict[str, Outcome] = {}
        for step in steps:
            failed = any(one.outcome == "failure" for one in found.values())
            wanted = self._wanted(step.get("if", ""), failed)
            name = step.get("name") or step["uses"].partition("@")[0]
            found[name] = self._step(step) if wanted else Outcome("skipped")
            if "id" in step:
                self.values[f"steps.{step['id']}.outcome"] = found[name].outcome
        return found

    def _wanted(self, condition: str, failed: bool) -> bool:
        """Return whether a step is to be run; conditions are comparisons of texts, joined by `&&`."""
        parts = [part.strip() for part in condition.removeprefix("${{").removesuffix("}}").split("&&") if part.strip()]
        if failed and ALWAYS not in parts:
            return False
        return all(self._true(*part.split(maxsplit=2)) for part in parts if part != ALWAYS)

    def _true(self, name: str, comparison: str, text: str) -> bool:
        return (self.values[name] == text.strip("'")) == {"==": True, "!=": False}[comparison]

    def _step(self, step: Mapping[str, Any]) -> Outcome:
        action, _, _ = step.get("uses", "").partition("@")
        if action == "actions/checkout":
            return self._checkout(self._filled(step["with"]["ref"]))
        if action == "actions/setup-python":
            return Outcome("success")  # the Python that runs the tests
        script = self.folder / "step.sh"
        script.write_text(self._filled(step["run"]), encoding="utf-8")
        given = {name: self._filled(value) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            [*SHELL, str(script)],
            cwd=self.workspace,
            env={**self._environment(), **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome("failure" if done.returncode else "success", done.stdout)

    def _checkout(self, reference: str) -> Outcome:
        words = ["git", "clone", "-q", "--branch", reference, str(self.origin), str(self.workspace)]
        subprocess.run(words, check=True, capture_output=True)
        return Outcome("success")

    def _filled(self, text: str) -> str:
        return EXPRESSION.sub(lambda match: self.values[match[1]], text)

    def _environment(self) -> dict[str, str]:
        """Return the runner's variables, with those that steps have written down."""
        path = os.pathsep.join([str(self.commands), str(Path(sys.executable).parent), os.environ["PATH"]])
        written = self._variables.read_text(encoding="utf-8").splitlines()
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "DVC_"))},
            "PATH": path,
            "PYTHONPATH": str(ROOT),  # instead of `pip install -e .`
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_ENV": str(self._variables),
            "RUNNER_TEMP": str(self.temporary),
            **dict(line.split("=", 1) for line in written),
        }
