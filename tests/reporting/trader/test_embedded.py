import base64
import json
import zlib

import polars as pl
import pytest

from benchmarks.invented import lists
from richcheap.lists.bonds import LAST_PRINT, TERMS
from richcheap.options.table import COLUMNS
from richcheap.pricing.price_list import ANSWER
from richcheap.reporting.trader import embedded as module
from richcheap.reporting.trader.embedded import embedded

LISTS = lists(30, 5)


def unpacked(text: str):
    return json.loads(zlib.decompress(base64.b64decode(text)))


def test_the_invented_list_has_the_columns_of_the_list() -> None:
    assert LISTS.bonds.columns == [*ANSWER, *TERMS, *LAST_PRINT, *COLUMNS]


def test_the_list_stands_in_the_page_by_column() -> None:
    content = unpacked(embedded(LISTS)["list"])
    bonds = content["bonds"]
    ids = [bonds["bond_id"]["texts"][code] for code in bonds["bond_id"]["codes"]]
    assert ids == LISTS.bonds["bond_id"].to_list()
    assert bonds["fair_clean_price"][1] is None
    assert {doubt["name"]: doubt["rows"] for doubt in content["doubts"]}["unpriced"] == [1]


def test_what_belongs_to_a_bond_is_found_by_where_its_rows_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_A_PART", 40)
    content = {name: unpacked(text) for name, text in embedded(LISTS).items()}
    firsts = content["list"]["history_parts"]
    assert len(firsts) == len([name for name in content if name.startswith("history-")]) > 2
    for place, bond in enumerate(LISTS.bonds["bond_id"]):
        part = content[f"history-{max(number for number, first in enumerate(firsts) if first <= place)}"]
        rows = slice(part["starts"][place], part["starts"][place + 1])
        prices = LISTS.history.filter(pl.col("bond_id") == bond)["clean_price"].round(4).to_list()
        assert part["clean_price"][rows] == prices
        peers = content["details"]["peers"]
        shown = peers["peer"][peers["starts"][place] : peers["starts"][place + 1]]
        assert [LISTS.bonds["bond_id"][peer] for peer in shown] == (
            LISTS.peers.filter(pl.col("bond_id") == bond)["peer_id"].to_list()
        )


def test_only_the_latest_prints_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HISTORY_PRINTS", 2)
    part = unpacked(embedded(LISTS)["history-0"])
    assert part["starts"][:4] == [0, 0, 2, 4]


def test_without_a_bond_there_is_an_empty_list() -> None:
    empty = module.Lists(*(table.clear() for table in LISTS))
    content = unpacked(embedded(empty)["list"])
    assert content["bonds"]["bond_id"] == {"texts": [], "codes": []}
