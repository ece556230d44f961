"""What predictors' errors still hold that could be predicted: run it where a pipeline has run.

    python -m benchmarks.leftover predictions/test.parquet

For each predictor: the correlation of its error with the bond's own error of the print before, and with the mean error
of the four bonds nearest in maturity on the same date, both known when the price is predicted (errors in bp, bonds of
a year and more). Where both are nil no linear method can do better with them.

Last the *noise* of the prints: if a bond's price is a slow value plus noise that is new each day, then the covariance
of two changes in a row of price less fair price is minus the variance of the noise; its mean absolute value is what
one who knew the slow value would still miss (normal noise).
"""

import argparse
import sys
from math import pi, sqrt
from pathlib import Path

import numpy as np
import polars as pl

NEIGHBOURS = (-2, -1, 1, 2)
LATEST_DAYS = 4
"""Calendar days between two prints that count as one after the other."""


def own_past(rows: pl.DataFrame) -> float:
    """Return the correlation of a bond's error with that of its print before."""
    pairs = rows.sort("bond_id", "date").with_columns(before=pl.col("error").shift(1).over("bond_id"))
    return correlation(pairs.drop_nulls("before"), "error", "before")


def neighbours(rows: pl.DataFrame) -> float:
    """Return the correlation of a bond's error with the mean of those nearest in maturity on the date, bp."""
    long = rows.filter(pl.col("years_to_maturity") >= 1.0).sort("date", "years_to_maturity")
    long = long.with_columns(error=pl.col("error") / pl.col("dv01").abs())
    near = [pl.col("error").shift(step).over("date") for step in NEIGHBOURS]
    return correlation(long.with_columns(near=sum(near[1:], near[0])).drop_nulls("near"), "error", "near")


def noise(rows: pl.DataFrame) -> float:
    """Return the mean absolute noise of prints, points per 100."""
    changes = rows.filter(pl.col("days_since_last") <= LATEST_DAYS).sort("bond_id", "date")
    changes = changes.with_columns(change=(pl.col("clean_price") - pl.col("matrix")).diff().over("bond_id"))
    changes = changes.with_columns(before=pl.col("change").shift(1).over("bond_id")).drop_nulls(["change", "before"])
    bonds = changes.group_by("bond_id").agg(pl.len(), covariance=(pl.col("change") * pl.col("before")).mean())
    std = np.sqrt(np.maximum(-bonds["covariance"].to_numpy(), 0.0))
    return float(sqrt(2.0 / pi) * np.average(std, weights=bonds["len"].to_numpy()))


def correlation(rows: pl.DataFrame, one: str, other: str) -> float:
    """Return the correlation of two columns."""
    return float(np.corrcoef(rows[one].to_numpy(), rows[other].to_numpy())[0, 1])


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictions", type=Path, help="what stage evaluate wrote: predictions/test.parquet")
    path = parser.parse_args().predictions
    if not path.is_file():
        sys.exit(f"error: {path}: no such file; run `dvc repro` to make it")
    rows = pl.read_parquet(path)
    names = [name.removesuffix("_low") for name in rows.columns if name.endswith("_low")]
    print("| predictor | MAE, points | with the own error before | with neighbours' errors |\n|---|---:|---:|---:|")
    for name in names:
        errors = rows.with_columns(error=pl.col("clean_price") - pl.col(name)).drop_nulls("error")
        mae = float(np.abs(errors["error"].to_numpy()).mean())
        print(f"| `{name}` | {mae:.4f} | {own_past(errors):+.2f} | {neighbours(errors):+.2f} |")
    print(f"\nNoise of the prints: {noise(rows):.4f} points.")


if __name__ == "__main__":
    main()
