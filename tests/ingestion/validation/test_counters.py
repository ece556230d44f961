from datetime import date, timedelta
from itertools import pairwise
from random import Random

import polars as pl
import pytest

from richcheap.ingestion.validation.counters import REPEAT_MIN_BONDS, AcceptedCounts, RefusedCounts, repeated_days
from tests.ingestion.samples import table, take


def naive(values: pl.DataFrame) -> list[tuple[str, int]]:
    days = {day[0]: dict(one.select("bond_id", "value").rows()) for day, one in values.group_by("date")}
    order = sorted(days)
    shared = {now: days[now].keys() & days[last].keys() for last, now in pairwise(order)}
    before = {now: last for last, now in pairwise(order)}
    return [
        (str(now), len(bonds))
        for now, bonds in sorted(shared.items())
        if len(bonds) >= REPEAT_MIN_BONDS and all(days[now][bond] == days[before[now]][bond] for bond in bonds)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_copies_of_days_are_those_that_comparing_every_bond_finds(seed: int) -> None:
    random = Random(seed)
    prices: dict[str, float] = {}
    rows = []
    for day in range(30):
        changed = random.choice([0, 0, 1, 40])
        for bond in random.sample(range(60), random.choice([5, 15, 50])):
            name = f"B{bond}"
            if changed or name not in prices:
                prices[name] = round(random.random(), 1)
                changed -= bool(changed)
            rows.append((date(2024, 1, 1) + timedelta(days=day), name, prices[name]))
    values = pl.DataFrame(rows, schema=["date", "bond_id", "value"], orient="row")
    found = [(one["date"], one["bonds"]) for one in repeated_days(values)]
    assert found == naive(values)
    assert found


def test_the_first_row_of_a_reason_is_kept_whatever_comes_first() -> None:
    refused = take(table({"clean_price": "tbd"}, {"clean_price": "x"}, {"date": "?"})).quarantine
    tally = RefusedCounts()
    for row in (1, 2, 0):
        tally.add(refused[row])
    assert tally.counts == {"not_a_number": 2, "not_a_date": 1}
    assert tally.first["not_a_number"] == (1, "clean_price: expected a number, got 'tbd'")


def test_terms_are_held_once_however_often_they_occur() -> None:
    rows = [{"date": f"2024-03-0{day}", "bond_id": bond, "issuer": None} for day in (4, 5, 6) for bond in "AB"]
    accepted = take(table(*rows, {"date": "2024-03-07", "bond_id": "B", "issuer": "X"})).accepted
    tally = AcceptedCounts()
    for _, day in accepted.group_by("date", maintain_order=True):
        tally.add(day)
    assert tally.terms.select("bond_id", "issuer").sort("bond_id", "issuer").rows() == [
        ("A", None),
        ("B", None),
        ("B", "X"),
    ]
    assert (tally.rows, tally.dates, tally.counts["currency"]) == (7, 4, {"USD": 7})
