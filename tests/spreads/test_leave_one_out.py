"""The fits that leave one row out, against refitting without that row."""

import numpy as np
import pytest

from stages.spreads.leave_one_out import fitted, solve_leave_one_out

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def cross_section(rows: int = 40, terms: int = 4, seed: int = 0) -> Arrays:
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(rows, terms))
    target = loadings @ rng.normal(size=terms) + rng.normal(scale=0.3, size=rows)
    weight = rng.uniform(0.2, 3.0, size=rows)
    mean = rng.normal(size=terms)
    root = rng.normal(size=(terms, terms))
    return loadings, target, weight, mean, root @ root.T + np.eye(terms)


def test_full_fit_solves_the_normal_equations() -> None:
    loadings, target, weight, mean, precision = cross_section()
    fit = solve_leave_one_out(loadings, target, weight, mean, precision)
    left = loadings.T @ (weight[:, None] * loadings) + precision
    right = loadings.T @ (weight * target) + precision @ mean
    np.testing.assert_allclose(fit.full, np.linalg.solve(left, right), rtol=1e-12)


def test_each_row_gets_the_fit_of_all_the_others() -> None:
    loadings, target, weight, mean, precision = cross_section()
    fit = solve_leave_one_out(loadings, target, weight, mean, precision)
    for row in range(target.size):
        others = np.arange(target.size) != row
        refit = solve_leave_one_out(loadings[others], target[others], weight[others], mean, precision)
        np.testing.assert_allclose(fit.without[row], refit.full, rtol=1e-11, atol=1e-13)
        gram = loadings[others].T @ (weight[others, None] * loadings[others]) + precision
        expected = loadings[row] @ np.linalg.solve(gram, loadings[row])
        assert fit.variance[row] == pytest.approx(expected, rel=1e-11)


def test_a_row_does_not_move_its_own_fit_by_a_single_bit() -> None:
    loadings, target, weight, mean, precision = cross_section()
    before = solve_leave_one_out(loadings, target, weight, mean, precision)
    for row in range(target.size):
        moved = target.copy()
        moved[row] += 150.0
        after = solve_leave_one_out(loadings, moved, weight, mean, precision)
        assert after.without[row].tobytes() == before.without[row].tobytes()
        assert not np.allclose(after.full, before.full)


def test_a_row_of_weight_zero_takes_no_part_and_may_be_unknown() -> None:
    loadings, target, weight, mean, precision = cross_section()
    weight[3], target[3] = 0.0, np.nan
    fit = solve_leave_one_out(loadings, target, weight, mean, precision)
    others = np.arange(target.size) != 3
    refit = solve_leave_one_out(loadings[others], target[others], weight[others], mean, precision)
    np.testing.assert_allclose(fit.full, refit.full, rtol=1e-12)
    np.testing.assert_allclose(fit.without[3], fit.full, rtol=1e-12)


def test_without_rows_the_prior_stays() -> None:
    _, _, _, mean, precision = cross_section()
    fit = solve_leave_one_out(np.empty((0, 4)), np.empty(0), np.empty(0), mean, precision)
    np.testing.assert_array_equal(fit.full, mean)


def test_fitted_takes_one_vector_or_one_for_each_row() -> None:
    loadings = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(fitted(loadings, np.array([1.0, 10.0])), [21.0, 43.0])
    np.testing.assert_array_equal(fitted(loadings, np.array([[1.0, 0.0], [0.0, 1.0]])), [1.0, 4.0])


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_target_that_is_not_finite_is_refused(broken: float) -> None:
    loadings, target, weight, mean, precision = cross_section()
    target[0] = broken
    with pytest.raises(ValueError, match="must be finite wherever the weight is positive"):
        solve_leave_one_out(loadings, target, weight, mean, precision)


def test_shapes_that_do_not_agree_are_named() -> None:
    loadings, target, weight, mean, precision = cross_section()
    with pytest.raises(ValueError, match=r"shapes must agree: loadings \(40, 4\), target \(39,\)"):
        solve_leave_one_out(loadings, target[1:], weight, mean, precision)
