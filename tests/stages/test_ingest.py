import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from richcheap.ingestion.schema import CURVE_SCHEMA, OBSERVATION_SCHEMA, QUARANTINE_SCHEMA
from tests.ingestion.samples import PLAIN, table
from tests.ingestion.test_params import GOOD

COMPUTE = {"chunk_rows": 10_000, "backend": "loky", "workers": 1, "scheduler": None, "checkpoints": None}
Run = Callable[..., subprocess.CompletedProcess[str]]
OUTPUTS = ("observations/2024-03-01.parquet", "quarantine/000000000001.parquet", "benchmark_curve.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project folder with a curve file of a header only and ten good observations."""
    data = tmp_path / "training_data"
    data.mkdir()
    (data / "no_curve.csv").write_text("date,tenor_years,rate,kind\n")
    table(*({"bond_id": f"B{i}", "coupon_rate": f"{i}.5"} for i in range(10))).write_csv(data / "prices.csv")
    return tmp_path


@pytest.fixture
def ingest(folder: Path, project_root: Path) -> Run:
    """Return a function that runs the stage in `folder` with some params changed."""

    def run(environment: dict[str, str] | None = None, **changes: Any) -> subprocess.CompletedProcess[str]:
        params = {**GOOD, "observations": "training_data/prices.csv", "curve": "training_data/no_curve.csv", **changes}
        params["currencies"] = list(params["currencies"])
        (folder / "params.yaml").write_text(yaml.safe_dump({"compute": COMPUTE, "data": params}))
        return subprocess.run(
            [sys.executable, "-m", "stages.ingest"],
            cwd=folder,
            env={"PYTHONPATH": str(project_root), "PATH": "/usr/bin:/bin", **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def outputs(folder: Path) -> dict[str, bytes]:
    """Return every file that the stage wrote, by its path."""
    data, metrics = folder / "training_data", folder / "metrics"
    tables = [*data.glob("observations/*"), *data.glob("quarantine/*"), *data.glob("*.parquet"), *metrics.glob("*")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(tables)}


def test_a_good_file_is_ingested_and_counted(folder: Path, ingest: Run) -> None:
    assert ingest().returncode == 0
    data = folder / "training_data"
    assert pl.read_parquet_schema(data / OUTPUTS[0]) == pl.Schema(OBSERVATION_SCHEMA)
    assert pl.read_parquet_schema(data / OUTPUTS[1]) == pl.Schema(QUARANTINE_SCHEMA)
    assert pl.read_parquet_schema(data / OUTPUTS[2]) == pl.Schema(CURVE_SCHEMA)
    metrics = json.loads((folder / "metrics" / "ingest.json").read_text())
    assert (metrics["rows_read"], metrics["rows_accepted"], metrics["rows_quarantined"]) == (10, 10, 0)
    assert metrics["units"]["coupon_rate"]["unit"] == "percent"
    assert [path.name for path in data.iterdir() if path.name.startswith(".")] == []


def test_the_outputs_are_the_same_bytes_in_another_process(folder: Path, ingest: Run) -> None:
    ingest({"PYTHONHASHSEED": "0"})
    first = outputs(folder)
    ingest({"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"})
    assert len(first) == 4
    assert outputs(folder) == first


def write(folder: Path, text: str, name: str = "prices.csv") -> Path:
    path = folder / "training_data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


HEADER = ",".join(PLAIN)
GOOD_ROW = ",".join(PLAIN.values())

FAULTS: dict[str, tuple[Callable[[Path], object], dict[str, Any], str]] = {
    "missing file": (
        lambda _: None,
        {"observations": "training_data/price.csv"},
        "error: training_data/price.csv: no such file or folder; correct data.observations\n",
    ),
    "missing folder": (
        lambda _: None,
        {"observations": "prices"},
        "error: prices: no such file or folder; correct data.observations\n",
    ),
    "missing curve": (
        lambda folder: write(folder, f"{HEADER}\n{GOOD_ROW}\n"),
        {"observations": "training_data/prices.csv", "curve": "rates.csv"},
        "error: rates.csv: no such file or folder; correct data.curve\n",
    ),
    "missing terms": (
        lambda folder: write(folder, f"{HEADER}\n{GOOD_ROW}\n"),
        {"observations": "training_data/prices.csv", "terms": "bonds.csv"},
        "error: bonds.csv: no such file or folder; correct data.terms\n",
    ),
    "empty folder": (
        lambda folder: write(folder, "", "prices/.hidden.csv"),
        {"observations": "training_data/prices"},
        "error: training_data/prices: expected files of one kind, got an empty folder\n",
    ),
    "two kinds of files": (
        lambda folder: [write(folder, "", f"prices/{name}") for name in ("b.parquet", "a.csv", "c.csv.gz")],
        {"observations": "training_data/prices"},
        "error: training_data/prices: expected files of one kind, got CSV (a.csv) and Parquet (b.parquet)\n",
    ),
    "a folder in the folder": (
        lambda folder: write(folder, "", "prices/2024.csv/a.csv"),
        {"observations": "training_data/prices"},
        "error: training_data/prices/2024.csv: expected a file, got a folder\n",
    ),
    "a fault in the second file": (
        lambda folder: [
            write(folder, f"{HEADER}\n{GOOD_ROW}\n", "prices/a.csv"),
            write(folder, f"{HEADER}\n{GOOD_ROW}\n".replace("date,", "day,", 1), "prices/b.csv"),
        ],
        {"observations": "training_data/prices"},
        (
            "error: training_data/prices/b.csv: column 'date' (mapping richcheap) is missing; the file has: bond_id, "
            "day, clean_price, maturity_date, coupon_rate; name another one under data.columns, or let "
            "`richcheap inspect FILE` propose all of them\n"
        ),
    ),
    "a broken line far down": (
        lambda folder: write(folder, "\n".join([HEADER, *[GOOD_ROW] * 20_000, GOOD_ROW + ",1"])),
        {},
        (
            "error: training_data/prices.csv: line 20002: expected 5 fields, as in the header, got 6; a field with a "
            "separator, a quote or a line break in it must be in quotes, and a quote in it doubled\n"
        ),
    ),
    "empty file": (lambda folder: write(folder, ""), {}, "error: training_data/prices.csv: the file is empty\n"),
    "header only": (
        lambda folder: write(folder, HEADER + "\n"),
        {},
        "error: training_data/prices.csv: expected at least one observation, got a header only\n",
    ),
    "missing column": (
        lambda folder: write(folder, f"{HEADER}\n{GOOD_ROW}\n".replace("clean_price", "clean_prize")),
        {},
        (
            "error: training_data/prices.csv: column 'clean_price' (or dirty_price, or yield: one of them is needed) "
            "is missing; nearest is 'clean_prize'; the file has: bond_id, date, clean_prize, maturity_date, "
            "coupon_rate; name another one under data.columns, or let "
            "`richcheap inspect FILE` propose all of them\n"
        ),
    ),
    "another kind of file": (
        lambda folder: write(folder, "PK", "prices.pdf"),
        {"observations": "training_data/prices.pdf"},
        (
            "error: training_data/prices.pdf: expected .csv, .csv.gz, .tsv, .tsv.gz, .txt, .txt.gz, .xlsx, .xlsm, "
            ".xlsb, .xls, .ods, .jsonl, .ndjson, .json, .parquet, .arrow, .feather, .ipc, got '.pdf'\n"
        ),
    ),
    "a faulty curve": (
        lambda folder: write(folder, "date,tenor_years,rate,kind\n2024-03-01,x,0.04,par_annual\n", "curve.csv"),
        {"curve": "training_data/curve.csv"},
        "error: training_data/curve.csv: column 'tenor_years': expected a number, got 'x' in data row 1 (1 such)\n",
    ),
}


@pytest.mark.parametrize(("spoil", "params", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_and_nothing_is_written(
    folder: Path, ingest: Run, spoil: Callable[[Path], object], params: dict[str, Any], message: str
) -> None:
    spoil(folder)
    done = ingest(**params)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    assert outputs(folder) == {}


def test_a_fault_leaves_the_outputs_of_the_run_before(folder: Path, ingest: Run) -> None:
    ingest()
    before = outputs(folder)
    assert ingest(observations="training_data/gone.csv").returncode == 1
    assert outputs(folder) == before


def test_one_price_that_is_no_number_is_quarantined_with_its_row(folder: Path, ingest: Run) -> None:
    write(
        folder,
        "\n".join([HEADER, *[GOOD_ROW.replace("US", f"{i}") for i in range(9)], GOOD_ROW.replace("99.5", "tbd")]),
    )
    assert ingest().returncode == 0
    quarantine = pl.read_parquet(folder / "training_data" / OUTPUTS[1])
    assert quarantine.rows() == [
        (
            10,
            "prices.csv",
            10,
            "US0000000001",
            "2024-03-01",
            "not_a_number",
            "clean_price: expected a number, got 'tbd'",
        )
    ]


def test_too_many_refused_rows_fail_with_a_table_of_reasons_and_the_quarantine(folder: Path, ingest: Run) -> None:
    rows = [GOOD_ROW, GOOD_ROW.replace("99.5", "0"), GOOD_ROW.replace("2030", "2020")]
    write(folder, "\n".join([HEADER, *rows]))
    done = ingest(max_rejected_share=0.5)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        (
            "error: training_data/prices.csv: expected at most 50.00% of the rows refused (data.max_rejected_share) "
            "and one accepted, got 66.67% refused and 1 accepted; all refused rows are in "
            "training_data/quarantine"
        ),
        "error:   reason                          rows    share  first",
        (
            "error:   implausible_price                  1   33.33%  row 2: clean_price: expected 1.0 to 250.0 per "
            "100, got 0.0 (data.min_price, data.max_price, data.price_unit)"
        ),
        (
            "error:   matured                            1   33.33%  row 3: maturity_date: expected a date after date "
            "2024-03-01, got 2020-05-15"
        ),
    ]
    assert [*outputs(folder)] == ["training_data/quarantine/000000000001.parquet"]


def test_a_column_without_one_readable_value_is_named(folder: Path, ingest: Run) -> None:
    write(folder, f"{HEADER}\nA,2024-03-01,n/a,2030-05-15,0.05\nB,2024-03-01,?,2030-05-15,0.05\n")
    done = ingest(max_rejected_share=1.0)
    assert done.returncode == 1
    assert "error: training_data/prices.csv: column 'clean_price': not one value is readable" in done.stderr


@pytest.mark.parametrize(
    ("mapping", "file", "curve", "rows"),
    [
        ("us_treasury", "us_treasury_2010_2011/prices.parquet", True, (143_134, 126_783, 145_843)),
        ("eu_listed", "eu_listed_2026/eod_prices.parquet", False, (55_126, 51_548, 0)),
    ],
)
def test_the_real_files_pass_through_the_stage(
    folder: Path, ingest: Run, real_data_dir: Path, mapping: str, file: str, curve: bool, rows: tuple[int, int, int]
) -> None:
    par_yields = str(real_data_dir / "us_par_yields" / "us_treasury_par_yields_daily.csv.gz")
    given = {"curve": par_yields, "curve_mapping": "treasury_par_yields"} if curve else {}
    done = ingest(observations=str(real_data_dir / file), mapping=mapping, **given)
    assert done.returncode == 0
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["ingest"] * 2  # assumed; not supported
    metrics = json.loads((folder / "metrics" / "ingest.json").read_text())
    assert (metrics["rows_read"], metrics["rows_accepted"], metrics["curve"]["rows"]) == rows
    refused = pl.read_parquet(folder / "training_data" / "quarantine" / "*.parquet")
    assert refused.height == metrics["rows_quarantined"] == rows[0] - rows[1]
    assert refused["source_row"].is_sorted()
    copies = [day["date"] for day in metrics["repeated_days"]]
    assert copies == (["2010-05-31"] if curve else [])  # Memorial Day repeats the Friday before
