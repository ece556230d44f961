"""Results of queries as Parquet files: SQLite and DuckDB files, and a PostgreSQL server started for the tests."""

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from pyarrow import parquet as pq

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files import databases
from richcheap.ingestion.files.databases import copy_query, imported
from richcheap.ingestion.files.readers import read_table

ROWS = [("US1", "2024-01-02", 99.5), ("US2", "2024-01-02", None), ("US1", "2024-01-03", 100.25)]
QUERY = "SELECT * FROM prices ORDER BY day, isin"


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    pytest.importorskip("adbc_driver_sqlite", reason="the extra `sources` is not installed")
    with sqlite3.connect(tmp_path / "desk.db") as base:
        base.execute("CREATE TABLE prices (isin TEXT, day TEXT, clean REAL)")
        base.executemany("INSERT INTO prices VALUES (?, ?, ?)", ROWS)
    base.close()
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A server on loopback with the table of prices; it runs as the user postgres where root runs the tests."""
    pytest.importorskip("adbc_driver_postgresql", reason="the extra `sources` is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    root = os.getuid() == 0
    if root and (shutil.which("setpriv") is None or "postgres" not in {user.pw_name for user in pwd.getpwall()}):
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if root else []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="richcheap-") as folder:
        if root:
            shutil.chown(folder, "postgres")

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, str(found[-1] / program), *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

        data = str(Path(folder) / "data")
        run("initdb", "-D", data, "-U", "desk", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(Path(folder) / "log"), "-o", options, "start")
        try:
            sql = (
                "CREATE TABLE prices (isin text, day date, clean numeric(9, 4), seen timestamptz);"
                "INSERT INTO prices VALUES ('US1', '2024-01-02', 99.5, '2024-01-02 16:00:00+01'),"
                "('US2', '2024-01-02', NULL, NULL), ('US1', '2024-01-03', 100.25, NULL)"
            )
            run("psql", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "desk", "-d", "postgres", "-c", sql)
            yield f"postgresql://desk@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def test_a_sqlite_file_gives_the_rows_of_the_query_in_its_order(sqlite: str, tmp_path: Path) -> None:
    assert copy_query(sqlite, QUERY, tmp_path / "copy.parquet") == 3
    copy = read_table(tmp_path / "copy.parquet")
    assert copy["isin"].to_list() == ["US1", "US2", "US1"]
    assert copy["clean"].to_list() == [99.5, None, 100.25]


def test_a_duckdb_file_gives_its_types(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra `sources` is not installed")
    with duckdb.connect(str(tmp_path / "desk.duckdb")) as base:
        base.execute("CREATE TABLE prices AS SELECT 'US1' isin, DATE '2024-01-02' AS day, 99.5::DECIMAL(9, 4) clean")
    url = f"duckdb:///{tmp_path / 'desk.duckdb'}"
    assert copy_query(url, QUERY, tmp_path / "copy.parquet") == 1
    copy = read_table(tmp_path / "copy.parquet")
    assert copy.schema["day"] == pl.Date()
    assert float(copy["clean"][0]) == 99.5


def test_a_postgresql_server_gives_dates_zoned_times_and_exact_numbers(postgresql: str, tmp_path: Path) -> None:
    assert copy_query(postgresql, QUERY, tmp_path / "copy.parquet") == 3
    copy = read_table(tmp_path / "copy.parquet")
    assert copy.schema["day"] == pl.Date()
    assert copy["clean"].cast(pl.Float64).to_list() == [99.5, None, 100.25]
    assert str(copy["seen"][0]).startswith("2024-01-02 15:00")


def test_equal_results_give_equal_bytes_in_row_groups_of_one_size(
    sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "GROUP_ROWS", 1000)
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i, 'x' || i x FROM n"
    copies = [tmp_path / f"{number}.parquet" for number in range(2)]
    assert [copy_query(sqlite, query, copy) for copy in copies] == [2500, 2500]
    assert copies[0].read_bytes() == copies[1].read_bytes()
    held = pq.ParquetFile(copies[0]).metadata
    assert [held.row_group(i).num_rows for i in range(held.num_row_groups)] == [1000, 1000, 500]


def test_a_result_without_rows_keeps_its_columns(sqlite: str, tmp_path: Path) -> None:
    assert copy_query(sqlite, "SELECT isin, clean FROM prices WHERE 0", tmp_path / "copy.parquet") == 0
    assert read_table(tmp_path / "copy.parquet").columns == ["isin", "clean"]


def test_what_a_database_refuses_is_one_line(sqlite: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected the result of the query, got: .*no such table: trades") as caught:
        copy_query(sqlite, "SELECT * FROM trades", tmp_path / "copy.parquet")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"expected the file of a database at .*none.db, found none$"):
        copy_query(f"sqlite:///{tmp_path / 'none.db'}", QUERY, tmp_path / "copy.parquet")


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("adbc_driver_postgresql", reason="the extra `sources` is not installed")
    with pytest.raises(InputError, match=r"^postgresql://127.0.0.1:1/desk: expected the result of the query, got: "):
        copy_query("postgresql://127.0.0.1:1/desk", QUERY, tmp_path / "copy.parquet")


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_sqlite.dbapi", None)
    with pytest.raises(
        InputError, match=r"^sqlite:///x.db: expected the package of adbc_driver_sqlite.dbapi, which is "
    ):
        imported("adbc_driver_sqlite.dbapi", "sqlite:///x.db")
