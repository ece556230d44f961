"""Stage simulate: two files, the same bytes each time, and rows that the next stages take."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.storage import paths
from tests.conftest import ROOT
from tests.simulation.settings import SMALL, resized

FILES = (paths.SIMULATED_OBSERVATIONS, paths.SIMULATED_TRUTH)


def run_stage(folder: Path, name: str, **env: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run(
        [sys.executable, "-m", f"stages.{name}"], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def write_params(folder: Path, **sizes: object) -> None:
    section = json.loads(resized(**{**SMALL, **sizes}).model_dump_json())
    params = read_params(ROOT / "params.yaml").values
    sections = {"compute": params["compute"], "data": {**params["data"], "curve": "no_curve.csv", "terms": None}}
    (folder / "params.yaml").write_text(json.dumps({"seed": 11, "simulate": section, **sections}), encoding="utf-8")


def set_chunk_rows(folder: Path, rows: int) -> None:
    file = folder / "params.yaml"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["compute"]["chunk_rows"] = rows
    file.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_params(folder)
    (folder / "no_curve.csv").write_text("date,tenor_years,rate,kind\n", encoding="utf-8")
    done = run_stage(folder, "simulate", PYTHONHASHSEED="0")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_sizes_of_params_are_those_of_the_file(project: Path) -> None:
    seen = pl.read_parquet(project / paths.SIMULATED_OBSERVATIONS)
    assert seen.height == SMALL["periods"] * SMALL["observations_per_period"]
    assert seen["date"].n_unique() == SMALL["periods"]
    assert seen.group_by("bond_id").len()["len"].min() >= SMALL["min_observations"]


def test_a_fresh_process_with_another_hash_seed_writes_the_same_bytes(project: Path) -> None:
    before = [(project / file).read_bytes() for file in FILES]
    done = run_stage(project, "simulate", PYTHONHASHSEED="1", OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    assert [(project / file).read_bytes() for file in FILES] == before


def test_the_bytes_do_not_depend_on_how_many_rows_are_held_at_a_time(tmp_path: Path) -> None:
    written = []
    for rows in (10_000, 1_000_000):
        write_params(tmp_path, bonds=400, observations_per_period=200)
        set_chunk_rows(tmp_path, rows)
        done = run_stage(tmp_path, "simulate")
        assert done.returncode == 0, done.stderr
        written.append([(tmp_path / file).read_bytes() for file in FILES])
    assert written[0] == written[1]
    assert sorted(path.name for path in (tmp_path / FILES[0]).parent.iterdir()) == sorted(path.name for path in FILES)


def test_what_a_killed_run_left_is_no_part_of_the_next(project: Path) -> None:
    before = [(project / file).read_bytes() for file in FILES]
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder = (project / FILES[0]).with_name(f".{FILES[0].name}.{ended.pid}.spill")
    left = folder / "observations"
    left.mkdir(parents=True)
    (left / "000000.arrow").write_bytes(b"half")
    done = run_stage(project, "simulate")
    assert done.returncode == 0, done.stderr
    assert [(project / file).read_bytes() for file in FILES] == before
    assert not folder.exists()


def test_with_prices_of_ones_own_nothing_is_simulated(project: Path, tmp_path: Path) -> None:
    write_params(tmp_path)
    file = tmp_path / "params.yaml"
    content = json.loads(file.read_text())
    content["data"]["observations"] = "quotes.csv"
    file.write_text(json.dumps(content))
    done = run_stage(tmp_path, "simulate")
    assert done.returncode == 0, done.stderr
    assert "simulate: nothing simulated: data.observations is quotes.csv" in done.stderr
    for name in FILES:
        empty = pl.read_parquet(tmp_path / name)
        assert empty.is_empty()
        assert empty.schema == pl.read_parquet_schema(project / name)


def test_every_row_is_accepted_and_converted(project: Path) -> None:
    for stage in ("ingest", "convert"):
        done = run_stage(project, stage)
        assert done.returncode == 0, done.stderr
    assert json.loads((project / paths.METRICS / "ingest.json").read_text())["rows_quarantined"] == 0
    assert json.loads((project / paths.METRICS / "convert.json").read_text())["rows_by_status"] == {"ok": 3600}


def test_sizes_that_cannot_be_met_are_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    write_params(tmp_path, treasury_share=0.05, observations_per_period=24, min_observations=9)
    file = tmp_path / "params.yaml"
    content = json.loads(file.read_text())
    content["simulate"]["bond_types"].update(treasury=0.48, corporate=0.02)
    file.write_text(json.dumps(content))
    done = run_stage(tmp_path, "simulate")
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "simulate: every bond must have at least min_observations = 9" in errors[0]
    assert "Traceback" not in done.stderr
    assert not [path for path in (tmp_path / paths.TRAINING_DATA).rglob("*") if path.is_file()]
