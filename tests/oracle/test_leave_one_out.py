"""What the other prints say of each one, against brute force and against its own price."""

import numpy as np
import pytest

from richcheap.oracle.leave_one_out import Cases, leave_one_out

CASES, SIZES, PRINTS, SHOCKS = 3, 4, 6, 2


def some_cases() -> Cases:
    rng = np.random.default_rng(4)
    roots = rng.normal(size=(CASES, PRINTS, PRINTS))
    noise = rng.uniform(0.2, 1.0, size=(CASES, PRINTS))
    return Cases(
        expected=rng.normal(size=(CASES, PRINTS)),
        surprise=3.0 * rng.normal(size=(CASES, PRINTS)),
        noise=noise,
        covariance=roots @ roots.transpose(0, 2, 1) + np.eye(PRINTS) * noise[:, None],
        roots=rng.normal(size=(PRINTS, SHOCKS)),
        sizes=rng.uniform(0.0, 3.0, size=(CASES, SIZES, SHOCKS)),
        chances=rng.dirichlet(np.ones(CASES * SIZES)).reshape(CASES, SIZES),
    )


def test_left_out_prints_are_foretold_by_all_cases_that_the_others_leave_likely() -> None:
    cases = some_cases()
    found = leave_one_out(cases)
    for row in range(PRINTS):
        others = np.delete(np.arange(PRINTS), row)
        weight, mean, variance = np.zeros((3, CASES, SIZES))
        for case, size in np.ndindex(CASES, SIZES):
            shocks = cases.roots * cases.sizes[case, size]
            covariance = cases.covariance[case] + shocks @ shocks.T
            inner, surprise = covariance[np.ix_(others, others)], cases.surprise[case, others]
            weights = np.linalg.solve(inner, covariance[others, row])
            density = np.exp(-0.5 * surprise @ np.linalg.solve(inner, surprise)) / np.sqrt(np.linalg.det(inner))
            weight[case, size] = cases.chances[case, size] * density
            mean[case, size] = cases.expected[case, row] + weights @ surprise
            variance[case, size] = covariance[row, row] - weights @ covariance[others, row] - cases.noise[case, row]
        chance = weight / weight.sum()
        middle = (chance * mean).sum()
        assert found.mean[row] == pytest.approx(middle, rel=1e-9)
        assert found.variance[row] == pytest.approx((chance * (variance + (mean - middle) ** 2)).sum(), rel=1e-9)
        assert found.given_others[:, row] == pytest.approx(chance.sum(axis=1), rel=1e-9)


def test_all_prints_weigh_the_cases_by_their_density() -> None:
    cases = some_cases()
    weight = np.zeros((CASES, SIZES))
    for case, size in np.ndindex(CASES, SIZES):
        shocks = cases.roots * cases.sizes[case, size]
        covariance, surprise = cases.covariance[case] + shocks @ shocks.T, cases.surprise[case]
        density = np.exp(-0.5 * surprise @ np.linalg.solve(covariance, surprise)) / np.sqrt(np.linalg.det(covariance))
        weight[case, size] = cases.chances[case, size] * density
    assert leave_one_out(cases).given_all == pytest.approx(weight / weight.sum(), rel=1e-9)


def test_no_print_is_seen_by_its_own_price_nor_are_its_cases() -> None:
    cases = some_cases()
    moved = cases.surprise.copy()
    moved[:, 2] += 10.0
    before, after = leave_one_out(cases), leave_one_out(cases._replace(surprise=moved))
    assert after.mean[2] == pytest.approx(before.mean[2], rel=1e-12)
    assert after.variance[2] == pytest.approx(before.variance[2], rel=1e-12)
    assert after.given_others[:, 2] == pytest.approx(before.given_others[:, 2], rel=1e-12)
    assert np.abs(after.given_others - before.given_others)[:, 3].max() > 1e-3
    assert np.abs(after.given_all - before.given_all).max() > 1e-3


def test_chances_sum_to_one() -> None:
    found = leave_one_out(some_cases())
    assert found.given_others.sum(axis=0) == pytest.approx(np.ones(PRINTS), rel=1e-12)
    assert found.given_all.sum() == pytest.approx(1.0, rel=1e-12)
