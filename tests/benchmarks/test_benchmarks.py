"""Every benchmark runs end to end at tiny sizes and prints its tables; what it measures is not judged here."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from benchmarks import browser
from richcheap.pipeline.memory.held import HELD
from richcheap.reporting.page import render
from tests.conftest import ROOT
from tests.pricing.projects import project_in
from tests.projects import KERNELS
from tests.reporting import examples

SHARED = {"browser", "graph", "invented", "origins", "processes", "rivals", "sizes"}
"""What benchmarks share; all other modules of the folder are benchmarks."""
MODULES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__")
NUMBER = r"-?[\d,.]+"


def run(name: str, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a benchmark as a user does."""
    environment = {"NUMBA_CACHE_DIR": str(KERNELS), **os.environ, **variables}
    command = [sys.executable, "-m", f"benchmarks.{name}", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


class Output(NamedTuple):
    """What a benchmark printed: its tables and its notes."""

    table: str
    notes: str


def output(name: str, *words: str | Path, **variables: str) -> Output:
    """Return what a benchmark prints that must succeed."""
    done = run(name, *words, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return Output(done.stdout, done.stderr)


def predictions(path: Path) -> Path:
    """Write what stage evaluate would write of a model whose errors persist; they are the same for no two bonds."""
    bonds, dates = 12, 20
    rng = np.random.default_rng(1)
    error = rng.normal(0.0, 1.0, (bonds, 1)) + rng.normal(0.0, 0.1, (bonds, dates))
    rows = [
        {
            "bond_id": f"B{bond:02}",
            "date": date(2024, 1, 1) + timedelta(days=day),
            "years_to_maturity": 2.0 + bond,
            "dv01": 1.0,
            "days_since_last": 1,
            "clean_price": 100.0,
            "matrix": 100.0 + float(rng.normal()),
            "model": 100.0 - float(error[bond, day]),
            "model_low": 99.0,
        }
        for bond in range(bonds)
        for day in range(dates)
    ]
    pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> tuple[Output, Path]:
    """Return what `performance` printed, which runs three others, and the folder of its page."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copy2(ROOT / "docs" / "performance.md", folder)
    return output("performance", "--small", "--same-bytes", "--docs", folder), folder


def check_performance(request: pytest.FixtureRequest) -> None:
    _, folder = request.getfixturevalue("performance")
    page, before = (place / "performance.md" for place in (folder, ROOT / "docs"))
    text = page.read_text(encoding="utf-8")
    assert re.search(r"\| accrued to basis point value \| all \| richcheap \| 200 \|", text)
    assert re.search(rf"\| curve price, fair price and z-spread \| all \| QuantLib {NUMBER} \| 50 \|", text)
    assert re.search(
        rf"\| 1,200 \| \*\*ingest to features\*\* \| {NUMBER} \| {NUMBER} \| {NUMBER} \| {NUMBER} \|", text
    )
    assert re.sub(r"<!-- (.*) -->.*?<!-- end", "", text, flags=re.DOTALL) == re.sub(
        r"<!-- (.*) -->.*?<!-- end", "", before.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    drawing = (folder / "performance.svg").read_text(encoding="utf-8")
    assert "</svg>" in drawing


def check_engine(task: str) -> Callable[[pytest.FixtureRequest], None]:
    def check(request: pytest.FixtureRequest) -> None:
        notes = request.getfixturevalue("performance")[0].notes
        assert re.search(rf"^{task} +all +richcheap +200 +{NUMBER} +{NUMBER}", notes, re.MULTILINE)
        assert re.search(rf"^{task} +all +QuantLib {NUMBER} +50 +{NUMBER}", notes, re.MULTILINE)
        itofin = rf"^{task} +common +itofin {NUMBER} +50 +{NUMBER}|^itofin is not installed and is left out"
        assert re.search(itofin, notes, re.MULTILINE)

    return check


def check_data_path(request: pytest.FixtureRequest) -> None:
    notes = request.getfixturevalue("performance")[0].notes
    lines = re.findall(
        rf"^\| 1,200 \| ([^|]+) \| {NUMBER} \| {NUMBER} \| (?:{NUMBER})? \| {NUMBER} \|$", notes, re.MULTILINE
    )
    kalman = ["kalman", "kalman: what checkpoints keep", "kalman: the rest"]
    assert lines == ["simulate", "ingest", "convert", "market", *kalman, "features", "**ingest to features**"]
    assert re.search(r"1,200 rows: the same bytes of \d+ files with \{'chunk_rows': 100000, 'workers': 1\}", notes)


def check_kalman(_: pytest.FixtureRequest) -> None:
    table = output("kalman", "--small").table
    for line in (rf"\| richcheap \| {NUMBER} \| {NUMBER} \|", rf"\| dense, NumPy \| {NUMBER} \| {NUMBER} \|"):
        assert re.search(line, table)
    assert re.search(rf"\| 10 \| 100 \| {NUMBER} \| {NUMBER} \|", table)


def check_runner(_: pytest.FixtureRequest) -> None:
    table = output("runner", "--small").table
    assert table.count("\n") == 6
    assert re.search(rf"\| 2 stages of 0.1 s \| `-j 1`: {NUMBER} s \| `-j 2`: {NUMBER} s \| {NUMBER} \|", table)
    assert re.search(
        rf"\| nothing to do \| `richcheap run`: {NUMBER} s \| `dvc repro`: {NUMBER} s \| {NUMBER} \|", table
    )


def check_kills(_: pytest.FixtureRequest) -> None:
    table = output("kills", "--small").table
    assert re.search(rf"^ +1 runner +after {NUMBER} s: well$", table, re.MULTILINE)
    assert re.search(r"^runner +1 kills, 0 with a fault", table, re.MULTILINE)


def check_bad_prints(_: pytest.FixtureRequest) -> None:
    table = output("bad_prints", "--small").table
    assert re.search(rf"^\| swapped digits \| 5.0 (\| {NUMBER} ){{6}}\|$", table, re.MULTILINE)


def check_gains(_: pytest.FixtureRequest) -> None:
    table = output("gains", "--small").table
    titles = re.findall(rf"^\| ([^|]+) \| {NUMBER} \| {NUMBER} % \|$", table, re.MULTILINE)
    assert titles[:3] == [
        "`dvc repro` from nothing",
        "`richcheap run` from nothing",
        "`richcheap run` again, nothing to do",
    ]
    assert len(titles) == 6


def check_leftover(request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("tmp_path")
    table = output("leftover", predictions(folder / "test.parquet")).table
    row = re.search(r"^\| `model` \| ([\d.]+) \| ([+-][\d.]+) \| ([+-][\d.]+) \|$", table, re.MULTILINE)
    assert row is not None
    assert float(row[2]) > 0.9
    assert re.search(rf"^Noise of the prints: {NUMBER} points\.$", table, re.MULTILINE)


def check_next_day(_: pytest.FixtureRequest) -> None:
    """A day is added to a small market: nothing is trained again, and every byte is that of a run from nothing."""
    table = output("next_day", "--small").table
    unchanged = re.findall(rf"^\| (\S+) \| {NUMBER} \| unchanged \|", table, re.MULTILINE)
    fitted = ["factor_model", "regime_detector", "tail_risk", "train@ml_adjuster", "tune@ml_adjuster"]
    assert {*fitted, "drift", "evaluate", "decompose", "signals", "stress"} <= set(unchanged)
    for name in ("ingest", "convert", "market", "kalman", "features", "live", "lists"):
        assert re.search(rf"^\| {name} \| {NUMBER} \| {NUMBER} \| {NUMBER} \|$", table, re.MULTILINE)
    assert "Days added: 1, in 1 updates." in table
    assert "Every file has the bytes of a run from nothing." in table
    table = output("next_day", "--small", "--ingest", "40", "60").table
    assert len(re.findall(rf"^\| [46]0 \| {NUMBER} \| {NUMBER} \| {NUMBER} \|$", table, re.MULTILINE)) == 2


def check_real_data(request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("real_data_dir")
    table = output("real_data", "us_treasury_2010_2011", "--small", RICHCHEAP_DATA=str(folder)).table
    predictors = re.findall(rf"^\| \**`(\w+)`\** \| {NUMBER} \|", table, re.MULTILINE)
    assert {"ml_adjuster", "kalman", "peers", "last_adjusted", "last", "matrix", "ewma", "ridge"} <= set(predictors)
    assert {"relative_value", "innovation"} <= set(predictors)


@pytest.fixture(scope="module")
def priced_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small project that has run."""
    return project_in(tmp_path_factory.mktemp("priced"))


def check_price(request: pytest.FixtureRequest) -> None:
    table = output("price", request.getfixturevalue("priced_project"), "--small").table
    assert re.search(rf"^\| import and load \| {NUMBER} \|$", table, re.MULTILINE)
    assert re.search(rf"^\| price 30 bonds \| {NUMBER} \|$", table, re.MULTILINE)


def check_new_bonds(request: pytest.FixtureRequest) -> None:
    """Bonds that the market has never seen are priced within a point or two; 32 bonds say nothing of intervals."""
    table = output("new_bonds", request.getfixturevalue("priced_project"), "--small").table
    row = re.search(
        rf"^\| left out of the market \| (\d+) \| ({NUMBER}) \| ({NUMBER}) \| {NUMBER} \|$", table, re.MULTILINE
    )
    assert row is not None
    assert int(row[1]) > 20
    assert float(row[2]) < 2.0


def check_oas(_: pytest.FixtureRequest) -> None:
    table = output("oas", "--small").table
    assert re.search(rf"^\| 12 \| {NUMBER} \| 0.0 \| 0.0 \|$", table, re.MULTILINE)
    std = dict(re.findall(rf"^\| (.+?) \| ({NUMBER}) \| {NUMBER} \| {NUMBER} \|$", table, re.MULTILINE))
    assert (
        float(std["option-adjusted, 100% of the true volatility"]) < float(std["to worst"]) < float(std["to maturity"])
    )


def check_sources(_: pytest.FixtureRequest) -> None:
    table = output("sources", "jsda").table
    assert re.search(
        r"^\| jsda \| mapping jsda, encoding, header_row, .* \| 6 \| 4 \| 1 not_quoted, ", table, re.MULTILINE
    )


@pytest.fixture(scope="module")
def example_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page to open, where there is a browser to open it."""
    if browser.find() is None:
        pytest.skip(browser.NOT_FOUND)
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(examples.report_data()), encoding="utf-8")
    return path


def check_page(request: pytest.FixtureRequest) -> None:
    table = output("page", request.getfixturevalue("example_page"), "--small").table
    assert re.search(rf"^\| 30 \|(?: {NUMBER} \|){{9}}$", table, re.MULTILINE)


def check_memory(_: pytest.FixtureRequest) -> None:
    """No stage of a small market takes more memory than it has announced: else the benchmark fails."""
    table = output("memory", "--small").table
    announced = re.findall(
        rf"^\| 2,000 \| (\S+) \| {NUMBER} \| {NUMBER} \| {NUMBER} \| {NUMBER} \|$", table, re.MULTILINE
    )
    assert {name.split("@")[0] for name in announced} == {*HELD, "train", "tune"}


def check_rolling_origins(_: pytest.FixtureRequest) -> None:
    table = output("rolling_origins", "--small").table
    spans = re.findall(rf"^\| (\S+) to (\S+) \| {NUMBER} \| `\w+` \|", table, re.MULTILINE)
    assert len(spans) == 2
    assert spans[0][1] < spans[1][0]
    assert len(re.findall(r"^Below .+, % over windows \[95 %\]: .+ in \d of 2\.$", table, re.MULTILINE)) == 2
    (every,) = re.findall(rf"^\| all \| ({NUMBER}) \|(?: {NUMBER} \|){{4}}$", table, re.MULTILINE)
    grades = re.findall(rf"^\| (?:government|investment grade|high yield) \| ({NUMBER}) \|", table, re.MULTILINE)
    assert sum(int(rows.replace(",", "")) for rows in grades) == int(every.replace(",", ""))


def check_page_pictures(request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue("example_page")
    said = output("page_pictures", page, "example", "--out", page.parent / "pictures").table
    assert re.findall(r"example-(\d+)-(\w+)\.png: [\d,]+ bytes", said) == [
        (width, scheme) for width in ("1400", "390") for scheme in ("light", "dark")
    ]


SLOW = [pytest.mark.slow]
NIGHTLY = [*SLOW, pytest.mark.nightly]
RUNS = {
    "bad_prints": (check_bad_prints, NIGHTLY),
    "conversion": (check_engine("conversion"), SLOW),
    "curve": (check_engine("curve"), SLOW),
    "data_path": (check_data_path, SLOW),
    "gains": (check_gains, SLOW),
    "kalman": (check_kalman, []),
    "kills": (check_kills, SLOW),
    "leftover": (check_leftover, []),
    "memory": (check_memory, NIGHTLY),
    "new_bonds": (check_new_bonds, []),
    "next_day": (check_next_day, NIGHTLY),
    "oas": (check_oas, []),
    "page": (check_page, SLOW),
    "page_pictures": (check_page_pictures, SLOW),
    "performance": (check_performance, SLOW),
    "price": (check_price, []),
    "real_data": (check_real_data, SLOW),
    "rolling_origins": (check_rolling_origins, NIGHTLY),
    "runner": (check_runner, SLOW),
    "sources": (check_sources, []),
}
"""How each benchmark is run, and whether that takes more than a few seconds, or minutes. `performance` runs three."""


def test_every_benchmark_of_the_folder_has_a_small_run():
    assert set(MODULES) - SHARED == set(RUNS), "write a small run of a new benchmark above"


@pytest.mark.parametrize("check", [pytest.param(check, id=name, marks=marks) for name, (check, marks) in RUNS.items()])
def test_a_benchmark_runs_at_tiny_sizes_and_prints_its_table(check, request):
    check(request)


def test_every_benchmark_says_how_it_is_called():
    code = (
        "import runpy, sys\n"
        "names, sys.argv[1:] = sys.argv[1:], ['--help']\n"
        "for name in names:\n"
        "    try:\n"
        "        runpy.run_module(f'benchmarks.{name}', run_name='__main__', alter_sys=True)\n"
        "    except SystemExit as end:\n"
        "        print('ended', name, end.code)\n"
    )
    words = [sys.executable, "-c", code, *sorted(RUNS)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^ended (\w+) (\w+)$", done.stdout, re.MULTILINE) == [(name, "0") for name in sorted(RUNS)]
    assert re.findall(r"^usage: (\w+)\.py", done.stdout, re.MULTILINE) == sorted(RUNS)


@pytest.mark.parametrize(
    ("name", "words", "variables"),
    [
        ("leftover", ["nowhere.parquet"], {}),
        ("page", ["nowhere.html"], {}),
        ("real_data", ["eu_listed_2026"], {"RICHCHEAP_DATA": "nowhere"}),
        ("performance", ["--docs", "nowhere"], {}),
    ],
)
def test_a_file_that_is_missing_is_told_in_one_line(name, words, variables):
    done = run(name, *words, **variables)
    assert done.returncode == 1
    assert re.fullmatch(r"error: \S*nowhere\S*: no such file; .+\n", done.stderr)


def test_small_figures_are_never_written_into_the_projects_own_page():
    done = run("performance", "--small")
    assert done.returncode == 2
    assert "--small needs --docs" in done.stderr
