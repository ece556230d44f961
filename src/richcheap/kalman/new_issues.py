"""New issues: what the price at which a bond was sold says of one that has not printed yet.

A coupon is set so that its bond is sold near par. For some weeks after its issue the yield at a price of `PAR` is
therefore an observation of a bond that has never printed: as loose as first prints of this market have lain around
par, and looser the longer the market has moved since the issue. It is independent of the print, so that a prediction
from all other prints and this observation are combined by their precisions, and the print never enters its own.
"""

from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import NO_DATE, BondTerms
from richcheap.bonds.units import BP, PAR
from richcheap.curves.pricing import curve_measures
from richcheap.panel.print_history import NEW_DAYS
from richcheap.panel.snapshot import Snapshot

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

BUSINESS_SHARE: Final = 5.0 / 7.0
PRIOR_PRINTS, MEMORY_PRINTS = 3.0, 100.0
"""First prints that the distance from par in params is worth, and that all is learned from at most."""
PRIOR_SQUARES: Final = 1.0
"""Sum of squared standardised changes that the first slope, 1, is worth."""
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
    def of(cls, terms: BondTerms, day: Ints, nodes_years: Floats, rates: Floats, curve: Ints, threads: int = 1) -> Self:
        """Solve the spreads of those rows that are new.

        Parameters
        ----------
        terms : BondTerms
        day : ndarray of int32, shape (n_rows,)
            Days since 1970-01-01.
        nodes_years, rates, curve : ndarray
            As `curve_measures` takes them.
        threads : int
            Does not affect the result.
        """
        days = np.where(terms.issue == NO_DATE, -1, day - terms.issue)
        new = np.flatnonzero((days >= 0) & (days <= NEW_DAYS) & (terms.coupon_rate > 0.0))
        spread, age = np.full(day.size, np.nan), np.zeros(day.size)
        if new.size:
            chosen = terms.rows(new)
            dirty = PAR + accrued_interest(chosen, threads)
            spread[new] = BP * curve_measures(chosen, dirty, nodes_years, rates, curve[new], threads).spread
            age[new] = np.where(np.isnan(spread[new]), 0.0, BUSINESS_SHARE * days[new])
        return cls(spread, age)


class IssuePrice(NamedTuple):
    """What issue prices say of a date's bonds, beside their prints.

    Attributes
    ----------
    innovation : ndarray, shape (n_rows,)
        Yield at par less what is expected from the dates before, bp; 0 where nothing is said.
    variance : ndarray, shape (n_rows,)
        Of that observation, bp squared; infinite where nothing is said.
    slope : float
        Share of the way that precisions suggest which first prints of this market have gone, 0 to 1.
    """

    innovation: Floats
    variance: Floats
    slope: float

    def with_prints(self, innovation: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Return the innovations and noise of prints and issue prices taken together.

        The noise knows no price, so that no print enters its own prediction, not even in the last bits.
        """
        share = self.slope * noise / (noise + self.variance)
        return innovation + share * (self.innovation - innovation), noise * (1.0 - share)

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
        share = self.slope * self.gain(update, value)
        return update + share * (self.innovation - update), variance - share * value

    def gain(self, mean: Floats, variance: Floats) -> Floats:
        """Return how far what is otherwise known moves towards the issue price by their precisions, 0 to 1.

        Parameters
        ----------
        mean, variance : ndarray, shape (n_rows,)
            Of what is otherwise known, bp and bp squared.
        """
        distance = np.abs(self.innovation - mean) / np.sqrt(variance + self.variance)
        widened = self.variance * np.maximum(distance / LIMIT, 1.0) ** 2
        gain: Floats = variance / (variance + widened)
        return gain


class NewIssues:
    """What first prints of one currency's market have said of issue prices, followed from date to date.

    How far they lie from par is a mean of squares. Whether par says anything beyond what other prints say is a
    regression: of the first prints' distance from their predictions on what issue prices would have changed these by.

    Parameters
    ----------
    points : float
        Standard deviation from par to begin with, points per 100.
    """

    def __init__(self, points: float) -> None:
        self._square, self._prints = points**2, PRIOR_PRINTS
        self._together, self._alone = PRIOR_SQUARES, PRIOR_SQUARES

    def issue_price(
        self, par_yield: Floats, expected: Floats, fresh: NDArray[np.bool_], dv01: Floats, moved: Floats
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
        dv01 : ndarray, shape (n_rows,)
            Points per bp.
        moved : ndarray, shape (n_rows,)
            Variance of the market's move since the issue, bp squared.
        """
        known = fresh & np.isfinite(par_yield)
        variance = np.where(known, self._square / dv01**2 + moved, np.inf)
        slope = min(max(self._together / self._alone, 0.0), 1.0)
        return IssuePrice(np.where(known, par_yield - expected, 0.0), variance, slope)

    def update(
        self,
        issue: IssuePrice,
        innovation: Floats,
        noise: Floats,
        update: Floats,
        variance: Floats,
        dv01: Floats,
        moved: Floats,
    ) -> None:
        """Learn from a date's first prints.

        Parameters
        ----------
        issue : IssuePrice
        innovation, noise : ndarray, shape (n_rows,)
            Of the prints, bp, and bp squared.
        update, variance : ndarray, shape (n_rows,)
            Of the prints, from all others and no issue price; bp, and bp squared.
        dv01, moved : ndarray, shape (n_rows,)
            As in `issue_price`.
        """
        known = np.isfinite(issue.variance)
        count = int(known.sum())
        if not count:
            return
        std = np.sqrt(variance[known])
        suggested = (issue.gain(update, variance - noise) * (issue.innovation - update))[known] / std
        moved_on = np.clip((innovation - update)[known] / std, -LARGEST_STEP, LARGEST_STEP)
        kept = 1.0 - count / (MEMORY_PRINTS + count)
        self._together = kept * self._together + float((suggested * moved_on).sum())
        self._alone = kept * self._alone + float((suggested**2).sum())
        excess = (innovation - issue.innovation)[known] ** 2 - (noise + moved)[known]
        squares = np.minimum(excess * dv01[known] ** 2, LIMIT**2 * self._square)
        step = count / (min(self._prints, MEMORY_PRINTS) + count)
        self._square = max(self._square + step * (float(squares.mean()) - self._square), SMALLEST_SQUARE)
        self._prints += count

    def snapshot(self) -> Snapshot:
        """Return what has been learned."""
        return {"sums": np.array([self._square, self._prints, self._together, self._alone])}

    def restore(self, snapshot: Snapshot) -> None:
        """Take up a snapshot."""
        self._square, self._prints, self._together, self._alone = snapshot["sums"].tolist()
