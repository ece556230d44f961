"""A project that runs in a second, with a git and a DVC remote: for tests of what is done around a pipeline."""

import json
import subprocess
import sys
from pathlib import Path

DVC_YAML = """
stages:
  price:
    cmd: python price.py
    deps: [price.py, prices.csv]
    outs: [model/price.txt]
  judge:
    cmd: python judge.py
    deps: [judge.py, model/price.txt]
    params: [error]
    outs:
      - metrics/headline.json: {cache: false}
      - plots/error.csv: {cache: false}
metrics: [metrics/headline.json]
plots:
  - plots/error.csv: {x: day, y: error}
"""
PRICE = """from pathlib import Path
Path("model").mkdir(exist_ok=True)
Path("model/price.txt").write_text(Path("prices.csv").read_text().splitlines()[-1])
"""
JUDGE = """import json
from pathlib import Path
error = float(Path("params.yaml").read_text().split("error:")[1].split()[0])
assert error < 9.0, "no model"
figures = {"mae": error, "skill": 0.1, "coverage": 0.9}
best = {"best_baseline": "kalman", "best_baseline_mae": 0.6}
text = json.dumps({"champion": "forest", "champion_mae": error, "forest": figures, **best})
plot = f"day,error\\n1,{error}\\n2,{error}\\n"
for folder, name, text in (("metrics", "headline.json", text), ("plots", "error.csv", plot)):
    Path(folder).mkdir(exist_ok=True)
    (Path(folder) / name).write_text(text)
"""


def git(*words: str, folder: Path) -> str:
    """Run git and return what it printed."""
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    return _run("git", *who, *words, folder=folder)


def dvc(*words: str, folder: Path) -> str:
    """Run DVC and return what it printed."""
    return _run(sys.executable, "-m", "dvc", *words, folder=folder)


def _run(*words: str, folder: Path) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


class Desk:
    """A project of the same layout, its bare repository, its DVC remote, and a place where it is worked on."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.origin, self.place = folder, folder / "origin.git", folder / "desk"
        self.place.mkdir(parents=True)
        git("init", "-q", "--bare", "-b", "main", str(self.origin), folder=folder)
        git("init", "-q", "-b", "main", folder=self.place)
        (self.place / ".dvc").mkdir()
        store = (
            f"[core]\n    analytics = false\n    remote = store\n['remote \"store\"']\n    url = {folder / 'store'}\n"
        )
        ignored = {".gitignore": "/model\n/prices.csv\n", ".dvc/.gitignore": "/cache\n/tmp\n"}
        files = {".dvc/config": store, "dvc.yaml": DVC_YAML, "price.py": PRICE, "judge.py": JUDGE, **ignored}
        for name, text in files.items():
            (self.place / name).write_text(text, encoding="utf-8")
        self.params(0.5)
        (self.place / "prices.csv").write_text("price\n99.5\n", encoding="utf-8")
        self.keep_prices()
        git("remote", "add", "origin", str(self.origin), folder=self.place)

    def keep_prices(self) -> None:
        """Let DVC track the prices and push them to the remote."""
        dvc("add", "-q", "prices.csv", folder=self.place)
        dvc("push", "-q", folder=self.place)

    def params(self, error: float) -> None:
        """Set the error that the model will have, and by how much it may rise."""
        text = f"error: {error}\ncompare: {{max_worse_percent: 2.0}}\n"
        (self.place / "params.yaml").write_text(text, encoding="utf-8")

    def push(self, branch: str) -> None:
        """Commit what the desk has changed, to a branch from what is on main."""
        git("add", "-A", folder=self.place)
        git("commit", "-qm", "Change", folder=self.place)
        git("push", "-q", "origin", f"HEAD:refs/heads/{branch}", folder=self.place)

    def committed(self, branch: str) -> float:
        """Return the error that the headline of a branch records."""
        return float(json.loads(git("show", f"{branch}:metrics/headline.json", folder=self.origin))["champion_mae"])
