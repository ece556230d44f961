"""The table of importance."""

from richcheap.reporting.sections.importance import importance_table


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
