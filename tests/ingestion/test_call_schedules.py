from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.bonds.calls import parse_schedule
from richcheap.ingestion.call_schedules import FIRST, LAST, LEAST, MOST, ORDERED, parse_schedules
from richcheap.ingestion.schema import BAD

ISO = "%Y-%m-%d"
CALLS = st.lists(
    st.tuples(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.decimals(4, 240, places=4)),
    min_size=1,
    max_size=5,
    unique_by=lambda call: call[0],
)


@settings(max_examples=80, deadline=None)
@given(CALLS)
def test_a_canonical_schedule_is_what_the_bond_mathematics_reads(calls: list[tuple[date, float]]) -> None:
    text = " ; ".join(f"{day}@ {price}" for day, price in sorted(calls))
    (canonical,) = parse_schedules(pl.Series([text]), ISO)["call_schedule"].to_list()
    days, prices = parse_schedule(canonical)
    assert list(prices) == [float(price) for _, price in sorted(calls)]
    assert [*days] == [(day - date(1970, 1, 1)).days for day, _ in sorted(calls)]
    assert parse_schedules(pl.Series([canonical]), ISO)["call_schedule"].to_list() == [canonical]


def test_dates_follow_the_format_or_are_iso() -> None:
    read = parse_schedules(pl.Series(["15/03/2027@102;2028-03-15"]), "%d/%m/%Y")
    assert read["call_schedule"].to_list() == ["2027-03-15@102;2028-03-15@100"]


def test_dates_that_can_be_read_in_one_way_need_no_format() -> None:
    read = parse_schedules(pl.Series(["20270315@102; 2028-03-15 00:00:00@101;15/03/2029", "n/a"]), "%d/%m/%Y")
    assert read["call_schedule"].to_list() == ["2027-03-15@102;2028-03-15@101;2029-03-15@100", None]
    assert not read[BAD + "call_schedule"].any()


def test_the_facts_that_rules_ask_for_stand_beside_each_text() -> None:
    texts = pl.Series(["2028-03-15@104;2027-03-15@101;2029-01-01@99.5", None, " ", "2027-03-15@x"])
    read = parse_schedules(texts, ISO)
    assert read.select(FIRST, LAST, LEAST, MOST, ORDERED).row(0) == (
        date(2028, 3, 15), date(2029, 1, 1), 99.5, 104.0, False
    )  # fmt: skip
    assert read["call_schedule"].is_null().to_list() == [False, True, True, True]
    assert read[BAD + "call_schedule"].to_list() == [False, False, False, True]


def test_no_text_at_all_is_no_schedule() -> None:
    assert parse_schedules(pl.Series([], dtype=pl.String), ISO).is_empty()
    assert parse_schedules(pl.Series([None], dtype=pl.String), ISO).null_count().row(0) == (0, 1, 1, 1, 1, 1, 1)
