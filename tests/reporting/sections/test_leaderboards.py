"""What training found, and what the best model owes to groups of features, as tables."""

from typing import Any

from richcheap.reporting.sections.leaderboards import SHOWN, importance_table, leaderboards, multipliers_table


def trial(rank: int, **changes: Any) -> dict[str, Any]:
    """Return a row of a leaderboard."""
    return {"rank": rank, "trial": rank + 5, "settings": "leaves 15", "folds": 1, "loss": 0.5, "share": 0.0, **changes}


FOUND: dict[str, dict[str, Any]] = {
    "forest": {"multiplier": 0.95, "leaderboard": []},
    "search": {
        "multiplier": 1.0,
        "cold_start_multiplier": 0.5,
        "leaderboard": [
            trial(1, family="boosting", features="advanced", space="noise", folds=2, mae=[0.41, 0.4], share=1.0),
            trial(2, family="linear", features="basic", space="points", mae=[0.5, None]),
        ],
    },
    "stack": {
        "multiplier": 1.0,
        "leaderboard": [{"rank": 1, "family": "line", "share": 0.7}, {"rank": 2, "family": "trees", "share": 0.0}],
    },
}


def texts(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_each_model_is_shown_with_how_much_of_its_correction_is_applied() -> None:
    assert texts(multipliers_table(FOUND)) == [
        ["forest", "95", "\u2013", "\u2013"],
        ["search", "100", "50", "2 candidates"],
        ["stack", "100", "\u2013", "\u2013"],
    ]


def test_a_search_is_shown_with_the_error_on_each_fold_and_what_it_chose_is_set_apart() -> None:
    table = leaderboards(FOUND)["search"]
    titles = [column.title for column in table.columns]
    assert titles[2:9] == ["Family", "Features", "Target space", "Folds", "Error", "MAE, fold 1", "MAE, fold 2"]
    assert texts(table) == [
        ["1", "6", "boosting", "advanced", "noise", "2", "50.0", "0.4100", "0.4000", "100.0", "leaves 15"],
        ["2", "7", "linear", "basic", "points", "1", "50.0", "0.5000", "\u2013", "0.0", "leaves 15"],
    ]
    assert [row.strong for row in table.rows] == [True, False]


def test_a_model_shows_the_columns_that_it_knows_and_one_without_a_leaderboard_none() -> None:
    tables = leaderboards(FOUND)
    assert list(tables) == ["search", "stack"]
    assert texts(tables["stack"]) == [["1", "line", "70.0"], ["2", "trees", "0.0"]]


def test_of_a_long_search_the_best_are_shown_and_all_that_the_prediction_is_made_of() -> None:
    board = [trial(rank, share=float(rank == 50)) for rank in range(1, 61)]
    ((heading, table),) = leaderboards({"long": {"multiplier": 1.0, "leaderboard": board}}).items()
    assert heading == "long: the best 20 of 60 and all with a weight"
    assert [cells[0] for cells in texts(table)] == [*map(str, range(1, SHOWN + 1)), "50"]


def test_only_what_stands_out_of_its_noise_is_marked() -> None:
    groups = [
        {"group": "peers", "features": ["f_a", "f_b"], "importance": 0.05, "std": 0.002, "relative": 0.125},
        {"group": "noise", "features": ["f_c"], "importance": 0.001, "std": 0.002, "relative": None},
    ]
    table = importance_table({"mae": 0.4, "rows": 100, "repeats": 5, "groups": groups})
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["peers", "0.0500", "0.0020", "12.5", "f_a, f_b"],
        ["noise", "0.0010", "0.0020", "\u2013", "f_c"],
    ]
    assert [row.cells[1].mark for row in table.rows] == ["good", ""]
    assert table.columns[2].unit == "points, over 5 permutations"
