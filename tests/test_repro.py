"""The pipeline end to end, in a copy of the project, on a small market."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.projects import SMALL, Project, stages_run

pytestmark = pytest.mark.slow

ADJUSTERS = ("ml_adjuster", "bayesian_optimizer")
"""Two models that differ most in what they import; all of them are run on a small market at the end of .ci/run."""
ORDER = [
    *("check", "simulate", "oracle", "ingest", "convert", "market", "kalman", "features"),
    *("factor_model", "regime_detector", "tail_risk"),
    *(f"train@{name}" for name in ADJUSTERS),
    *("drift", *(f"tune@{name}" for name in ADJUSTERS)),
    *("evaluate", "decompose", "signals", "live", "lists", "stress", "report"),
]
AFTER_A_MODEL = {"drift", *(f"tune@{name}" for name in ADJUSTERS), *ORDER[ORDER.index("evaluate") :]}
"""What may run again after a model: the drift of one stands in the table that all are tuned by."""


@pytest.fixture(scope="module")
def first_run(project_root, tmp_path_factory):
    """Return a project in which everything has been run once and committed, and the stages that ran."""
    project = Project(project_root, tmp_path_factory.mktemp("project"))
    project.configure(SMALL)
    project.keep_models(*ADJUSTERS)
    ran = stages_run(project.command("dvc", "repro"))
    project.commit("run")
    return project, ran


@pytest.fixture
def reproduced(first_run):
    """Return that project, to be looked at."""
    return first_run[0]


@pytest.fixture
def sources(reproduced):
    """Return that project, for changes of what git tracks alone; they are undone afterwards."""
    yield reproduced
    reproduced.command("git", "checkout", "-q", "--", ".")


@pytest.fixture
def project(sources):
    """Return that project, to be changed; it is put back afterwards as it was committed."""
    yield sources
    sources.command("git", "checkout", "-q", "--", ".")
    sources.command("dvc", "checkout", "-q", "--force")


def test_the_first_run_runs_every_stage_once_and_the_check_before_all(first_run):
    _, ran = first_run
    assert sorted(ran) == sorted(ORDER)
    assert ran[0] == "check"


def test_a_run_leaves_nothing_that_git_neither_tracks_nor_ignores(reproduced):
    assert reproduced.command("git", "status", "--porcelain") == ""
    assert not list(reproduced.folder.rglob("*.tmp"))


def test_a_second_run_finds_nothing_to_do(project):
    assert project.run("dvc", "status", "-q").returncode == 0
    output = project.command("dvc", "repro")
    assert stages_run(output) == []
    assert "up to date" in output


def test_forced_with_one_thread_and_another_hash_seed_every_byte_is_the_same(project):
    before = project.made()
    for kept in ("bonds_manifest", "market_manifest", "kalman_manifest", "kalman_fit", "features_manifest"):
        (project.folder / "training_data" / f"{kept}.json").unlink()  # or their parts would be taken as they are
    output = project.command("dvc", "repro", "--force", env={"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"})
    assert sorted(stages_run(output)) == sorted(ORDER)
    after = project.made()
    assert [name for name in before if before[name] != after[name]] == []
    assert before.keys() == after.keys()


def test_an_experiment_runs_what_follows_a_models_training_and_a_param_put_back_restores_the_model(project):
    model = project.folder / "models" / "ml_adjuster" / "model.json"
    before = model.read_bytes()
    change = f"models.ml_adjuster.trees={SMALL['models.ml_adjuster.trees'] + 3}"
    ran = stages_run(project.command("dvc", "exp", "run", "-n", "more-trees", "-S", change, "tune@ml_adjuster"))
    assert sorted(ran) == ["check", "drift", "train@ml_adjuster", "tune@ml_adjuster"]
    assert {"evaluate"} <= project.stale() <= AFTER_A_MODEL
    table = project.command("dvc", "exp", "show", "--csv", "--no-pager")
    assert "more-trees" in table
    assert "models.ml_adjuster.trees" in table.splitlines()[0]
    assert model.read_bytes() != before
    project.configure({"models.ml_adjuster.trees": SMALL["models.ml_adjuster.trees"]})
    assert stages_run(project.command("dvc", "repro", "train@ml_adjuster")) == []
    assert model.read_bytes() == before


@pytest.mark.parametrize(
    ("module", "stale", "fresh"),
    [
        (
            "src/richcheap/models/ml_adjuster/__init__.py",
            {"check", "train@ml_adjuster", "drift", "tune@ml_adjuster", "evaluate", "decompose", "live", "lists"},
            None,
        ),
        ("stages/ingest.py", {"ingest"}, None),
        ("src/richcheap/oracle/optimal_filter.py", {"oracle"}, {"simulate", "ingest", "evaluate"}),
        (
            "src/richcheap/simulation/states/regimes.py",
            {"simulate", "oracle"},
            {"ingest", "convert", "market", "features"},
        ),
        ("src/richcheap/features/own_history.py", {"features"}, {"simulate", "ingest", "convert", "market", "kalman"}),
        ("src/richcheap/kalman/filter.py", {"kalman"}, {"simulate", "ingest", "convert", "market", "factor_model"}),
        ("src/richcheap/risk/tails.py", {"tail_risk"}, {"factor_model", "features", "evaluate", "train@ml_adjuster"}),
        (
            "src/richcheap/bonds/discounting.py",
            {"simulate", "convert", "market", "features", "evaluate"},
            {"report"},
        ),
        ("src/richcheap/pipeline/storage/manifest.py", set(ORDER), set()),
        ("src/richcheap/reporting/layout/markdown.py", {"report"}, set(ORDER) - {"report"}),
    ],
)
def test_a_module_makes_stale_what_imports_from_its_folder_and_nothing_else(sources, module, stale, fresh):
    with (sources.folder / module).open("a") as file:
        file.write("# changed\n")
    found = sources.stale()
    assert stale <= found
    assert not found & (set(ORDER) - stale if fresh is None else fresh)


@pytest.mark.parametrize(
    ("key", "value", "stale"),
    [
        (
            "seed",
            3,
            {"simulate", "oracle", "regime_detector", "tail_risk", "drift", "evaluate", "signals", "live", "lists"},
        ),
        ("data.mapping", "us_treasury", {"ingest", "lists"}),
        ("data.max_price", 240.0, {"ingest", "features", "lists"}),
        ("simulate.periods", 91, {"simulate", "oracle"}),
        ("simulate.trading.retail_share", 0.5, {"simulate", "oracle"}),
        ("market.peers", 9, {"market", "lists"}),
        ("kalman.fit_evaluations", 5, {"kalman", "lists"}),
        ("kalman.window_days", 700, {"kalman", "lists"}),
        ("split.embargo_dates", 2, {"market", "kalman", "features"}),
        ("models.ml_adjuster.trees", 9, {"train@ml_adjuster", "drift", "evaluate", "lists"}),
        ("models.ml_adjuster.leaf_rows", 9, {"train@ml_adjuster"}),
        ("evaluate.interval_coverage", 0.8, {"evaluate", "signals", "live", "lists"}),
        ("evaluate.confidence", 0.9, {"evaluate", "signals", "live", "lists"}),
        ("drift.warn", 0.2, {"drift", "evaluate", "live"}),
        ("compute.chunk_rows", 20000, set()),
        ("compute.backend", "threading", set()),
    ],
)
def test_a_param_makes_stale_the_stages_that_read_it_whichever_file_it_stands_in(sources, key, value, stale):
    sources.configure({key: value})
    seeded = {f"{stage}@{name}" for stage in ("train", "tune") for name in ADJUSTERS} if key == "seed" else set()
    tuned = {f"tune@{name}" for name in ADJUSTERS} if key.startswith("drift.") else set()
    assert sources.stale() == {"check", "report"} | stale | seeded | tuned


def test_a_month_that_is_added_is_all_that_is_converted(project):
    source = pl.read_parquet(project.folder / "training_data" / "simulated" / "observations.parquet")
    months = source.with_columns(month=pl.col("date").dt.strftime("%Y-%m")).partition_by("month", include_key=False)
    folder = project.folder / "prices"
    folder.mkdir()
    for number, month in enumerate(months[:-1]):
        month.write_parquet(folder / f"{number:02d}.parquet")
    project.configure({"data.observations": "prices"})
    project.command("dvc", "repro", "convert")
    months[-1].write_parquet(folder / f"{len(months) - 1:02d}.parquet")
    done = project.run("dvc", "repro", "convert")
    assert done.returncode == 0
    before = sum(month.height for month in months[:-1])
    output = f"convert: {months[-1].height:,} rows converted in 1 of {len(months)} parts; {before:,} rows unchanged"
    assert output in done.stderr
    assert project.run("dvc", "status", "-q", "convert").returncode == 0


def test_a_changed_document_makes_nothing_stale(sources):
    (sources.folder / "README.md").write_text("changed\n")
    assert sources.stale() == set()


def test_a_model_that_was_tampered_with_is_not_trusted(project):
    model = project.folder / "tuned" / "ml_adjuster" / "model.json"
    content = model.read_bytes()
    model.chmod(0o644)
    model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = project.run("python", "-m", "stages.evaluate")
    assert done.returncode == 1
    assert done.stderr.startswith("error: tuned/ml_adjuster/model.json: md5 must be ")


def test_metrics_plots_and_params_are_shown(sources, tmp_path):
    metrics = json.loads(sources.command("dvc", "metrics", "show", "--json"))
    files = metrics[""]["data"]
    assert [Path(name).as_posix() for name in files] == ["metrics/headline.json"]
    page = sources.command("dvc", "plots", "show", "-o", str(tmp_path / "plots")).strip()
    assert page.endswith("index.html")
    assert "plots_predicted_observed_csv" in (tmp_path / "plots" / "index.html").read_text()
    sources.configure({"models.ml_adjuster.trees": 5})
    differences = json.loads(sources.command("dvc", "params", "diff", "--json"))
    assert differences["params.yaml"]["models.ml_adjuster.trees"] == {"old": 8, "new": 5, "diff": -3}
