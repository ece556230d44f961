from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import Options
from richcheap.ingestion.reading import source as reading
from richcheap.ingestion.reading.source import Piece, Source, joined
from tests.ingestion.samples import table
from tests.ingestion.test_params import GOOD


def folder_of(path: Path, frames: Sequence[pl.DataFrame], names: Sequence[str] = ()) -> Path:
    """Write tables as files of a folder, in order."""
    path.mkdir()
    for number, frame in enumerate(frames):
        name = names[number] if names else f"{number:02d}.parquet"
        frame.write_parquet(path / name) if name.endswith(".parquet") else frame.write_csv(path / name)
    return path


def rows(count: int, **values: str) -> pl.DataFrame:
    return table(*({"bond_id": f"B{number}", **values} for number in range(count)))


def source_of(folder: Path, known: Sequence[int] = (), **changes: Any) -> Source:
    params = DataParams(**{**GOOD, "observations": str(folder), **changes})
    options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
    (folder.parent / "copies").mkdir(exist_ok=True)
    return Source(folder, MAPPINGS["richcheap"], options, folder.parent / "copies", known=known)


def places(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return the first row and the rows of each piece."""
    return [(piece.first_row, piece.frame.height) for piece in pieces]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_small_files_that_are_alike_are_one_piece_but_for_the_last(tmp_path: Path, suffix: str) -> None:
    frames = [rows(3), rows(1), rows(4), rows(2)]
    source = source_of(folder_of(tmp_path / "prices", frames, [f"{i}.{suffix}" for i in range(4)]))
    piece, last = joined(source.pieces(100), 100)
    assert (piece.first_row, piece.frame.height, piece.in_last) == (1, 8, False)
    assert (last.first_row, last.frame.height, last.in_last) == (9, 2, True)
    assert piece.frame["bond_id"].to_list() == pl.concat(frames[:3])["bond_id"].to_list()
    assert piece.frame.n_chunks() == 1
    assert (source.rows, source.file_rows) == (10, [3, 1, 4, 2])


def test_files_that_are_known_are_counted_and_not_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "prices", [rows(3), rows(1), rows(4)])
    source = source_of(folder, known=[3, 1])
    assert places([*joined(source.pieces(100), 100)]) == [(5, 4)]
    assert (source.rows, source.file_rows, source.describe()["files"]) == (8, [3, 1, 4], 3)


def test_a_piece_has_no_more_rows_than_may_be_held(tmp_path: Path) -> None:
    source = source_of(folder_of(tmp_path / "prices", [rows(count) for count in (3, 3, 9, 2, 2, 2)]))
    assert places([*joined(source.pieces(4), 4)]) == [(1, 3), (4, 3), (7, 4), (11, 4), (15, 3), (18, 2), (20, 2)]
    assert places([*joined(source.pieces(100), 7)]) == [(1, 6), (7, 9), (16, 4), (20, 2)]


def test_a_piece_has_no_more_bytes_than_may_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(folder_of(tmp_path / "prices", [rows(10)] * 4))
    size = int(next(source.pieces(100)).frame.estimated_size())
    monkeypatch.setattr(reading, "JOINED_BYTES", int(2.5 * size))
    assert places([*joined(source.pieces(100), 100)]) == [(1, 20), (21, 10), (31, 10)]


def test_files_of_other_columns_or_types_are_pieces_of_their_own(tmp_path: Path) -> None:
    plain = rows(2)
    priced = plain.with_columns(pl.col("clean_price").cast(pl.Float64))
    wider = plain.with_columns(volume=pl.lit("1000"))
    source = source_of(folder_of(tmp_path / "prices", [plain, plain, priced, wider, wider, plain]))
    assert places([*joined(source.pieces(100), 100)]) == [(1, 4), (5, 2), (7, 4), (11, 2)]


def test_files_whose_names_say_the_date_are_put_together_as_well(tmp_path: Path) -> None:
    names = ["p_2024-03-04.csv", "p_2024-03-05.csv", "p_2024-03-06.csv"]
    source = source_of(folder_of(tmp_path / "prices", [rows(2).drop("date")] * 3, names))
    piece, _ = joined(source.pieces(100), 100)
    days = piece.layout.canonical(piece.frame, 1)["date"].to_list()
    assert days == ["2024-03-04", "2024-03-04", "2024-03-05", "2024-03-05"]
    assert [table.date_in_name for table in source.tables] == ["2024-03-04", "2024-03-05", "2024-03-06"]


def test_a_file_whose_name_does_not_say_the_date_needs_a_column(tmp_path: Path) -> None:
    frames = [rows(2).drop("date")] * 2
    with pytest.raises(InputError, match=r"prices\.csv: column 'date' .* is missing"):
        source_of(folder_of(tmp_path / "days", frames, ["p_2024-03-04.csv", "prices.csv"]))


def test_a_date_for_all_rows_gives_way_to_that_in_a_later_files_name(tmp_path: Path) -> None:
    frames, names = [rows(1).drop("date")] * 2, ["first.csv", "p_2024-03-05.csv"]
    source = source_of(folder_of(tmp_path / "prices", frames, names), constants={"date": "2024-02-01"})
    days = [piece.layout.canonical(piece.frame, 1)["date"][0] for piece in joined(source.pieces(100), 100)]
    assert days == ["2024-02-01", "2024-03-05"]


def test_the_first_file_with_a_column_of_another_type_is_named(tmp_path: Path) -> None:
    flagged = rows(1).with_columns(clean_price=pl.lit(True))
    folder = folder_of(tmp_path / "prices", [rows(1), rows(1), flagged, flagged])
    with pytest.raises(InputError, match=r"02\.parquet: column 'clean_price'"):
        source_of(folder)
