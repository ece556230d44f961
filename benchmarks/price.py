"""What prices on request cost: start-up, opening a date and the work apart. Run it where a pipeline has run.

    python -m benchmarks.price [FOLDER]

The lists hold every bond of the data by its identifier, and beyond that bonds like them with terms of their own. All of
it is done on one core; seconds are of its time, so that what else the machine does does not count.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.sizes import parse

TIMES = 3


def bond_list(known: pl.DataFrame, lines: int) -> pl.DataFrame:
    """Return so many bonds: those known, and others with their terms and another maturity and coupon."""
    names = [
        "bond_id",
        "maturity_date",
        "coupon_rate",
        "frequency",
        "day_count",
        "bond_type",
        "credit_rating",
        "issuer",
    ]
    terms = known.select(*names, "currency")
    copies = -(-lines // terms.height)
    others = pl.concat(
        terms.with_columns(
            pl.format("{} {}", "bond_id", pl.lit(copy)).alias("bond_id"),
            pl.col("maturity_date").dt.offset_by(f"{365 + 7 * copy}d"),
            pl.when(pl.col("frequency") > 0).then(pl.col("coupon_rate") + 0.00001 * copy).otherwise("coupon_rate"),
        )
        for copy in range(1, copies + 1)
    )
    alone = terms.with_columns(pl.lit(None).alias(name) for name in terms.columns if name != "bond_id")
    return pl.concat([alone, others], how="vertical_relaxed").head(lines)


def seconds(work: Callable[[], Any]) -> float:
    """Return the processor's seconds that some work takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path(), help="the project; by default the working folder"
    )
    parser.add_argument("--lines", type=int, nargs="+", default=[1, 1000, 100_000], help="lengths of the lists")
    arguments = parse(parser, lines=[1, 30])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    found: dict[str, Any] = {}

    def start() -> None:
        from richcheap.pricer import Pricer  # noqa: PLC0415  what it costs is measured

        found["pricer"] = Pricer(arguments.folder, threads=1)

    rows = [("import and load", seconds(start))]
    pricer = found["pricer"]
    known = pricer.bonds
    warm_up = bond_list(known, 2 * known.height)
    rows.append(("open the last date, load the champion and its kernels", seconds(lambda: pricer.price(warm_up))))
    for lines in arguments.lines:
        work = partial(pricer.price, bond_list(known, lines))
        rows.append((f"price {lines:,} bonds", min(seconds(work) for _ in range(TIMES))))
    print("| what | CPU seconds |\n|---|---:|")
    for what, spent in rows:
        print(f"| {what} | {spent:.2f} |")


if __name__ == "__main__":
    main()
