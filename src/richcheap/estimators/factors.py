"""The factors of the market as a transformer."""

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from richcheap.factors.components import Components
from richcheap.factors.shapes import CURVE_SHAPES, SPREAD_SHAPES
from richcheap.numerics.linear_algebra import product

Floats = NDArray[np.float64]

SHAPES = {"curve": CURVE_SHAPES, "spreads": SPREAD_SHAPES}


class MarketFactors(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Turn a block's daily changes into factor scores, named by their shape, of mean square 1 over the training dates.

    A principal component analysis that does not centre: a drift over some dates is no forecast. Model ``factor_model``
    finds the factors of curve and of spreads this way, each block by itself.

    Parameters
    ----------
    n_components : int
        Most factors; those without variance are left out.
    shapes : {"curve", "spreads"}
        What factors are named after: level, slope and curvature; or credit and quality.
    scaled : bool
        Whether each change is divided by its root mean square first, so that wide ones do not decide alone.

    Attributes
    ----------
    components_ : ndarray, shape (n_factors, n_features)
        What a score of 1 does to each change.
    explained_variance_ratio_ : ndarray, shape (n_factors,)
        Share of the (scaled) changes' mean square that each factor explains.
    factors_ : Components
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X has names.

    Examples
    --------
    >>> moves = np.outer([2.0, -1.0, 3.0, 1.0], [1.0, 1.0, 1.0])
    >>> MarketFactors().fit(moves).get_feature_names_out().tolist()
    ['level']
    """

    def __init__(
        self, n_components: int = 3, *, shapes: Literal["curve", "spreads"] = "curve", scaled: bool = False
    ) -> None:
        self.n_components = n_components
        self.shapes = shapes
        self.scaled = scaled

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002  scikit-learn's signature
        """Find the factors of the changes of the training dates, shape (n_dates, n_changes).

        Raises
        ------
        ValueError
            X has a value that is missing or infinite, or a parameter is out of its range.
        """
        X = validate_data(self, X, dtype=np.float64)
        if self.shapes not in SHAPES:
            raise ValueError(f"shapes of MarketFactors must be one of {', '.join(SHAPES)}, got {self.shapes!r}")
        if self.n_components < 1:
            raise ValueError(f"n_components of MarketFactors must be at least 1, got {self.n_components!r}")
        columns = [str(name) for name in getattr(self, "feature_names_in_", range(X.shape[1]))]
        self.factors_ = Components.fit(X, columns, SHAPES[self.shapes], self.n_components, scaled=self.scaled)
        self.components_ = self.factors_.loadings.T
        self.explained_variance_ratio_ = np.diff(self.factors_.explained(X), prepend=0.0)
        return self

    def transform(self, X: Any) -> Floats:
        """Return the factor scores of changes, shape (n_dates, n_factors)."""
        check_is_fitted(self)
        return self.factors_.scores(validate_data(self, X, dtype=np.float64, reset=False))

    def inverse_transform(self, X: Any) -> Floats:
        """Return the changes that scores stand for, shape (n_dates, n_changes)."""
        check_is_fitted(self)
        return product(np.asarray(X, dtype=np.float64), self.components_)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:  # noqa: ARG002  theirs are their own
        """Return the names of the factors, such as ``level``."""
        check_is_fitted(self)
        return np.array(self.factors_.names, dtype=object)
