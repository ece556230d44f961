"""The regimes of the market as a mixture model whose dates follow on."""

from typing import Any

import numpy as np
import pytest

from richcheap.estimators import MarketRegimes


def market(seed=0):
    """Return changes of two factors, calm and stressed in turn, and the regime of each date."""
    rng = np.random.default_rng(seed)
    regime = np.repeat([0, 1, 0, 1, 0], 60)
    return rng.normal(size=(300, 2)) * np.where(regime, 3.0, 0.7)[:, None], regime


def test_regimes_are_told_from_the_size_of_moves_and_ordered_from_calm_to_stressed():
    changes, _ = market()
    found = MarketRegimes(2).fit(changes)
    assert (found.variances_[0] < found.variances_[1]).all()
    other, truth = market(seed=1)
    assert (found.predict(other) == truth).mean() > 0.9
    np.testing.assert_allclose(found.predict_proba(other).sum(axis=1), 1.0)
    assert found.score(other) > MarketRegimes(1).fit(changes).score(other)
    assert (np.diag(found.transition_) > 0.9).all()


def test_what_is_said_of_a_date_depends_on_those_before_and_on_none_after():
    changes, _ = market()
    found = MarketRegimes(2).fit(changes)
    whole = found.predict_proba(changes)
    np.testing.assert_array_equal(found.predict_proba(changes[:100]), whole[:100])
    assert not np.allclose(found.predict_proba(changes[50:100]), whole[50:100])


def test_regimes_may_differ_in_their_means():
    rng = np.random.default_rng(2)
    regime = np.repeat([0, 1, 0, 1], 50)
    changes = rng.normal(size=(200, 1)) + np.where(regime, 2.0, -2.0)[:, None]
    found = MarketRegimes(2, free_means=True).fit(changes)
    share = (found.predict(changes) == regime).mean()
    assert max(share, 1.0 - share) > 0.95
    assert np.ptp(found.means_) > 3.0


@pytest.mark.parametrize(("given", "name"), [({"n_components": 0}, "n_components"), ({"n_init": 0}, "n_init")])
def test_a_parameter_out_of_its_range_is_told(given: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} of MarketRegimes must be at least 1, got 0$"):
        MarketRegimes(**given).fit(market()[0])
