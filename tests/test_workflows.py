"""The workflows keep to GitHub's schema and to good practice; a user's does what docs/ci.md says, step by step."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.workflows import Outcome, Runner, job

OURS = ROOT / ".github" / "workflows" / "ci.yml"
RECIPE = ROOT / "docs" / "ci" / "richcheap.yml"
STEPS = job(RECIPE, "run")["steps"]
RUN = "Run what is stale"
COMPARE = "Compare with the main branch; fail when the champion got worse"
POST = "Post the comparison"
KEEP = "Keep what was made, also by a run that failed"
COMMIT = "Commit the results"

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
for folder, name, text in (("metrics", "headline.json", text), ("plots", "error.csv", "mae")):
    Path(folder).mkdir(exist_ok=True)
    (Path(folder) / name).write_text(text)
"""


def git(*words: str, folder: Path) -> str:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Market:
    """A small project of the same layout, its bare repository, its DVC remote, and a desk that changes it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.origin, self.desk = folder, folder / "origin.git", folder / "desk"
        self._runs = 0
        self.desk.mkdir(parents=True)
        git("init", "-q", "--bare", "-b", "main", str(self.origin), folder=folder)
        git("init", "-q", "-b", "main", folder=self.desk)
        (self.desk / ".dvc").mkdir()
        store = (
            f"[core]\n    analytics = false\n    remote = store\n['remote \"store\"']\n    url = {folder / 'store'}\n"
        )
        ignored = {".gitignore": "/model\n/prices.csv\n", ".dvc/.gitignore": "/cache\n/tmp\n"}
        files = {".dvc/config": store, "dvc.yaml": DVC_YAML, "price.py": PRICE, "judge.py": JUDGE, **ignored}
        for name, text in files.items():
            (self.desk / name).write_text(text, encoding="utf-8")
        self.params(0.5)
        (self.desk / "prices.csv").write_text("price\n99.5\n", encoding="utf-8")
        for words in (["add", "-q", "prices.csv"], ["push", "-q"]):
            subprocess.run([sys.executable, "-m", "dvc", *words], cwd=self.desk, check=True, capture_output=True)
        git("remote", "add", "origin", str(self.origin), folder=self.desk)

    def params(self, error: float) -> None:
        text = f"error: {error}\ncompare: {{max_worse_percent: 2.0}}\n"
        (self.desk / "params.yaml").write_text(text, encoding="utf-8")

    def push(self, branch: str) -> None:
        """Commit what the desk has changed, to a branch from what is on main."""
        git("add", "-A", folder=self.desk)
        git("commit", "-qm", "Change", folder=self.desk)
        git("push", "-q", "origin", f"HEAD:refs/heads/{branch}", folder=self.desk)

    def work(self, branch: str, event: str) -> tuple[Runner, dict[str, Outcome]]:
        """Run the recipe on a new machine."""
        self._runs += 1
        base = git("rev-parse", "main", folder=self.origin) if event == "pull_request" else "HEAD"
        values = {
            "github.head_ref || github.ref_name": branch,
            "github.event.pull_request.base.sha || github.event.before || 'HEAD'": base,
            "github.event_name": event,
            "github.event.number": "7",
            "github.token": "secret",
            "secrets.AWS_ACCESS_KEY_ID": "",
            "secrets.AWS_SECRET_ACCESS_KEY": "",
        }
        runner = Runner(self.folder / f"machine{self._runs}", self.origin, values)
        return runner, runner.run(STEPS)

    def committed(self, branch: str) -> float:
        """Return the error that the headline of a branch records."""
        return float(json.loads(git("show", f"{branch}:metrics/headline.json", folder=self.origin))["champion_mae"])


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Return a project whose first run, a nightly one, has been recorded on its main branch."""
    made = Market(tmp_path_factory.mktemp("market"))
    made.push("main")
    _, found = made.work("main", "schedule")
    assert {name: step.outcome for name, step in found.items() if step.outcome != "success"} == {POST: "skipped"}
    git("pull", "-q", "origin", "main", folder=made.desk)
    return made


@pytest.mark.parametrize("workflow", [OURS, RECIPE], ids=["ours", "recipe"])
def test_a_workflow_keeps_to_the_schema_and_to_good_practice(workflow):
    for command in (("check-jsonschema", "--builtin-schema", "vendor.github-workflows"), ("zizmor", "--offline")):
        done = subprocess.run([*command, workflow], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_our_workflow_runs_what_a_reader_is_told_to_run():
    assert [step["run"] for step in job(OURS, "test")["steps"] if "run" in step] == [".ci/run"]


def test_the_line_that_runs_the_pipeline_stands_alone():
    (step,) = [step for step in STEPS if step.get("name") == RUN]
    assert step["run"].splitlines() == ["dvc repro --pull"]


@pytest.mark.slow
def test_the_first_run_says_that_there_is_nothing_to_compare_with_and_records_the_result(market):
    assert market.committed("main") == 0.5


@pytest.mark.slow
def test_a_pull_request_runs_only_what_it_makes_stale_and_is_shown_what_it_changes(market):
    market.params(0.45)
    market.push("better")
    runner, found = market.work("better", "pull_request")
    assert {step.outcome for step in found.values()} == {"success"}
    assert "Running stage 'judge'" in found[RUN].output
    assert "Running stage 'price'" not in found[RUN].output
    assert (runner.workspace / "model" / "price.txt").read_text() == "99.5"
    table = runner.summary.read_text(encoding="utf-8")
    assert "before 0.5000 (\u221210.00 %)" in table
    assert (
        runner.called("gh")
        == f"pr comment 7 --edit-last --create-if-none --body-file {runner.temporary}/comparison.md\n"
    )
    assert (runner.temporary / "comparison.md").read_text(encoding="utf-8") == table
    assert market.committed("better") == 0.45
    assert market.committed("main") == 0.5
    again = market.work("better", "pull_request")[1]
    assert "Data and pipelines are up to date" in again[RUN].output
    assert again[COMMIT] == Outcome("success", "Nothing was stale.\n")


@pytest.mark.slow
def test_a_champion_that_got_worse_fails_the_run_after_the_table_is_posted_and_is_not_recorded(market):
    market.params(0.6)
    market.push("worse")
    runner, found = market.work("worse", "pull_request")
    assert [name for name, step in found.items() if step.outcome == "failure"] == [COMPARE]
    assert found[COMPARE].output.startswith(
        "error: champion forest: its test MAE, 0.6000 points, is 20.00 % above 0.5000"
    )
    assert "before 0.5000 (+20.00 %)" in runner.summary.read_text(encoding="utf-8")
    assert runner.called("gh")
    assert found[COMMIT].outcome == "skipped"


@pytest.mark.slow
def test_what_a_failed_run_had_finished_is_kept(market):
    (market.desk / "prices.csv").write_text("price\n98.0\n", encoding="utf-8")
    for words in (["add", "-q", "prices.csv"], ["push", "-q"]):
        subprocess.run([sys.executable, "-m", "dvc", *words], cwd=market.desk, check=True, capture_output=True)
    market.params(9.0)
    market.push("broken")
    found = market.work("broken", "pull_request")[1]
    assert [name for name, step in found.items() if step.outcome == "failure"] == [RUN]
    assert found[KEEP].outcome == "success"
    assert found[POST].outcome == "skipped"
    again = market.work("broken", "pull_request")[1]
    assert "Running stage 'price'" not in again[RUN].output
    assert "Stage 'price' is cached" in again[RUN].output
