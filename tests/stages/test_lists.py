"""Stage ``lists``: what `richcheap price` answers, byte for byte, with terms, peers, cash flows and history."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import richcheap
from richcheap.options.table import COLUMNS
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.storage import paths
from richcheap.pricer import Pricer
from richcheap.pricing.price_list import ANSWER
from stages import lists, live, signals
from tests.pricing import projects
from tests.pricing.projects import DAYS, make_project

LIVE = 6
CALLABLE = {"B000": "convertible", "B011": "ok", "B022": "no_schedule"}
"""The callable bonds of the market, of which one has a schedule and no right to convert."""
BONDS = projects.BONDS.with_columns(
    call_schedule=pl.when(pl.col("bond_id").is_in(["B000", "B011"])).then(pl.lit("2024-06-15@101;2024-12-15@100"))
)
OUTPUTS = (paths.LISTED_BONDS, paths.LISTED_PEERS, paths.LISTED_CASH_FLOWS, paths.LISTED_HISTORY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose list is made, as the working folder."""
    place = tmp_path_factory.mktemp("lists")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(place)
        make_project(monkeypatch, BONDS, live_dates=LIVE)
        signals.main()
        live.main()
        lists.main()
        yield place


@pytest.fixture
def table(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / paths.LISTED_BONDS)


def test_the_list_says_what_a_request_says(folder: Path, table: pl.DataFrame) -> None:
    answer = Pricer(folder, threads=1).price(table.select("bond_id"))
    assert table.select([*ANSWER]).equals(answer, null_equal=True)
    assert table.select([*ANSWER]).schema == pl.Schema(ANSWER)
    assert (table["status"] == "priced").all()


def test_all_live_bonds_are_in_it_in_order(folder: Path, table: pl.DataFrame) -> None:
    known = Pricer(folder).bonds
    assert table["bond_id"].to_list() == known.filter(pl.col("maturity_date") > DAYS[-1])["bond_id"].sort().to_list()
    last = known.join(table.select("bond_id"), on="bond_id")
    assert table["last_print"].equals(last["last_print"])
    assert table["last_clean_price"].equals(last["clean_price"])


def test_the_csv_holds_the_same(table: pl.DataFrame) -> None:
    read = pl.read_csv(paths.LISTED_BONDS.with_suffix(".csv"), schema=table.schema)
    assert read.equals(table, null_equal=True)


def test_callable_bonds_alone_have_an_option_adjusted_spread_or_say_why(folder: Path, table: pl.DataFrame) -> None:
    status = table.filter(pl.col("oas_status").is_not_null())
    assert dict(status["bond_id", "oas_status"].iter_rows()) == CALLABLE
    (bond,) = table.filter(oas_status="ok").to_dicts()
    assert bond["oas_bp"] < bond["spread_to_worst_bp"] + 1e-4 <= bond["spread_bp"] + 2e-4
    assert bond["call_points"] > 0.0
    others = table.filter(pl.col("oas_status").ne_missing("ok"))
    assert others.select(set(COLUMNS) - {"oas_status"}).null_count().transpose().to_series().unique().to_list() == [
        others.height
    ]


def test_what_has_no_option_adjusted_spread_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists.main()
    said = "lists: 2 of 3 callable bonds have no option-adjusted spread (convertible 1, no_schedule 1); docs/options.md"
    assert said in capsys.readouterr().err


def test_history_ends_with_the_price_of_the_list(table: pl.DataFrame) -> None:
    history = pl.read_parquet(paths.LISTED_HISTORY)
    assert set(history["block"]) == {"train", "validation", "test", "live"}
    printed = history.filter(pl.col("date") == DAYS[-1]).join(table, on="bond_id", how="left", suffix="_listed")
    assert printed.height
    for name in ("fair_clean_price", "low", "high"):
        assert printed[name].equals(printed[f"{name}_listed"]), name
    of_champion = history.filter(fair_from="champion")
    assert set(of_champion["block"]) == {"validation", "test", "live"}
    assert of_champion.filter(block="live")["date"].n_unique() == LIVE
    assert of_champion.filter(pl.col("block") != "validation")["low"].null_count() == 0


def test_each_live_bond_pays_its_face_at_maturity(table: pl.DataFrame) -> None:
    flows = pl.read_parquet(paths.LISTED_CASH_FLOWS)
    last = flows.group_by("bond_id", maintain_order=True).last().join(table, on="bond_id")
    assert last["date"].equals(last["maturity_date"])
    assert (last["amount"] >= 100.0).all()
    assert (flows["date"] > DAYS[-1]).all()


def test_running_twice_writes_the_same_bytes(folder: Path) -> None:
    before = [path.read_bytes() for path in OUTPUTS]
    lists.main()
    assert [path.read_bytes() for path in OUTPUTS] == before


def test_one_bond_is_what_the_list_says_of_it(folder: Path, table: pl.DataFrame) -> None:
    name = table["bond_id"][3]
    bond = richcheap.load(folder).bond(name)
    assert bond.price.equals(table.filter(bond_id=name).select([*ANSWER]), null_equal=True)
    assert bond.terms["maturity_date"][0] == table["maturity_date"][3]
    assert bond.parts["bp"].sum() == pytest.approx(bond.price["spread_bp"][0])
    assert (
        bond.peers["bond_id"].to_list() == pl.read_parquet(paths.LISTED_PEERS).filter(bond_id=name)["peer_id"].to_list()
    )
    assert bond.history.height
    assert bond.cash_flows["amount"][-1] >= 100.0
    with pytest.raises(
        DataError, match=r"^bond_id: expected one of the \d+ live bonds of lists/bonds\.parquet, got 'X'"
    ):
        richcheap.load(folder).bond("X")
