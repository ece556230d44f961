import numpy as np
import pytest

from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.curves.pricing import curve_measures, curve_prices
from richcheap.numerics import threads
from tests.bonds.referee import random_bonds, terms


def test_blocks_cover_every_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BLOCK_ROWS", 7)
    for size in (0, 1, 7, 8, 100):
        for count in (1, 3):
            seen = np.zeros(size, int)

            def work(rows: slice, seen: np.ndarray = seen) -> None:
                seen[rows] += 1

            threads.run_blocks(size, count, work)
            assert (seen == 1).all()


def test_no_thread_at_all_raises_value_error() -> None:
    with pytest.raises(ValueError, match="threads must be at least 1, but it is 0"):
        threads.run_blocks(1, 0, print)


def test_an_error_in_a_block_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BLOCK_ROWS", 1)

    def work(rows: slice) -> None:
        raise ArithmeticError(rows.start)

    with pytest.raises(ArithmeticError, match="0"):
        threads.run_blocks(3, 2, work)


def test_no_bit_depends_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BLOCK_ROWS", 64)
    bonds = terms(random_bonds(61, 500))
    rng = np.random.default_rng(62)
    bonds = bonds._replace(floating=rng.integers(0, 3, 500, np.int32), margin=rng.uniform(-0.01, 0.03, 500))
    price, curve = rng.uniform(50.0, 150.0, 500), rng.integers(0, 2, 500)
    nodes, rates = np.array([1.0, 5.0, 20.0]), np.array([[0.01, 0.02, 0.03], [0.05, 0.04, 0.04]])

    def all_bits(count: int) -> bytes:
        results = (
            accrued_interest(bonds, threads=count),
            dirty_from_yield(bonds, 0.04, threads=count),
            *measures(bonds, price, threads=count),
            *curve_measures(bonds, price, nodes, rates, curve, threads=count),
            curve_prices(bonds, nodes, rates, curve, np.full((500, 2), 0.01), threads=count),
        )
        return b"".join(column.tobytes() for column in results)

    assert all_bits(1) == all_bits(2) == all_bits(5)
