"""New issues: what the price at which a bond was sold says of one that has not printed yet.

A coupon is set so that its bond is sold near par. For some weeks after its issue the yield at a price of `PAR` is
therefore an observation of a bond that has never printed: as loose as first prints of this market have lain around
par, and looser the longer curve and spread have moved since the issue. A prediction from all other prints and this
observation are combined by their precisions. Once the bond has printed, par is forgotten: its own price says more.

Where coupons follow from ratings alone, par errs as those predictions do and says little beyond them: how much looser
it is to count for that is learned, too.
"""

from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import BondTerms
from richcheap.bonds.units import BP, PAR
from richcheap.curves.pricing import curve_measures
from richcheap.panel.snapshot import Snapshot

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

BUSINESS_SHARE: Final = 5.0 / 7.0
PRIOR_PRINTS, MEMORY_PRINTS = 3.0, 100.0
"""First prints that the distance from par in params is worth, and that all is learned from at most."""
PRIOR_SQUARES: Final = 1.0
"""Sum of squared standardised changes that the first slope, 1, is worth."""
SMALLEST_SLOPE: Final = 0.02
"""A slope below it, or below zero, counts as so much: first prints are few."""
LARGEST_GAIN: Final = 0.999
"""Mean gain that counts at most, so that a market in which par says all has a finite widening."""
LIMIT: Final = 2.0
"""Standard deviations from which an issue price weighs less: some bonds are sold far from par."""
LARGEST_STEP: Final = 3.0
"""Cap on a first print's standardised distance from its prediction, so that a bad print teaches little."""
SMALLEST_SQUARE: Final = 1e-4
"""What the mean squared distance from par stays above, points squared."""


class ParYields(NamedTuple):
    """The yields of new bonds at par.

    Attributes
    ----------
    spread : ndarray, shape (n_rows,)
        Z-spread at a clean price of `PAR`, bp; NaN where the bond is not new, has no coupon or no known issue.
    age : ndarray, shape (n_rows,)
        Business days since the issue; 0 where the spread is NaN.
    """

    spread: Floats
    age: Floats

    @classmethod
    def of(
        cls, terms: BondTerms, days: Floats, nodes_years: Floats, rates: Floats, curve: Ints, threads: int = 1
    ) -> Self:
        """Solve the spreads of those rows that are new.

        Parameters
        ----------
        terms : BondTerms
        days : ndarray, shape (n_rows,)
            Calendar days since the issue of those that are new, NaN of others: `richcheap.panel.ages.new_issue_days`.
        nodes_years, rates, curve : ndarray
            As `curve_measures` takes them.
        threads : int
            Does not affect the result.
        """
        new = np.flatnonzero(~np.isnan(days))
        spread, age = np.full(days.size, np.nan), np.zeros(days.size)
        if new.size:
            chosen = terms.rows(new)
            dirty = PAR + accrued_interest(chosen, threads)
            spread[new] = BP * curve_measures(chosen, dirty, nodes_years, rates, curve[new], threads).spread
            age[new] = np.where(np.isnan(spread[new]), 0.0, BUSINESS_SHARE * days[new])
        return cls(spread, age)


class IssuePrice(NamedTuple):
    """What issue prices say of a date's bonds.

    Attributes
    ----------
    innovation : ndarray, shape (n_rows,)
        Yield at par less what is expected from the dates before, bp; 0 where nothing is said.
    unit : ndarray, shape (n_rows,)
        Bp of yield that a distance from par of 1 is worth.
    distance : ndarray, shape (n_rows,)
        Variance of first prints around par, bp squared; infinite where nothing is said.
    moved : ndarray, shape (n_rows,)
        Variance of the moves of curve and spread since the issue, bp squared.
    widening : float
        Factor on the two together, at least 1.
    """

    innovation: Floats
    unit: Floats
    distance: Floats
    moved: Floats
    widening: float = 1.0

    @property
    def variance(self) -> Floats:
        """Variance of the observation, bp squared; infinite where nothing is said."""
        return self.widening * (self.distance + self.moved)

    def added(self, update: Floats, variance: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Return predictions of yields and their variances once the issue price is known, too.

        Parameters
        ----------
        update, variance : ndarray, shape (n_rows,)
            Of prints, from all other prints; bp, and bp squared.
        noise : ndarray, shape (n_rows,)
            The prints' part of the variance, bp squared.
        """
        value = variance - noise
        gain = self.gain(update, value)
        return update + gain * (self.innovation - update), variance - gain * value

    def gain(self, mean: Floats, variance: Floats) -> Floats:
        """Return how far what is otherwise known moves towards the issue price by their precisions, 0 to 1.

        Parameters
        ----------
        mean, variance : ndarray, shape (n_rows,)
            Of what is otherwise known, bp and bp squared.
        """
        own = self.variance
        distance = np.abs(self.innovation - mean) / np.sqrt(variance + own)
        widened = own * np.maximum(distance / LIMIT, 1.0) ** 2
        gain: Floats = variance / (variance + widened)
        return gain


class NewIssues:
    """What first prints of one currency's market have said of issue prices, followed from date to date.

    How far they lie from par is a mean of squares, of distances over the scale of the bonds' shocks: a bond of a wide
    spread is sold and trades farther from par. What par says beyond the other prints is a regression: of the first
    prints' distances from their predictions on the steps that precisions suggest towards par. A slope below 1 widens
    the observation, by as much as makes steps of the mean size so much shorter: a bond of which next to nothing is
    known still goes most of the way.

    Parameters
    ----------
    points : float
        Standard deviation from par to begin with, points per 100 at a scale of 1.
    """

    def __init__(self, points: float) -> None:
        self._square, self._prints = points**2, PRIOR_PRINTS
        self._together, self._alone = PRIOR_SQUARES, PRIOR_SQUARES
        self._gain, self._gains = 0.0, 0.0

    @property
    def widening(self) -> float:
        """Factor on the variance of issue prices, at least 1."""
        slope = min(max(self._together / self._alone, SMALLEST_SLOPE), 1.0)
        gain = min(self._gain / self._gains, LARGEST_GAIN) if self._gains else 0.0
        ratio = gain / (1.0 - gain)
        return (1.0 + ratio) / slope - ratio

    def issue_price(
        self, par_yield: Floats, expected: Floats, fresh: NDArray[np.bool_], unit: Floats, moved: Floats
    ) -> IssuePrice:
        """Return what issue prices say of bonds that have not printed.

        Parameters
        ----------
        par_yield : ndarray, shape (n_rows,)
            Yields at par, bp, or NaN.
        expected : ndarray, shape (n_rows,)
            Yields from the dates before, bp.
        fresh : ndarray of bool, shape (n_rows,)
            Which bonds have not printed.
        unit : ndarray, shape (n_rows,)
            Bp of yield that a distance from par of 1 is worth: the scale of the bond's shocks over its DV01.
        moved : ndarray, shape (n_rows,)
            Variance of the moves of curve and spread since the issue, bp squared.
        """
        known = fresh & np.isfinite(par_yield)
        distance = np.where(known, self._square * unit**2, np.inf)
        return IssuePrice(np.where(known, par_yield - expected, 0.0), unit, distance, moved, self.widening)

    def update(self, issue: IssuePrice, innovation: Floats, noise: Floats, update: Floats, variance: Floats) -> None:
        """Learn from a date's first prints.

        Parameters
        ----------
        issue : IssuePrice
        innovation, noise : ndarray, shape (n_rows,)
            Of the prints, bp, and bp squared.
        update, variance : ndarray, shape (n_rows,)
            Of the prints, from all others and no issue price; bp, and bp squared.
        """
        known = np.isfinite(issue.distance)
        count = int(known.sum())
        if not count:
            return
        std, kept = np.sqrt(variance[known]), 1.0 - count / (MEMORY_PRINTS + count)
        gain = issue._replace(widening=1.0).gain(update, variance - noise)[known]
        suggested = gain * (issue.innovation - update)[known] / std
        moved_on = np.clip((innovation - update)[known] / std, -LARGEST_STEP, LARGEST_STEP)
        self._together = kept * self._together + float((suggested * moved_on).sum())
        self._alone = kept * self._alone + float((suggested**2).sum())
        self._gain, self._gains = kept * self._gain + float(gain.sum()), kept * self._gains + count
        excess = (innovation - issue.innovation)[known] ** 2 - (noise + issue.moved)[known]
        squares = np.clip(excess / issue.unit[known] ** 2, 0.0, LIMIT**2 * self._square)
        step = count / (min(self._prints, MEMORY_PRINTS) + count)
        self._square = max(self._square + step * (float(squares.mean()) - self._square), SMALLEST_SQUARE)
        self._prints += count

    def snapshot(self) -> Snapshot:
        """Return what has been learned."""
        sums = (self._square, self._prints, self._together, self._alone, self._gain, self._gains)
        return {"sums": np.array(sums)}

    def restore(self, snapshot: Snapshot) -> None:
        """Take up a snapshot."""
        self._square, self._prints, self._together, self._alone, self._gain, self._gains = snapshot["sums"].tolist()
