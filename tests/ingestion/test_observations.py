from datetime import date, time
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.reading.aliases import RATINGS
from richcheap.ingestion.schema import INPUT_NAMES, NULLABLE, OBSERVATION_SCHEMA, PRICES, REFUSED_SCHEMA
from richcheap.ingestion.validation.validation_rules import EARLIEST, LATEST
from tests.ingestion.samples import LIMITS, PLAIN, Taken, table, take, typed

VALUES = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(
        ["n/a", "0", "-1", "4.5%", "1e400", "nan", "99.5", "0.045", "2024-03-01", "2030-05-15", "20240301",
         "2024-13-01", "9999-12-31", "0001-01-01", "AA+", "Baa1", "TIPS", "treasury", "zero", "2", "30/360", "EUR",
         "ITL", "yes"]
    ),
)  # fmt: skip
GARBAGE = st.lists(st.dictionaries(st.sampled_from(INPUT_NAMES), VALUES, max_size=8), min_size=1, max_size=12)


def assert_contract(result: Taken, rows: int) -> None:
    accepted, quarantine = result.accepted, result.quarantine
    assert accepted.schema == pl.Schema(OBSERVATION_SCHEMA)
    assert quarantine.schema == pl.Schema(REFUSED_SCHEMA)
    assert accepted.height + quarantine.height == rows
    assert sorted(accepted["source_row"].to_list() + quarantine["source_row"].to_list()) == [*range(1, rows + 1)]
    assert quarantine["reason"].null_count() == quarantine["detail"].null_count() == 0
    assert not quarantine["detail"].is_in(["", "no detail"]).any()
    assert accepted.drop(NULLABLE).null_count().transpose()["column_0"].sum() == 0
    assert accepted.select("bond_id", "date").is_unique().all()
    assert accepted.equals(accepted.sort("date", "bond_id"))
    for row in accepted.iter_rows(named=True):
        assert [name for name in PRICES if row[name] is not None] == [row["observed"]]
        assert EARLIEST <= row["date"] <= row["settlement_date"] < row["maturity_date"] <= LATEST
        assert row["frequency"] in {0, 1, 2, 4, 12}
        assert row["credit_rating"] in set(RATINGS.values())
        assert 0.0 <= row["coupon_rate"] <= LIMITS.max_coupon_rate
        assert row["frequency"] > 0 or row["coupon_rate"] == 0.0


@settings(max_examples=80, deadline=None)
@given(GARBAGE)
def test_any_garbage_ends_as_accepted_or_quarantined(rows: list[dict[str, str | None]]) -> None:
    frame = table(*rows)
    assert_contract(take(frame), frame.height)


@settings(max_examples=20, deadline=None)
@given(GARBAGE, st.randoms(use_true_random=False))
def test_the_verdict_on_a_row_does_not_depend_on_the_order_of_other_bonds(
    rows: list[dict[str, str | None]], random: Random
) -> None:
    unique = [{**row, "bond_id": f"B{i}"} for i, row in enumerate(rows)]
    shuffled = unique.copy()
    random.shuffle(shuffled)

    def verdicts(result: Taken) -> set[tuple[object, ...]]:
        refused = result.quarantine.select("bond_id", "reason", "detail").rows()
        return {*refused, *result.accepted.drop("source_row").rows()}

    assert verdicts(take(table(*unique))) == verdicts(take(table(*shuffled)))


@settings(max_examples=20, deadline=None)
@given(GARBAGE, st.integers(2, 12))
def test_the_verdict_on_a_row_does_not_depend_on_where_the_source_is_cut(
    rows: list[dict[str, str | None]], pieces: int
) -> None:
    whole, cut = take(table(*rows)), take(table(*rows), pieces=pieces)
    assert cut.accepted.equals(whole.accepted)
    assert cut.quarantine.equals(whole.quarantine)
    assert str(cut.summary) == str(whole.summary)  # a median may be NaN
    assert cut.checks.unreadable == whole.checks.unreadable


def test_typed_columns_are_taken_as_text_is() -> None:
    as_text = typed().with_columns(pl.all().cast(pl.String))
    assert take(typed()).accepted.equals(take(as_text).accepted)


def test_what_the_contract_lets_out_is_filled_in() -> None:
    (row,) = take(table({})).accepted.rows(named=True)
    expected = {
        "settlement_date": date(2024, 3, 4),
        "frequency": 2,
        "day_count": "30/360",
        "bond_type": "fixed_rate",
        "credit_rating": "NR",
        "currency": "USD",
        "callable": False,
        "convertible": False,
        "face_value": 100.0,
        "issuer": None,
        "volume": None,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"bond_type": "treasury"}, (2, "ACT/ACT ICMA", "treasury")),
        ({"bond_type": "FRN"}, (4, "ACT/360", "floating_rate")),
        ({"frequency": "none", "coupon_rate": "0"}, (0, "ACT/ACT ICMA", "zero_coupon")),
        ({"bond_type": "zero coupon", "coupon_rate": None}, (0, "ACT/ACT ICMA", "zero_coupon")),
        ({"bond_type": "gov", "frequency": "0", "coupon_rate": "0"}, (0, "ACT/ACT ICMA", "treasury")),
        ({"bond_type": "High Yield", "frequency": "quarterly"}, (4, "30/360", "high_yield")),
    ],
)
def test_conventions_follow_from_the_type(given: dict[str, str | None], expected: tuple[int, str, str]) -> None:
    (row,) = take(table(given)).accepted.select("frequency", "day_count", "bond_type").rows()
    assert row == expected


def test_a_margin_is_a_floating_rate_bond_s() -> None:
    rows = [{"bond_type": kind, "bond_id": kind, "quoted_margin": "0.01"} for kind in ("corporate", "floating")]
    accepted = take(table(*rows, {"bond_type": "floating"})).accepted.sort("bond_id")
    assert accepted["quoted_margin"].to_list() == [None, None, 0.01]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (False, None)),
        ({"call_schedule": " 2027-05-15 @ 102.50; 2028-05-15;"}, (True, "2027-05-15@102.5;2028-05-15@100")),
        ({"call_schedule": "2027-05-15", "callable": "no"}, (False, "2027-05-15@100")),
        ({"callable": "yes"}, (True, None)),
        ({"callable": "yes", "call_date": "2027-05-15"}, (True, "2027-05-15@100")),
        ({"callable": "yes", "call_date": "2027-05-15", "call_price": "101.25"}, (True, "2027-05-15@101.25")),
        ({"call_date": "2027-05-15", "call_price": "101"}, (False, None)),
        ({"callable": "yes", "call_date": "2027-05-15", "call_schedule": "2028-05-15@101"}, (True, "2028-05-15@101")),
    ],
)
def test_a_call_schedule_is_written_in_one_form_or_made_from_the_next_call(
    given: dict[str, str], expected: tuple[bool, str | None]
) -> None:
    result = take(table({"bond_id": "other"}, given))
    row = result.accepted.filter(pl.col("bond_id") == PLAIN["bond_id"])
    assert row.select("callable", "call_schedule").rows() == [expected]


def test_a_row_with_several_prices_keeps_the_clean_one() -> None:
    (row,) = take(table({"dirty_price": "101", "yield": "0.05"})).accepted.rows(named=True)
    assert (row["observed"], row["clean_price"], row["dirty_price"], row["yield"]) == ("clean_price", 99.5, None, None)


def test_a_currency_that_the_euro_replaced_becomes_the_euro() -> None:
    result = take(table({"currency": "ITL"}, {"bond_id": "B", "currency": "eur"}))
    assert result.accepted["currency"].to_list() == ["EUR", "EUR"]
    assert result.checks.replaced_currencies == {"ITL": 1}


@pytest.mark.parametrize("name", ["bond_id", "date", "maturity_date", "coupon_rate", "clean_price"])
def test_a_missing_column_is_named_with_the_nearest_one(name: str) -> None:
    frame = table({}).rename({name: f"{name}s"})
    with pytest.raises(
        InputError, match=rf"^column '{name}' .* is missing; nearest is '{name}s'; the file has: "
    ) as caught:
        take(frame)
    assert ("`richcheap inspect FILE --terms TERMS`" in str(caught.value)) == (name in ("maturity_date", "coupon_rate"))


def test_a_column_can_be_named_in_params() -> None:
    frame = table({}).rename({"clean_price": "px_last"})
    assert take(frame, columns={"clean_price": "px_last"}).accepted["clean_price"].to_list() == [99.5]


def test_a_named_column_that_the_file_lacks_is_refused() -> None:
    with pytest.raises(InputError, match=r"column 'px' \(data.columns.clean_price\) is missing"):
        take(table({}), columns={"clean_price": "px"})


@pytest.mark.parametrize(
    ("column", "expected"), [("date", "dates"), ("clean_price", "numbers"), ("coupon_rate", "numbers")]
)
def test_a_column_of_a_type_that_cannot_hold_it_is_refused(column: str, expected: str) -> None:
    with pytest.raises(InputError, match=rf"column '{column}': expected {expected}, got a column of Boolean"):
        take(typed().with_columns(pl.lit(True).alias(column)))


def test_a_column_without_one_readable_value_is_reported() -> None:
    result = take(table({"clean_price": "n/a"}, {"bond_id": "B", "clean_price": "?"}))
    assert result.checks.unreadable == ["clean_price"]
    assert result.quarantine.height == 2


def test_dates_with_a_time_and_dates_as_integers_are_understood() -> None:
    text = table({"date": "2024-03-01T17:30:00", "maturity_date": "2030-05-15 00:00:00"})
    assert take(text).accepted["date"].to_list() == [date(2024, 3, 1)]
    integers = typed(1).with_columns(pl.lit(20240304).alias("date"))
    assert take(integers).accepted["date"].to_list() == [date(2024, 3, 4)]


@pytest.mark.parametrize("wrong", [2024034, 240304, 202403041, -20240304])
def test_integers_of_other_than_eight_digits_are_no_dates(wrong: int) -> None:
    taken = take(typed(1).with_columns(pl.lit(wrong).alias("date")))
    assert taken.quarantine["reason"].to_list() == ["not_a_date"]


def test_a_time_with_a_zone_has_the_date_of_its_clocks() -> None:
    zoned = typed(1).with_columns(pl.col("date", "maturity_date").cast(pl.Datetime).dt.replace_time_zone("Asia/Tokyo"))
    assert take(zoned).accepted.select("date", "maturity_date").rows() == [(date(2024, 3, 4), date(2030, 5, 15))]


def test_another_date_format_comes_from_params() -> None:
    frame = table({"date": "01/03/2024", "maturity_date": "15/05/2030"})
    assert take(frame, date_format="%d/%m/%Y").accepted["date"].to_list() == [date(2024, 3, 1)]


def test_the_sample_row_itself_passes() -> None:
    assert_contract(take(table(PLAIN)), 1)


def test_accepted_observations_are_accepted_again_as_they_are() -> None:
    first = take(table({}, {"bond_id": "B", "coupon_rate": "5", "credit_rating": "Baa1", "callable": "y"})).accepted
    second = take(first)
    assert second.quarantine.is_empty()
    assert second.accepted.drop("source_row").equals(first.drop("source_row"))


@pytest.mark.parametrize(
    ("column", "values", "reasons"),
    [
        ("clean_price", [99.0, float("nan"), float("inf")], ["missing_value", "not_a_number"]),
        ("clean_price", [99, 98, 97], []),
        ("frequency", [2, None, 3], ["unknown_frequency"]),
        ("frequency", [2.0, float("nan"), -1.0], ["unknown_frequency"]),
        ("callable", [0, 1, 2], []),
        ("volume", [None, None, None], []),
        ("bond_id", [1, 2, 3], []),
    ],
)
def test_typed_columns_are_held_to_the_same_rules(column: str, values: list[object], reasons: list[str]) -> None:
    result = take(typed().with_columns(pl.Series(column, values)))
    assert result.quarantine["reason"].to_list() == reasons
    assert_contract(result, 3)


LATEST_FIRST = [("16:00:00", "99.9"), ("12:00:00", "99.5"), ("09:00:00", "99.1")]


def kept(taken: Taken) -> list[object]:
    return taken.accepted["clean_price"].to_list()


def several(taken: Taken) -> tuple[int, ...]:
    return tuple(taken.summary["days_of_several_rows"].values())


@pytest.mark.parametrize("written", ["2024-03-20 {}", "2024-03-20T{}", "2024-03-20T{}.25Z", "2024-03-20 {}-05:00"])
def test_of_a_day_s_prints_with_times_the_latest_is_kept_whatever_their_order(written: str) -> None:
    rows = [{"date": written.format(time), "clean_price": price} for time, price in LATEST_FIRST]
    for order in (rows, rows[::-1], [rows[1], rows[0], rows[2]]):
        taken = take(table(*order))
        assert kept(taken) == [99.9]
        place = order.index(rows[0]) + 1
        assert set(taken.quarantine["detail"]) == {
            f"bond_id and date: expected one row, kept row {place}, the latest by time"
        }
        assert several(taken) == (1, 0, int(place != 3), 0)


def test_times_may_stand_in_a_column_of_their_own_which_goes_before_that_of_the_date() -> None:
    rows = [{"date": "2024-03-20 23:59", "time": time, "clean_price": price} for time, price in LATEST_FIRST]
    assert kept(take(table(*rows))) == [99.9]
    unnamed = table(*({**row, "date": "2024-03-20"} for row in rows)).rename({"time": "executed"})
    assert kept(take(unnamed)) == [99.1]
    assert kept(take(unnamed, columns={"time": "executed"})) == [99.9]


def test_times_are_taken_from_typed_columns() -> None:
    frame = typed(3).with_columns(date=pl.lit(date(2024, 3, 4)))
    clock = pl.Series(["2024-03-04 16:00", "2024-03-04 12:00", "2024-03-04 09:00"]).str.to_datetime("%Y-%m-%d %H:%M")
    for times in (
        frame.with_columns(date=clock),
        frame.with_columns(time=clock.dt.time()),
        frame.with_columns(time=clock),
    ):
        assert kept(take(times)) == [99.0]


def test_where_times_tie_the_last_row_of_the_latest_is_kept() -> None:
    rows = [{"time": time, "clean_price": price} for time, price in [*LATEST_FIRST, LATEST_FIRST[0], LATEST_FIRST[2]]]
    taken = take(table(*rows))
    assert taken.accepted["source_row"].to_list() == [4]
    assert several(taken) == (1, 0, 1, 0)
    same = take(table(*({"time": "09:00", "clean_price": price} for _, price in LATEST_FIRST)))
    assert (kept(same), several(same)) == ([99.1], (0, 1, 0, 0))


@pytest.mark.parametrize("without", [None, "", "n/a", "00:00:00"])
def test_where_a_row_of_the_day_has_no_time_the_last_row_is_kept(without: str | None) -> None:
    rows = [{"time": time, "clean_price": "99.9"} for time in ("16:00", without, "09:00")]
    taken = take(table(*rows))
    assert taken.accepted["source_row"].to_list() == [3]
    assert several(taken) == (0, 1, 0, 1)


def test_the_last_row_is_kept_where_there_are_no_times() -> None:
    taken = take(table(*({"clean_price": price} for _, price in LATEST_FIRST), {"bond_id": "other"}))
    assert sorted(map(str, kept(taken))) == ["99.1", "99.5"]
    assert several(taken) == (0, 1, 0, 0)
    assert taken.quarantine["detail"][0] == "bond_id and date: expected one row, kept row 3"


def test_a_print_that_is_refused_displaces_nobody_however_late() -> None:
    rows = [{"time": "16:00", "clean_price": "0"}, {"time": "12:00", "clean_price": "99.5"}, {"time": "09:00"}]
    assert take(table(*rows)).accepted["source_row"].to_list() == [2]


def test_a_time_that_cannot_be_read_costs_its_value_and_never_the_print() -> None:
    taken = take(table({"time": "half past nine"}, {"bond_id": "B", "time": "09:30"}, {"bond_id": "C"}))
    assert (taken.accepted.height, taken.summary["unparsed_times"]) == (3, 1)
    numbers = take(typed().with_columns(time=pl.lit(93000)))  # seconds, or hours with minutes and seconds?
    assert numbers.accepted.height == numbers.summary["unparsed_times"] == typed().height


def test_times_change_nothing_else_of_the_observations() -> None:
    without, given = (
        take(table({}, {"bond_id": "B"})),
        take(table({"time": "16:00"}, {"bond_id": "B", "time": "09:00"})),
    )
    assert given.accepted.drop("time").equals(without.accepted.drop("time"))
    assert given.accepted["time"].to_list() == [time(9), time(16)]


def test_a_date_that_cannot_be_read_says_which_key_gives_the_format_and_an_example() -> None:
    (row,) = take(table({"date": "mid March", "maturity_date": "05/15/2030"}), date_format="%m/%d/%Y").quarantine.rows(
        named=True
    )
    output = "date: expected a date, got 'mid March'; data.date_format is '%m/%d/%Y', such as '03/04/2011'"
    assert row["detail"] == output


def test_dates_of_two_columns_may_be_written_in_two_ways() -> None:
    rows = [{"date": "2026-01-05", "maturity_date": "2/1/2029"}, {"date": "20260106", "maturity_date": "11/15/2031"}]
    accepted = take(table(*rows), date_format="%m/%d/%Y").accepted
    assert accepted.select("date", "maturity_date").rows() == [
        (date(2026, 1, 5), date(2029, 2, 1)),
        (date(2026, 1, 6), date(2031, 11, 15)),
    ]
