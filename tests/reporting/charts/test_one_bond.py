"""Pictures of one bond: each is drawn from rows of its data set, and names no other."""

import json
from typing import Any

import pytest
import vl_convert

from richcheap.reporting.charts.one_bond import CASH_FLOWS, HISTORY, PARTS, PEERS, SPECS

PEER = {"issuer": "x", "rating": "BBB", "flag": None}
ROWS: dict[str, list[dict[str, Any]]] = {
    HISTORY: [
        {
            "date": day,
            "clean_price": price,
            "fair_clean_price": 98.5,
            "fair_from": source,
            "low": low,
            "high": 99.0,
            "side": None,
            "price_kind": "trade",
        }
        for day, price, low, source in (
            ("2024-03-01", 98.25, None, "filter"),
            ("2024-03-05", 98.75, 97.0, "champion"),
            ("2024-03-06", 98.7, 97.25, "champion"),
        )
    ],
    PARTS: [{"part": "rating", "bp": 150.0, "points": -3.0}, {"part": "issuer", "bp": -20.0, "points": 0.4}],
    PEERS: [
        {**PEER, "bond_id": "A", "years_to_maturity": 5.0, "spread_bp": 120.0, "is_self": True},
        {**PEER, "bond_id": "B", "years_to_maturity": 6.0, "spread_bp": 125.0, "is_self": False},
        {**PEER, "bond_id": "C", "years_to_maturity": 7.0, "spread_bp": None, "is_self": False},
    ],
    CASH_FLOWS: [
        {"date": "2024-09-01", "amount": 2.0, "projected": False},
        {"date": "2025-03-01", "amount": 102.0, "projected": True},
    ],
}
WORDS = {
    HISTORY: ("fair price", "price", "2024"),
    PARTS: ("rating", "issuer", "+150.0", "\N{MINUS SIGN}20.0", "+130.0"),
    PEERS: ("this bond", "peers", "years to maturity"),
    CASH_FLOWS: ("per 100",),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_is_drawn_from_the_rows_of_its_own_name(name: str) -> None:
    spec = SPECS[name]()
    assert spec["data"] == {"name": name}
    assert "Look" in spec["description"]
    json.dumps(spec, allow_nan=False)
    drawn = vl_convert.vegalite_to_svg({**spec, "width": 400, "datasets": {name: ROWS[name]}}, vl_version="6.4")
    for word in WORDS[name]:
        assert word in drawn, word
    assert "NaN" not in drawn
    assert "null" not in drawn


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    for name, spec in SPECS.items():
        assert "<svg" in vl_convert.vegalite_to_svg({**spec(), "width": 400, "datasets": {name: []}}, vl_version="6.4")
