"""`richcheap fetch`: copies pinned by their hash, what has changed said, params that say where they are from."""

import json
import sqlite3
from pathlib import Path

import pytest

from richcheap import fetch
from richcheap.ingestion.files.readers import read_table
from richcheap.ingestion.params import DataParams
from richcheap.params import main as write_params
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError, ParamsError

pytest.importorskip("adbc_driver_sqlite", reason="the extra `sources` is not installed")
QUERY = "SELECT * FROM prices ORDER BY bond_id"
COPY = Path("training_data/fetched/observations.parquet")
PIN = Path("training_data/fetched/observations.origin.json")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project_root: Path) -> Path:
    """A database beside a project that has nothing but its params."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes((project_root / "params.yaml").read_bytes())
    write_params([])
    path = tmp_path / "desk.db"
    execute(path, "CREATE TABLE prices (bond_id TEXT, clean_price REAL)", "INSERT INTO prices VALUES ('A', 99.5)")
    return path


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_the_result_of_a_query_is_pinned_and_what_changed_is_said(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{base}"
    fetch.main([url, "--query", QUERY])
    assert "observations: new, " in capsys.readouterr().out
    params, pin = load(DataParams, "data"), json.loads(PIN.read_text(encoding="utf-8"))
    assert params.observations == str(COPY)
    assert params.origins == {"observations": {"url": url, "query": QUERY}}
    assert (pin["url"], pin["query"], len(pin["sha256"])) == (url, QUERY, 64)
    written = COPY.stat().st_mtime_ns
    fetch.main(["--check"])
    fetch.main([])
    assert capsys.readouterr().out.count("observations: unchanged, ") == 2
    assert COPY.stat().st_mtime_ns == written
    execute(base, "INSERT INTO prices VALUES ('B', 101)")
    with pytest.raises(DataError, match=r"^observations: expected what was fetched before; richcheap fetch takes"):
        fetch.main(["--check"])
    assert COPY.stat().st_mtime_ns == written
    assert read_table(COPY).height == 1
    capsys.readouterr()
    fetch.main([])
    assert "observations: changed, from " in capsys.readouterr().out
    assert read_table(COPY)["bond_id"].to_list() == ["A", "B"]
    COPY.write_bytes(b"torn")
    fetch.main([])
    assert "observations: the copy was changed here; the source is as it was, " in capsys.readouterr().out
    assert read_table(COPY).height == 2


def test_terms_and_curve_are_fetched_beside(base: Path) -> None:
    fetch.main([f"sqlite:///{base}", "--query", QUERY, "--as", "terms"])
    fetch.main([f"sqlite:///{base}", "--query", QUERY, "--as", "curve"])
    params = load(DataParams, "data")
    assert (params.terms, params.curve) == (
        "training_data/fetched/terms.parquet",
        "training_data/fetched/curve.parquet",
    )
    assert sorted(params.origins) == ["curve", "terms"]


def test_nothing_to_fetch_and_a_password_are_one_line(base: Path) -> None:
    with pytest.raises(DataError, match=r"^data.origins: expected what to fetch, got nothing"):
        fetch.main([])
    with pytest.raises(DataError, match=r"^richcheap fetch: expected an address without a password") as caught:
        fetch.main(["postgresql://desk:secret@db.example/x", "--query", QUERY])
    assert "secret" not in str(caught.value)


def test_an_address_in_the_params_is_refused_with_the_command_that_takes_it_in(base: Path) -> None:
    params = Path("params.yaml")
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("training_data/simulated/observations.parquet", "s3://desk/prices.csv"), "utf-8")
    with pytest.raises(
        ParamsError, match=r"must be a path here, got 's3://desk/prices.csv'; `richcheap fetch 's3://desk/"
    ):
        load(DataParams, "data")
