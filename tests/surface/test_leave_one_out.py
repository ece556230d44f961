"""The fits that leave one row out, against refitting without that row."""

import numpy as np
import pytest

from richcheap.surface.leave_one_out import fitted, prior_variance, solve_leave_one_out
from richcheap.surface.outliers import RobustWeights

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


def test_a_row_that_is_all_of_its_term_falls_back_to_the_prior() -> None:
    loadings, target, weight, mean, precision = cross_section()
    loadings[:, 3] = 0.0
    loadings[5] = [0.0, 0.0, 0.0, 1.0]
    weight[5] = 1e4
    fit = solve_leave_one_out(loadings, target, weight, mean, precision)
    others = np.arange(target.size) != 5
    refit = solve_leave_one_out(loadings[others], target[others], weight[others], mean, precision)
    np.testing.assert_allclose(fit.without[5], refit.full, rtol=1e-10)


def doubts(downweighted: list[int], rows: int = 40) -> RobustWeights:
    factor = np.ones(rows)
    factor[downweighted] = 0.01
    return RobustWeights(factor, np.zeros(rows, dtype=np.int64), factor[None, :])


def test_doubted_rows_weigh_less_in_the_fits_of_the_others_and_nothing_changes_in_their_own() -> None:
    loadings, target, weight, mean, precision = cross_section()
    robust = doubts([4, 9])
    fit = solve_leave_one_out(loadings, target, weight, mean, precision, robust)
    for row in (0, 4, 9, 20):
        others = np.arange(target.size) != row
        less = (weight * robust.factor)[others]
        refit = solve_leave_one_out(loadings[others], target[others], less, mean, precision)
        np.testing.assert_allclose(fit.without[row], refit.full, rtol=1e-10, atol=1e-12)


def test_whether_a_row_is_doubted_itself_moves_no_bit_of_its_own_fit() -> None:
    loadings, target, weight, mean, precision = cross_section()
    for row in (0, 7, 39):
        trusted = solve_leave_one_out(loadings, target, weight, mean, precision, doubts([4, 9]))
        downweighted = solve_leave_one_out(loadings, target, weight, mean, precision, doubts([4, 9, row]))
        assert trusted.without[row].tobytes() == downweighted.without[row].tobytes()
        assert trusted.variance[row] == downweighted.variance[row]


def test_threads_change_no_bit() -> None:
    system = cross_section(rows=40_000)
    one, two = solve_leave_one_out(*system), solve_leave_one_out(*system, threads=2)
    assert one.without.tobytes() == two.without.tobytes()


def test_prior_variance_is_that_of_the_fitted_value_under_the_prior() -> None:
    loadings, _, _, _, precision = cross_section()
    expected = np.einsum("ik,km,im->i", loadings, np.linalg.inv(precision), loadings)
    np.testing.assert_allclose(prior_variance(loadings, precision), expected, rtol=1e-10)


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
