"""Stage ``convert``: what is converted, and what is kept as it was."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.pipeline.errors import DataError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import new_table, part_paths, read_table
from stages import convert
from tests.conftest import ROOT

MONTHS = 60
ROWS_A_MONTH = 20


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    use(chunk_rows=10_000, workers=1)
    write(MONTHS)
    return tmp_path


def use(**compute: object) -> None:
    settings = {
        "chunk_rows": 10_000,
        "backend": "loky",
        "workers": None,
        "scheduler": None,
        "checkpoints": None,
        **compute,
    }
    Path("params.yaml").write_text(json.dumps({"compute": settings}), encoding="utf-8")  # JSON is YAML


def month(number: int, rows: int = ROWS_A_MONTH) -> pl.DataFrame:
    first = date(2019 + number // 12, 1 + number % 12, 1)
    rng = np.random.default_rng(number)
    return pl.DataFrame(
        {
            "bond_id": [f"B{k:02d}" for k in range(rows)],
            "date": [first] * rows,
            "settlement_date": [first] * rows,
            "observed": ["clean_price"] * rows,
            "clean_price": np.round(100.0 + rng.normal(0.0, 5.0, rows), 3),
            "dirty_price": pl.Series([None] * rows, dtype=pl.Float64),
            "yield": pl.Series([None] * rows, dtype=pl.Float64),
            "maturity_date": [date(2030 + k % 9, 5, 15) for k in range(rows)],
            "coupon_rate": [0.02 + 0.001 * k for k in range(rows)],
            "frequency": pl.Series([2] * rows, dtype=pl.Int32),
            "day_count": ["ACT/ACT ICMA"] * rows,
            "issue_date": pl.Series([None] * rows, dtype=pl.Date),
            "first_coupon_date": pl.Series([None] * rows, dtype=pl.Date),
            "bond_type": ["treasury"] * rows,
            "source_row": pl.int_range(number * rows, (number + 1) * rows, eager=True),
        }
    )


def write(months: int, changed: int | None = None) -> None:
    with new_table(paths.OBSERVATIONS) as table:
        for number in range(months):
            rows = month(number)
            if number == changed:
                rows = rows.with_columns(pl.col("clean_price") + 0.5)
            table.write(str(rows["date"][0]), rows)


def converted(capfd: pytest.CaptureFixture[str]) -> str:
    capfd.readouterr()
    convert.main()
    return capfd.readouterr().err.splitlines()[-1]


def made() -> dict[str, bytes]:
    files = [*part_paths(paths.BONDS), paths.BONDS_MANIFEST, paths.METRICS / "convert.json"]
    return {file.name: file.read_bytes() for file in files}


def test_every_part_of_the_observations_gives_a_part_of_the_bonds(capfd: pytest.CaptureFixture[str]) -> None:
    assert converted(capfd) == "convert: 1,200 rows converted in 60 of 60 parts; 0 rows unchanged"
    assert [path.name for path in part_paths(paths.BONDS)] == [path.name for path in part_paths(paths.OBSERVATIONS)]
    bonds = read_table(paths.BONDS)
    assert bonds["source_row"].to_list() == list(range(MONTHS * ROWS_A_MONTH))
    assert (bonds["status"] == "ok").all()
    counts = json.loads((paths.METRICS / "convert.json").read_text(encoding="utf-8"))
    assert counts == {"rows": 1200, "rows_by_status": {"ok": 1200}, "rows_by_bond_type": {"treasury": 1200}}


def test_a_month_appended_to_five_years_converts_that_month_alone(capfd: pytest.CaptureFixture[str]) -> None:
    convert.main()
    write(MONTHS + 1)
    assert converted(capfd) == "convert: 20 rows converted in 1 of 61 parts; 1,200 rows unchanged"
    appended = made()
    paths.BONDS_MANIFEST.unlink()
    assert converted(capfd).startswith("convert: 1,220 rows converted")
    assert made() == appended


def test_a_changed_month_is_converted_again_and_a_vanished_one_leaves_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    convert.main()
    write(MONTHS - 1, changed=7)
    assert converted(capfd) == "convert: 20 rows converted in 1 of 59 parts; 1,160 rows unchanged"
    assert len(part_paths(paths.BONDS)) == MONTHS - 1


def test_a_part_that_somebody_changed_is_not_trusted(capfd: pytest.CaptureFixture[str]) -> None:
    convert.main()
    before = made()
    victim = part_paths(paths.BONDS)[3]
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    assert "20 rows converted in 1 of 60 parts" in converted(capfd)
    assert made() == before


def test_other_code_converts_all_again(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    convert.main()
    monkeypatch.setattr(convert, "NUMERICAL", ("numpy",))
    assert "1,200 rows converted in 60 of 60 parts" in converted(capfd)


def test_a_run_that_failed_goes_on_where_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    rows = 6_000
    with new_table(paths.OBSERVATIONS) as table:
        for number in range(4):
            frame = month(number, rows)
            if number == 3:
                frame = frame.with_columns(observed=pl.lit("spread"))
            table.write(str(frame["date"][0]), frame)
    with pytest.raises(
        DataError, match=r"2019-04-01\.parquet: column 'observed' must be one of .*run stage ingest again"
    ):
        convert.main()
    with new_table(paths.OBSERVATIONS) as table:
        for number in range(4):
            table.write(str(month(number)["date"][0]), month(number, rows))
    assert converted(capfd) == "convert: 6,000 rows converted in 1 of 4 parts; 18,000 rows unchanged"


@pytest.mark.parametrize("settings", [{"chunk_rows": 20_000}, {"workers": 2}, {"workers": 2, "backend": "threading"}])
def test_neither_chunks_nor_workers_change_a_byte(settings: dict[str, object]) -> None:
    with new_table(paths.OBSERVATIONS) as table:
        for number in range(4):
            table.write(str(month(number)["date"][0]), month(number, 6_000))
    convert.main()
    before = made()
    paths.BONDS_MANIFEST.unlink()
    use(**settings)
    convert.main()
    assert made() == before


def link_to_cache(file: Path, link: Callable[[Path, Path], None]) -> Path:
    """Move a file to where DVC's cache keeps it, write-protected, and leave a link; return where it lies."""
    digest = hashlib.md5(file.read_bytes()).hexdigest()
    cached = Path.cwd() / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
    cached.parent.mkdir(parents=True, exist_ok=True)
    file.replace(cached)
    cached.chmod(0o444)
    link(cached, file)
    return cached


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_files_that_are_linked_to_dvcs_cache_are_converted_in_their_place(
    capfd: pytest.CaptureFixture[str], link: Callable[[Path, Path], None]
) -> None:
    convert.main()
    write(MONTHS, changed=7)
    files = [*part_paths(paths.OBSERVATIONS), *part_paths(paths.BONDS), paths.BONDS_MANIFEST]
    cached = {link_to_cache(file, link): file for file in files}
    before = {file: file.read_bytes() for file in cached}
    assert converted(capfd) == "convert: 20 rows converted in 1 of 60 parts; 1,180 rows unchanged"
    assert len(part_paths(paths.BONDS)) == MONTHS
    assert {file: file.read_bytes() for file in (Path.cwd() / ".dvc").rglob("*") if file.is_file()} == before
    linked = made()
    paths.BONDS_MANIFEST.unlink()
    convert.main()
    assert made() == linked


def test_a_project_reached_through_a_link_is_converted_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder, and the folder of its tables, may lie on another disk."""
    here = tmp_path / "disk" / "project"
    (here / "tables").mkdir(parents=True)
    (tmp_path / "params.yaml").rename(here / "params.yaml")
    (tmp_path / paths.OBSERVATIONS).rename(here / "tables" / paths.OBSERVATIONS.name)
    (here / paths.TRAINING_DATA).symlink_to(here / "tables")
    (tmp_path / "link").symlink_to(here)
    monkeypatch.chdir(tmp_path / "link")
    convert.main()
    assert len(list((here / "tables" / paths.BONDS.name).iterdir())) == MONTHS


PIPELINE = """
stages:
  convert:
    cmd: python -m stages.convert
    deps: [training_data/observations]
    outs:
      - training_data/bonds: {persist: true}
      - training_data/bonds_manifest.json: {persist: true}
      - metrics/convert.json: {cache: false}
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["symlink", "hardlink"])
def test_dvc_records_every_part_whatever_its_links(tmp_path: Path, kind: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "DVC_NO_ANALYTICS": "1"}

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    (tmp_path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    run("dvc", "init", "-q", "--no-scm")
    run("dvc", "config", "cache.type", kind)
    run("dvc", "add", "-q", "training_data/observations")
    run("dvc", "repro", "-q")
    run("dvc", "checkout", "-q", "--relink")
    write(MONTHS + 1, changed=7)
    run("dvc", "add", "-q", "training_data/observations")
    run("dvc", "checkout", "-q", "--relink")
    for folder in (paths.OBSERVATIONS, paths.BONDS):
        assert all(part.is_symlink() is (kind == "symlink") for part in (tmp_path / folder).iterdir())
    run("dvc", "repro", "-q")
    assert len(list((tmp_path / paths.BONDS).iterdir())) == MONTHS + 1
    assert f"nfiles: {MONTHS + 1}" in (tmp_path / "dvc.lock").read_text(encoding="utf-8").split("outs:")[1]
    run("dvc", "status", "-q")
