"""Open a project that has run, and price a list of bonds with it.

    richcheap price BONDS [--as-of DATE] [-o OUT]

It is no stage of the pipeline: it runs nothing, and writes nothing but what it is asked to.
"""

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from dvc_parallel.status.since_run import data_since, params_since
from dvc_parallel.system.atomic_write import write_atomic
from richcheap.arguments import checked_date
from richcheap.command_line import parsers
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import read_table
from richcheap.pipeline.errors import ArtifactError, DataError, ParamsError, machine_fault
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_csv, write_parquet, write_text
from richcheap.pricer import Pricer
from richcheap.pricing.price_list import ANSWER
from richcheap.reporting.charts.notebook import Bond

SHOWN = {
    "bond_id": "bond",
    "fair_clean_price": "fair",
    "low": "low",
    "high": "high",
    "yield": "yield, %",
    "spread_bp": "spread, bp",
    "dv01": "DV01",
    "own_clean_price": "price",
    "innovation_bp": "innovation, bp",
    "relative_value_bp": "relative value, bp",
    "flag": "flag",
    "confidence": "confidence",
    "said": "why",
}
"""Columns of the table on the terminal, and their titles; a file has all."""
SCREEN = 400
"""Characters of a line, which a terminal may break."""
LISTED = (paths.LISTED_BONDS, paths.LISTED_PEERS, paths.LISTED_CASH_FLOWS, paths.LISTED_HISTORY)
READS: Mapping[str, str] = {
    "data": "ingest",
    "market": "market",
    "kalman": "kalman",
    "features": "features",
    "evaluate": "evaluate",
    "seed": "evaluate",
    "signals": "signals",
}
"""Sections of the params that a price is made with, and for each a stage that has run with them."""


class Project(Pricer):
    """A project that has run: prices of any bond, and what there is of the live ones, with pictures."""

    def bond(self, bond_id: str) -> Bond:
        """Return a live bond as of the last run: its price, terms, parts, peers, cash flows and prints, and pictures.

        Raises
        ------
        DataError
            It is not on the list of live bonds.
        ArtifactError
            There is no list.
        """
        listed, peers, flows, history = (read_parquet(self.folder / file) for file in LISTED)
        own = listed.filter(bond_id=bond_id)
        if own.is_empty():
            raise DataError(
                f"bond_id: expected one of the {listed.height:,} live bonds of {paths.LISTED_BONDS}, got {bond_id!r}; "
                "price() answers for any other"
            )
        near = peers.filter(bond_id=bond_id).sort("rank").select(bond_id="peer_id")
        return Bond(
            price=own.select([*ANSWER]),
            terms=own.select("bond_id", *(name for name in listed.columns if name not in ANSWER)),
            peers=near.join(listed, on="bond_id", how="left", maintain_order="left"),
            cash_flows=flows.filter(bond_id=bond_id).drop("bond_id"),
            history=history.filter(bond_id=bond_id).drop("bond_id"),
        )


class DataChangedWarning(UserWarning):
    """The data are no longer those that the project ran with."""


def load(folder: str | os.PathLike[str] = ".") -> Project:
    """Open a project that has run, to ask it for prices and to look at its bonds.

    Warns when the data have changed since the run: prices are of what they were.

    Parameters
    ----------
    folder : str or Path
        The project's folder; by default the working folder.

    Raises
    ------
    ParamsError
        Params that prices are made with are not those of the run: a price would be of neither.
    RichcheapError
        The folder is no project, or one that has not run to its end.
    """
    pricer = Project(Path(folder))
    changed = params_since(pricer.folder, READS)
    if changed:
        first, more = changed[0], f", and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise ParamsError(
            f"{first.file}: {first.key}: expected {first.old!r}, with which the project ran, got {first.new!r}{more}; "
            "run `dvc repro`, or put it back"
        )
    for data in data_since(pricer.folder, READS["data"]):
        warnings.warn(
            f"{data.path}: {data.state} since the project ran; prices are of the data until {pricer.last_date} as they "
            "were, `dvc repro` takes the change in",
            DataChangedWarning,
            stacklevel=2,
        )
    return pricer


def _write_arrow(answer: pl.DataFrame, path: Path) -> None:
    write_atomic(path, answer.write_ipc)


def _write_json(answer: pl.DataFrame, path: Path) -> None:
    write_text(answer.write_json() + "\n", path)


WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": write_csv,
    ".parquet": write_parquet,
    ".arrow": _write_arrow,
    ".feather": _write_arrow,
    ".json": _write_json,
}


def main(arguments: Sequence[str]) -> None:
    """Print prices, or write them to a file.

    Raises
    ------
    RichcheapError
        The list, the date, the project or the file to be written cannot be used.
    """
    asked = parsers.price().parse_args(arguments)
    if asked.out is not None and asked.out.suffix.lower() not in WRITERS:
        raise ParamsError(f"{asked.out}: expected a name that ends in {', '.join(WRITERS)}")
    as_of = None if asked.as_of is None else checked_date(asked.as_of)
    try:
        table = read_table(asked.bonds)
    except InputError as error:
        raise DataError(str(error)) from error
    with warnings.catch_warnings(record=True, action="always") as noted:
        pricer = load()
    for one in noted:
        if issubclass(one.category, DataChangedWarning):
            print(f"warning: {one.message}", file=sys.stderr)
    answer = pricer.price(table, as_of)
    if asked.out is None:
        print(shown(answer))
    else:
        _write(answer, asked.out)
    priced = answer.filter(pl.col("status") == "priced").height
    print(f"{pricer!r}: {priced:,} of {answer.height:,} lines priced", file=sys.stderr)


def _write(answer: pl.DataFrame, path: Path) -> None:
    try:
        WRITERS[path.suffix.lower()](answer, path)
    except OSError as error:
        if machine_fault(error) is not None:
            raise
        raise ArtifactError(f"{path}: cannot be written: {error.strerror or error}") from error


def shown(answer: pl.DataFrame) -> str:
    """Return the main columns of an answer as a table."""
    table = answer.with_columns(pl.col("yield") * 100.0, said=pl.coalesce("reason", "confidence_reasons")).select(
        pl.col(name).alias(title) for name, title in SHOWN.items()
    )
    settings = pl.Config(
        tbl_formatting="ASCII_MARKDOWN",
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=SCREEN,
        fmt_str_lengths=SCREEN,
        float_precision=3,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_cell_numeric_alignment="RIGHT",
    )
    with settings:
        return str(table).replace("null", "    ")
