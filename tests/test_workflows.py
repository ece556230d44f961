"""The workflows keep to GitHub's schema and to good practice; a user's does what docs/ci.md says, step by step."""

import subprocess

import pytest

from tests.conftest import ROOT
from tests.desk import Desk, git
from tests.workflows import Outcome, Runner, job

OURS = ROOT / ".github" / "workflows" / "ci.yml"
NIGHTLY = OURS.with_name("nightly.yml")
SITE = OURS.with_name("docs.yml")
VERSIONS = OURS.with_name("versions.yml")
RECIPE = ROOT / "docs" / "ci" / "richcheap.yml"
STEPS = job(RECIPE, "run")["steps"]
RUN = "Run what is stale"
COMPARE = "Compare with the main branch; fail when the champion got worse"
POST = "Post the comparison"
KEEP = "Keep what was made, also by a run that failed"
COMMIT = "Commit the results"


def work(desk: Desk, branch: str, event: str) -> tuple[Runner, dict[str, Outcome]]:
    """Run the recipe on a new machine."""
    base = git("rev-parse", "main", folder=desk.origin) if event == "pull_request" else "HEAD"
    values = {
        "github.head_ref || github.ref_name": branch,
        "github.event.pull_request.base.sha || github.event.before || 'HEAD'": base,
        "github.event_name": event,
        "github.event.number": "7",
        "github.token": "secret",
        "secrets.AWS_ACCESS_KEY_ID": "",
        "secrets.AWS_SECRET_ACCESS_KEY": "",
    }
    machine = desk.folder / f"machine{len(list(desk.folder.glob('machine*')))}"
    runner = Runner(machine, desk.origin, values)
    return runner, runner.run(STEPS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Return a project whose first run, a nightly one, has been recorded on its main branch."""
    made = Desk(tmp_path_factory.mktemp("desk"))
    made.push("main")
    _, found = work(made, "main", "schedule")
    assert {name: step.outcome for name, step in found.items() if step.outcome != "success"} == {POST: "skipped"}
    git("pull", "-q", "origin", "main", folder=made.place)
    return made


@pytest.mark.parametrize(
    "workflow", [OURS, NIGHTLY, SITE, VERSIONS, RECIPE], ids=["ours", "nightly", "site", "versions", "recipe"]
)
def test_a_workflow_keeps_to_the_schema_and_to_good_practice(workflow):
    for command in (("check-jsonschema", "--builtin-schema", "vendor.github-workflows"), ("zizmor", "--offline")):
        done = subprocess.run([*command, workflow], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_our_workflow_runs_what_a_reader_is_told_to_run():
    assert [step["run"] for step in job(OURS, "test")["steps"] if "run" in step] == [".ci/run"]


def test_the_line_that_runs_the_pipeline_stands_alone():
    (step,) = [step for step in STEPS if step.get("name") == RUN]
    assert step["run"].splitlines() == ["richcheap run --pull"]


@pytest.mark.slow
def test_the_first_run_says_that_there_is_nothing_to_compare_with_and_records_the_result(desk):
    assert desk.committed("main") == 0.5


@pytest.mark.slow
def test_a_pull_request_runs_only_what_it_makes_stale_and_is_shown_what_it_changes(desk):
    desk.params(0.45)
    desk.push("better")
    runner, found = work(desk, "better", "pull_request")
    assert {step.outcome for step in found.values()} == {"success"}
    assert "started             judge" in found[RUN].output
    assert "started             price" not in found[RUN].output
    assert (runner.workspace / "model" / "price.txt").read_text() == "99.5"
    table = runner.summary.read_text(encoding="utf-8")
    assert "before 0.5000 (\u221210.00 %)" in table
    assert (
        runner.called("gh")
        == f"pr comment 7 --edit-last --create-if-none --body-file {runner.temporary}/comparison.md\n"
    )
    assert (runner.temporary / "comparison.md").read_text(encoding="utf-8") == table
    assert desk.committed("better") == 0.45
    assert desk.committed("main") == 0.5
    again = work(desk, "better", "pull_request")[1]
    assert "all is up to date" in again[RUN].output
    assert again[COMMIT] == Outcome("success", "Nothing was stale.\n")


@pytest.mark.slow
def test_a_champion_that_got_worse_fails_the_run_after_the_table_is_posted_and_is_not_recorded(desk):
    desk.params(0.6)
    desk.push("worse")
    runner, found = work(desk, "worse", "pull_request")
    assert [name for name, step in found.items() if step.outcome == "failure"] == [COMPARE]
    assert found[COMPARE].output.startswith(
        "error: champion forest: its test MAE, 0.6000 points, is 20.00 % above 0.5000"
    )
    assert "before 0.5000 (+20.00 %)" in runner.summary.read_text(encoding="utf-8")
    assert runner.called("gh")
    assert found[COMMIT].outcome == "skipped"


@pytest.mark.slow
def test_what_a_failed_run_had_finished_is_kept(desk):
    (desk.place / "prices.csv").write_text("price\n98.0\n", encoding="utf-8")
    desk.keep_prices()
    desk.params(9.0)
    desk.push("broken")
    found = work(desk, "broken", "pull_request")[1]
    assert [name for name, step in found.items() if step.outcome == "failure"] == [RUN]
    assert found[KEEP].outcome == "success"
    assert found[POST].outcome == "skipped"
    again = work(desk, "broken", "pull_request")[1]
    assert "started             price" not in again[RUN].output
    assert "restored from cache price" in again[RUN].output
