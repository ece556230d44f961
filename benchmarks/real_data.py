"""Run the whole pipeline on a file of real prices, in a temporary clone, and print its results as Markdown.

The files are not part of the project. Each is looked for in the folder of its own name under the environment
variable RICHCHEAP_DATA (default: ../shared/data beside the project); docs/data.md says where they come from.

    python benchmarks/real_data.py us_treasury_2010_2011
    python benchmarks/real_data.py eu_listed_2026
    python benchmarks/real_data.py eu_listed_2026_eur --sparse 0.15

``eu_listed_2026_eur`` is the euro bonds with regular coupons alone. ``--sparse`` keeps every bond on a random share of
its dates, the same ones in every run, as bonds trade rather than are quoted. ``--small`` takes some bonds on the latest
dates, the budgets of profiles/small.yaml and one model, to see that it works; its figures mean nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from ruamel.yaml import YAML

from dvc_parallel.system.environment_variables import variable
from dvc_parallel.system.yaml_source import Document
from richcheap.ingestion.files.readers import read_table
from richcheap.profile import apply

ROOT = Path(__file__).absolute().parents[1]
CHANGES: dict[str, dict[str, Any]] = {
    "us_treasury_2010_2011": {
        "observations": "us_treasury_2010_2011/prices.parquet",
        "mapping": "us_treasury",
        "curve": "us_par_yields/us_treasury_par_yields_daily.csv.gz",
        "curve_mapping": "treasury_par_yields",
    },
    "eu_listed_2026": {
        "observations": "eu_listed_2026/eod_prices.parquet",
        "mapping": "eu_listed",
    },
}
CHANGES["eu_listed_2026_eur"] = CHANGES["eu_listed_2026"]
KEPT = {"eu_listed_2026_eur": (pl.col("currency") == "EUR") & (pl.col("coupons_per_year") > 0)}
FILES = ("observations", "curve")
SPARSE_SEED = 15
IDENTIFIERS = {"us_treasury": "cusip", "eu_listed": "isin"}
SMALL_BONDS, SMALL_DATES = 30, 60
SMALL_MODEL, SMALL_TARGET = "ml_adjuster", "signals"
TABLES = {
    "richcheap.reporting.layout.markdown": "metrics/evaluate.json",
    "richcheap.reporting.signals": "metrics/signals.json",
}
"""What prints the results, and of which metrics."""


def data_folder() -> Path:
    """Return the folder that holds the real files, whether it is there or not."""
    return Path(variable("RICHCHEAP_DATA") or ROOT.parent / "shared" / "data").absolute()


def set_params(params_file: Path, changes: dict[str, Any], folder: Path, small: bool) -> None:
    """Change keys of the section ``data``, files named by their absolute paths; when small, keep one model alone."""
    data = {key: str(folder / value) if key in FILES else value for key, value in changes.items()}
    apply(Document("CHANGES", {"data": data}, {}), params_file.parent)
    if small:
        yaml = YAML()
        document = yaml.load(params_file.read_text(encoding="utf-8"))
        for name in set(document["models"]) - {SMALL_MODEL}:
            del document["models"][name]
        with params_file.open("w", encoding="utf-8") as file:
            yaml.dump(document, file)


def select_rows(source: Path, dataset: str, share: float, small: bool, target: Path) -> None:
    """Write the rows of a data set that take part, each with the same chance, in the order of the file."""
    rows = read_table(source).filter(KEPT.get(dataset, pl.lit(value=True)))
    if small:
        rows = cut(rows, IDENTIFIERS[CHANGES[dataset]["mapping"]])
    kept = np.random.default_rng(SPARSE_SEED).random(rows.height) < share
    rows.filter(pl.Series(kept)).write_parquet(target)


def cut(rows: pl.DataFrame, identifier: str) -> pl.DataFrame:
    """Return the latest dates of some of the bonds that are there on most of them."""
    latest = rows.filter(pl.col("date") >= rows["date"].unique().sort()[-SMALL_DATES:].min())
    counted = latest.group_by(identifier).len().sort("len", identifier, descending=[True, False])
    bonds = counted.head(max(counted.height // 2, SMALL_BONDS))[identifier].sort()
    return latest.filter(pl.col(identifier).is_in(bonds.gather_every(max(bonds.len() // SMALL_BONDS, 1)).implode()))


def environment(code: Path | None = None) -> dict[str, str]:
    """Return an environment in which `dvc` and `python` are those of this Python, and kernels are compiled once.

    The library is this one, or that of another clone.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kernels = {"NUMBA_CACHE_DIR": str(ROOT / "src" / "richcheap" / "__pycache__")}
    library = {} if code is None else {"PYTHONPATH": str(code / "src")}
    return {**kernels, **os.environ, "PATH": path, **library}


def cloned(clone: Path, small: bool, revision: str | None = None) -> None:
    """Clone the project as committed, last or at a revision, into a folder; small, with params of the small profile."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    if revision is not None:
        subprocess.run(["git", "-C", str(clone), "checkout", "--quiet", "--detach", revision], check=True)
    if small:
        profile = [sys.executable, "-m", "richcheap.profile", "profiles/small.yaml"]
        code = clone if revision else None
        subprocess.run(profile, cwd=clone, env=environment(code), check=True, stdout=sys.stderr)


def make(dataset: str, share: float, small: bool, clone: Path, revision: str | None = None) -> None:
    """Clone the project into a folder, as `cloned` does, and point it at the data set."""
    folder = data_folder()
    for key in FILES:
        if not (file := folder / CHANGES[dataset].get(key, "")).exists():
            sys.exit(f"error: {file}: no such file; set RICHCHEAP_DATA to the folder that docs/data.md describes")
    cloned(clone, small, revision)
    changes = dict(CHANGES[dataset])
    if share < 1.0 or small or dataset in KEPT:
        selected = clone / "training_data" / "selected.parquet"
        select_rows(folder / changes["observations"], dataset, share, small, selected)
        changes["observations"] = str(selected)
    set_params(clone / "params.yaml", changes, folder, small)


def run_stages(clone: Path, *targets: str, code: Path | None = None) -> None:
    """Run a clone's stages, all or those that some need, as `environment` has it; end with a line when one fails."""
    words = [sys.executable, "-m", "richcheap.cli", "run", *targets]
    if subprocess.run(words, cwd=clone, env=environment(code), check=False, stdout=sys.stderr).returncode:
        sys.exit(f"error: {clone}: the pipeline failed; its last lines stand above")


def run(dataset: str, share: float, small: bool, keep: Path | None) -> None:
    """Clone the project, point it at the data set, run it and print the results."""
    with tempfile.TemporaryDirectory() as temporary:
        clone = (keep or Path(temporary) / "richcheap").resolve()
        make(dataset, share, small, clone)
        run_stages(clone, *([SMALL_TARGET] if small else []))
        for module, metrics in TABLES.items():
            print(flush=True)
            subprocess.run([sys.executable, "-m", module, metrics], cwd=clone, check=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=sorted(CHANGES))
    parser.add_argument("--sparse", type=float, default=1.0, metavar="SHARE", help="keep a random share of the rows")
    parser.add_argument("--keep", type=Path, help="clone into this folder and leave it there")
    parser.add_argument("--small", action="store_true", help="a tiny part, to see that it works")
    arguments = parser.parse_args()
    run(arguments.dataset, arguments.sparse, arguments.small, arguments.keep)


if __name__ == "__main__":
    main()
