import gzip
from pathlib import Path

import polars as pl
import pytest

from stages.ingestion.errors import InputError
from stages.ingestion.readers import read_table
from tests.ingestion.samples import take, typed


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.csv.gz", "a.parquet", "a.arrow", "a.feather", "stream.arrow"])
def test_every_kind_of_file_gives_the_same_observations(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = typed()
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(frame.write_csv().encode()))
    elif name.lower().endswith(".csv"):
        frame.write_csv(path)
    elif name.endswith(".parquet"):
        frame.write_parquet(path)
    elif name == "stream.arrow":
        frame.write_ipc_stream(path)
    else:
        frame.write_ipc(path)
    assert take(read_table(path)).accepted.equals(take(frame).accepted)


def test_an_empty_field_is_null_and_na_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("bond_id,clean_price\nA,\nB,n/a\n")
    assert read_table(path)["clean_price"].to_list() == [None, "n/a"]


def test_categories_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    typed().with_columns(pl.col("bond_id").cast(pl.Categorical)).write_parquet(path)
    assert read_table(path).schema["bond_id"] == pl.String


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv: no such file"):
        read_table(tmp_path / "nowhere.csv")


def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "prices.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"prices\.xlsx: expected \.csv, .*\.parquet, .*, got '\.xlsx'"):
        read_table(path)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.csv.gz"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x1f\x8b not at all \xff\xfe\x00" * 20)
    with pytest.raises(InputError, match=f"{name}: not a readable "):
        read_table(path)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")
    with pytest.raises(InputError, match="the file is empty"):
        read_table(path)


def test_fields_separated_by_semicolons_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("bond_id;date;clean_price\nA;2024-01-01;99\n")
    with pytest.raises(InputError, match=r"expected fields separated by ',', got 'bond_id;date;clean_price'"):
        read_table(path)


def test_nested_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"bond_id": [["A"]]}).write_parquet(path)
    with pytest.raises(InputError, match="column 'bond_id': expected plain values, got List"):
        read_table(path)
