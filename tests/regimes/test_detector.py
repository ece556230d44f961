"""Planted regimes are found by every method, in order, by the best of them; where there are none, none are found."""

import warnings

import joblib
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from richcheap.regimes import candidates
from richcheap.regimes.candidates import (
    HIDDEN_MARKOV,
    HIDDEN_MARKOV_LEVEL,
    METHODS,
    MIXTURE,
    NO_REGIME,
    RegimeCandidate,
    fit_candidates,
)
from richcheap.regimes.detector import NOTHING_MOVES, VOLATILITY_TERCILES, Detection
from richcheap.regimes.observations import Observations, build_observations
from richcheap.regimes.params import RegimeParams
from tests.regimes.markets import BLOCKS, CURVE_FACTORS, PARAMS, switching


def observations(**settings: float) -> tuple[Observations, np.ndarray]:
    table, regime = switching(**settings)  # type: ignore[arg-type]
    return build_observations(table, CURVE_FACTORS, BLOCKS["train"], 5.0), regime


def detect(seen: Observations, params: RegimeParams = PARAMS, training: slice = BLOCKS["train"]) -> Detection:
    return Detection(seen, training, BLOCKS["validation"], params, seed=3)


@pytest.fixture(scope="module")
def planted() -> tuple[Detection, Observations, np.ndarray]:
    seen, regime = observations()
    return detect(seen), seen, regime


def test_the_planted_regimes_are_found_out_of_sample(planted: tuple[Detection, Observations, np.ndarray]) -> None:
    detection, _, regime = planted
    assert detection.chosen in (HIDDEN_MARKOV, HIDDEN_MARKOV_LEVEL)
    chosen = detection.found[detection.chosen]
    assert chosen.names == ("calm", "stressed")
    assert adjusted_rand_score(regime[200:], chosen.labels[200:]) > 0.7
    training_terciles = detection.found[VOLATILITY_TERCILES].labels
    assert adjusted_rand_score(regime[200:], training_terciles[200:]) < adjusted_rand_score(
        regime[200:], chosen.labels[200:]
    )


def test_the_chosen_method_tells_the_validation_dates_best(planted: tuple[Detection, Observations, np.ndarray]) -> None:
    detection, _, _ = planted
    output = {name: detection.found[name].log_densities[BLOCKS["validation"]].mean() for name in METHODS}
    assert detection.chosen == max(output, key=lambda name: output[name])
    assert output[detection.chosen] > detection.found[NO_REGIME].log_densities[BLOCKS["validation"]].mean()


def test_states_are_ordered_by_volatility_whatever_the_seed() -> None:
    seen, _ = observations()
    labels = []
    for seed in (1, 2):
        detection = Detection(seen, BLOCKS["train"], BLOCKS["validation"], PARAMS, seed)
        for name in METHODS:
            volatility = detection.found[name].predictive.variances.mean(axis=1)
            assert (np.diff(volatility) >= 0.0).all()
        labels.append(detection.found[HIDDEN_MARKOV].labels)
    np.testing.assert_array_equal(labels[0], labels[1])


def test_permuted_states_come_out_in_the_same_order(planted: tuple[Detection, Observations, np.ndarray]) -> None:
    detection, seen, _ = planted
    candidate = detection.found[HIDDEN_MARKOV].candidate
    assert candidate is not None
    turned = RegimeCandidate(HIDDEN_MARKOV, candidate.states.ordered(np.array([1, 0])), candidate.criteria)
    again = detection._in_order(turned)
    np.testing.assert_allclose(again.probabilities(seen), candidate.probabilities(seen), atol=1e-12)


def test_a_market_that_never_changes_has_one_regime() -> None:
    seen, _ = observations(wide=1.0)
    assert detect(seen).found[HIDDEN_MARKOV].names == ("normal",)


def test_dates_after_the_training_dates_change_no_earlier_probability_and_no_fitted_figure() -> None:
    seen, _ = observations()
    late = np.arange(300) >= 230
    other = seen._replace(
        changes=np.where(late[:, None], 5.0, seen.changes), features=np.where(late[:, None], -2.0, seen.features)
    )
    for one, two in zip(
        fit_candidates(seen, BLOCKS["train"], PARAMS, 3), fit_candidates(other, BLOCKS["train"], PARAMS, 3), strict=True
    ):
        assert joblib.hash(one) == joblib.hash(two)
        np.testing.assert_array_equal(one.probabilities(seen)[:230], two.probabilities(other)[:230])


def test_what_the_dates_before_led_to_expect_does_not_know_the_date_itself(
    planted: tuple[Detection, Observations, np.ndarray],
) -> None:
    detection, seen, _ = planted
    model = detection.model()
    changes, features = seen.changes.copy(), seen.features.copy()
    changes[260], features[260] = 40.0, 9.0
    shocked = seen._replace(changes=changes, features=features)
    np.testing.assert_array_equal(model.expected(seen)[:261], model.expected(shocked)[:261])
    assert not np.array_equal(model.probabilities(seen)[260], model.probabilities(shocked)[260])
    np.testing.assert_allclose(model.expected(seen).sum(axis=1), 1.0)


def test_two_runs_give_the_same_bits(planted: tuple[Detection, Observations, np.ndarray]) -> None:
    detection, seen, _ = planted
    assert joblib.hash(detect(seen).model()) == joblib.hash(detection.model())


def test_a_mixture_filters_as_scikit_learn_predicts() -> None:
    seen, _ = observations()
    mixture = next(one for one in fit_candidates(seen, BLOCKS["train"], PARAMS, 3) if one.method == MIXTURE)
    size = mixture.states.start.size
    theirs = GaussianMixture(
        size,
        covariance_type="diag",
        n_init=PARAMS.starts,
        random_state=3,
        max_iter=candidates.MAX_STEPS,
        tol=candidates.TOLERANCE,
        reg_covar=candidates.SMALLEST_VARIANCE,
    ).fit(seen.features[BLOCKS["train"]])
    np.testing.assert_allclose(mixture.probabilities(seen), theirs.predict_proba(seen.features), atol=1e-8)
    assert mixture.criteria[size] == pytest.approx(theirs.bic(seen.features[BLOCKS["train"]]))


def test_few_dates_leave_one_regime_and_a_reason() -> None:
    seen, _ = observations()
    detection = detect(seen, training=slice(0, 39))
    assert detection.chosen == NO_REGIME
    assert detection.found[NO_REGIME].names == ("normal",)
    assert detection.status == (
        "one regime: 39 training dates, two regimes ask for 40 (regime_detector.dates_per_state)"
    )
    assert detection.model().probabilities(seen).tolist() == np.ones((300, 1)).tolist()


def test_a_market_that_says_nothing_has_one_regime_and_a_reason() -> None:
    detection = detect(build_observations(switching()[0].select("date"), [], BLOCKS["train"], 5.0))
    assert (detection.chosen, detection.status) == (NO_REGIME, NOTHING_MOVES)
    assert set(detection.found) == {NO_REGIME}


def test_without_spreads_the_chain_that_needs_their_level_is_left_out() -> None:
    table, _ = switching()
    bare = build_observations(table.select("date", "level", "slope"), CURVE_FACTORS, BLOCKS["train"], 5.0)
    assert HIDDEN_MARKOV_LEVEL not in detect(bare).found


def test_a_market_that_stands_still_warns_of_nothing() -> None:
    seen, _ = observations()
    still = seen._replace(changes=0.0 * seen.changes, features=0.0 * seen.features)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        detection = detect(still)
    assert np.isfinite(detection.found[detection.chosen].probabilities).all()


def test_the_classification_criterion_never_asks_for_more_regimes() -> None:
    seen, _ = observations(wide=1.5)
    by_icl = detect(seen, PARAMS.model_copy(update={"criterion": "icl"}))
    by_bic = detect(seen)
    for name in METHODS:
        assert by_icl.found[name].probabilities.shape[1] <= by_bic.found[name].probabilities.shape[1]
