"""The stage's outputs do not depend on how its source is cut: into pieces, into files, among threads."""

import gzip
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, ipc

from richcheap.ingestion import two_pass
from richcheap.ingestion.params import DataParams
from richcheap.pipeline.storage import paths, tables
from stages import ingest as stage
from tests.ingestion.samples import PLAIN, table
from tests.ingestion.test_params import GOOD

Ingest = Callable[[str, int], dict[str, bytes]]

FAULTS: list[dict[str, str | None]] = [
    {"clean_price": "tbd"},
    {"maturity_date": "2001-01-01"},
    {"coupon_rate": "4.75"},
    {"bond_id": None},
    {"call_schedule": "soon"},
    {"date": "yesterday"},
]


def observations(seed: int = 7, dates: int = 50, bonds: int = 16) -> pl.DataFrame:
    """Return rows of three months in no order, one in twenty faulty, one in ten given twice or more."""
    random, rows = Random(seed), []
    for day in range(dates):
        for bond in range(bonds):
            row: dict[str, str | None] = {
                "bond_id": f"B{bond:02d}",
                "date": str(date(2024, 1, 1) + timedelta(days=day)),
                "clean_price": f"{random.uniform(80, 120):.3f}",
                "coupon_rate": f"{0.01 + bond / 1000:.3f}",
                "currency": random.choice(["USD", "EUR", "ITL", None]),
                "call_schedule": "2028-05-15@102; 2029-05-15" if bond % 5 == 0 else None,
            }
            if random.random() < 0.05:
                row |= random.choice(FAULTS)
            rows += [row] * (1 if random.random() < 0.9 else random.randint(2, 3))
    random.shuffle(rows)
    return table(*({**row, "volume": str(i)} for i, row in enumerate(rows)))


@pytest.fixture
def ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    """Return a function that ingests a file or folder, so many rows at a time, and returns all outputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tables.divide, "__defaults__", (100,))
    monkeypatch.setattr(two_pass, "BLOCK_ROWS", 150)
    (tmp_path / "curve.csv").write_text("date,tenor_years,rate,kind\n")

    def run(observations: str, rows: int) -> dict[str, bytes]:
        params = DataParams(**{**GOOD, "observations": observations, "curve": "curve.csv", "max_rejected_share": 0.7})
        shutil.rmtree(paths.INGEST_STATE, ignore_errors=True)  # tests/stages/test_ingest_next_day.py goes on from it
        stage.ingest(params, rows)
        outputs = [paths.OBSERVATIONS.glob("*"), paths.QUARANTINE.glob("*"), [paths.BENCHMARK_CURVE]]
        written = [*map(tmp_path.joinpath, chain(*outputs)), *tmp_path.glob("metrics/*")]
        return {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in sorted(written)}

    return run


def split(frame: pl.DataFrame, folder: Path, files: int) -> None:
    """Write a table as so many files, whose names are in the order of its rows."""
    folder.mkdir()
    size = -(-frame.height // files)
    for number in range(files):
        frame.slice(number * size, size).write_csv(folder / f"{number:02d}.csv")


def zip_csv(frame: pl.DataFrame, path: Path) -> None:
    path.write_bytes(gzip.compress(frame.write_csv().encode()))


def without_files(outputs: Mapping[str, bytes], folder: Path) -> dict[str, object]:
    """Return outputs with what tells of the files left out: the quarantine's places, and how the source is written."""
    output: dict[str, object] = {}
    for name, content in outputs.items():
        if "quarantine" in name:
            output[name] = pl.read_parquet(folder / name).drop("source_file", "file_row").rows()
        elif name.endswith(".json"):
            output[name] = {key: value for key, value in json.loads(content).items() if key != "source"}
        else:
            output[name] = content
    return output


def test_the_bytes_do_not_depend_on_the_rows_held_at_a_time(tmp_path: Path, ingest: Ingest) -> None:
    observations().write_csv(tmp_path / "prices.csv")
    outputs = [ingest("prices.csv", rows) for rows in (10, 333, 100_000)]
    assert all(other == outputs[0] for other in outputs[1:])
    names = [Path(name) for name in outputs[0]]
    assert len([name for name in names if name.parent.name == "observations"]) > 5
    assert len([name for name in names if name.parent.name == "quarantine"]) > 2


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".arrow.ipc", ".csv.gz"])
def test_the_kind_of_file_changes_the_places_alone(tmp_path: Path, ingest: Ingest, suffix: str) -> None:
    frame = observations()
    frame.write_csv(tmp_path / "prices.csv")
    before = without_files(ingest("prices.csv", 500), tmp_path)
    write: dict[str, Callable[[Path], object]] = {
        ".parquet": frame.write_parquet,
        ".arrow": frame.write_ipc,
        ".arrow.ipc": frame.write_ipc_stream,
        ".csv.gz": lambda path: zip_csv(frame, path),
    }
    write[suffix](tmp_path / f"other{suffix}")
    assert without_files(ingest(f"other{suffix}", 70), tmp_path) == before


@pytest.mark.parametrize("files", [1, 2, 7])
def test_a_folder_of_files_is_one_table(tmp_path: Path, ingest: Ingest, files: int) -> None:
    frame = observations()
    frame.write_csv(tmp_path / "prices.csv")
    split(frame, tmp_path / "prices", files)
    (tmp_path / "prices" / ".swp").write_text("not a file of observations")
    expected = without_files(ingest("prices.csv", 100_000), tmp_path)
    assert without_files(ingest("prices", 100), tmp_path) == expected


def test_a_month_that_is_appended_leaves_the_parts_before_as_they_were(tmp_path: Path, ingest: Ingest) -> None:
    split(observations(), tmp_path / "prices", 2)
    before = ingest("prices", 150)
    month = observations(seed=8, dates=20).with_columns(
        (pl.col("date").str.to_date(strict=False) + timedelta(days=91)).cast(pl.String)
    )
    month.write_csv(tmp_path / "prices" / "99.csv")
    after = ingest("prices", 150)
    parts_before = {name: content for name, content in before.items() if "observations" in name}
    assert {name: after[name] for name in parts_before} == parts_before
    assert len([name for name in after if "observations" in name]) > len(parts_before)
    blocks = sorted(name for name in before if "quarantine" in name)
    assert [after[name] for name in blocks[:-1]] == [before[name] for name in blocks[:-1]]


def test_the_last_of_duplicates_is_kept_across_files_and_pieces(tmp_path: Path, ingest: Ingest) -> None:
    row = {**PLAIN, "bond_id": "X"}
    others = [{"bond_id": f"N{i:02d}"} for i in range(20)]
    (tmp_path / "prices").mkdir()
    table({**row, "clean_price": "98"}, *others).write_csv(tmp_path / "prices" / "a.csv")
    table({**row, "clean_price": "97"}, {**row, "clean_price": "?"}).write_csv(tmp_path / "prices" / "b.csv")
    ingest("prices", 5)
    kept = pl.read_parquet(tmp_path / "training_data/observations/*.parquet").filter(pl.col("bond_id") == "X")
    assert kept.select("clean_price", "source_row").rows() == [(97.0, 22)]
    refused = pl.read_parquet(tmp_path / "training_data/quarantine/*.parquet")
    assert refused.select("source_row", "source_file", "file_row", "reason").rows() == [
        (1, "a.csv", 1, "duplicate"),
        (23, "b.csv", 2, "not_a_number"),
    ]
    assert refused["detail"][0] == "bond_id and date: expected one row, kept row 22"


def test_the_latest_by_time_is_kept_however_the_source_is_cut(tmp_path: Path, ingest: Ingest) -> None:
    random = Random(3)
    rows = [
        {"bond_id": f"B{bond}", "date": f"2024-03-{day:02d}", "time": f"{hour:02d}:{random.randint(0, 59):02d}"}
        for bond in range(10) for day in range(1, 31) for hour in (9, 12, 16)
    ]  # fmt: skip
    random.shuffle(rows)
    table(*rows).write_csv(tmp_path / "prices.csv")
    outputs = [ingest("prices.csv", rows) for rows in (10, 333, 100_000)]
    assert all(other == outputs[0] for other in outputs[1:])
    counted = json.loads(outputs[0]["metrics/ingest.json"])["days_of_several_rows"]
    backwards = counted.pop("last_row_not_latest")
    assert counted == {"kept_by_time": 300, "kept_by_row": 0, "some_without_time": 0}
    assert 150 < backwards < 250
    chosen = pl.read_parquet(tmp_path / "training_data/observations/*.parquet")["source_row"].to_list()
    assert sorted(chosen) == [row for row, content in enumerate(rows, start=1) if content["time"] >= "16"]


def test_the_quarantine_is_in_the_order_of_the_source_and_nothing_is_lost(tmp_path: Path, ingest: Ingest) -> None:
    frame = observations()
    split(frame, tmp_path / "prices", 3)
    outputs = ingest("prices", 90)
    refused = pl.read_parquet(tmp_path / "training_data/quarantine/*.parquet")
    accepted = pl.read_parquet(tmp_path / "training_data/observations/*.parquet")
    assert refused["source_row"].is_sorted()
    rows = pl.concat([refused["source_row"], accepted["source_row"]]).sort()
    assert rows.to_list() == [*range(1, frame.height + 1)]
    assert accepted.equals(accepted.sort("date", "bond_id"))
    firsts = {int(Path(name).stem) for name in outputs if "quarantine" in name}
    assert firsts == {(row - 1) // 150 * 150 + 1 for row in refused["source_row"]}
    size = -(-frame.height // 3)
    places = refused.select((pl.col("source_file").str.head(2).cast(pl.Int64) * size + pl.col("file_row")).alias("row"))
    assert places["row"].to_list() == refused["source_row"].to_list()


def test_a_quarantine_of_nothing_is_one_part_without_rows(tmp_path: Path, ingest: Ingest) -> None:
    table({}).write_csv(tmp_path / "prices.csv")
    outputs = ingest("prices.csv", 10)
    assert [name for name in outputs if "quarantine" in name] == ["training_data/quarantine/000000000001.parquet"]
    assert pl.read_parquet(tmp_path / "training_data/quarantine/*.parquet").is_empty()


def test_files_may_lack_optional_columns_and_differ_in_types(tmp_path: Path, ingest: Ingest) -> None:
    (tmp_path / "prices").mkdir()
    typed: dict[str, Any] = {
        "bond_id": "A",
        "date": date(2024, 3, 1),
        "clean_price": 99,
        "maturity_date": date(2030, 5, 15),
    }
    pl.DataFrame({**typed, "coupon_rate": 0.04}).write_parquet(tmp_path / "prices" / "a.parquet")
    table({"bond_id": "B", "volume": "5", "coupon_rate": "5%"}).write_parquet(tmp_path / "prices" / "b.parquet")
    ingest("prices", 10)
    accepted = pl.read_parquet(tmp_path / "training_data/observations/*.parquet")
    assert accepted.select("bond_id", "clean_price", "coupon_rate", "volume").rows() == [
        ("A", 99.0, 0.04, None),
        ("B", 99.5, 0.05, 5.0),
    ]


def test_a_source_that_changes_between_the_two_readings_is_told(
    tmp_path: Path, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "prices.csv"
    table({}).write_csv(path)
    look = two_pass.Ingestion.look

    def look_and_append(self: two_pass.Ingestion) -> object:
        found = look(self)
        table({}, {"bond_id": "B"}).write_csv(path)
        return found

    monkeypatch.setattr(two_pass.Ingestion, "look", look_and_append)
    with pytest.raises(ValueError, match=r"^prices\.csv: changed while it was read"):
        ingest("prices.csv", 10)
    assert not (tmp_path / "training_data" / "observations").exists()


def test_a_date_of_more_rows_than_are_held_is_refused(
    tmp_path: Path, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_pass, "DATE_ROWS", 5)
    day = [{"bond_id": f"B{i}", "date": "2024-03-02"} for i in range(6)]
    table({}, *day).write_csv(tmp_path / "prices.csv")
    output = r"prices\.csv: expected at most 5 rows of one date, which are held together, got 6 of 2024-03-02; "
    with pytest.raises(ValueError, match=output):
        ingest("prices.csv", 3)
    assert not (tmp_path / "training_data" / "observations").exists()
    ingest("prices.csv", 6)


def test_days_that_repeat_the_day_before_are_found_across_pieces(tmp_path: Path, ingest: Ingest) -> None:
    rows = [
        {"bond_id": f"B{i:02d}", "date": f"2024-03-{day:02d}", "clean_price": f"{90 + i + max(day, 5)}"}
        for day in range(4, 8)
        for i in range(12)
    ]
    table(*rows).write_csv(tmp_path / "prices.csv")
    metrics = [json.loads(ingest("prices.csv", rows)["metrics/ingest.json"]) for rows in (5, 100)]
    assert metrics[0]["repeated_days"] == [{"date": "2024-03-05", "bonds": 12, "same_as": "2024-03-04"}]
    assert metrics[0] == metrics[1]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
@pytest.mark.parametrize("day", [2**31 - 1, -(2**31)])
def test_a_date_beyond_the_calendar_costs_its_row_alone(tmp_path: Path, ingest: Ingest, suffix: str, day: int) -> None:
    days = pa.array([19_800, day, *range(19_801, 19_805)], pa.int32()).view(pa.date32())
    source = pa.table({**{name: [value] * 6 for name, value in PLAIN.items()}, "date": days})
    if suffix == ".parquet":
        pq.write_table(source, tmp_path / "prices.parquet")
    else:
        feather.write_feather(source, str(tmp_path / "prices.arrow"))
    ingest(f"prices{suffix}", 10)
    accepted = pl.read_parquet(tmp_path / "training_data/observations/*.parquet")
    refused = pl.read_parquet(tmp_path / "training_data/quarantine/*.parquet")
    assert accepted["source_row"].to_list() == [1, 3, 4, 5, 6]
    end = date.max if day > 0 else date.min
    output = f"date: expected 1900-01-01 to 2299-12-31, got {end}"
    ((row, reason, detail),) = refused.select("source_row", "reason", "detail").rows()
    assert (row, reason) == (2, "implausible_date")
    assert detail.startswith(output)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".ipc"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "+05:30"])
def test_dates_are_those_of_the_zone_that_a_file_names(tmp_path: Path, ingest: Ingest, suffix: str, zone: str) -> None:
    offset = {"Europe/Berlin": 1, "Asia/Tokyo": 9, "America/New_York": -4, "+05:30": 5.5}[zone]
    for hour in (0, 21):
        utc = [datetime(2024, 3, 20, hour) - timedelta(hours=offset)]  # noqa: DTZ001 - Arrow's array adds the zone
        zoned = pa.array(utc, pa.timestamp("us")).view(pa.timestamp("us", zone))
        source = pa.table({**{name: [value] for name, value in PLAIN.items()}, "date": zoned})
        path = tmp_path / f"prices{suffix}"
        if suffix == ".parquet":
            pq.write_table(source, path)
        else:
            with (ipc.new_stream if suffix == ".ipc" else ipc.new_file)(str(path), source.schema) as writer:
                writer.write_table(source)
        ingest(path.name, 10)
        accepted = pl.read_parquet(tmp_path / "training_data/observations/*.parquet")
        assert accepted["date"].to_list() == [date(2024, 3, 20)]
