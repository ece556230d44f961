"""Read a table from CSV, Parquet or Arrow; whatever is wrong with the file is one clear line."""

from pathlib import Path

import polars as pl
from polars.exceptions import NoDataError, PolarsError

from stages.ingestion.errors import InputError

CSV = (".csv", ".csv.gz")
PARQUET = (".parquet",)
ARROW = (".arrow", ".feather", ".ipc")


def read_table(path: Path) -> pl.DataFrame:
    """Read a whole table.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.csv.gz`` (read as text, an empty field is null), ``.parquet``, ``.arrow``,
        ``.feather`` or ``.ipc``.

    Returns
    -------
    DataFrame
        As in the file; dictionary-encoded text is text.

    Raises
    ------
    InputError
        The file is missing, empty, of another kind or broken.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    kind = path.name.lower()
    try:
        if kind.endswith(CSV):
            frame = pl.read_csv(path, infer_schema=False)
        elif kind.endswith(PARQUET):
            frame = pl.read_parquet(path, glob=False)
        elif kind.endswith(ARROW):
            frame = _read_arrow(path)
        else:
            raise InputError(f"{path}: expected {', '.join((*CSV, *PARQUET, *ARROW))}, got '{path.suffix}'")
    except NoDataError:
        raise InputError(f"{path}: the file is empty") from None
    except (PolarsError, OSError) as error:
        raise InputError(f"{path}: not a readable {path.suffix[1:]} file: {str(error).splitlines()[0]}") from error
    _check_types(path, frame)
    return frame.with_columns(pl.selectors.categorical().cast(pl.String), pl.selectors.enum().cast(pl.String))


def _read_arrow(path: Path) -> pl.DataFrame:
    try:
        return pl.read_ipc(path)
    except PolarsError:
        return pl.read_ipc_stream(path)


def _check_types(path: Path, frame: pl.DataFrame) -> None:
    for name, dtype in frame.schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
            raise InputError(f"{path}: column '{name}': expected plain values, got {dtype}")
    if frame.width == 1 and ";" in frame.columns[0]:
        raise InputError(f"{path}: expected fields separated by ',', got '{frame.columns[0][:60]}'")
