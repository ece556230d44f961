"""Copies of the project in which tests run the pipeline as a user does."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dvc_parallel.system.yaml_source import Document
from richcheap.pipeline.config.params_files import leaves
from richcheap.profile import apply
from tests.conftest import ROOT

PROFILE = ROOT / "profiles" / "small.yaml"
SMALL: dict[str, Any] = {
    ".".join(map(str, path)): value for path, value in leaves(YAML(typ="safe", pure=True).load(PROFILE))
}
"""A small market with small budgets, by dotted name."""

KERNELS = ROOT / "src" / "richcheap" / "__pycache__"
"""Where the tests' own kernels are kept, which take a minute to compile anew."""


class Project:
    """A git repository with the project's files as they stand, committed or not, and nothing that was made."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.folder = folder
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=source, capture_output=True, text=True, check=True).stdout
        for name in filter(None, names.split("\0")):
            if (source / name).is_file() and name != "dvc.lock":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / name, folder / name)
        self.command("git", "init", "-q")
        self.commit("project")

    def commit(self, message: str) -> None:
        """Commit everything that git does not ignore."""
        self.command("git", "add", "-A")
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        self.command("git", *who, "commit", "-q", "--allow-empty", "-m", message)

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; `python` and `dvc` are those that run the tests."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        settings = {"PATH": path, "DVC_NO_ANALYTICS": "1", "NUMBA_CACHE_DIR": str(KERNELS)}
        variables = {**os.environ, **settings, **(env or {})}
        variables.pop("PYTHONPATH", None)  # the copy's own modules are the ones to run
        return subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False, env=variables)

    def command(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        """Run a command that must succeed and return what it printed."""
        done = self.run(*words, env=env)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def configure(self, values: Mapping[str, Any]) -> None:
        """Set params, each by its dotted name."""
        configure(self.folder, values)

    def keep_models(self, *names: str) -> None:
        """Take all models but these out of params.yaml, which says what is trained."""
        keep_models(self.folder, *names)

    def stale(self) -> set[str]:
        """Return the stages that DVC finds changed, without those that merely follow."""
        return set(json.loads(self.command("dvc", "status", "--json")))

    def made(self) -> dict[str, bytes]:
        """Return the content of every file that git tracks and stages make."""
        folders = [self.folder / "metrics", self.folder / "plots"]
        files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return {path.name: path.read_bytes() for path in [self.folder / "dvc.lock", *files]}


def configure(folder: Path, values: Mapping[str, Any]) -> None:
    """Set params of a project, each by its dotted name."""
    nested: dict[str, Any] = {}
    for dotted, value in values.items():
        *parents, last = dotted.split(".")
        section = nested
        for parent in parents:
            section = section.setdefault(parent, {})
        section[last] = value
    apply(Document("values", nested, {}), folder)


def keep_models(folder: Path, *names: str) -> None:
    """Take all models but these out of a project's params.yaml."""
    yaml = YAML()
    file = folder / "params.yaml"
    content = yaml.load(file)
    for name in set(content["models"]) - set(names):
        del content["models"][name]
    yaml.dump(content, file)


def stages_run(output: str) -> list[str]:
    """Return the stages that ``dvc repro`` ran, in order."""
    return re.findall(r"^Running stage '([^']+)'", output, flags=re.MULTILINE)
