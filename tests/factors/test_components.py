"""Principal components against scikit-learn's, and against what was planted."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from richcheap.factors.components import Components
from richcheap.factors.shapes import CURVE_SHAPES, SPREAD_SHAPES, templates

NODES = [f"curve_{years}y" for years in (1, 2, 5, 10, 30)]


def curve_changes(dates: int = 200, seed: int = 3) -> np.ndarray:
    """Return changes that three planted shapes of falling size explain but for a little noise."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(dates, 3)) * np.array([12.0, 5.0, 2.0])
    changes: np.ndarray = scores @ templates(5, 3).T + rng.normal(scale=0.1, size=(dates, 5))
    return changes


def fitted(changes: np.ndarray, factors: int = 3) -> Components:
    return Components.fit(changes, NODES, CURVE_SHAPES, factors, scaled=False)


def test_components_are_those_of_scikit_learn_around_zero() -> None:
    changes = curve_changes()
    ours = fitted(changes)
    mirrored = PCA(3, svd_solver="full").fit(np.vstack([changes, -changes]))  # its mean is zero
    cosines = np.abs(np.sum(mirrored.components_.T * ours.directions, axis=0))
    np.testing.assert_allclose(cosines, 1.0, atol=1e-10)
    np.testing.assert_allclose(ours.explained(changes), np.cumsum(mirrored.explained_variance_ratio_), rtol=1e-10)


def test_planted_factors_are_recovered_with_their_names_and_sizes() -> None:
    ours = fitted(curve_changes(2000))
    assert ours.names == ["level", "slope", "curvature"]
    np.testing.assert_allclose(np.sum(ours.directions * templates(5, 3), axis=0), 1.0, atol=1e-3)
    np.testing.assert_allclose(ours.std, [12.0, 5.0, 2.0], rtol=0.05)


def test_training_scores_have_mean_square_one_and_are_uncorrelated() -> None:
    changes = curve_changes()
    scores = fitted(changes).scores(changes)
    np.testing.assert_allclose(scores.T @ scores / len(changes), np.eye(3), atol=1e-10)


def test_scores_and_loadings_give_the_changes_back_when_all_factors_are_kept() -> None:
    changes = curve_changes()
    every = fitted(changes, factors=5)
    np.testing.assert_allclose(every.scores(changes) @ every.loadings.T, changes, atol=1e-9)


def test_flipping_all_changes_flips_scores_and_leaves_loadings() -> None:
    changes = curve_changes()
    np.testing.assert_allclose(fitted(-changes).loadings, fitted(changes).loadings, atol=1e-9)


def test_what_is_attainable_bounds_what_is_explained_on_other_dates() -> None:
    ours = fitted(curve_changes())
    other = curve_changes(60, seed=9) @ np.diag([1.0, 0.5, 1.0, 2.0, 1.0])
    assert 0.5 < ours.explained(other)[-1] < ours.max_explained(other) <= 1.0


def test_scaled_changes_count_alike_however_wide_they_are() -> None:
    rng = np.random.default_rng(5)
    common = rng.normal(size=(300, 1))
    changes = (common + 0.3 * rng.normal(size=(300, 3))) * np.array([1.0, 10.0, 1000.0])
    credit = Components.fit(changes, ["spread_A", "spread_BB", "spread_CCC"], SPREAD_SHAPES, 1, scaled=True)
    assert credit.names == ["credit"]
    np.testing.assert_allclose(credit.directions[:, 0], 3.0**-0.5, atol=0.02)
    np.testing.assert_allclose(credit.loadings[:, 0] / [1.0, 10.0, 1000.0], 1.0, atol=0.1)


@pytest.mark.parametrize("scaled", [True, False])
def test_a_market_that_does_not_move_has_no_factors(scaled: bool) -> None:
    still = Components.fit(np.zeros((30, 5)), NODES, CURVE_SHAPES, 3, scaled=scaled)
    assert still.names == []
    assert still.scores(np.ones((4, 5))).shape == (4, 0)
    assert still.loadings.shape == (5, 0)
