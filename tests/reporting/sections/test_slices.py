from richcheap.reporting.sections.slices import (
    coverage_table,
    currency_table,
    error_table,
    optimal_filter_table,
    other_slices,
)
from tests.reporting import examples


def test_the_least_error_of_a_cell_is_marked():
    table = error_table(examples.losing(), "maturity")
    assert len(table.rows) == len(examples.MATURITIES)
    for row in table.rows:
        errors = {column.title: cell for column, cell in zip(table.columns, row.cells, strict=True)}
        assert [name for name, cell in errors.items() if cell.mark == "good"] == ["ml_adjuster"]


def test_a_coverage_far_from_the_target_is_marked():
    table = coverage_table(examples.evaluation(), "maturity")
    column = [title.unit for title in table.columns].index("coverage, %")
    marks = {row.cells[column].text: row.cells[column].mark for row in table.rows}
    assert marks == {"90.0": "", "88.0": "", "86.0": "", "84.0": "bad", "82.0": "bad", "80.0": "bad"}


def test_a_coverage_of_few_rows_is_not_marked():
    evaluation = examples.evaluation()
    for cell in evaluation["slices"]["maturity"]:
        cell["rows"] = 49
    table = coverage_table(evaluation, "maturity")
    assert not any(cell.mark for row in table.rows for cell in row.cells)


def test_a_predictor_or_figure_that_a_cell_lacks_is_a_dash():
    evaluation = examples.evaluation()
    cell = evaluation["slices"]["maturity"][0]
    del cell["predictors"]["matrix"]
    cell["predictors"]["last"]["mae"] = None
    texts = [cell.text for cell in error_table(evaluation, "maturity").rows[0].cells]
    assert texts.count("\u2013") == 2


def test_a_slice_of_one_cell_is_not_shown():
    assert other_slices(examples.evaluation()) == ["rating_bucket", "regime"]


def test_an_unknown_slice_comes_last():
    evaluation = examples.evaluation()
    evaluation["slices"]["desk"] = evaluation["slices"]["maturity"]
    assert other_slices(evaluation) == ["rating_bucket", "regime", "desk"]


def test_the_truth_leads_the_attainable_table():
    table = optimal_filter_table(examples.evaluation())
    assert table is not None
    assert [[cell.text for cell in row.cells] for row in table.rows[:3]] == [
        ["true mid price", "0.1321", "0.9600", "120.0", "109.1"],
        ["noise-free bound", "0.1520", "0.8800", "110.0", "100.0"],
        ["optimal filter", "0.1710", "0.8000", "100.0", "90.9"],
    ]


def test_what_was_not_worked_out_has_no_row_and_no_share():
    evaluation = examples.evaluation()
    evaluation["oracle"]["optimal_filter"] = None
    table = optimal_filter_table(evaluation)
    assert table is not None
    assert [row.cells[0].text for row in table.rows[:2]] == ["true mid price", "noise-free bound"]
    assert {row.cells[3].text for row in table.rows} == {"\u2013"}


def test_each_currency_has_its_curve_and_the_champion_s_figures_beside_the_baselines() -> None:
    table = currency_table(examples.evaluation(), {"EUR": {"flat": 1, "fitted": 398}})
    assert [column.title for column in table.columns][4:7] == ["MAE, ml_adjuster", "MAE, kalman", "MAE, peers"]
    euro, dollar = [[cell.text for cell in row.cells] for row in table.rows]
    assert euro[:3] == ["EUR", "fitted 398, flat 1", "500"]
    assert euro[4:8] == ["0.0645", "0.0657", "0.0664", "10.00"]
    assert dollar[:2] == ["USD", "\u2013"]
