"""What the Kalman filter of one currency remembers from date to date: factors, issuers, bonds.

The state of the market is a vector g of *factors* that many bonds share (nodes of the curve, level and slope of each
rating bucket, and the *memory*, see `kalman_step`), an effect u_j of each issuer and a residual x_i of each bond:

    u_j = issuer_mean_j + issuer_load_j g + q_j                    q_j ~ N(0, issuer_variance_j)
    x_i = bond_mean_i + bond_load_i g + bond_share_i q_j + d_i     d_i ~ N(0, bond_variance_i)

where g counts from its mean and all q and d are independent of each other and of g: what bonds know together is in
their loads. All figures are in basis points.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from stages.spreads.past import NEVER
from stages.spreads.ratings import BUCKETS

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Settings(NamedTuple):
    """Hyper-parameters of the filter.

    Attributes
    ----------
    node_move : float
        Deviation of a node's move over one business day, bp.
    correlation_length : float
        Distance in log-maturity over which moves of two nodes stay alike.
    rating_move, issuer_move, bond_move : float
        The same for a rating bucket's level and slope, an issuer's effect, a bond's residual, bp, at spreads up to the
        floor: beyond it all three grow in proportion, see `kalman_welcome`; the first and the last are multiplied by
        what buckets and bonds have earned, see `kalman_noise`.
    issuer_half_life, bond_half_life : float
        Time in which half of an issuer's effect, or of a bond's residual, is gone, business days.
    issuer_level, bond_level : float
        Spread of issuers' effects, and of the residuals of bonds never seen, bp, at spreads up to the floor.
    premium_move : float
        Deviation of the moves of level and slope of the coupon premium over one business day, bp per percentage point;
        what options add moves as large a share of its prior.
    spread_noise, price_noise : float
        Noise of a print: bp, and points per 100.
    reference_noise : float
        Deviation of a reference price, multiple of that of a trade.
    huber : float
        Deviations from which a print weighs less for what is remembered.
    widening_move : float
        Deviation of the daily move of all ratings' spreads in proportion, bp at spreads up to the floor.
    """

    node_move: float
    correlation_length: float
    rating_move: float
    issuer_move: float
    bond_move: float
    issuer_half_life: float
    bond_half_life: float
    issuer_level: float
    bond_level: float
    premium_move: float
    spread_noise: float
    price_noise: float
    reference_noise: float
    huber: float
    widening_move: float


class State(NamedTuple):
    """Beliefs after a date; arrays are changed in place.

    Attributes
    ----------
    mean : ndarray, shape (n_live,)
        Of the live factors: nodes, two terms of the premium, two of options, then two for each bucket seen. The
        memory's mean is 0.
    covariance : ndarray, shape (n_factors, n_factors)
        Live factors first, then the memory.
    issuer_mean, issuer_variance : ndarray, shape (n_issuers,)
    issuer_load : ndarray, shape (n_issuers, n_factors)
    bond_mean, bond_variance, bond_share : ndarray, shape (n_bonds,)
    bond_load : ndarray, shape (n_bonds, n_factors)
    bond_issuer : ndarray of int32, shape (n_bonds,)
        At the latest print; -1 for an unknown issuer.
    last_day : ndarray of int32, shape (n_bonds,)
        Day of the latest print, or `NEVER`.
    surprises, multiplier : ndarray, shape (n_bonds,)
        Surprises so far, and the bond's own noise as a multiple of the common shape.
    bucket_multiplier, bucket_level : ndarray, shape (n_buckets,)
        The same of the buckets: of noise, and of the residuals of new bonds.
    noise : ndarray, shape (n_bonds,)
        Variance of the latest print's noise.
    bond_scale, issuer_scale : ndarray, shape (n_bonds,), (n_issuers,)
        Size of their shocks, a multiple of that at spreads up to the floor; 0 until they print.
    """

    mean: Floats
    covariance: Floats
    issuer_mean: Floats
    issuer_variance: Floats
    issuer_load: Floats
    bond_mean: Floats
    bond_variance: Floats
    bond_share: Floats
    bond_load: Floats
    bond_issuer: Ints
    last_day: Ints
    surprises: Floats
    multiplier: Floats
    bucket_multiplier: Floats
    bucket_level: Floats
    noise: Floats
    bond_scale: Floats
    issuer_scale: Floats

    @classmethod
    def blank(cls, opening: Floats, covariance: Floats, memory: int, bonds: int, issuers: int) -> Self:
        """Know nothing yet.

        Parameters
        ----------
        opening, covariance : ndarray
            Mean and covariance of the live factors that are there from the start.
        memory : int
            Number of factors kept as memory.
        bonds, issuers : int
        """
        live = opening.size
        factors = live + memory
        joint = np.eye(factors)
        joint[:live, :live] = covariance
        return cls(
            mean=opening.copy(),
            covariance=joint,
            issuer_mean=np.zeros(issuers),
            issuer_variance=np.zeros(issuers),
            issuer_load=np.zeros((issuers, factors)),
            bond_mean=np.zeros(bonds),
            bond_variance=np.zeros(bonds),
            bond_share=np.zeros(bonds),
            bond_load=np.zeros((bonds, factors)),
            bond_issuer=np.full(bonds, -1, dtype=np.int32),
            last_day=np.full(bonds, NEVER, dtype=np.int32),
            surprises=np.zeros(bonds),
            multiplier=np.ones(bonds),
            bucket_multiplier=np.ones(len(BUCKETS)),
            bucket_level=np.ones(len(BUCKETS)),
            noise=np.ones(bonds),
            bond_scale=np.zeros(bonds),
            issuer_scale=np.zeros(issuers),
        )

    @property
    def live(self) -> int:
        """Count the live factors."""
        return self.mean.size

    def with_terms(self, variance: Floats) -> Self:
        """Return the state with further live factors of mean 0 and these variances, which nothing loads on yet."""
        live, added = self.live, variance.size
        factors = self.covariance.shape[0]
        joint = np.zeros((factors + added, factors + added))
        kept = np.concatenate([np.arange(live), np.arange(live + added, factors + added)])
        joint[np.ix_(kept, kept)] = self.covariance
        joint[live : live + added, live : live + added] = np.diag(variance)

        def widened(load: Floats) -> Floats:
            return np.ascontiguousarray(np.insert(load, [live] * added, 0.0, axis=1))

        return self._replace(
            mean=np.concatenate([self.mean, np.zeros(added)]),
            covariance=joint,
            issuer_load=widened(self.issuer_load),
            bond_load=widened(self.bond_load),
        )
