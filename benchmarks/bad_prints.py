"""Spoil a share of a market's prints, run the pipeline, and compare the errors on the prints that are as they were.

    python -m benchmarks.bad_prints
    python -m benchmarks.bad_prints --observations FOLDER --kinds "swapped digits" --percent 5

The market is the simulated one of params.yaml, or the accepted rows of another run (its training_data/observations).
Every kind and share is a run of its own, from the file to the scores: the best simple baseline, the filter and one
model. The rows that are scored are those of the test block that nobody touched, at the prices of the run without
spoiled prints. ``--write`` keeps the table for the page of promises.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from ruamel.yaml import YAML

from benchmarks.promises.figures import Cell, keep, markdown
from benchmarks.real_data import cloned, environment
from benchmarks.sizes import parse
from dvc_parallel.system.yaml_source import Document
from richcheap.profile import apply

SIMULATED: Final = Path("training_data/simulated/observations.parquet")
PERCENT: Final = (0.1, 1.0, 5.0)
PREDICTORS: Final = ("peers", "kalman")
MODEL: Final = "bayesian_optimizer"
COLUMNS: Final = (
    "prints", "of all, %", "left out, %", "peers, %", "kalman, %", f"{MODEL}, %", "largest error of kalman, points",
    f"largest error of {MODEL}, points",
)  # fmt: skip
WRONG_LEVEL: Final = 10.0
"""By which all prints of one bond are off, points."""


class Spoiled(NamedTuple):
    """Prints to spoil.

    Attributes
    ----------
    rows : pl.DataFrame
        They alone, with ``previous_price``, the bond's print before, as it was.
    random : Generator
    """

    rows: pl.DataFrame
    random: np.random.Generator


def tenfold(spoiled: Spoiled) -> pl.DataFrame:
    """Move the decimal point to the right or to the left."""
    factor = spoiled.random.choice([0.1, 10.0], spoiled.rows.height)
    return spoiled.rows.with_columns(pl.col("clean_price") * pl.Series(factor))


def swapped_digits(spoiled: Spoiled) -> pl.DataFrame:
    """Swap two neighbouring digits that differ."""
    prices = [_swapped(price, spoiled.random) for price in spoiled.rows["clean_price"]]
    return spoiled.rows.with_columns(clean_price=pl.Series(prices, dtype=pl.Float64))


def _swapped(price: float, random: np.random.Generator) -> float:
    text = f"{price:.3f}"
    digits = [place for place, mark in enumerate(text) if mark != "."]
    pairs = [(one, two) for one, two in pairwise(digits) if text[one] != text[two]]
    if not pairs:
        return price
    one, two = pairs[int(random.integers(len(pairs)))]
    marks = list(text)
    marks[one], marks[two] = marks[two], marks[one]
    return float("".join(marks))


def stale(spoiled: Spoiled) -> pl.DataFrame:
    """Repeat the bond's previous price."""
    return spoiled.rows.with_columns(clean_price=pl.coalesce("previous_price", "clean_price"))


def retail(spoiled: Spoiled) -> pl.DataFrame:
    """Make small trades of private investors, who pay half a point to three points to their dealer."""
    sign = spoiled.random.choice([-1.0, 1.0], spoiled.rows.height)
    paid = spoiled.random.uniform(0.5, 3.0, spoiled.rows.height)
    volume = spoiled.random.choice([5_000.0, 10_000.0, 25_000.0], spoiled.rows.height)
    side = np.where(sign > 0, "buy", "sell")
    columns = {"clean_price": pl.col("clean_price") + pl.Series(sign * paid)}
    known = {"volume": pl.Series(volume), "side": pl.Series(side)}
    return spoiled.rows.with_columns(**columns, **{name: known[name] for name in known if name in spoiled.rows.columns})


def sign_flipped(spoiled: Spoiled) -> pl.DataFrame:
    """Put a minus before the price, or make a discount of a premium and a premium of a discount."""
    minus = pl.Series(spoiled.random.random(spoiled.rows.height) < 0.5)
    price = pl.col("clean_price")
    return spoiled.rows.with_columns(clean_price=pl.when(minus).then(-price).otherwise(200.0 - price))


KINDS: Final[dict[str, Callable[[Spoiled], pl.DataFrame]]] = {
    "tenfold": tenfold,
    "swapped digits": swapped_digits,
    "stale copies": stale,
    "retail-sized": retail,
    "sign-flipped": sign_flipped,
}
ONE_BOND: Final = "all of one bond"


def spoil(rows: pl.DataFrame, kind: str, percent: float, seed: int) -> pl.DataFrame:
    """Return a market of which a share of the prints is spoiled, and column ``touched``.

    Parameters
    ----------
    rows : pl.DataFrame
        With ``bond_id``, ``date`` and ``clean_price``.
    kind : str
    percent : float
        The prints of a smaller share are among those of a larger one.
    seed : int
    """
    rows = rows.sort("date", "bond_id", maintain_order=True)
    if kind == ONE_BOND:
        often = rows.group_by("bond_id").len().sort("len", "bond_id", descending=[True, False])["bond_id"]
        touched = pl.col("bond_id") == often[often.len() // 10]
        return rows.with_columns(
            pl.when(touched).then(pl.col("clean_price") + WRONG_LEVEL).otherwise("clean_price").alias("clean_price"),
            touched=touched,
        )
    drawn = np.random.default_rng(seed).random(rows.height) < percent / 100.0
    before = rows.with_columns(previous_price=pl.col("clean_price").shift(1).over("bond_id"), touched=pl.Series(drawn))
    spoiled = KINDS[kind](Spoiled(before.filter("touched"), np.random.default_rng([seed, 1])))
    return pl.concat([before.filter(~pl.col("touched")), spoiled]).drop("previous_price")


class Scored(NamedTuple):
    """The test block of a run: predictions, and the rows that ingestion left out, by their number in its file."""

    predictions: pl.DataFrame
    left_out: set[int]


def scored(clone: Path, observations: Path) -> Scored:
    """Run the pipeline on a file, as far as the scores."""
    apply(Document("observations", {"data": {"observations": str(observations)}}, {}), clone)
    words = [sys.executable, "-m", "richcheap.cli", "run", "evaluate"]
    done = subprocess.run(words, cwd=clone, env=environment(), check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {observations.name}: the pipeline failed\n{(done.stdout + done.stderr)[-2000:]}")
    columns = ["bond_id", "date", "clean_price", *PREDICTORS, MODEL]
    left_out = pl.read_parquet(clone / "training_data" / "quarantine" / "*.parquet", columns=["source_row"])
    return Scored(pl.read_parquet(clone / "predictions" / "test.parquet", columns=columns), set(left_out["source_row"]))


def compared(base: Scored, run: Scored, rows: pl.DataFrame, kind: str, percent: float) -> list[Cell]:
    """Return a line of the table: how the errors grew on rows that nobody touched."""
    keys = ["bond_id", "date"]
    touched = rows.with_row_index("source_row", offset=1).filter("touched")
    both = base.predictions.join(run.predictions.drop("clean_price"), on=keys, suffix="_spoiled")
    both = both.join(touched.select(keys), on=keys, how="anti")
    growth: list[Cell] = []
    for name in (*PREDICTORS, MODEL):
        before, after = ((both[column] - both["clean_price"]).abs().mean() for column in (name, f"{name}_spoiled"))
        growth.append(round(100.0 * (float(after) / float(before) - 1.0), 2))  # type: ignore[arg-type]
    largest = (
        both.select((pl.col(f"{name}_spoiled") - pl.col("clean_price")).abs().max()).item()
        for name in (PREDICTORS[-1], MODEL)
    )
    left_out = len(run.left_out & set(touched["source_row"])) / max(touched.height, 1)
    share: Cell = round(100.0 * touched.height / rows.height, 2) if kind == ONE_BOND else percent
    return [kind, share, round(100.0 * left_out, 1), *growth, *(round(error, 2) for error in largest)]


def lines(
    rows: pl.DataFrame, clone: Path, kinds: Sequence[str], percents: Sequence[float], seed: int
) -> list[list[Cell]]:
    """Run all kinds and shares, one after another, and print each line as it comes."""
    file = clone.parent / "observations.parquet"
    rows.write_parquet(file)
    base = scored(clone, file)
    found: list[list[Cell]] = []
    for kind in kinds:
        for percent in percents[:1] if kind == ONE_BOND else percents:
            spoiled = spoil(rows, kind, percent, seed)
            spoiled.drop("touched").write_parquet(file)
            found.append(compared(base, scored(clone, file), spoiled, kind, percent))
            print(found[-1], file=sys.stderr, flush=True)
    return found


def prepared(clone: Path, small: bool) -> None:
    """Clone the project; of the models only one is left."""
    cloned(clone, small)
    yaml = YAML()
    params: dict[str, Any] = yaml.load((clone / "params.yaml").read_text(encoding="utf-8"))
    for name in set(params["models"]) - {MODEL}:
        del params["models"][name]
    with (clone / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = [*KINDS, ONE_BOND]
    parser.add_argument("--observations", type=Path, help="another market: training_data/observations of a run")
    parser.add_argument("--kinds", nargs="+", choices=every, default=every, help="these alone")
    parser.add_argument("--percent", nargs="+", type=float, default=PERCENT, help="shares of the prints")
    parser.add_argument("--seed", type=int, default=1, help="of what is spoiled (default: 1)")
    parser.add_argument("--write", metavar="NAME", help="keep the table as docs/promises/NAME.json")
    chosen = parse(parser, kinds=["swapped digits"], percent=[5.0])
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "richcheap"
        prepared(clone, chosen.small)
        if chosen.observations is None:
            words = [sys.executable, "-m", "richcheap.cli", "run", "simulate"]
            subprocess.run(words, cwd=clone, env=environment(), check=True, stdout=sys.stderr)
            rows = pl.read_parquet(clone / SIMULATED)
        else:
            rows = pl.read_parquet(chosen.observations / "*.parquet")
        found = lines(rows, clone, chosen.kinds, chosen.percent, chosen.seed)
    if chosen.write:
        keep(chosen.write, "python -m benchmarks.bad_prints", COLUMNS, found)
    print(markdown(COLUMNS, found))


if __name__ == "__main__":
    main()
