"""What a program hands over as a list of bonds, as a table: a data frame, or identifiers in any kind of sequence."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import pyarrow as pa
from polars.exceptions import PolarsError

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.csv_records import repeated

IDENTIFIER = "bond_id"
WANTED = "bonds: expected a data frame, or a list of identifiers as text"


def of_pandas(given: object) -> bool:
    """Tell what pandas made, which need not be installed."""
    return type(given).__module__.partition(".")[0] == "pandas"


def table_of(given: Any) -> pl.DataFrame:
    """Return a list of bonds as a table.

    Parameters
    ----------
    given : DataFrame, Series or iterable
        A data frame of polars (lazy or not) or pandas, an Arrow table, columns or rows as dictionaries; or identifiers.

    Raises
    ------
    InputError
        It is none of these, or holds what cannot stand in a table.
    """
    try:
        return _frame(given)
    except InputError:
        raise
    except (PolarsError, pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{WANTED}, got {type(given).__name__}: {reason}") from error


def _frame(given: Any) -> pl.DataFrame:
    if isinstance(given, pl.DataFrame | pl.LazyFrame):
        return given.lazy().collect()
    if isinstance(given, pa.Table | Mapping):
        return pl.DataFrame(given, strict=False)
    if of_pandas(given) and hasattr(given, "to_frame"):  # a series or an index
        return _from_pandas(given.to_frame(name=IDENTIFIER))
    if of_pandas(given) and hasattr(given, "columns"):
        return _from_pandas(given)
    return _from_rows(given)


def _from_rows(given: Any) -> pl.DataFrame:
    """Return rows that are dictionaries, or identifiers."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{WANTED}, got {given!r:.80}")
    rows = [*given]
    if rows and all(isinstance(row, Mapping) for row in rows):
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)
    for number, row in enumerate(rows, 1):
        if row is not None and not isinstance(row, str):
            raise InputError(f"{WANTED}, got {row!r:.80} at line {number}")
    return pl.DataFrame({IDENTIFIER: pl.Series(rows, dtype=pl.String)})


def _from_pandas(frame: Any) -> pl.DataFrame:
    """Return a frame of pandas; columns that hold values of several kinds become text."""
    for name, fault in repeated(str(name) for name in frame.columns).items():
        raise InputError(f"column '{name}': {fault}")
    columns = {}
    for name, values in frame.items():
        try:
            columns[str(name)] = pl.from_pandas(values)
        except (TypeError, pa.ArrowException):
            columns[str(name)] = pl.from_pandas(values.map(str, na_action="ignore"))
    return pl.DataFrame(columns)
