"""Exposures are learned from a bond's own changes with restraint, and residual risk is told from noise."""

import numpy as np
import pytest

from richcheap.factors.bonds import BondChanges
from richcheap.factors.exposures import MAX_NOISE, ExplainedShare, ExposureFit, winsorised
from richcheap.panel.ratings import BUCKETS
from tests.factors.settings import PARAMS

BBB = BUCKETS.index("BBB")


def simulated(
    bonds: int = 40, dates: int = 300, *, own_bp: float = 2.0, noise_bp: float = 1.0, extra: float = 0.0, seed: int = 1
) -> BondChanges:
    """Return changes of bonds that print on every date: 3 bp for a score of 1, a walk of their own, noisy prints."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(dates, 1))
    exposure = 3.0 + extra * (np.arange(bonds) % 2 == 0)
    noise = rng.normal(scale=noise_bp, size=(dates + 1, bonds))
    change = scores * exposure + rng.normal(scale=own_bp, size=(dates, bonds)) + np.diff(noise, axis=0)
    rows = dates * bonds
    return BondChanges(
        bond=np.tile(np.arange(bonds, dtype=np.int32), dates),
        bucket=np.full(rows, BBB, dtype=np.int32),
        position=np.repeat(np.arange(1, dates + 1), bonds),
        gap=np.ones(rows),
        change=change.ravel(),
        scores=np.repeat(scores, bonds, axis=0),
        exposures=np.full((rows, 1), 3.0),
        noise_bp=np.full(rows, 10.0),
        scale=np.ones(rows),
    )


def fit(changes: BondChanges, bonds: int = 40, **settings: float) -> ExposureFit:
    fitting = ExposureFit(bonds, 1, PARAMS.model_copy(update=settings))
    fitting.add(changes)
    return fitting


def test_own_risk_and_noise_are_told_apart() -> None:
    found = fit(simulated()).finish()
    assert np.sqrt(found.bucket_variance[BBB]) == pytest.approx(2.0, rel=0.05)
    assert np.sqrt(found.bucket_noise[BBB]) == pytest.approx(1.0, rel=0.1)
    np.testing.assert_allclose(found.multiple, 1.0, atol=0.35)


def test_corrections_are_those_of_a_ridge_regression() -> None:
    changes = simulated(extra=1.0)
    found = fit(changes).finish()
    own = changes.where(changes.bond == 4)
    x, left = own.scores[:, 0], own.change - own.explained()
    assert found.corrections[4, 0] == pytest.approx(x @ left / (x @ x + PARAMS.exposure_prior_dates), rel=1e-10)


def test_a_correction_is_pulled_to_the_analytic_exposure_the_less_the_more_dates_speak() -> None:
    loose, tight = (
        fit(simulated(extra=1.0), exposure_prior_dates=prior).finish().corrections[0, 0] for prior in (1.0, 1e5)
    )
    assert loose == pytest.approx(1.0, abs=0.3)
    assert 0.0 <= abs(tight) < 0.01


def test_batches_add_up_to_the_whole() -> None:
    changes = simulated(dates=60)
    whole, parts = fit(changes), ExposureFit(40, 1, PARAMS)
    for first in range(1, 61, 7):
        parts.add(changes.where((changes.position >= first) & (changes.position < first + 7)))
    for one, other in zip(whole.finish(), parts.finish(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_a_bond_without_training_changes_has_its_analytic_exposure_and_its_buckets_risk() -> None:
    found = fit(simulated(), bonds=41).finish()
    assert found.corrections[40].tolist() == [0.0]
    assert (found.changes[40], found.multiple[40]) == (0, 1.0)


def test_a_bucket_without_changes_has_the_risk_of_all() -> None:
    found = fit(simulated()).finish()
    assert found.bucket_variance[BUCKETS.index("CCC")] == pytest.approx(found.bucket_variance[BBB])


def test_noise_never_takes_all_of_the_risk() -> None:
    found = fit(simulated(own_bp=0.0, noise_bp=3.0)).finish()
    total = found.bucket_variance[BBB] + 2.0 * found.bucket_noise[BBB]
    assert found.bucket_variance[BBB] >= (1.0 - MAX_NOISE) * total * 0.999


def test_one_wrong_price_is_cut_off() -> None:
    changes = simulated()
    changes.change[5] = 5000.0
    assert np.abs(fit(changes).finish().corrections).max() < 1.0
    assert winsorised(np.array([-900.0, 3.0]), np.array([1.0, 1.0]), 5.0).tolist() == [-5.0 * np.sqrt(2.0), 3.0]


def test_score_measures_what_exposures_explain_on_other_dates() -> None:
    exposures = fit(simulated(extra=2.0), exposure_prior_dates=10.0).finish()
    score = ExplainedShare()
    score.add(simulated(extra=2.0, seed=2), exposures, 50.0)
    summary = score.summary()
    analytic, fitted = summary["explained_analytic"], summary["explained_fitted"]
    assert summary["changes"] == 12_000
    assert analytic is not None
    assert fitted is not None
    assert 0.4 < analytic < fitted < 1.0
    assert summary["residual_variance_ratio"] == pytest.approx(1.0, abs=0.1)


def test_score_of_no_changes_is_unknown() -> None:
    assert ExplainedShare().summary() == {
        "changes": 0,
        "explained_analytic": None,
        "explained_fitted": None,
        "residual_variance_ratio": None,
    }
