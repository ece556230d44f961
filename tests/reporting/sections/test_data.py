import polars as pl

from richcheap.reporting.sections.data import (
    data_section,
    examples_table,
    first_of_each_reason,
    params_table,
    reasons_table,
    split_table,
    summary,
)
from tests.reporting import examples


def texts(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def said(**changes):
    report_data = examples.report_data()
    parts = {name: {**getattr(report_data, name), **changes.get(name, {})} for name in ("ingest", "convert", "market")}
    return dict(summary(**parts))


def test_rows_are_followed_from_the_file_to_the_model():
    assert said()["Rows"] == "20,003 read, 3 quarantined, 19,980 valued"


def test_the_curve_in_use_is_named_for_each_currency():
    found = said(market={"benchmark": {"EUR": {"flat": 10}, "USD": {"fitted": 1, "given": 9}}})
    assert found["Curve, EUR"] == "the flat market.risk_free_rate on 10 dates"
    assert found["Curve, USD"].startswith("the published curve on 9 dates; a curve fitted to the government bonds")


def test_doubtful_data_are_named_and_their_absence_is_not():
    ambiguous = {"Not valued", "Static data that change", "Days that repeat the day before"}
    assert ambiguous <= set(said())
    clean = said(ingest={"contradictions": {}, "repeated_days": []}, market={"rows_set_aside": 0})
    assert not ambiguous & set(clean)


def test_what_was_taken_by_convention_is_said():
    assumed = {"day_count": {"30/360": 7, "ACT/ACT ICMA": 2}, "currency": {"USD": 9}}
    found = said(ingest={"assumed": assumed})
    assert found["Taken by convention"] == "currency (USD 9); day_count (30/360 7, ACT/ACT ICMA 2)"


def test_figures_of_the_file_are_shown_by_kind_of_difference():
    one = {"rows": 1200, "agree": 1150, "median": 1e-7, "largest": 0.9, "where": "A on 2024-03-04: 1.79, ours 0.49",
           "kinds": {"ex-dividend": 10, "interest began later: a new issue": 40}, "cause": ""}  # fmt: skip
    report_data = examples.report_data()
    parts = {name: getattr(report_data, name) for name in ("ingest", "convert", "market")}
    shown = data_section(**{**parts, "ingest": {**parts["ingest"], "cross_check": {"accrued_interest": one}}})
    assert texts(shown["own_figures"]) == [
        ["accrued interest", "1,200", "1,150", "1e-07 points", "A on 2024-03-04: 1.79, ours 0.49",
         "interest began later: a new issue 40, ex-dividend 10"]
    ]  # fmt: skip
    assert "own_figures" not in data_section(**{**parts, "ingest": {**parts["ingest"], "cross_check": {}}})


def test_split_keeps_the_order_of_the_dates():
    assert [row[0] for row in texts(split_table(examples.report_data().split))] == [
        "train", "embargo", "validation", "embargo", "test",
    ]  # fmt: skip


def test_reasons_are_ordered_by_their_number():
    table = reasons_table({"rows_read": 200, "quarantine_reasons": {"a": 1, "c": 5, "b": 5}})
    assert texts(table) == [["b", "5", "2.50"], ["c", "5", "2.50"], ["a", "1", "0.50"]]


def test_each_reason_shows_its_first_rows_in_the_order_of_the_source():
    many = pl.DataFrame(
        {
            "source_row": [9, 8, 7, 6, 5],
            "source_file": ["b.csv", "b.csv", "a.csv", "a.csv", "a.csv"],
            "file_row": [2, 1, 7, 6, 5],
            "bond_id": ["A"] * 5,
            "date": ["2024-01-05 00:00:00.000000000"] * 5,
            "reason": ["often", "often", "rare", "often", "often"],
            "detail": ["why"] * 5,
        }
    )
    counts = {"quarantine_reasons": {"rare": 1, "often": 4}}
    rows = texts(examples_table(first_of_each_reason([many]), counts))
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("a.csv", "5", "often"), ("a.csv", "6", "often"), ("b.csv", "1", "often"), ("a.csv", "7", "rare"),
    ]  # fmt: skip
    assert {row[3] for row in rows} == {"2024-01-05"}
    assert first_of_each_reason([many[:2], many[2:3], many[3:]]).equals(first_of_each_reason([many]))


def test_a_detail_is_shown_as_it_was_kept():
    rows = texts(examples_table(examples.quarantine(), examples.report_data().ingest))
    assert ["2022.csv", "40", "\u2013", "2022-02-02", "missing_bond_id", "bond_id: expected text, got nothing"] in rows


def test_parameters_are_sorted_leaves_written_as_in_yaml():
    params = {"b": {"list": [1, [2.5, "x"]], "none": None, "yes": True}, "a": {"empty": {}}}
    assert texts(params_table(params)) == [
        ["a.empty", "{}"],
        ["b.list", "[1, [2.5, x]]"],
        ["b.none", "null"],
        ["b.yes", "true"],
    ]


def test_the_order_of_the_params_file_has_no_meaning():
    assert params_table({"a": 1, "b": {"c": 2, "d": 3}}) == params_table({"b": {"d": 3, "c": 2}, "a": 1})
