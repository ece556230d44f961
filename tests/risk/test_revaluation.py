"""Profits from cash flows and to second order."""

import numpy as np
import pytest

from richcheap.curves.pricing import curve_dirty_price
from richcheap.risk import revaluation
from richcheap.risk.revaluation import full_revaluation, second_order
from tests.risk.books import equal_position, market


def scenarios(count=40, size=5.0, seed=3):
    position = equal_position(market())
    random = np.random.default_rng(seed)
    moves = size * random.standard_normal((count, position.marks.loadings.shape[1]))
    return position, moves, size * random.standard_normal((count, position.weight.size))


def test_a_parallel_shift_is_a_price_on_the_shifted_curve():
    position, moves, idiosyncratic = scenarios(1)
    nodes = market().curves.nodes_years.size
    moves[:] = 0.0
    moves[0, :nodes] = 50.0
    marks = position.marks
    price = curve_dirty_price(marks.terms, marks.node_years, (marks.rates + 0.005)[None, :], 0, marks.spread)
    np.testing.assert_allclose(
        full_revaluation(position, moves, 0.0 * idiosyncratic)[0],
        position.weight * (price / marks.price - 1.0),
        atol=1e-14,
    )


def test_a_bucket_and_a_bond_move_spreads():
    position, moves, idiosyncratic = scenarios(1)
    marks, nodes = position.marks, market().curves.nodes_years.size
    moves[:, :nodes] = 0.0
    spread = marks.spread + (moves[0, nodes:][marks.bucket] + idiosyncratic[0]) / 1e4
    price = curve_dirty_price(marks.terms, marks.node_years, marks.rates[None, :], 0, spread)
    np.testing.assert_allclose(
        full_revaluation(position, moves, idiosyncratic)[0], position.weight * (price / marks.price - 1.0), atol=1e-14
    )


def test_nothing_moves_nothing():
    position, moves, idiosyncratic = scenarios(2)
    np.testing.assert_allclose(full_revaluation(position, 0.0 * moves, 0.0 * idiosyncratic), 0.0, atol=1e-15)
    np.testing.assert_array_equal(second_order(position, 0.0 * moves, 0.0 * idiosyncratic), 0.0)


def test_the_second_order_is_within_a_basis_point_for_a_days_moves_and_nearer_for_smaller_ones():
    def error(size):
        position, moves, idiosyncratic = scenarios(size=size)
        return np.abs(
            full_revaluation(position, moves, idiosyncratic).sum(axis=1) - second_order(position, moves, idiosyncratic)
        ).max()

    assert error(5.0) < 1e-4
    assert error(1.0) < error(5.0) / 4.0


def test_the_size_of_a_piece_and_the_threads_change_no_bit(monkeypatch):
    position, moves, idiosyncratic = scenarios()
    whole = full_revaluation(position, moves, idiosyncratic)
    monkeypatch.setattr(revaluation, "CELLS", 50)
    np.testing.assert_array_equal(full_revaluation(position, moves, idiosyncratic), whole)
    np.testing.assert_array_equal(full_revaluation(position, moves, idiosyncratic, threads=2), whole)


def test_second_order_by_hand():
    position, moves, idiosyncratic = scenarios(1)
    change = (position.marks.loadings @ moves[0] + idiosyncratic[0]) / 1e4
    marks = position.marks
    expected = (position.weight * (0.5 * marks.convexity * change**2 - marks.duration * change)).sum()
    assert second_order(position, moves, idiosyncratic)[0] == pytest.approx(expected, rel=1e-12)
