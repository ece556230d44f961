"""The factor model: what moves the curve and the spreads of rating buckets, and what is left of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from richcheap.factors.changes import Changes, node_names
from richcheap.factors.components import Components
from richcheap.factors.params import FactorParams
from richcheap.factors.shapes import CURVE_SHAPES, SPREAD_SHAPES
from richcheap.numerics.linear_algebra import product
from richcheap.panel.ratings import BUCKETS, GOVERNMENT

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NO_CURVE = "no curve factors: governments tell the curve's moves on too few training dates"
NO_SPREADS = "no spread factors: no rating bucket below governments prints often enough"


@dataclass(frozen=True)
class FactorModel:
    """Factors of the daily changes of one currency's curve nodes and rating buckets' spreads.

    A vector of changes (bp, one date) has first the nodes of the curve, then the buckets of `buckets`; its names are
    `change_names`. It is explained as ``changes = loadings_ @ scores + residual``. Scores have mean square 1 over the
    training dates and are not centred; factors of the curve come before those of spreads and are uncorrelated among
    themselves; `factor_covariance_` holds how the two blocks go together. The model of a market without a curve or
    without credit has fewer factors, perhaps none, and says so in `status`.

    Attributes
    ----------
    currency : str
    nodes_years : ndarray, shape (n_nodes,)
        Maturities of the curve's nodes.
    buckets : list of str
        Rating buckets that have a spread change, in the order of `richcheap.panel.ratings.BUCKETS`.
    curve, credit : Components
    proxy : ndarray of int32, shape (len(BUCKETS),)
        For each bucket of `BUCKETS` the place in `buckets` whose spread loadings its bonds have; -1 for none.
    factor_covariance_ : ndarray, shape (n_factors, n_factors)
        Mean products of the training scores.
    residual_covariance_ : ndarray, shape (n_changes, n_changes)
        Of what factors leave of the training changes, bp squared.
    status : list of str
        Why a block has no factors; empty when both have some.
    """

    currency: str
    nodes_years: Floats
    buckets: list[str]
    curve: Components
    credit: Components
    proxy: Ints
    factor_covariance_: Floats
    residual_covariance_: Floats
    status: list[str]

    @property
    def factor_names(self) -> list[str]:
        """Names of the factors: ``level``, ``slope``, ``curvature``, ``credit``, ``quality`` ..."""
        return [*self.curve.names, *self.credit.names]

    @property
    def change_names(self) -> list[str]:
        """Names of the changes: ``curve_10y`` ..., ``spread_BBB`` ..."""
        return [*self.curve.columns, *self.credit.columns]

    @property
    def loadings_(self) -> Floats:
        """What a score of 1 does to each change, bp, shape (n_changes, n_factors); block diagonal."""
        curve, credit = self.curve.loadings, self.credit.loadings
        return np.block(
            [
                [curve, np.zeros((curve.shape[0], credit.shape[1]))],
                [np.zeros((credit.shape[0], curve.shape[1])), credit],
            ]
        )

    def transform(self, changes: Floats) -> Floats:
        """Return the factor scores of changes, shape (n_dates, n_changes) to (n_dates, n_factors)."""
        nodes = self.nodes_years.size
        return np.hstack([self.curve.scores(changes[:, :nodes]), self.credit.scores(changes[:, nodes:])])

    def inverse(self, scores: Floats) -> Floats:
        """Return the changes, bp, that scores stand for: (n_dates, n_factors) to (n_dates, n_changes)."""
        changes: Floats = product(scores, self.loadings_.T)
        return changes

    def bond_exposures(self, shares: Floats, bucket: Ints) -> Floats:
        """Return what a score of 1 does to bonds' yields, from their terms alone.

        Parameters
        ----------
        shares : ndarray, shape (n_bonds, n_nodes)
            Key-rate durations as shares of the spread duration, see `richcheap.factors.changes.curve_exposures`.
        bucket : ndarray of int32, shape (n_bonds,)
            Positions in `richcheap.panel.ratings.BUCKETS`.

        Returns
        -------
        ndarray, shape (n_bonds, n_factors)
            bp. The price falls by this times the DV01 (points per bp).
        """
        place = self.proxy[bucket]
        spread = self.credit.loadings[np.maximum(place, 0)] if self.buckets else np.zeros((bucket.size, 0))
        return np.hstack([product(shares, self.curve.loadings), np.where(place[:, None] >= 0, spread, 0.0)])

    def changes_of(self, changes: Changes) -> Floats:
        """Return the vectors of changes that the model speaks of, shape (n_dates, n_changes)."""
        return np.hstack([changes.curve, changes.spreads[:, [BUCKETS.index(name) for name in self.buckets]]])


def fit_factors(changes: Changes, training: slice, currency: str, params: FactorParams) -> FactorModel:
    """Find the factors of the training dates.

    Parameters
    ----------
    changes : Changes
        Of all dates.
    training : slice
        The training dates among them; no other date enters any figure of the model.
    currency : str
    params : FactorParams
    """
    known = changes.curve_known[training]
    dates = known.size
    enough = dates >= params.min_dates
    names = node_names(changes.nodes_years.tolist())
    status: list[str] = []
    if enough and known.mean() >= params.bucket_coverage:
        curve = Components.fit(changes.curve[training], names, CURVE_SHAPES, params.curve_factors, scaled=False)
    else:
        curve = Components.none(names)
        status.append(NO_CURVE if enough else _too_few(dates, params))
    covered = (changes.prints[training] > 0).mean(axis=0) >= params.bucket_coverage if dates else np.zeros(len(BUCKETS))
    codes = [code for code in range(len(BUCKETS)) if covered[code] and code != GOVERNMENT]
    columns = [f"spread_{BUCKETS[code]}" for code in codes]
    spreads = changes.spreads[training][:, codes]
    if enough and codes:
        credit = Components.fit(spreads, columns, SPREAD_SHAPES, params.spread_factors, scaled=True)
    else:
        credit = Components.none(columns)
        status.append(NO_SPREADS if enough else _too_few(dates, params))
    both = np.hstack([changes.curve[training], spreads])
    scores = np.hstack([curve.scores(changes.curve[training]), credit.scores(spreads)])
    left = both - np.hstack(
        [
            product(scores[:, : len(curve.names)], curve.loadings.T),
            product(scores[:, len(curve.names) :], credit.loadings.T),
        ]
    )
    return FactorModel(
        currency=currency,
        nodes_years=changes.nodes_years,
        buckets=[BUCKETS[code] for code in codes],
        curve=curve,
        credit=credit,
        proxy=nearest_buckets(codes),
        factor_covariance_=product(scores.T, scores) / max(dates, 1),
        residual_covariance_=product(left.T, left) / max(dates, 1),
        status=list(dict.fromkeys(status)),
    )


def nearest_buckets(codes: Sequence[int]) -> Ints:
    """Say for each bucket which of those with a spread change stands for it.

    Itself, or the nearest in quality (the better of two equally near). Bonds without a rating go with BBB when they
    have no bucket of their own; rated ones never with them, unless there is no other. Governments have no spread.

    Examples
    --------
    >>> nearest_buckets([BUCKETS.index("A"), BUCKETS.index("BB")]).tolist()
    [-1, 0, 0, 0, 0, 1, 1, 1, 0]
    """
    unrated, middle = BUCKETS.index("NR"), BUCKETS.index("BBB")
    proxy = np.full(len(BUCKETS), -1, dtype=np.int32)
    if not codes:
        return proxy
    for code in range(GOVERNMENT + 1, len(BUCKETS)):
        if code in codes:
            proxy[code] = codes.index(code)
            continue
        wanted = middle if code == unrated else code
        rated = [place for place, other in enumerate(codes) if other != unrated]
        proxy[code] = min(rated, key=lambda place: abs(codes[place] - wanted)) if rated else 0
    return proxy


def _too_few(dates: int, params: FactorParams) -> str:
    return f"no factors: {dates} training changes, factor_model.min_dates asks for {params.min_dates}"
