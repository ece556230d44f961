"""The regimes of the market as a mixture model whose dates follow on."""

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from richcheap.regimes.candidates import SMALLEST_VARIANCE, best_chain
from richcheap.regimes.gaussian import GaussianStates
from richcheap.regimes.hidden_markov import ChainPrior
from richcheap.regimes.params import RegimeParams

Floats = NDArray[np.float64]

_DEFAULTS = RegimeParams()


class MarketRegimes(DensityMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Tell the regime of each date from that date and those before: a hidden Markov model with Gaussian states.

    It is asked as `sklearn.mixture.GaussianMixture` is, but rows are dates in their order: what it says of one depends
    on those before it. Model ``regime_detector`` fits such a chain among other methods.

    Parameters
    ----------
    n_components : int
        Regimes.
    free_means : bool
        Whether regimes differ in the mean of a change, too, and not in its variance alone.
    self_transition_prior_dates, variance_prior_dates, n_init
        As ``self_transition_prior_dates``, ``variance_prior_dates`` and ``starts`` of the section ``regime_detector``.
    random_state : int
        Seed of the first labellings.

    Attributes
    ----------
    means_, variances_ : ndarray, shape (n_components, n_features)
        Of each regime, from the least to the most volatile.
    transition_ : ndarray, shape (n_components, n_components)
        Rows of probabilities of the next date's regime.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X has names.
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        free_means: bool = False,
        self_transition_prior_dates: float = _DEFAULTS.self_transition_prior_dates,
        variance_prior_dates: float = _DEFAULTS.variance_prior_dates,
        n_init: int = _DEFAULTS.starts,
        random_state: int = 0,
    ) -> None:
        self.n_components = n_components
        self.free_means = free_means
        self.self_transition_prior_dates = self_transition_prior_dates
        self.variance_prior_dates = variance_prior_dates
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002  scikit-learn's signature
        """Fit the chain to changes of a unit of about 1, such as `MarketFactors` gives, shape (n_dates, n_features).

        Raises
        ------
        ValueError
            X has a value that is missing or infinite, there are fewer dates than regimes, or a parameter is out of its
            range.
        """
        X = np.ascontiguousarray(validate_data(self, X, dtype=np.float64, ensure_min_samples=2))
        for name, least in (("n_components", 1), ("n_init", 1)):
            if (value := getattr(self, name)) < least:
                raise ValueError(f"{name} of MarketRegimes must be at least {least}, got {value!r}")
        features = X.shape[1]
        prior = ChainPrior(
            stays=self.self_transition_prior_dates,
            variance=X.var(axis=0) + SMALLEST_VARIANCE,
            variance_dates=self.variance_prior_dates,
            free_mean=np.full(features, self.free_means),
            groups=np.zeros(features, dtype=np.int64),
        )
        clustered = np.hstack([np.abs(X), X]) if self.free_means else np.abs(X)
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # fewer clusters than regimes are a labelling, too
            states = best_chain(X, clustered, self.n_components, prior, self.n_init, self.random_state).states
        states = states.ordered(np.argsort(states.variances.mean(axis=1), kind="stable"))
        self.start_, self.transition_ = states.start, states.transition
        self.means_, self.variances_ = states.means, states.variances
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return each date's probabilities of the regimes, given the dates up to it, (n_dates, n_components)."""
        return self._filtered(X)[0]

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return the most probable regime of each date, the calmer one of equals."""
        labels: NDArray[np.int64] = np.argmax(self.predict_proba(X), axis=1)
        return labels

    def score_samples(self, X: Any) -> Floats:
        """Return the log density of each date's changes, given the dates before, shape (n_dates,)."""
        return self._filtered(X)[1]

    def score(self, X: Any, y: Any = None) -> float:  # noqa: ARG002  scikit-learn's signature
        """Return the mean of `score_samples`."""
        return float(self.score_samples(X).mean())

    def _filtered(self, X: Any) -> tuple[Floats, Floats]:
        check_is_fitted(self)
        X = np.ascontiguousarray(validate_data(self, X, dtype=np.float64, reset=False))
        return GaussianStates(self.start_, self.transition_, self.means_, self.variances_).filter(X)
