"""One date's two fits: what they predict, which prints are outliers, and the fit without each print."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.panel.params import MarketParams
from richcheap.panel.snapshot import Snapshot, nested, part_of
from richcheap.surface.leave_one_out import LeaveOneOut, fitted, prior_variance, solve_leave_one_out
from richcheap.surface.loadings import rating_terms
from richcheap.surface.noise import NoiseModel
from richcheap.surface.outliers import RobustWeights, robust_weights
from richcheap.surface.prints import DatePrints
from richcheap.surface.prior import SurfacePrior

Floats = NDArray[np.float64]


class ExpectedSpreads(NamedTuple):
    """Predictions of one date's prints from the dates before.

    Attributes
    ----------
    active : ndarray of bool, shape (all terms,)
        Terms that a bond of the date loads on; the others keep their values and cost nothing.
    loadings : ndarray, shape (n_rows, n_terms)
        On the active terms.
    last_residual : ndarray
        The bond's own last residual to the move fit, bp; NaN for a bond never seen.
    shape : ndarray
        Common shape of the noise, bp squared.
    variance, level_variance : ndarray
        Of the print around its value, and of the value around the level fit, bp squared.
    level, move : ndarray, shape (n_terms, n_terms)
        Prior precision of the two fits.
    """

    active: NDArray[np.bool_]
    loadings: Floats
    last_residual: Floats
    shape: Floats
    variance: Floats
    level_variance: Floats
    level: Floats
    move: Floats


class Fits(NamedTuple):
    """The two fits of one date."""

    level: LeaveOneOut
    move: LeaveOneOut


class Fitter:
    """Terms of the two fits, carried from date to date.

    Parameters
    ----------
    correlation : ndarray, shape (n_nodes, n_nodes)
        Prior correlation of the nodes' moves.
    initial_nodes : ndarray, shape (n_nodes,)
        Nodes before the first date, bp.
    params : MarketParams
    threads : int
        Does not affect the result.
    """

    def __init__(self, correlation: Floats, initial_nodes: Floats, params: MarketParams, threads: int) -> None:
        self._params, self._threads, self._nodes = params, threads, initial_nodes.size
        self._level = SurfacePrior(correlation, initial_nodes, rating_terms())
        self._move = SurfacePrior(correlation, initial_nodes, rating_terms())

    def shift_nodes(self, change: Floats) -> None:
        """Move the nodes of both fits by a change known from outside, bp."""
        for state in (self._level, self._move):
            state.shift_nodes(change)

    def printed_buckets(self) -> NDArray[np.bool_]:
        """Say which rating buckets have printed on any date; governments, which have no terms, do not count."""
        return np.append(False, self._level.informed[self._nodes :: 2])

    def predict(
        self,
        prints: DatePrints,
        last_residual: Floats,
        noise: NoiseModel,
        elapsed: float,
        all_terms: bool = False,
    ) -> ExpectedSpreads:
        """Say what is expected of a date's prints, ``elapsed`` business days after the last date.

        All terms are active where that is asked for: it makes no fit another, but for rounding.
        """
        params, steps, nodes = self._params, np.sqrt(elapsed), self._nodes
        active = (prints.loadings != 0.0).any(axis=0)
        active[: active.size if all_terms else nodes] = True
        active[nodes + 1 :: 2] = active[nodes::2]  # a bucket's slope goes with its level
        scale = np.repeat(noise.bucket_scale()[1:], 2)
        calm_scale = np.maximum(scale, 1.0)

        def precision(state: SurfacePrior, prior_bp: float, scale: Floats) -> Floats:
            return state.precision(prior_bp * steps, prior_bp * steps * scale)[np.ix_(active, active)]

        shape = noise.shape(prints.dv01)
        spread_shape = shape * noise.growth(prints.gap)
        return ExpectedSpreads(
            active=active,
            loadings=np.ascontiguousarray(prints.loadings[:, active]),
            last_residual=last_residual,
            shape=shape,
            variance=spread_shape * noise.multiplier(prints.bond, prints.bucket),
            level_variance=noise.level_variance(prints.bucket),
            level=precision(self._level, params.level_prior_bp, calm_scale),
            move=precision(self._move, params.move_prior_bp, scale),
        )

    def robust_weights(self, prints: DatePrints, expected: ExpectedSpreads) -> RobustWeights:
        """Compare each print with what its bond's own past or, without one, the level fit of the date before says."""
        loadings, active, seen = expected.loadings, expected.active, prints.seen
        by_level = prints.observed_yield - fitted(loadings, self._level.mean[active])
        by_own = prints.observed_yield - self.move_before(expected) - expected.last_residual
        level_spread = expected.level_variance + prior_variance(loadings, expected.level, self._threads)
        own_spread = prior_variance(loadings, expected.move, self._threads)
        std = np.sqrt(expected.variance + np.where(seen, own_spread, level_spread))
        return robust_weights(np.where(seen, by_own, by_level) / std, prints.bucket, self._params.outlier_threshold_std)

    def move_before(self, expected: ExpectedSpreads) -> Floats:
        """Return the move fit of the date before at each bond, bp."""
        return fitted(expected.loadings, self._move.mean[expected.active])

    def fit(self, prints: DatePrints, expected: ExpectedSpreads, robust: RobustWeights) -> Fits:
        """Make both fits; rows that are asked for take no part in them."""
        level_weight = np.where(prints.asked, 0.0, 1.0 / (expected.variance + expected.level_variance))
        moved = np.where(prints.seen, prints.observed_yield - expected.last_residual, 0.0)
        move_weight = np.where(prints.seen & ~prints.asked, 1.0 / expected.variance, 0.0)

        def fit(state: SurfacePrior, target: Floats, weight: Floats, precision: Floats) -> LeaveOneOut:
            mean = state.mean[expected.active]
            return solve_leave_one_out(expected.loadings, target, weight, mean, precision, robust, self._threads)

        return Fits(
            level=fit(self._level, prints.observed_yield, level_weight, expected.level),
            move=fit(self._move, moved, move_weight, expected.move),
        )

    def update(self, expected: ExpectedSpreads, fits: Fits) -> None:
        """Take over a date's fits of all prints as the next date's priors."""
        for state, fit in ((self._level, fits.level), (self._move, fits.move)):
            state.update(expected.active, fit.full)

    def snapshot(self) -> Snapshot:
        """Return the priors of the next date's fits."""
        return {
            k: array for name, state in self._priors().items() for k, array in nested(name, state.snapshot()).items()
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Take up a snapshot."""
        for name, state in self._priors().items():
            state.restore(part_of(snapshot, name))

    def _priors(self) -> dict[str, SurfacePrior]:
        return {"level": self._level, "move": self._move}
