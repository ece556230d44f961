import gzip
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files import json_lines, readers
from richcheap.ingestion.files.arrow_files import read_arrow
from richcheap.ingestion.files.csv_records import Records
from richcheap.ingestion.files.dialect import FOUND
from richcheap.ingestion.files.readers import open_source, read_pieces, read_table
from tests.ingestion.samples import take, typed


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a table as the kind of file that its name says."""
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.name.startswith("stream"):
        frame.write_ipc_stream(path)
    else:
        frame.write_ipc(path)


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.csv.gz", "a.parquet", "a.arrow", "a.feather", "stream.arrow"])
def test_every_kind_of_file_gives_the_same_observations(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = typed()
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(frame.write_csv().encode()))
    elif name.lower().endswith(".csv"):
        frame.write_csv(path)
    else:
        write(frame, path)
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
    path = tmp_path / "prices.pdf"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"prices\.pdf: expected \.csv, .*\.parquet, .*, got '\.pdf'"):
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


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_from_the_file(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("bond_id;date;clean_price\nA;2024-01-01;99.5\n".replace(";", separator))
    assert read_table(path).rows() == [("A", "2024-01-01", "99.5")]


def test_nested_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"bond_id": [["A"]]}).write_parquet(path)
    with pytest.raises(InputError, match="column 'bond_id': expected plain values, got List"):
        read_table(path)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_column_that_stands_twice_is_refused_where_it_is_asked_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("bond_id,coupon_rate,,coupon_rate,\nA,0.04,,0.05,\n")
    else:
        text = [pa.array([value]) for value in ("A", "0.04", "", "0.05", "")]
        pq.write_table(pa.Table.from_arrays(text, ["bond_id", "coupon_rate", "", "coupon_rate", ""]), path)
    (file,) = open_source(path, FOUND, tmp_path)
    assert file.empty.columns == ["bond_id", "coupon_rate"]
    assert pl.concat(read_pieces(file, 10, ["bond_id"])).rows() == [("A",)]
    with pytest.raises(InputError, match=r"column 'coupon_rate': expected once, got 2 columns of that name$"):
        list(read_pieces(file, 10, ["bond_id", "coupon_rate"]))
    with pytest.raises(InputError, match="column 'coupon_rate': expected once"):
        read_table(path)


@pytest.mark.parametrize("zone", ["+05:30", "Mars/Base", "Europe/Berlin"])
def test_the_zone_of_a_column_that_is_not_read_does_not_matter(tmp_path: Path, zone: str) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"bond_id": ["A"], "loaded": pa.array([0], pa.timestamp("us", zone))}), path)
    (file,) = open_source(path, FOUND, tmp_path)
    assert pl.concat(read_pieces(file, 10, ["bond_id"])).rows() == [("A",)]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "stream.ipc"])
def test_times_of_a_zone_are_local_in_every_kind_of_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    local = datetime(2024, 3, 20, 16, 30)  # noqa: DTZ001 - of the zone below
    frame = pl.DataFrame({"date": [local]}).select(pl.col("date").dt.replace_time_zone("Asia/Tokyo"))
    write(frame, path)
    assert read_table(path)["date"].to_list() == [local]


def test_an_unknown_zone_of_a_column_that_is_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"date": pa.array([0], pa.timestamp("us", "Mars/Base"))}), path)
    with pytest.raises(InputError, match=r"column 'date': expected a time zone such as .* got 'Mars/Base'$"):
        read_table(path)


def test_quotes_out_of_place_lose_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"B{i},99.5,Acme" for i in range(20)]
    rows[12] = 'B12,99.5,Pipe 5" Corp'
    path.write_text("\n".join(['bond_id,clean_price,issuer (5")', *rows, ""]))
    with pytest.raises(InputError, match=r"a\.csv: line 1: a quote inside a field"):
        open_source(path, FOUND, tmp_path)
    path.write_text("\n".join(["bond_id,clean_price,issuer", *rows, ""]))
    with pytest.raises(InputError, match=r"a\.csv: line 14: a quote inside a field"):
        open_source(path, FOUND, tmp_path)


def test_line_breaks_in_quotes_lose_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbf"bond_id",issuer\r\nA,"Acme\r\nof ""Ohio"", USA"\r\n\r\nB,\r\n')
    assert read_table(path).rows() == [("A", 'Acme\r\nof "Ohio", USA'), (None, None), ("B", None)]


def test_a_field_too_many_is_told_even_behind_the_columns_that_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("bond_id,clean_price,issuer\nA,99,Acme\nB,98,Acme, Inc\n")
    with pytest.raises(InputError, match=r"a\.csv: line 3: expected 3 fields, as in the header, got 4"):
        open_source(path, FOUND, tmp_path)


def test_fewer_rows_than_were_counted_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("bond_id\nA\nB\n")
    monkeypatch.setattr(readers, "count_records", lambda *_: Records(["bond_id"], 3))
    (file,) = open_source(path, FOUND, tmp_path)
    with pytest.raises(InputError, match=r"changed while it was read: expected 3 rows, got 2"):
        list(read_pieces(file, 10, ["bond_id"]))


def test_a_parquet_file_without_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({}), path)
    with pytest.raises(InputError, match="expected columns with names, got none"):
        read_table(path)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_an_empty_file_that_is_no_csv_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read_table(tmp_path / name)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "stream.ipc"])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(typed(20), path)
    whole = path.read_bytes()
    for end in range(1, len(whole) - 8, 97):  # the last bytes of a stream only say that it ends
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=rf"{name}: not a readable"):
            read_table(path)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.arrow"])
@pytest.mark.parametrize("deed", ["written to", "cut", "taken away"])
def test_a_file_that_changes_between_pieces_is_refused(tmp_path: Path, name: str, deed: str) -> None:
    path = tmp_path / name
    frame = pl.DataFrame({"a": [*range(100)]})
    frame.write_csv(path) if name == "a.csv" else write(frame, path)
    (file,) = open_source(path, FOUND, tmp_path)
    pieces = read_pieces(file, 10, ["a"])
    next(pieces)
    if deed == "taken away":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"1\n" if deed == "written to" else b"a\n1\n")
    with pytest.raises(InputError, match=rf"{name}: changed while it was read; run again"):
        next(pieces)


@pytest.mark.parametrize("name", ["a.arrow", "a.feather"])
def test_what_is_mapped_into_memory_is_no_file_that_others_cut(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(pl.DataFrame({"a": [*range(100)]}), path)
    (file,) = open_source(path, FOUND, tmp_path)
    pieces = read_arrow(file.data, ["a"], 10)
    first = next(pieces)
    path.write_bytes(b"")
    assert pl.concat([first, *pieces])["a"].to_list() == [*range(100)]


def test_records_of_json_that_are_too_long_or_too_deep_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 1000)
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "x"}\n' * 500 + '{"a": "%s"}\n' % ("x" * 980))
    assert read_table(path).height == 501
    path.write_text('{"a": "x"}\n{"a": "%s"}\n' % ("x" * 1001))
    with pytest.raises(InputError, match=r"a\.jsonl: line 2: expected a record of at most 1,000 bytes"):
        read_table(path)
    deep = tmp_path / "a.json"
    deep.write_text('{"a": ' + "[" * 2000 + "]" * 2000 + "}")
    with pytest.raises(InputError, match=r"a\.json: not a readable json file: "):
        read_table(deep)
