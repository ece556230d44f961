import io
import zipfile
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files import unpacked
from richcheap.ingestion.files.readers import read_table
from richcheap.ingestion.files.unpacked import refuse_bombs


def workbook(path: Path, sheet: str) -> Path:
    """Write a workbook of which the sheet's text is another."""
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            is_sheet = entry.filename == "xl/worksheets/sheet1.xml"
            after.writestr(entry.filename, f"<worksheet>{sheet}</worksheet>" if is_sheet else before.read(entry))
    return path


def test_a_cell_in_the_farthest_corner_is_refused(tmp_path: Path) -> None:
    far = "<row r='1048576'><c s='1' r='XFD1048576'><v>1</v></c></row>"
    path = workbook(tmp_path / "a.xlsx", "<row r='1'><c r='A1'><v>1</v></c></row>" + far)
    with pytest.raises(InputError, match=r"a\.xlsx: .*at most 33,554,432 cells, got 1,048,576 rows of 16,384 columns"):
        read_table(path)


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_a_text_that_is_too_long_is_refused_wherever_blocks_end(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "_BLOCK_BYTES", block)
    monkeypatch.setattr(unpacked, "LONGEST_TEXT", 1000)
    refuse_bombs(workbook(tmp_path / "a.xlsx", f"<t>{'x' * 990}</t>" * 9))
    with pytest.raises(InputError, match=r"expected texts of at most 1,000 bytes"):
        refuse_bombs(workbook(tmp_path / "a.xlsx", f"<t>{'x' * 1001}</t>"))


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "MAX_BYTES", 100_000)
    with pytest.raises(InputError, match=r"at most 100,000 bytes when it is unpacked, got 2\d\d,\d\d\d"):
        refuse_bombs(workbook(tmp_path / "a.xlsx", "<v/>" * 50_000))


def test_what_is_no_archive_is_left_to_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0 of old")
    refuse_bombs(path)
