"""The linear baseline."""

import numpy as np

from richcheap.models.ridge import fit_ridge


def planted(seed: int, rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 4)) * [1.0, 100.0, 0.01, 1.0]
    return features, 3.0 * features[:, 0] - 0.05 * features[:, 1] + rng.normal(size=rows)


def test_it_learns_a_linear_signal_whatever_the_units() -> None:
    features, target = planted(0)
    model = fit_ridge(features, target, np.ones(target.size), 0.001, 0.0)
    new_features, new_target = planted(1)
    assert np.corrcoef(model.predict(new_features), new_target)[0, 1] > 0.98


def test_missing_values_and_empty_columns_are_taken() -> None:
    features, target = planted(0)
    features[:, 2] = np.nan
    features[::7, 0] = np.nan
    model = fit_ridge(features, target, np.ones(target.size), 0.001, 0.0)
    assert np.isfinite(model.predict(features)).all()


def test_one_absurd_target_does_not_rule_the_fit() -> None:
    features, target = planted(0)
    broken = target.copy()
    broken[3] = 1e7
    calm = fit_ridge(features, target, np.ones(target.size), 0.001, 0.01).predict(features)
    kept = fit_ridge(features, broken, np.ones(target.size), 0.001, 0.01).predict(features)
    np.testing.assert_allclose(kept, calm, atol=0.3)


def test_a_target_without_relation_to_the_features_is_not_learned() -> None:
    features, target = planted(0)
    shuffled = np.random.default_rng(9).permutation(target)
    model = fit_ridge(features, shuffled, np.ones(target.size), 0.001, 0.0)
    new_features, new_target = planted(1)
    assert model.predict(new_features).std() < 0.1 * new_target.std()


def test_the_unit_of_the_weights_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    features, weight = rng.normal(size=(200, 3)).astype(np.float32), rng.uniform(0.01, 0.1, 200)
    target = features @ [1.0, -2.0, 0.5] + rng.normal(size=200)
    first, second = (fit_ridge(features, target, unit * weight, 0.1, 0.01) for unit in (1.0, 1024.0))
    np.testing.assert_array_equal(first.predict(features), second.predict(features))
