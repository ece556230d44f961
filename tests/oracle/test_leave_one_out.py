"""What the other prints say of each one, against brute force and against its own price."""

import numpy as np
import pytest

from richcheap.oracle.leave_one_out import MixtureComponents, leave_one_out

CASES, SIZES, PRINTS, SHOCKS = 3, 4, 6, 2


def some_cases() -> MixtureComponents:
    rng = np.random.default_rng(4)
    roots = rng.normal(size=(CASES, PRINTS, PRINTS))
    noise = rng.uniform(0.2, 1.0, size=(CASES, PRINTS))
    return MixtureComponents(
        expected=rng.normal(size=(CASES, PRINTS)),
        innovation=3.0 * rng.normal(size=(CASES, PRINTS)),
        noise=noise,
        covariance=roots @ roots.transpose(0, 2, 1) + np.eye(PRINTS) * noise[:, None],
        roots=rng.normal(size=(PRINTS, SHOCKS)),
        sizes=rng.uniform(0.0, 3.0, size=(CASES, SIZES, SHOCKS)),
        probabilities=rng.dirichlet(np.ones(CASES * SIZES)).reshape(CASES, SIZES),
    )


def test_left_out_prints_are_foretold_by_all_cases_that_the_others_leave_likely() -> None:
    mixture_components = some_cases()
    found = leave_one_out(mixture_components)
    for row in range(PRINTS):
        others = np.delete(np.arange(PRINTS), row)
        weight, mean, variance = np.zeros((3, CASES, SIZES))
        for case, size in np.ndindex(CASES, SIZES):
            shocks = mixture_components.roots * mixture_components.sizes[case, size]
            covariance = mixture_components.covariance[case] + shocks @ shocks.T
            inner, innovation = covariance[np.ix_(others, others)], mixture_components.innovation[case, others]
            weights = np.linalg.solve(inner, covariance[others, row])
            density = np.exp(-0.5 * innovation @ np.linalg.solve(inner, innovation)) / np.sqrt(np.linalg.det(inner))
            weight[case, size] = mixture_components.probabilities[case, size] * density
            mean[case, size] = mixture_components.expected[case, row] + weights @ innovation
            variance[case, size] = (
                covariance[row, row] - weights @ covariance[others, row] - mixture_components.noise[case, row]
            )
        probability = weight / weight.sum()
        middle = (probability * mean).sum()
        assert found.mean[row] == pytest.approx(middle, rel=1e-9)
        assert found.variance[row] == pytest.approx((probability * (variance + (mean - middle) ** 2)).sum(), rel=1e-9)
        assert found.given_others[:, row] == pytest.approx(probability.sum(axis=1), rel=1e-9)


def test_all_prints_weigh_the_cases_by_their_density() -> None:
    mixture_components = some_cases()
    weight = np.zeros((CASES, SIZES))
    for case, size in np.ndindex(CASES, SIZES):
        shocks = mixture_components.roots * mixture_components.sizes[case, size]
        covariance, innovation = (
            mixture_components.covariance[case] + shocks @ shocks.T,
            mixture_components.innovation[case],
        )
        density = np.exp(-0.5 * innovation @ np.linalg.solve(covariance, innovation)) / np.sqrt(
            np.linalg.det(covariance)
        )
        weight[case, size] = mixture_components.probabilities[case, size] * density
    assert leave_one_out(mixture_components).given_all == pytest.approx(weight / weight.sum(), rel=1e-9)


def test_no_print_is_seen_by_its_own_price_nor_are_its_cases() -> None:
    mixture_components = some_cases()
    moved = mixture_components.innovation.copy()
    moved[:, 2] += 10.0
    predict, after = leave_one_out(mixture_components), leave_one_out(mixture_components._replace(innovation=moved))
    assert after.mean[2] == pytest.approx(predict.mean[2], rel=1e-12)
    assert after.variance[2] == pytest.approx(predict.variance[2], rel=1e-12)
    assert after.given_others[:, 2] == pytest.approx(predict.given_others[:, 2], rel=1e-12)
    assert np.abs(after.given_others - predict.given_others)[:, 3].max() > 1e-3
    assert np.abs(after.given_all - predict.given_all).max() > 1e-3


def test_chances_sum_to_one() -> None:
    found = leave_one_out(some_cases())
    assert found.given_others.sum(axis=0) == pytest.approx(np.ones(PRINTS), rel=1e-12)
    assert found.given_all.sum() == pytest.approx(1.0, rel=1e-12)
