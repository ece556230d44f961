"""Weights from a file, and who is held."""

import numpy as np
import polars as pl
import pytest

from richcheap.risk.portfolio import PortfolioError, form_portfolio, parse_weights
from tests.risk.books import market, marks_of

BONDS = pl.Series(["A", "B", "C"])


def table(*rows, names=("bond_id", "weight")):
    return pl.DataFrame([list(row) for row in rows], schema=dict.fromkeys(names, pl.String), orient="row")


def test_weights_stand_where_their_bonds_do():
    found = parse_weights(table(("C", "0.5"), (" A ", "2")), BONDS, "w.csv")
    assert found is not None
    assert found.tolist() == [2.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("A", "1"), ("B", "x")], "w.csv: line 3: the weight of B must be a finite number, got x"),
        ([("A", None)], "w.csv: line 2: the weight of A must be a finite number, got None"),
        ([("A", "inf")], "w.csv: line 2: the weight of A must be a finite number, got inf"),
        ([("A", "1"), ("A", "2")], "w.csv: line 2: A is named more than once; give each bond one weight"),
        (
            [("A", "1"), ("D", "2")],
            "w.csv: line 3: D is not among the 3 bonds of the portfolio's currency; remove it, or correct its name",
        ),
        ([("A", "1"), ("B", "-1")], "w.csv: the weights must sum to more than 0, got 0"),
    ],
)
def test_a_wrong_file_ends_in_one_line(rows, message):
    with pytest.raises(PortfolioError) as caught:
        parse_weights(table(*rows), BONDS, "w.csv")
    assert str(caught.value) == message


def test_a_file_without_a_row_asks_for_equal_weights():
    assert parse_weights(table(), BONDS, "w.csv") is None


def test_a_missing_column_is_named():
    with pytest.raises(PortfolioError, match=r"w.csv: expected the columns bond_id,weight, got bond,weight"):
        parse_weights(table(("A", "1"), names=("bond", "weight")), BONDS, "w.csv")


def test_equal_weights_are_shares_of_market_value():
    marks = marks_of(market())[-1]
    position, excluded = form_portfolio(marks, None, 90)
    assert position is not None
    np.testing.assert_allclose(position.weight, 1.0 / marks.bond.size)
    assert excluded == {"stale_price": 0, "no_mark": 0}
    # Equal values buy less face of a dear bond: the price of the whole is the harmonic mean.
    assert position.price == pytest.approx(marks.bond.size / (1.0 / marks.price).sum())


def test_given_weights_sum_to_one_and_may_be_short():
    marks = marks_of(market())[-1]
    weights = np.zeros(market().prints.bonds.len())
    weights[:3] = [2.0, 1.0, -0.5]
    position, _ = form_portfolio(marks, weights, 90)
    assert position is not None
    assert position.weight.tolist() == [0.8, 0.4, -0.2]


def test_a_bond_with_an_old_price_is_left_out_and_counted():
    marks = marks_of(market())[-1]
    oldest = int(marks.age_days.max())
    position, excluded = form_portfolio(marks, None, oldest - 1)
    assert position is not None
    assert position.marks.age_days.max() < oldest
    assert excluded["stale_price"] == int((marks.age_days == oldest).sum())


def test_a_bond_without_a_mark_is_left_out_and_counted():
    marks = marks_of(market())[0]
    weights = np.ones(market().prints.bonds.len())
    _, excluded = form_portfolio(marks, weights, 90)
    assert excluded["no_mark"] == weights.size - marks.bond.size > 0


def test_nothing_is_held_when_no_weight_is_left():
    marks = marks_of(market())[-1]
    position, _ = form_portfolio(marks._replace(age_days=marks.age_days + 1000), None, 90)
    assert position is None
