"""Run the whole pipeline on a file of real prices, in a temporary clone, and print its results as Markdown.

The files are not part of the project. Each is looked for in the folder of its own name under the environment
variable RICHCHEAP_DATA (default: ../shared/data beside the project); docs/data.md says where they come from.

    python benchmarks/real_data.py us_treasury_2010_2011
    python benchmarks/real_data.py eu_listed_2026
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
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
FILES = ("observations", "curve")


def data_folder() -> Path:
    """Return the folder that holds the real files."""
    return Path(os.environ.get("RICHCHEAP_DATA", ROOT.parent / "shared" / "data")).resolve()


def set_params(params_file: Path, changes: dict[str, Any], folder: Path) -> None:
    """Change keys of the section ``data``; files are named by their absolute paths."""
    yaml = YAML()
    document = yaml.load(params_file.read_text(encoding="utf-8"))
    for key, value in changes.items():
        document["data"][key] = str(folder / value) if key in FILES else value
    with params_file.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def run(dataset: str, keep: Path | None) -> None:
    """Clone the project, point it at the data set, run it and print the results."""
    folder = data_folder()
    if not (folder / CHANGES[dataset]["observations"]).is_file():
        sys.exit(f"{folder / CHANGES[dataset]['observations']}: no such file; set RICHCHEAP_DATA")
    with tempfile.TemporaryDirectory() as temporary:
        clone = keep or Path(temporary) / "richcheap"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        set_params(clone / "params.yaml", CHANGES[dataset], folder)
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        if subprocess.run(["dvc", "repro"], cwd=clone, env=environment, check=False, stdout=sys.stderr).returncode:
            sys.exit(f"{dataset}: the pipeline failed; its last lines stand above")
        subprocess.run(
            [sys.executable, "-m", "stages.reporting.markdown", "metrics/evaluate.json"], cwd=clone, check=True
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", choices=sorted(CHANGES))
    parser.add_argument("--keep", type=Path, help="clone into this folder and leave it there")
    arguments = parser.parse_args()
    run(arguments.dataset, arguments.keep)


if __name__ == "__main__":
    main()
