"""What each bond has of the factors, and the risk that is its own.

The analytic exposure follows from a bond's terms and rating. What its own changes add is a ridge regression of what the
analytic exposure leaves on the scores, so that few changes move it little::

    correction = (sum w X'X + exposure_prior_dates I)^-1 sum w X'(y - X a)

y is a change of the bond's yield between two own prints, X the sum of the scores in between, a the analytic exposure,
and 1 / w the squared `relative_scale`, by which all variances below are meant to be multiplied too.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.factors.bonds import BondChanges
from richcheap.factors.params import FactorParams
from richcheap.features.own_history import lagged
from richcheap.numerics.linear_algebra import product, solve
from richcheap.panel.ratings import BUCKETS

Floats = NDArray[np.float64]

MAX_NOISE = 0.9
"""Most of a bucket's mean square change that may be put down to the noise of two prints: no bond is without risk."""


class Exposures(NamedTuple):
    """What the training changes say of each bond.

    Attributes
    ----------
    corrections : ndarray, shape (n_bonds, n_factors)
        To be added to the analytic exposures, bp for a score of 1; 0 for a bond without training changes.
    changes : ndarray of int64, shape (n_bonds,)
        Training changes of each bond.
    multiple : ndarray, shape (n_bonds,)
        The bond's residual variance as a multiple of its bucket's.
    bucket_variance : ndarray, shape (len(BUCKETS),)
        Residual variance that a date adds, bp squared.
    bucket_noise : ndarray, shape (len(BUCKETS),)
        Variance of one print around the bond's value, bp squared.
    """

    corrections: Floats
    changes: NDArray[np.int64]
    multiple: Floats
    bucket_variance: Floats
    bucket_noise: Floats

    def variance(self, found: BondChanges) -> Floats:
        """Return the predicted variance of what the factors leave of each change, bp squared."""
        growing = self.bucket_variance[found.bucket] * found.gap + 2.0 * self.bucket_noise[found.bucket]
        predicted: Floats = self.multiple[found.bond] * growing * found.scale**2
        return predicted


class ExposureFit:
    """Sums over the training changes, batch by batch; memory follows from bonds and factors.

    Parameters
    ----------
    bonds, factors : int
    params : FactorParams
    """

    def __init__(self, bonds: int, factors: int, params: FactorParams) -> None:
        self._params = params
        self._gram = np.zeros((bonds, factors, factors))
        self._moment = np.zeros((bonds, factors))
        self._squares = np.zeros(bonds)
        self._count = np.zeros(bonds, dtype=np.int64)
        self._counts = np.zeros((bonds, len(BUCKETS)))
        self._gaps = np.zeros((bonds, len(BUCKETS)))
        self._bucket_squares = np.zeros(len(BUCKETS))
        self._products = np.zeros(len(BUCKETS))
        self._pairs = np.zeros(len(BUCKETS))
        self._last = np.full((bonds, 1), np.nan)

    def add(self, found: BondChanges) -> None:
        """Add training changes, in the order of their dates."""
        left = winsorised(found.change - found.explained(), found.noise_bp, self._params.clip_std) / found.scale
        scores = found.scores / found.scale[:, None]
        np.add.at(self._gram, found.bond, scores[:, :, None] * scores[:, None, :])
        np.add.at(self._moment, found.bond, scores * left[:, None])
        np.add.at(self._squares, found.bond, left**2)
        np.add.at(self._count, found.bond, 1)
        np.add.at(self._counts, (found.bond, found.bucket), 1.0)
        np.add.at(self._gaps, (found.bond, found.bucket), found.gap)
        np.add.at(self._bucket_squares, found.bucket, left**2)
        before = lagged(found.bond, left[:, None], self._last)[:, 0]
        pairs = np.isfinite(before)
        np.add.at(self._products, found.bucket[pairs], (left * before)[pairs])
        np.add.at(self._pairs, found.bucket[pairs], 1.0)

    def finish(self) -> Exposures:
        """Return corrections and residual risk.

        A bucket's noise is Roll's (1984): two changes that share a print have its error with opposite signs, so that
        minus their mean product is the variance of one print. What the mean square change holds besides, over the mean
        number of dates, is the variance that a date adds. A bond's own multiple of both is shrunk towards 1 by
        ``residual_prior_changes`` changes of the size usual in its bucket.
        """
        factors = self._moment.shape[1]
        prior = self._params.exposure_prior_dates * np.eye(factors)
        corrections = solve(self._gram + prior, self._moment[:, :, None])[:, :, 0]
        mean_square, mean_gap, noise = self._buckets()
        variance = (mean_square - 2.0 * noise) / mean_gap
        fitted_squares = (
            self._squares
            - 2.0 * np.sum(corrections * self._moment, axis=1)
            + (product(self._gram, corrections[:, :, None])[:, :, 0] * corrections).sum(axis=1)
        )
        expected = product(self._gaps, variance) + product(2.0 * self._counts, noise)
        usual = product(self._counts, mean_square) / np.maximum(self._count, 1)
        pseudo = self._params.residual_prior_changes * np.where(self._count > 0, usual, 1.0)
        multiple = (np.maximum(fitted_squares, 0.0) + pseudo) / (expected + pseudo)
        return Exposures(corrections, self._count, multiple, variance, noise)

    def _buckets(self) -> tuple[Floats, Floats, Floats]:
        """Return each bucket's mean square, mean gap and noise variance; a bucket without changes has those of all."""
        counts, gaps = self._counts.sum(axis=0), self._gaps.sum(axis=0)
        total = max(float(counts.sum()), 1.0)
        empty = counts == 0.0
        mean_square = np.where(
            empty, self._bucket_squares.sum() / total, self._bucket_squares / np.maximum(counts, 1.0)
        )
        mean_gap = np.where(empty, max(float(gaps.sum()) / total, 1.0), gaps / np.maximum(counts, 1.0))
        products = np.where(
            self._pairs == 0.0,
            self._products.sum() / max(float(self._pairs.sum()), 1.0),
            self._products / np.maximum(self._pairs, 1.0),
        )
        noise = np.clip(-products, 0.0, 0.5 * MAX_NOISE * mean_square)
        return mean_square, mean_gap, noise


def winsorised(left_bp: Floats, noise_bp: Floats, clip_std: float) -> Floats:
    """Winsorise residual changes at some predicted standard deviations of two prints: one wrong price is no risk."""
    bound = clip_std * np.sqrt(2.0) * noise_bp
    cut: Floats = np.clip(left_bp, -bound, bound)
    return cut


class ExplainedShare:
    """How much of the bonds' changes on other dates the exposures explain.

    Squares are weighted by one over the predicted variance of a print, and winsorised like those of the training dates,
    so that short bonds and wrong prices do not decide.
    """

    def __init__(self) -> None:
        self._sums = np.zeros(5)

    def add(self, found: BondChanges, exposures: Exposures, clip_std: float) -> None:
        """Add changes."""
        weight = 1.0 / found.noise_bp**2
        fitted_left = found.change - found.explained(exposures.corrections)
        remainders = (found.change, found.change - found.explained(), fitted_left)
        squares = [weight * winsorised(left, found.noise_bp, clip_std) ** 2 for left in remainders]
        variance = exposures.variance(found)  # none without training changes
        unknown = np.full(variance.shape, np.nan)
        left = winsorised(fitted_left, found.noise_bp, clip_std)
        ratio = np.divide(left**2, variance, out=unknown, where=variance > 0.0)
        self._sums += [float(found.bond.size), *(float(square.sum()) for square in squares), float(ratio.sum())]

    def summary(self) -> dict[str, float | int | None]:
        """Return ``changes``, the shares explained and the mean square of standardised residuals."""
        changes, total, analytic, fitted_squares, ratio = self._sums.tolist()
        return {
            "changes": int(changes),
            "explained_analytic": 1.0 - analytic / total if total > 0.0 else None,
            "explained_fitted": 1.0 - fitted_squares / total if total > 0.0 else None,
            "residual_variance_ratio": ratio / changes if changes else None,
        }
