"""A user's mistakes: one clear line, an exit code that is not zero, nothing half-written."""

import polars as pl
import pytest

from stages.pipeline.parts import read_table
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
    file = project.folder / "params.yaml"
    file.write_text(
        file.read_text().replace("  peers: ", "  pears: ").replace("embargo_dates: 1", "embargo_dates: -1", 1)
    )
    done = project.run("dvc", "repro")
    assert done.returncode != 0
    assert stages_run(done.stdout) == ["check"]
    told = [line for line in done.stderr.splitlines() if line.startswith("error: params.yaml:")]
    assert len(told) == 3
    assert any("market.pears: unknown key; did you mean peers?" in line for line in told)
    assert any("split.embargo_dates: must be greater than or equal to 0, got -1" in line for line in told)
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
    assert line == "training_data/observations: no such table; run `dvc repro` to make it"
