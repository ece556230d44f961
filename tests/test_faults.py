"""A user's mistakes: one clear line, an exit code that is not zero, nothing half-written."""

import shutil

import polars as pl
import pytest

from richcheap.pipeline.storage.tables import read_table
from tests.projects import Project, stages_run

ROWS = {
    "bond_id": ["A", "B", "A", "B"],
    "date": ["2024-03-04", "2024-03-04", "2024-03-05", "2024-03-05"],
    "clean_price": ["99.5", "101.25", "99.6", "101.3"],
    "maturity_date": ["2030-01-15", "2034-06-15", "2030-01-15", "2034-06-15"],
    "coupon_rate": ["0.04", "0.05", "0.04", "0.05"],
}


@pytest.fixture(scope="module")
def shared(project_root, tmp_path_factory):
    return Project(project_root, tmp_path_factory.mktemp("faults"))


@pytest.fixture
def project(shared):
    """Return a fresh project: committed files alone."""
    shared.command("git", "checkout", "-q", "--", ".")
    shared.command("git", "clean", "-q", "-d", "-x", "-f", "--exclude=__pycache__", "--exclude=.dvc")
    return shared


def give(project, **columns):
    """Write a file of observations and point params.yaml at it."""
    content = {**ROWS, **columns}
    frame = pl.DataFrame({name: values for name, values in content.items() if values is not None})
    frame.write_csv(project.folder / "prices.csv")
    project.configure({"data.observations": "prices.csv"})


def refused(project, *words):
    """Run a stage that must refuse; return the lines of its error."""
    done = project.run("python", "-m", *words)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert lines
    assert not list(project.folder.rglob("*.tmp"))
    return [line.removeprefix("error: ") for line in lines]


def test_a_sound_file_is_read(project):
    give(project)
    project.command("python", "-m", "stages.ingest")
    assert read_table(project.folder / "training_data" / "observations").height == 4


def test_misspelt_params_are_all_told_before_anything_runs(project):
    for name, right, wrong in (
        ("params.yaml", "embargo_dates: 1", "embargo_dates: -1"),
        ("params/market.yaml", "  peers: ", "  pears: "),
    ):
        file = project.folder / name
        file.write_text(file.read_text().replace(right, wrong, 1))
    done = project.run("dvc", "repro")
    assert done.returncode != 0
    assert stages_run(done.stdout) == ["check"]
    output = [line for line in done.stderr.splitlines() if line.startswith("error: params")]
    assert len(output) == 3
    assert any("market.pears: unknown key; did you mean peers?" in line for line in output)
    assert any("split.embargo_dates: must be greater than or equal to 0, got -1" in line for line in output)
    assert not (project.folder / "training_data" / "params_checked.txt").exists()


def test_an_unknown_model_is_told_with_the_nearest_name(project):
    file = project.folder / "params.yaml"
    file.write_text(file.read_text().replace("  ml_adjuster:", "  ml_ajuster:"))
    assert refused(project, "stages.check")[0].endswith("models.ml_ajuster: unknown key; did you mean ml_adjuster?")


def test_a_missing_column_is_named(project):
    give(project, maturity_date=None)
    (line,) = refused(project, "stages.ingest")
    assert "maturity_date" in line
    assert "prices.csv" in line
    assert not (project.folder / "training_data" / "observations").exists()


def test_a_file_of_another_kind_is_told(project):
    (project.folder / "prices.parquet").write_bytes(b"%PDF-1.7 not a table at all")
    project.configure({"data.observations": "prices.parquet"})
    (line,) = refused(project, "stages.ingest")
    assert "prices.parquet" in line
    assert not (project.folder / "training_data" / "observations").exists()


def test_a_file_that_is_not_there_is_told(project):
    project.configure({"data.observations": "absent.csv"})
    (line,) = refused(project, "stages.ingest")
    assert "absent.csv" in line


def test_prices_that_are_no_numbers_fail_the_stage_with_their_reason(project):
    give(project, clean_price=["n/a", "101.25", "n/a", "101.3"])
    lines = refused(project, "stages.ingest")
    assert "rejected" in lines[0] or "quarantine" in lines[0]
    assert not (project.folder / "training_data" / "observations").exists()


def test_one_price_that_is_no_number_goes_to_quarantine_with_its_line(project):
    give(project, clean_price=["99.5", "n/a", "99.6", "101.3"])
    project.configure({"data.max_rejected_share": 0.5})
    project.command("python", "-m", "stages.ingest")
    (row,) = read_table(project.folder / "training_data" / "quarantine").to_dicts()
    assert row["source_row"] == 2
    assert "n/a" in row["detail"]


def test_a_stage_without_its_input_says_what_makes_it(project):
    (line,) = refused(project, "stages.convert")
    assert line.startswith(
        "training_data/observations: no such "
    )  # table; or file, where others of its stage are there
    assert line.endswith("; run `dvc repro` to make it")


def refused_under(project, mount, *words):
    """Run a stage where the system refuses to write; return its error. ``{}`` stands for the project's folder."""
    mounted = f"{mount.format(project.folder)} && cd {project.folder}"
    if project.run("unshare", "-m", "sh", "-c", mounted).returncode:
        pytest.skip("needs the right to mount a file system (root, and util-linux's unshare)")
    before = state(project)
    done = project.run("unshare", "-m", "sh", "-c", f'{mounted} && exec "$@"', "sh", "python", "-m", *words)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert state(project) == before
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return line.removeprefix("error: ")


def state(project):
    files = [path for path in project.folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {path: path.read_bytes() for path in files}


READ_ONLY = "mount --bind {0} {0} && mount -o remount,ro,bind {0}"
FULL = (
    "mount -t tmpfs -o size=4k,nr_inodes=9 tmpfs {0}/training_data && head -c 4096 /dev/zero > {0}/training_data/filler"
)
STAGES = {
    "stages.check": "training_data/params_checked.txt",
    "stages.ingest": "training_data/observations",
    "stages.simulate": "training_data/simulated",
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_workspace_that_cannot_be_written_is_told_in_one_line(project, stage):
    give(project)
    line = refused_under(project, READ_ONLY, stage)
    assert line == f"{STAGES[stage]}: read-only file system; work in a copy that can be written"


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_is_told_in_one_line_and_nothing_is_half_written(project, stage):
    give(project)
    for key in ("curve", "terms"):
        project.configure({f"data.{key}": str(project.folder / f"{key}.csv")})
        shutil.copy(project.folder / "training_data" / f"no_{key}.csv", project.folder / f"{key}.csv")
    line = refused_under(project, FULL, stage)
    assert line.startswith(STAGES[stage])
    assert line.endswith(": no space left on device; make room there")


def test_params_are_as_they_were_when_a_profile_cannot_be_written(project):
    line = refused_under(project, READ_ONLY, "richcheap.profile", "profiles/small.yaml")
    assert line == "params.yaml: read-only file system; work in a copy that can be written"
