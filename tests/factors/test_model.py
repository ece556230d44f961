"""The factor model as a whole: what it explains, gives back, and says when it cannot be had."""

import joblib
import numpy as np
import pytest

from richcheap.factors.model import NO_CURVE, NO_SPREADS, fit_factors, nearest_buckets
from richcheap.panel.ratings import BUCKETS
from tests.factors.settings import NODES, PARAMS, planted

TRAINING = slice(0, 50)


def code(*names: str) -> np.ndarray:
    return np.array([BUCKETS.index(name) for name in names], dtype=np.int32)


def test_factors_of_curve_and_spreads_are_named() -> None:
    model = fit_factors(planted(), TRAINING, "USD", PARAMS)
    assert model.factor_names[:2] == ["level", "slope"]
    assert "credit" in model.factor_names
    assert model.buckets == ["A", "BBB", "BB"]
    assert model.status == []


def test_loadings_times_scores_plus_residual_are_the_changes() -> None:
    changes = planted()
    model = fit_factors(changes, TRAINING, "USD", PARAMS)
    vectors = model.changes_of(changes)[TRAINING]
    scores = model.transform(vectors)
    residual = vectors - model.inverse(scores)
    np.testing.assert_allclose(residual.T @ residual / 50, model.residual_covariance_, atol=1e-12)
    np.testing.assert_allclose(scores.T @ scores / 50, model.factor_covariance_, atol=1e-12)
    assert np.sum(residual**2) < 0.1 * np.sum(vectors**2)
    np.testing.assert_allclose(np.diag(model.factor_covariance_), 1.0, atol=1e-10)


def test_no_bit_of_the_model_depends_on_dates_after_the_training_dates() -> None:
    changes = planted()
    later = changes._replace(curve=changes.curve.copy(), spreads=changes.spreads.copy())
    later.curve[50:] *= -7.0
    later.spreads[50:] += 40.0
    models = [fit_factors(one, TRAINING, "USD", PARAMS) for one in (changes, later)]
    assert joblib.hash(models[0]) == joblib.hash(models[1])


def test_a_bond_loads_on_the_curve_by_its_key_rates_and_on_credit_by_its_rating() -> None:
    model = fit_factors(planted(), TRAINING, "USD", PARAMS)
    ten_years = np.eye(NODES.size)[[4, 4, 4]]
    exposures = model.bond_exposures(ten_years, code("GOV", "BB", "CCC"))
    places = [model.factor_names.index(name) for name in ("level", "credit")]
    np.testing.assert_allclose(exposures[:, places[0]], model.loadings_[4, places[0]])
    assert exposures[0, places[1]] == 0.0
    assert exposures[1, places[1]] == exposures[2, places[1]] == pytest.approx(9.0, rel=0.2)


def test_a_market_of_governments_has_no_spread_factors_and_says_so() -> None:
    changes = planted()
    quiet = changes._replace(spreads=0.0 * changes.spreads, prints=0 * changes.prints)
    model = fit_factors(quiet, TRAINING, "USD", PARAMS)
    assert model.credit.names == []
    assert model.status == [NO_SPREADS]
    assert model.bond_exposures(np.eye(NODES.size), code(*["A"] * 6)).shape == (6, 3)


def test_a_market_without_a_curve_has_credit_factors_alone() -> None:
    model = fit_factors(planted()._replace(curve_known=np.zeros(80, dtype=np.bool_)), TRAINING, "USD", PARAMS)
    assert model.factor_names == ["credit", "quality"]
    assert model.status == [NO_CURVE]


def test_too_few_dates_leave_no_factors_and_a_reason() -> None:
    model = fit_factors(planted(), slice(0, 9), "USD", PARAMS)
    assert model.factor_names == []
    assert model.status == ["no factors: 9 training changes, factor_model.min_dates asks for 10"]
    assert model.transform(np.zeros((4, len(model.change_names)))).shape == (4, 0)
    assert model.inverse(np.zeros((4, 0))).tolist() == np.zeros((4, len(model.change_names))).tolist()


def test_a_bucket_that_hardly_prints_is_left_out() -> None:
    changes = planted()
    changes.prints[:, BUCKETS.index("BB")] = np.arange(80) % 3 == 0
    assert fit_factors(changes, TRAINING, "USD", PARAMS).buckets == ["A", "BBB"]


def test_without_any_bucket_no_bond_has_a_proxy() -> None:
    assert nearest_buckets([]).tolist() == [-1] * len(BUCKETS)


def test_only_unrated_bonds_stand_for_rated_ones_when_there_are_no_others() -> None:
    assert nearest_buckets(code("NR").tolist()).tolist() == [-1, *[0] * (len(BUCKETS) - 1)]
