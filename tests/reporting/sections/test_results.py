import pytest

from richcheap.reporting.layout.drawing import SERIES
from richcheap.reporting.sections.results import (
    chosen,
    compared,
    drawn,
    headline,
    live_section,
    models,
    ranked,
    references,
    results_table,
    verdicts,
)
from tests.reporting import examples


def test_ranked_puts_the_least_error_first_and_the_unknown_last():
    evaluation = examples.evaluation()
    evaluation["predictors"]["peers"]["mae"] = None
    names = ranked(evaluation)
    assert names[0] == "ml_adjuster"
    assert names[-1] == "peers"


def test_equal_errors_are_ordered_by_name():
    evaluation = examples.evaluation()
    for figures in evaluation["predictors"].values():
        figures["mae"] = 0.2
    assert ranked(evaluation) == sorted(examples.ERRORS)


def test_chosen_goes_by_the_validation_block_alone():
    evaluation = examples.losing()
    evaluation["predictors"]["ml_adjuster"]["mae"] = 0.0
    assert chosen(evaluation) == "kalman"


def test_without_models_there_is_nothing_to_judge():
    evaluation = examples.evaluation()
    del evaluation["predictors"]["ml_adjuster"]
    assert models(evaluation) == []
    assert verdicts(evaluation) == []


def test_compared_names_nobody_twice():
    evaluation = examples.evaluation()
    assert compared(evaluation) == ["ml_adjuster", "kalman", "peers"]
    evaluation["best_baseline"] = "peers"
    assert compared(evaluation) == ["ml_adjuster", "peers"]


def test_a_poor_simple_baseline_is_not_drawn_but_a_poor_model_is():
    evaluation = examples.evaluation()
    assert drawn(evaluation) == ["ml_adjuster", "kalman", "peers"]
    evaluation["predictors"]["peers"]["mae"] = 9.0
    evaluation["predictors"]["ml_adjuster"]["mae"] = 9.0
    assert drawn(evaluation) == ["ml_adjuster", "kalman"]
    assert compared(evaluation) == ["ml_adjuster", "kalman", "peers"]


def test_there_are_colours_for_all_that_is_compared():
    evaluation = examples.evaluation()
    for number in range(9):
        evaluation["predictors"][f"model_{number}"] = evaluation["predictors"]["ml_adjuster"]
    assert len(compared(evaluation)) == len(SERIES)


def test_headline_names_the_kind_of_the_best():
    assert headline(examples.evaluation())[1].startswith("a model, has the lowest error on the validation block")
    assert headline(examples.losing())[1].startswith("a baseline, has the lowest error on the validation block")


def test_headline_is_of_the_one_chosen_on_the_validation_block_whoever_wins_the_test_block():
    evaluation = examples.evaluation()
    evaluation["predictors"]["kalman"]["mae"] = 0.0
    assert headline(evaluation) == headline(examples.evaluation())


def test_verdict_tells_which_way_the_error_goes():
    (won,) = verdicts(examples.evaluation())
    assert won.mark == "good"
    assert won.claims == [
        ("beats", "the best simple baseline", "peers", "MAE lower by 2.8 % (95 % interval 1.3 to 4.1 %)"),
        ("beats", "the Kalman filter", "kalman", "MAE lower by 1.8 % (95 % interval 0.3 to 3.1 %)"),
    ]
    (lost,) = verdicts(examples.losing())
    assert lost.mark == "bad"
    assert lost.claims[-1].detail == "MAE higher by 13.0 % (95 % interval 9.0 to 16.0 %)"


@pytest.mark.parametrize(
    ("best", "roles"),
    [
        ("kalman", {"peers": "the best simple baseline", "kalman": "the Kalman filter"}),
        ("peers", {"kalman": "the Kalman filter", "peers": "the best simple baseline"}),
        (
            "ridge",
            {"peers": "the best simple baseline", "kalman": "the Kalman filter", "ridge": "the best baseline"},
        ),
    ],
)
def test_skill_is_shown_against_the_simple_baseline_and_the_filter_and_judged_against_the_best(best, roles):
    evaluation = examples.evaluation()
    evaluation["best_baseline"] = best
    assert list(references(evaluation).items()) == list(roles.items())
    table = results_table(evaluation)
    headings = [column.title for column in table.columns if column.title.startswith("Skill")]
    assert headings == [f"Skill against {name}" for name in roles]
    assert table.columns[-1] == ("Verdict", f"against {best}", False)
    itself = next(row for row in table.rows if row.cells[0].text == best)
    assert [cell.text for cell in itself.cells[-2:]] == ["\u2013", "\u2013"]
    assert verdicts(evaluation)[0].mark == "good"


def test_a_model_is_marked_by_the_baseline_that_it_fares_worst_against():
    evaluation = examples.evaluation()
    against = evaluation["skill"]["ml_adjuster"]["against"]
    marks = []
    for verdict in ("better", "not distinguishable", "worse"):
        against["peers"] = {**against["peers"], "verdict": verdict}
        marks.append(verdicts(evaluation)[0].mark)
    assert marks == ["good", "even", "bad"]


def test_last_adjusted_is_a_row_and_no_reference():
    table = results_table(examples.evaluation())
    assert "last_adjusted" in [row.cells[0].text for row in table.rows]
    assert not [column for column in table.columns if "last_adjusted" in (column.title + column.unit)]


def test_a_skill_beyond_all_use_has_no_decimals():
    table = results_table(examples.evaluation())
    (matrix,) = [row for row in table.rows if row.cells[0].text == "matrix"]
    skills = zip(table.columns, matrix.cells, strict=True)
    assert [cell.text for column, cell in skills if column.title.startswith("Skill")] == [
        "\u2212321 [\u2212322, \u2212319]",
        "\u2212325 [\u2212327, \u2212324]",
    ]


@pytest.mark.parametrize("evaluation", [examples.evaluation(), examples.losing()])
def test_every_predictor_stands_in_the_table_once(evaluation):
    table = results_table(evaluation)
    assert sorted(row.cells[0].text for row in table.rows) == sorted(examples.ERRORS)
    assert all(len(row.cells) == len(table.columns) for row in table.rows)
    assert [row.cells[0].text for row in table.rows if row.strong] == ["ml_adjuster"]


def test_live_dates_are_shown_the_latest_first_and_only_where_there_are_any():
    shown = live_section(examples.live(retrain=True))
    assert shown is not None
    assert shown.sentences[0].startswith("2 dates, 2023-07-21 to 2023-07-24, 80 rows")
    assert shown.sentences[-1] == "Drift says to train again."
    assert [row.cells[0].text for row in shown.dates.rows] == ["2023-07-24", "2023-07-21"]
    assert [cell.text for cell in shown.dates.rows[0].cells[1:]] == ["40", "0.2000", "+0.1000", "95.0", "0.3000"]
    for table in (shown.totals, shown.dates):
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
    assert [row.strong for row in shown.totals.rows] == [True, False]
    assert live_section({"rows": 0}) is None
