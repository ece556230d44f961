"""Stage ``lists``: the morning's list, every live bond with its price, terms, peers, cash flows and history."""

import sys

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.decomposition.points import FAIR
from richcheap.evaluation.baselines import COLUMNS
from richcheap.features.baselines import LINE
from richcheap.features.repricing import Repricer
from richcheap.lists.bonds import bond_table, live_bonds
from richcheap.lists.cash_flows import cash_flow_table
from richcheap.lists.history import READ_COLUMNS, history_table
from richcheap.lists.peers import peer_table
from richcheap.options.params import OptionsParams
from richcheap.options.table import CALLABLE, PRICED, option_table, without_spread
from richcheap.pipeline.config.sections import load as load_section
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.tasks import tasks_on_workers
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_csv, write_parquet
from richcheap.pipeline.storage.tables import read_table
from richcheap.pricer import Pricer
from richcheap.pricing.price_list import ANSWER
from richcheap.relative_value.carry import TERMS

BLOCKS = (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST, paths.DATASET_LIVE)
PREDICTED = {"bond_id": pl.String, "date": pl.Date, FAIR: pl.Float64, "low": pl.Float64, "high": pl.Float64}


def main() -> None:
    """Price all live bonds as of the last date of the data; write the list and what is shown of each bond."""
    pricer = Pricer()
    as_of = pricer.last_date
    known = live_bonds(pricer.bonds, as_of)
    lines = pricer.lines(known.select("bond_id"), as_of)
    table = with_options(bond_table(lines.select([*ANSWER]), known, as_of), lines, known)
    write_parquet(table, paths.LISTED_BONDS)
    write_csv(table, paths.LISTED_BONDS.with_suffix(".csv"))
    write_parquet(peer_table(table), paths.LISTED_PEERS)
    listed = known.join(table.select("bond_id"), on="bond_id", how="semi", maintain_order="left")
    write_parquet(cash_flow_table(listed, as_of), paths.LISTED_CASH_FLOWS)
    blocks = [read_table(folder, READ_COLUMNS).with_columns(block=pl.lit(folder.name)) for folder in BLOCKS]
    rows = pl.concat(blocks).join(listed.select("bond_id"), on="bond_id", how="semi", maintain_order="left")
    write_parquet(history_table(rows, champion_prices(pricer)), paths.LISTED_HISTORY)


def with_options(table: pl.DataFrame, lines: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Add what calls are worth; say which callable bonds have no option-adjusted spread, and why."""
    priced = lines.select("bond_id", *PRICED).join(table.select("bond_id"), on="bond_id", maintain_order="left")
    bonds = priced.join(known.select("bond_id", *CALLABLE), on="bond_id", maintain_order="left")
    options = option_table(bonds, load_section(OptionsParams, "options"), tasks_on_workers("lists", load_compute()))
    if missing := without_spread(options):
        print(f"lists: {missing}; docs/options.md says what that means", file=sys.stderr)
    return table.join(options, on="bond_id", how="left", maintain_order="left")


def champion_prices(pricer: Pricer) -> pl.DataFrame:
    """Return the champion's prices of the rows that it was not fitted to, with their intervals where there are any."""
    name = pricer.champion
    if pricer.quoter.kept is None:  # too few dates to judge: the filter prices alone
        return pl.DataFrame(schema=PREDICTED)
    judged = [
        read_parquet(path, ["bond_id", "date", name, f"{name}_low", f"{name}_high"]).rename(
            {name: FAIR, f"{name}_low": "low", f"{name}_high": "high"}
        )
        for path in (paths.PREDICTIONS, paths.LIVE_PREDICTIONS)
    ]
    return pl.concat([validation_prices(name), *judged])


def validation_prices(name: str) -> pl.DataFrame:
    """Return what a predictor said of the validation block; nothing of the linear baseline, which keeps it nowhere."""
    columns = ["bond_id", "date", "currency", "base_spread", *TERMS]
    if name == LINE:
        return pl.DataFrame(schema=PREDICTED)
    if name in COLUMNS:
        price = read_table(paths.DATASET_VALIDATION, ["bond_id", "date", COLUMNS[name]])
        price = price.rename({COLUMNS[name]: FAIR})
    else:
        rows = read_table(paths.DATASET_VALIDATION, columns)
        delta_bp = read_parquet(paths.tuned_predictions(name))["prediction_bp"].to_numpy()
        repricer = Repricer.from_frame(read_parquet(paths.CURVES), available_cores())
        predicted = repricer.predicted_prices(rows, delta_bp[:, None])[:, 0]
        price = rows.select("bond_id", "date").with_columns(pl.Series(FAIR, predicted))
    no_interval = (pl.lit(None, pl.Float64).alias(end) for end in ("low", "high"))
    return price.with_columns(*no_interval)


if __name__ == "__main__":
    run(main, __doc__)
