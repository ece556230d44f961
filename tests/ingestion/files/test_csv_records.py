import csv
import gzip
import io
from pathlib import Path
from random import Random

import polars as pl
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files import csv_records
from richcheap.ingestion.files.csv_records import LONGEST_RECORD, NotUtf8Error, Records, count_records, repeated
from richcheap.ingestion.files.dialect import Dialect

HEADER = "bond_id,date,clean_price,issuer\n"
ROW = "A,2024-03-01,99.5,Acme\n"


@pytest.fixture(params=[1 << 20, 7])
def block_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a file in blocks of this size: what is found must not depend on where they end."""
    monkeypatch.setattr(csv_records, "BLOCK_BYTES", request.param)


pytestmark = pytest.mark.usefixtures("block_bytes")


def counted(folder: Path, text: str | bytes, name: str = "a.csv") -> int:
    path = folder / name
    content = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return count_records(path).rows


def refusal(folder: Path, text: str | bytes, name: str = "a.csv") -> str:
    with pytest.raises(InputError) as output:
        counted(folder, text, name)
    assert str(output.value).startswith(f"{folder / name}: ")
    return str(output.value).removeprefix(f"{folder / name}: ")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (HEADER, 0),
        (HEADER.strip(), 0),
        ("\n\r\n" + HEADER + ROW, 1),
        ("\ufeff" + HEADER + ROW, 1),
        ('\ufeff"bond_id",date,clean_price,issuer\n' + ROW, 1),
        (HEADER + ROW.strip(), 1),
        ((HEADER + ROW * 3).replace("\n", "\r\n"), 3),
        (HEADER + ROW + "\n" + ROW + "\n", 4),
        (HEADER + 'A,2024-03-01,99.5,"Acme, Inc"\n' + ROW, 2),
        (HEADER + 'A,2024-03-01,99.5,"the ""big"" one"\n' + ROW, 2),
        (HEADER + 'A,2024-03-01,99.5,"Acme\nof Ohio,\r\nUSA"\n' + ROW, 2),
        (HEADER + 'A,2024-03-01,99.5,""\r\n' + ROW, 2),
        (HEADER + 'A,2024-03-01,99.5,"Acme"', 1),
        (HEADER + "A,2024-03-01\n" + ROW, 2),
        (HEADER + "A,2024-03-01,99.5,Acmé 'of' Łódź\n", 1),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_records_are_counted(tmp_path: Path, text: str, rows: int, name: str) -> None:
    assert counted(tmp_path, text, name) == rows


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (HEADER.replace("issuer", 'issuer (5")') + ROW * 3 + 'A,2024-03-01,99.5,Pipe 5" Corp\n', 1, "a quote inside"),
        (HEADER + ROW * 3 + 'A,2024-03-01,99.5,Pipe 5" Corp\n' + ROW, 5, "a quote inside a field"),
        (HEADER + 'A,2024-03-01,99.5,the "big" one\n', 2, "a quote inside a field"),
        (HEADER + ROW + 'A,2024-03-01,99.5, "Acme"\n', 3, "a quote inside a field"),
        (HEADER + 'A,2024-03-01,99.5,"Acme" Corp\n', 2, "text after a quoted field"),
        (HEADER + 'A,2024-03-01,99.5,"Acme"" \n' + ROW, 2, "a quote is not closed"),
        (HEADER + ROW + 'A,2024-03-01,99.5,"Acme\n' + ROW * 2, 3, "a quote is not closed"),
        (HEADER + ROW + 'A,2024-03-01,99.5,"Acme\n' + ROW * 2 + 'A,2024-03-01,99.5,"Acme"\n', 6, "text after"),
        (HEADER + ROW + 'A,2024-03-01,99.5,"Acme\n' + ROW + 'A,2024-03-01,99.5,Corp"\n', 3, "holds whole records"),
        (HEADER + ROW + "A,2024-03-01,99.5,Acme, Inc\n", 3, "expected 4 fields, as in the header, got 5"),
        (HEADER + ROW + 'A,"2024\n-03-01",99.5,Acme\nA,2024-03-01,99.5,Acme,x\n', 5, "expected 4 fields"),
        (HEADER + ROW + "A,2024-03-01,99.5,Acme\r" + ROW, 3, "a line ends in CR alone"),
        ((HEADER + ROW).replace("\n", "\r"), 1, "a line ends in CR alone"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_what_can_be_read_in_two_ways_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, what: str, name: str
) -> None:
    output = refusal(tmp_path, text, name)
    assert output.startswith(f"line {line}: ")
    assert what in output
    assert "\n" not in output


def test_text_that_is_no_utf_8_is_told_from_what_is(tmp_path: Path) -> None:
    with pytest.raises(NotUtf8Error):
        counted(tmp_path, (HEADER + ROW.replace("Acme", "Société")).encode("cp1252"))


def test_empty_fields_too_many_are_none(tmp_path: Path) -> None:
    assert counted(tmp_path, HEADER + ROW.replace("\n", ",,\n") * 3) == 3


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_lines_above_the_header_are_no_records(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Prices, "as they are"\n' * lines + "\n" + HEADER.replace(",", ";") + ROW.replace(",", ";") * 2)
    assert count_records(path, Dialect(";", lines)) == Records(HEADER.strip().split(","), 2)


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_a_compressed_file_that_is_cut_off_is_refused(tmp_path: Path, cut: float) -> None:
    path = tmp_path / "a.csv.gz"
    whole = gzip.compress((HEADER + ROW * 1000).encode())
    path.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(InputError, match=r"a\.csv\.gz: not a readable gz file"):
        count_records(path)


def test_files_compressed_one_by_one_and_put_together_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode()) + gzip.compress(ROW.encode()) * 2)
    assert count_records(path).rows == 2


def test_names_stand_as_in_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('\n"bond ""id""",a,,"a"\r\n')
    header = count_records(path).header
    assert header == ['bond "id"', "a", "", "a"]
    assert repeated([*header, ""]) == {"a": "expected once, got 2 columns of that name"}


def test_a_record_that_never_ends_is_not_read_to_the_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "BLOCK_BYTES", 1 << 20)
    filler = "x" * (LONGEST_RECORD // 4) + "\n"
    output = refusal(tmp_path, HEADER + ROW + 'A,2024-03-01,99.5,"Acme\n' + filler * 100)
    assert output.startswith("line 3: a record of more than 1,048,576 bytes begins")


@pytest.mark.parametrize("seed", range(20))
def test_counts_agree_with_two_other_readers(tmp_path: Path, seed: int) -> None:
    random, path = Random(seed), tmp_path / "a.csv"
    text, columns = io.StringIO(newline=""), random.randint(2, 3)
    writer = csv.writer(text, lineterminator=random.choice(["\n", "\r\n"]), quoting=random.choice([0, 1]))
    writer.writerow([f"c{i}" for i in range(columns)])
    for _ in range(random.randint(0, 60)):
        writer.writerow(["".join(random.choices('ab ",\n', k=random.randint(0, 4))) for _ in range(columns)])
    path.write_bytes(text.getvalue().encode())
    expected = len(list(csv.reader(io.StringIO(text.getvalue(), newline="")))) - 1
    assert count_records(path).rows == expected
    assert pl.read_csv(path, infer_schema=False).height == expected
