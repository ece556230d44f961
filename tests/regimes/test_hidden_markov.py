"""A planted chain is found again, each step of the fit gains, and the prior holds rare states up."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from richcheap.regimes.gaussian import GaussianStates
from richcheap.regimes.hidden_markov import Chain, ChainPrior, entropy, fit_chain, maximise

STATES = GaussianStates(
    np.array([0.5, 0.5]),
    np.array([[0.97, 0.03], [0.06, 0.94]]),
    np.array([[0.0, 0.0, -1.0], [0.0, 0.0, 2.0]]),
    np.array([[0.5, 0.5, 1.0], [6.0, 6.0, 1.0]]),
)


def sample(dates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    path = np.zeros(dates, dtype=np.int64)
    for t in range(1, dates):
        path[t] = rng.choice(2, p=STATES.transition[path[t - 1]])
    return STATES.means[path] + rng.normal(size=(dates, 3)) * np.sqrt(STATES.variances[path]), path


def prior(features: np.ndarray, stays: float = 1.0, variance_dates: float = 1.0) -> ChainPrior:
    free = np.array([False, False, True])
    return ChainPrior(stays, features.var(axis=0), variance_dates, free, np.array([0, 0, 1]))


def fit(features: np.ndarray, labels: np.ndarray, steps: int = 200, stays: float = 1.0) -> Chain:
    return fit_chain(features, labels, 2, prior(features, stays), steps, 1e-9)


def test_a_planted_chain_is_recovered() -> None:
    features, path = sample(3000, 1)
    found = fit(features, (features[:, 2] > 0.5).astype(np.int64)).states
    np.testing.assert_allclose(found.transition, STATES.transition, atol=0.02)
    np.testing.assert_allclose(found.means, STATES.means, atol=0.1)
    np.testing.assert_allclose(found.variances, STATES.variances, rtol=0.1)
    np.testing.assert_allclose(found.durations, [1 / 0.03, 1 / 0.06], rtol=0.35)
    assert adjusted_rand_score(path, found.filter(features)[0].argmax(axis=1)) > 0.85


def test_each_step_gains() -> None:
    features, _ = sample(300, 2)
    labels = np.random.default_rng(1).integers(0, 2, 300)
    posteriors = [fit(features, labels, steps).log_posterior for steps in range(12)]
    assert (np.diff(posteriors) >= 0.0).all()
    assert posteriors[-1] > posteriors[0] + 10.0


def test_permuted_first_labels_give_the_same_states_in_another_order() -> None:
    features, path = sample(400, 3)
    one, other = fit(features, path).states, fit(features, 1 - path).states
    swapped = other.ordered(np.array([1, 0]))
    np.testing.assert_allclose(one.means, swapped.means, atol=1e-8)
    np.testing.assert_allclose(one.transition, swapped.transition, atol=1e-8)


def test_a_group_shares_its_multiple_and_fixed_means_stay_zero() -> None:
    features, path = sample(400, 4)
    features[:, 1] *= 5.0
    found = fit(features, path).states
    ratio = found.variances / features.var(axis=0)
    np.testing.assert_allclose(ratio[:, 0], ratio[:, 1])
    assert (found.means[:, :2] == 0.0).all()


def test_a_sticky_prior_lengthens_stays() -> None:
    features, path = sample(200, 5)
    free, sticky = fit(features, path, stays=0.0).states, fit(features, path, stays=200.0).states
    assert (sticky.durations > 2.0 * free.durations).all()


def test_a_state_without_dates_keeps_the_markets_variance() -> None:
    features, _ = sample(50, 6)
    empty = np.column_stack([np.ones(50), np.zeros(50)])
    found = maximise(features, empty, np.diag([49.0, 0.0]), prior(features, variance_dates=5.0))
    np.testing.assert_allclose(found.variances[1], features.var(axis=0))
    assert np.isfinite(found.transition).all()


def test_parameters_are_counted() -> None:
    features, _ = sample(50, 6)
    # two transitions, one start, two multiples and one mean in each of two states
    assert prior(features).parameters(2) == 2 + 1 + 2 * (2 + 1)


def test_certain_states_have_no_entropy() -> None:
    assert entropy(np.eye(3)) == pytest.approx(0.0, abs=1e-12)
    assert entropy(np.full((4, 2), 0.5)) == pytest.approx(4.0 * np.log(2.0))
