"""A new name that a bond changes to is its issuer's next name; one that was there is another issuer."""

from datetime import date

import polars as pl
import pytest

from richcheap.panel.issuers import first_names

Kind = tuple[str, str | None, int]


def named(*kinds: Kind) -> dict[str, str]:
    columns = {"bond_id": pl.String, "issuer": pl.String, "date": pl.Int64}
    frame = pl.DataFrame(sorted(kinds, key=lambda kind: (kind[2], kind[0])), schema=columns, orient="row")
    start = pl.lit(date(2024, 1, 1))
    return first_names(frame.with_columns(date=start + pl.duration(days=pl.col("date"))))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        pytest.param([("a", "Old", 0), ("a", "New", 5)], {"New": "Old"}, id="one bond"),
        pytest.param(
            [("a", "Old", 0), ("b", "Old", 1), ("b", "New", 5), ("a", "New", 9)], {"New": "Old"}, id="in turn"
        ),
        pytest.param([("a", "A", 0), ("a", "B", 5), ("a", "C", 9)], {"B": "A", "C": "A"}, id="twice"),
        pytest.param([("a", "A", 0), ("b", "B", 1), ("a", "B", 5)], {}, id="taken over by another"),
        pytest.param([("a", "A", 0), ("c", "B", 4), ("a", "B", 5)], {}, id="the new name came first with another bond"),
        pytest.param(
            [("a", "A", 0), ("b", "B", 0), ("c", "B", 0), ("a", "N", 5), ("b", "N", 5), ("c", "N", 5)],
            {"N": "B"},
            id="merged under a new name: that of the most bonds",
        ),
        pytest.param([("a", "A", 0), ("b", "B", 0), ("a", "N", 5), ("b", "N", 6)], {"N": "A"}, id="who comes first"),
        pytest.param([("a", None, 0), ("a", "A", 5)], {}, id="unknown before"),
        pytest.param([("a", "A", 0), ("a", None, 5), ("a", "B", 6)], {"B": "A"}, id="unknown between"),
        pytest.param([("a", "A", 0), ("a", "B", 5), ("a", "A", 9)], {"B": "A"}, id="there and back"),
    ],
)
def test_names_follow_the_bonds(kinds: list[Kind], expected: dict[str, str]) -> None:
    assert named(*kinds) == expected


def test_what_comes_later_changes_no_name() -> None:
    kinds: list[Kind] = [("a", "A", 0), ("b", "B", 0), ("a", "N", 5), ("b", "N", 8), ("b", "M", 11), ("c", "M", 12)]
    for count in range(1, len(kinds) + 1):
        known = {name for _, name, _ in kinds[:count]}
        assert named(*kinds[:count]) == {new: old for new, old in named(*kinds).items() if new in known}
