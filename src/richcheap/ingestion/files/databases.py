"""Copy the result of a query to a Parquet file: one interface, ADBC, for PostgreSQL, SQLite and DuckDB.

Rows come as Arrow batches, so that a result of any size is held a batch at a time. Who connects, and with which
password, is read by each driver from its own environment (``PGUSER``, ``PGPASSWORD``, ``~/.pgpass``).
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from pyarrow import parquet as pq

from richcheap.ingestion.errors import InputError

EXTRA = "sources"
"""Of this package: what reading from elsewhere needs."""

DRIVERS: MappingProxyType[str, str] = MappingProxyType(
    {
        "postgresql": "adbc_driver_postgresql.dbapi",
        "postgres": "adbc_driver_postgresql.dbapi",
        "sqlite": "adbc_driver_sqlite.dbapi",
        "duckdb": "adbc_driver_duckdb.dbapi",
    }
)
"""Driver of each scheme."""

GROUP_ROWS = 1 << 17
"""Rows of a row group: the bytes follow from the rows, and not from how a driver hands them on."""


def imported(module: str, what: str) -> Any:
    """Import a module of the extra `EXTRA`.

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        missing = error.name or module
        raise InputError(
            f"{what}: expected the package of {missing}, which is not installed; "
            f"python -m pip install 'richcheap[{EXTRA}]' brings it"
        ) from error


def copy_query(url: str, query: str, to: Path) -> int:
    """Write the result of a query to a Parquet file; return its rows.

    Parameters
    ----------
    url : str
        ``postgresql://host/database``, or ``sqlite:///path`` or ``duckdb:///path`` with the path of a database here
        (four slashes for one from the root).
    query : str
        In the database's SQL; its rows are kept in the order in which they come.
    to : Path
        New file.

    Raises
    ------
    InputError
        The driver is not installed, the database cannot be reached, or it refuses the query.
    """
    scheme = urlsplit(url).scheme
    driver = imported(DRIVERS[scheme], url)
    target = url
    if scheme in ("sqlite", "duckdb"):
        target = _database(url)
    try:
        with driver.connect(target) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return _write(cursor.fetch_record_batch(), to)
    except driver.Error as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{url}: expected the result of the query, got: {reason}") from error


def _database(url: str) -> str:
    """Return the path of a database's file, which must be there: a driver would make a new one."""
    path = Path(unquote(url.partition(":///")[2]))
    if not path.is_file():
        raise InputError(f"{url}: expected the file of a database at {path}, found none")
    return str(path)


def _write(batches: Any, to: Path) -> int:
    schema = pa.schema([pa.field(field.name, _plain(field.type)) for field in batches.schema])
    rows = 0
    with pq.ParquetWriter(to, schema) as writer:
        for table in _grouped(batches, schema):
            writer.write_table(table, row_group_size=GROUP_ROWS)
            rows += table.num_rows
    return rows


def _grouped(batches: Any, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield tables of `GROUP_ROWS` rows, the last of what is left."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        columns = [_storage(column).cast(kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
        held.append(pa.RecordBatch.from_arrays(columns, schema=schema))
        while sum(len(one) for one in held) >= GROUP_ROWS:
            table = pa.Table.from_batches(held, schema=schema)
            yield table.slice(0, GROUP_ROWS).combine_chunks()
            held = table.slice(GROUP_ROWS).to_batches()
    if held:
        yield pa.Table.from_batches(held, schema=schema).combine_chunks()


def _storage(column: Any) -> Any:
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type in which a value of the database's own type is kept: PostgreSQL's numeric is text."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
