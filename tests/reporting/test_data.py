from stages.reporting.data import examples_table, params_table, reasons_table, split_table, summary
from tests.reporting import examples


def texts(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def said(**changes):
    material = examples.material()
    parts = {name: {**getattr(material, name), **changes.get(name, {})} for name in ("ingest", "convert", "market")}
    return dict(summary(**parts))


def test_rows_are_followed_from_the_file_to_the_model():
    assert said()["Rows"] == "20,003 read, 3 quarantined, 19,980 valued"


def test_the_curve_in_use_is_named_for_each_currency():
    found = said(market={"benchmark": {"EUR": {"flat": 10}, "USD": {"fitted": 1, "given": 9}}})
    assert found["Curve, EUR"] == "the flat market.risk_free_rate on 10 dates"
    assert found["Curve, USD"].startswith("the published curve on 9 dates; a curve fitted to the government bonds")


def test_doubtful_data_are_named_and_their_absence_is_not():
    doubtful = {"Not valued", "Static data that change", "Days like the day before"}
    assert doubtful <= set(said())
    clean = said(ingest={"contradictions": {}, "repeated_days": []}, market={"rows_set_aside": 0})
    assert not doubtful & set(clean)


def test_split_keeps_the_order_of_the_dates():
    assert [row[0] for row in texts(split_table(examples.material().split))] == [
        "train", "embargo", "validation", "embargo", "test",
    ]  # fmt: skip


def test_reasons_are_ordered_by_their_number():
    table = reasons_table({"rows_read": 200, "quarantine_reasons": {"a": 1, "c": 5, "b": 5}})
    assert texts(table) == [["b", "5", "2.50"], ["c", "5", "2.50"], ["a", "1", "0.50"]]


def test_quarantined_rows_stand_in_the_order_of_the_source():
    rows = texts(examples_table(examples.quarantine()))
    assert [row[0] for row in rows] == ["17", "40", "912"]
    assert rows[0][-1] == "clean_price: expected 1 to 250, got 1e9 <script>"


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
