"""How well bonds are priced that the data have never seen: run it where a pipeline has run.

    python -m benchmarks.new_bonds [FOLDER]

Some bonds are left out of the market altogether, before its first date, and priced by their terms on the dates of the
test block on which they have printed. Beside them stands what `evaluate` measured of bonds that printed there for the
first time. The champion was trained with the bonds in; it has never seen their prices of the test block.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.sizes import parse
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json
from richcheap.pipeline.storage.tables import read_table
from richcheap.pricer import Pricer
from richcheap.pricing.market import MarketAsOf, States, advance, counted
from richcheap.surface.valuation import BOND_COLUMNS

NEVER = "never seen"


def held_out(pricer: Pricer, folder: Path, share: float) -> pl.DataFrame:
    """Return ``error`` and ``half_width``, points, of the test block's prints of bonds that the market never saw."""
    bonds = read_table(folder / paths.BONDS, BOND_COLUMNS).filter(status="ok")
    blocks = {block["name"]: block for block in read_json(folder / paths.SPLIT)["blocks"]}
    days = bonds["date"].unique().sort()
    days = days.filter(days.is_between(*(pl.Series([blocks["test"][end]]).str.to_date()[0] for end in ENDS)))
    names = bonds["bond_id"].unique().sort()
    out = pl.col("bond_id").is_in(names.gather_every(round(1.0 / share)).implode())
    market = bonds.filter(~out)
    counts = counted(market)
    states = advance(pricer.engine, States.none(), counts, market.filter(pl.col("date") < days[0]))[1]
    pieces = []
    for day in days:
        today = market.filter(date=day)
        asked = bonds.filter(out, date=day)
        if asked.height:
            bare = asked.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("clean_price", "dirty_price"))
            rows = MarketAsOf(pricer.engine, states, counts, today, day).ask(bare)
            quoted = pricer.quoter.quotes(rows, (day - EPOCH).days, together=False)
            pieces.append(quoted.select("bond_id", "fair_clean_price", "half_width").join(asked, on="bond_id"))
        states = advance(pricer.engine, states, counts, today)[1]
    return pl.concat(pieces).select("half_width", error=pl.col("fair_clean_price") - pl.col("clean_price"))


ENDS = ("first_date", "last_date")
EPOCH = pl.Series([0]).cast(pl.Date)[0]


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path(), help="the project; by default the working folder"
    )
    parser.add_argument("--share", type=float, default=0.1, help="of the bonds that is left out")
    arguments = parse(parser, share=0.2)
    pricer = Pricer(arguments.folder)
    found = held_out(pricer, arguments.folder, arguments.share)
    error, width = np.abs(found["error"].to_numpy()), found["half_width"].to_numpy()
    evaluation = read_json(arguments.folder / paths.METRICS / "evaluate.json")
    print("| bonds | prints | MAE, points | coverage, % | half-width, points |\n|---|---:|---:|---:|---:|")
    covered = 100.0 * (error <= width).mean()
    print(f"| left out of the market | {error.size:,} | {error.mean():.4f} | {covered:.1f} | {width.mean():.4f} |")
    for cell in evaluation["slices"]["staleness"]:
        if cell["cell"] == NEVER:
            one = cell["predictors"][pricer.champion]
            figures = f"{one['mae']:.4f} | {100 * one['coverage']:.1f} | {one['interval_width'] / 2:.4f}"
            print(f"| seen for the first time in the test block, by `evaluate` | {cell['rows']:,} | {figures} |")


if __name__ == "__main__":
    main()
