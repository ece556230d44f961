import pytest

from stages.reporting.drawing import SERIES
from stages.reporting.results import (
    chosen,
    compared,
    drawn,
    headline,
    models,
    ranked,
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
    assert chosen(evaluation) == "peers"


def test_without_models_there_is_nothing_to_judge():
    evaluation = examples.evaluation()
    del evaluation["predictors"]["ml_adjuster"]
    assert models(evaluation) == []
    assert verdicts(evaluation) == []


def test_compared_names_nobody_twice():
    evaluation = examples.evaluation()
    assert compared(evaluation) == ["ml_adjuster", "peers", "last_adjusted"]
    evaluation["best_baseline"] = "last_adjusted"
    assert compared(evaluation) == ["ml_adjuster", "last_adjusted"]


def test_a_poor_reference_is_not_drawn_but_a_poor_model_is():
    evaluation = examples.evaluation()
    assert drawn(evaluation) == ["ml_adjuster", "peers", "last_adjusted"]
    evaluation["predictors"]["last_adjusted"]["mae"] = 9.0
    evaluation["predictors"]["ml_adjuster"]["mae"] = 9.0
    assert drawn(evaluation) == ["ml_adjuster", "peers"]
    assert compared(evaluation) == ["ml_adjuster", "peers", "last_adjusted"]


def test_there_are_colours_for_all_that_is_compared():
    evaluation = examples.evaluation()
    for number in range(9):
        evaluation["predictors"][f"model_{number}"] = evaluation["predictors"]["ml_adjuster"]
    assert len(compared(evaluation)) == len(SERIES)


def test_headline_names_the_kind_of_the_best():
    assert headline(examples.evaluation())[1].startswith("a model, is closest")
    assert headline(examples.losing())[1].startswith("a baseline, is closest")


def test_verdict_tells_which_way_the_error_goes():
    (won,) = verdicts(examples.evaluation())
    assert won.detail == "MAE lower by 2.8 % (95 % interval 1.3 to 4.1 %)"
    (lost,) = verdicts(examples.losing())
    assert lost.detail == "MAE higher by 13.0 % (95 % interval 9.0 to 16.0 %)"


def test_a_skill_beyond_all_use_has_no_decimals():
    (matrix,) = [row for row in results_table(examples.evaluation()).rows if row.cells[0].text == "matrix"]
    assert [cell.text for cell in matrix.cells[7:9]] == [
        "\u2212285 [\u2212287, \u2212284]",
        "\u2212321 [\u2212322, \u2212319]",
    ]


@pytest.mark.parametrize("evaluation", [examples.evaluation(), examples.losing()])
def test_every_predictor_stands_in_the_table_once(evaluation):
    table = results_table(evaluation)
    assert sorted(row.cells[0].text for row in table.rows) == sorted(examples.ERRORS)
    assert all(len(row.cells) == len(table.columns) for row in table.rows)
    assert [row.cells[0].text for row in table.rows if row.strong] == ["ml_adjuster"]
