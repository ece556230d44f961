"""Files that come into a folder one by one: what is known is kept, and the bytes are those of a whole run."""

import shutil
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from richcheap.ingestion import two_pass
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.reading import source
from richcheap.pipeline.resume import kept_state
from richcheap.pipeline.storage import paths, tables
from stages import ingest as stage
from tests.ingestion.samples import table
from tests.ingestion.test_params import GOOD

BONDS = [f"B{number:02d}" for number in range(9)]
FOLDER = Path("prices")
OUTPUTS = (paths.OBSERVATIONS, paths.QUARANTINE, paths.INGEST_STATE, paths.METRICS)
Row = dict[str, str | None]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tables.divide, "__defaults__", (60,))
    monkeypatch.setattr(two_pass, "BLOCK_ROWS", 40)
    monkeypatch.setattr(source, "HEAD_ROWS", 50)
    monkeypatch.setattr(stage, "code_digest", lambda *_: "this code")
    Path("curve.csv").write_text("date,tenor_years,rate,kind\n")
    issuers = {"bond_id": BONDS, "issuer": [f"issuer {bond[1]}" for bond in BONDS]}
    pl.DataFrame(issuers).write_csv("terms.csv")
    FOLDER.mkdir()


def trades(seed: int, files: int, given_twice: float = 0.0) -> dict[str, pl.DataFrame]:
    """Return files of a day each, with prints that are cancelled, corrected, late, out of line or broken."""
    random, found = Random(seed), {}
    number, prices = 0, dict.fromkeys(BONDS, 100.0)
    for place in range(files):
        day, rows = date(2024, 1, 1) + timedelta(days=5 * place), list[Row]()
        for bond in random.sample(BONDS, 5):
            prices[bond] += random.uniform(-1, 1) + 45 * (random.random() < 0.01)
            for _ in range(random.choice([1, 1, 2, 3])):
                number += 1
                price = prices[bond] * random.choice([1.0] * 18 + [0.1, 1.5])
                late = timedelta(days=random.choice([0] * 60 + [1, 20, 50]))
                rows.append(
                    {
                        "bond_id": bond,
                        "date": random.choice([str(day - late)] * 30 + ["soon"]),
                        "time": f"{random.randint(8, 18):02d}:00",
                        "clean_price": f"{price:.3f}",
                        "accrued_interest": f"{random.uniform(0, 2):.2f}" if random.random() < given_twice else None,
                        "coupon_rate": random.choice(["0.045"] * 20 + ["4.5"]),
                        "maturity_date": random.choice(["2030-05-15"] * 20 + ["2001-05-15"]),
                        "volume": random.choice(["1000", "200000", None, "many"]),
                        "status": random.choice(["trade"] * 8 + ["cancel", "correction"]),
                        "trade_id": str(number),
                        "original_trade_id": str(number - random.randint(1, 3)),
                        "currency": random.choice(["USD", "USD", "ITL", None]),
                    }
                )
        found[f"{day}.csv"] = table(*rows)
    return found


def run(rows: int = 1000, **changes: Any) -> dict[str, bytes]:
    """Run the stage with what there is; return all outputs."""
    params = {"observations": str(FOLDER), "curve": "curve.csv", "terms": "terms.csv", "max_rejected_share": 0.9}
    stage.ingest(DataParams(**{**GOOD, **params, **changes}), rows)
    files = [path for folder in OUTPUTS for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.as_posix(): path.read_bytes() for path in [*files, paths.BENCHMARK_CURVE]}


def from_nothing(**changes: Any) -> dict[str, bytes]:
    """Run it in a place where it has not run before, and leave the outputs of this one."""
    for folder in OUTPUTS:
        folder.rename(f"{folder.name} kept")
    made = run(rows=200, **changes)
    for folder in OUTPUTS:
        shutil.rmtree(folder)
        Path(f"{folder.name} kept").rename(folder)
    return made


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the name of each file is added that is read for its rows to be judged."""
    found: list[str] = []
    check: Callable[..., None] = two_pass.Ingestion.check

    def recorded(self: two_pass.Ingestion, findings: Any) -> None:
        found.extend(one.file.path.name for one in self._source.tables)
        check(self, findings)

    monkeypatch.setattr(two_pass.Ingestion, "check", recorded)
    return found


def put(files: Mapping[str, pl.DataFrame]) -> None:
    for name, frame in files.items():
        frame.write_csv(FOLDER / name)


@pytest.mark.parametrize("seed", range(2))
def test_files_in_any_groups_give_the_bytes_of_a_run_from_nothing(seed: int, files_read: list[str]) -> None:
    random, days = Random(seed), [*trades(seed, 24, given_twice=0.1 * (seed == 0)).items()]
    done, alone, last = 0, 0, list[str]()
    while done < len(days):
        more = dict(days[done : done + random.choice([0, 1, 2, 9] if last else [9])])
        for name in last:  # it is sent again: shorter, longer or as it was
            whole = pl.read_csv(FOLDER / name, infer_schema=False)
            put({name: random.choice([whole.head(3), pl.concat([whole, days[done - 2][1].head(2)]), whole, whole])})
        put(more)
        files_read.clear()
        made = run(rows=random.choice([50, 100, 1000]))
        alone += len(files_read) == len(more) + 1
        done, last = done + len(more), [*more][-1:] or last
        assert made == from_nothing()
    assert alone


def later(days: Mapping[str, pl.DataFrame], name: str) -> None:
    """Put another day into the folder under a name of its own."""
    put({name: days["2024-03-26.csv"]})


CHANGES: dict[str, tuple[Callable[[Mapping[str, pl.DataFrame]], object], dict[str, Any]]] = {
    "a file is corrected": (lambda days: put({"2024-01-11.csv": days["2024-01-11.csv"].head(3)}), {}),
    "a file is taken away": (lambda _: (FOLDER / "2024-02-10.csv").unlink(), {}),
    "the last file is taken away": (lambda _: (FOLDER / "2024-03-21.csv").unlink(), {}),
    "a file comes before another": (lambda days: later(days, "2024-03-01 late.csv"), {}),
    "rows come too late": (lambda _: put({"2024-03-26.csv": table({"date": "2024-01-02", "bond_id": "B00"})}), {}),
    "the unit is another": (
        lambda days: put(
            {"2024-03-26.csv": pl.concat([days["2024-03-26.csv"].with_columns(coupon_rate=pl.lit("4"))] * 90)}
        ),
        {},
    ),
    "what is usual of a bond is another": (
        lambda _: put(
            {"2024-03-26.csv": pl.concat([table({"date": "2024-03-26", "bond_id": "B00", "coupon_rate": "4.5"})] * 99)}
        ),
        {},
    ),
    "a param is another": (lambda days: later(days, "2024-03-26.csv"), {"max_price_move": 3.0}),
    "terms are others": (lambda _: pl.DataFrame({"bond_id": BONDS, "issuer": "one"}).write_csv("terms.csv"), {}),
    "a part is broken": (lambda _: (paths.OBSERVATIONS / "2024-01-01.parquet").write_bytes(b""), {}),
    "the quarantine is broken": (lambda _: (paths.QUARANTINE / "000000000041.parquet").unlink(), {}),
    "the state is broken": (lambda _: (paths.INGEST_STATE / "terms.parquet").write_bytes(b"nothing"), {}),
    "the state's manifest is broken": (lambda _: (paths.INGEST_STATE / "manifest.json").unlink(), {}),
}


def test_what_does_not_go_on_is_read_as_a_whole(files_read: list[str]) -> None:
    days = trades(7, 18)
    first = {name: frame for name, frame in days.items() if name < "2024-03-26"}
    put(first)
    whole = run()
    shutil.copy2("terms.csv", "first terms.csv")
    for folder in (*OUTPUTS, FOLDER):
        shutil.copytree(folder, f"first {folder.name}")
    for change, (make, params) in CHANGES.items():
        make(days)
        files_read.clear()
        made = run(**params)
        assert set(files_read) >= {path.name for path in FOLDER.iterdir()}, change
        assert made == (whole if change.endswith("broken") else from_nothing(**params)), change
        for folder in (*OUTPUTS, FOLDER):
            shutil.rmtree(folder)
            shutil.copytree(f"first {folder.name}", folder)
        shutil.copy2("first terms.csv", "terms.csv")


def test_a_run_that_was_killed_between_its_outputs_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [*trades(3, 20).items()]
    put(dict(days[:17]))
    run()
    put(dict(days[17:]))
    for place, step in ((kept_state, "write_json"), (stage, "part_paths"), (stage, "write_json")):
        with monkeypatch.context() as patched:
            patched.setattr(place, step, None)
            with pytest.raises(TypeError):
                run()
    made = run()
    assert made == from_nothing()


def test_of_a_single_file_nothing_is_kept() -> None:
    pl.concat(trades(3, 20).values()).write_csv("prices.csv")
    made = run(observations="prices.csv")
    assert [name for name in made if "ingest_state" in name] == ["training_data/ingest_state/manifest.json"]
    assert run(observations="prices.csv") == made
