"""The state space of one currency: its factors, issuers and bonds, and how prints measure them.

The state of the market is a vector g of *factors* that many bonds share (nodes of the curve, level and slope of each
rating bucket, and the *memory*, see `richcheap.kalman.prediction`), an effect u_j of each issuer and a residual x_i of
each bond:

    u_j = issuer_mean_j + issuer_loading_j g + q_j                    q_j ~ N(0, issuer_variance_j)
    x_i = bond_mean_i + bond_loading_i g + bond_share_i q_j + d_i     d_i ~ N(0, bond_variance_i)

where g counts from its mean and all q and d are independent of each other and of g: the covariance between bonds is in
their loadings. All figures are in basis points.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.conventions import SIDE_SIGNS
from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.benchmark import GIVEN
from richcheap.curves.pricing import curve_measures
from richcheap.kalman.new_issues import ParYields
from richcheap.panel.ages import new_issue_days
from richcheap.panel.counts import Names
from richcheap.panel.encoding import encode
from richcheap.panel.print_history import NEVER
from richcheap.panel.ratings import BUCKETS, bucket_codes, neighbour_codes
from richcheap.panel.snapshot import Snapshot, fields, put_back, taken
from richcheap.surface.leave_one_out import fitted
from richcheap.surface.loadings import option_loadings, premium_loadings, slope_loadings

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class HyperParameters(NamedTuple):
    """Hyper-parameters of the filter.

    Attributes
    ----------
    node_move : float
        Standard deviation of a node's move over one business day, bp.
    correlation_length : float
        Distance in log-maturity over which moves of two nodes stay alike.
    rating_move, issuer_move, bond_move : float
        The same for a rating bucket's level and slope, an issuer's effect, a bond's residual, bp, at spreads up to the
        floor: beyond it all three grow in proportion, see `richcheap.kalman.prediction`; the first and the last are
        multiplied by the noise multipliers of buckets and bonds, see `richcheap.kalman.update`.
    issuer_half_life, bond_half_life : float
        Time in which half of an issuer's effect, or of a bond's residual, is gone, business days.
    issuer_level, bond_level : float
        Spread of issuers' effects, and of the residuals of bonds never seen, bp, at spreads up to the floor.
    premium_move : float
        Standard deviation of the moves of level and slope of the coupon premium over one business day, bp per
        percentage point; that of the options' terms is the same share of their prior.
    spread_noise, price_noise : float
        Noise of a print: bp, and points per 100.
    reference_noise : float
        Standard deviation of a reference price, multiple of that of a trade.
    huber : float
        Standard deviations from which a print weighs less in the update.
    widening_move : float
        Standard deviation of the daily move of all ratings' spreads in proportion, bp at spreads up to the floor.
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

    def daily_variance(self, scale: Floats) -> Floats:
        """Return by how much bonds' yields move a business day, bp squared; `scale` is that of their shocks."""
        of_spread = self.widening_move**2 + self.issuer_move**2 + self.bond_move**2
        return self.node_move**2 + of_spread * scale**2


BY_BOND: Final = (
    *("bond_mean", "bond_variance", "bond_share", "bond_loading", "last_day", "innovation_count", "multiplier"),
    *("noise", "bond_scale", "doubt"),
)
BY_ISSUER: Final = ("issuer_mean", "issuer_variance", "issuer_loading", "issuer_scale")
COMMON: Final = ("mean", "covariance", "bucket_multiplier", "bucket_level")
"""Fields of `State` by what their rows are; ``bond_issuer`` has numbers of issuers for its values."""


class State(NamedTuple):
    """Mean and covariance of the state after a date; arrays are changed in place.

    Attributes
    ----------
    mean : ndarray, shape (n_live,)
        Of the live factors: nodes, two terms of the premium, two of options, then two for each bucket seen. The
        memory's mean is 0.
    covariance : ndarray, shape (n_factors, n_factors)
        Live factors first, then the memory.
    issuer_mean, issuer_variance : ndarray, shape (n_issuers,)
    issuer_loading : ndarray, shape (n_issuers, n_factors)
    bond_mean, bond_variance, bond_share : ndarray, shape (n_bonds,)
    bond_loading : ndarray, shape (n_bonds, n_factors)
    bond_issuer : ndarray of int32, shape (n_bonds,)
        At the latest print; -1 for an unknown issuer.
    last_day : ndarray of int32, shape (n_bonds,)
        Day of the latest print, or `NEVER`.
    innovation_count, multiplier : ndarray, shape (n_bonds,)
        Innovations so far, and the bond's own noise as a multiple of the common shape.
    bucket_multiplier, bucket_level : ndarray, shape (n_buckets,)
        The same of the buckets: of noise, and of the residuals of new bonds.
    noise : ndarray, shape (n_bonds,)
        Variance of the latest print's noise.
    doubt : ndarray, shape (n_bonds,)
        How far the latest print would have shifted the bond, if it is in doubt, bp; else 0 (`richcheap.kalman.doubt`).
    bond_scale, issuer_scale : ndarray, shape (n_bonds,), (n_issuers,)
        Size of their shocks, a multiple of that at spreads up to the floor; 0 until they print.
    """

    mean: Floats
    covariance: Floats
    issuer_mean: Floats
    issuer_variance: Floats
    issuer_loading: Floats
    bond_mean: Floats
    bond_variance: Floats
    bond_share: Floats
    bond_loading: Floats
    bond_issuer: Ints
    last_day: Ints
    innovation_count: Floats
    multiplier: Floats
    bucket_multiplier: Floats
    bucket_level: Floats
    noise: Floats
    doubt: Floats
    bond_scale: Floats
    issuer_scale: Floats

    @classmethod
    def empty(cls, initial: Floats, covariance: Floats, memory: int, bonds: int, issuers: int) -> Self:
        """Return the state before the first date.

        Parameters
        ----------
        initial, covariance : ndarray
            Mean and covariance of the live factors at the start.
        memory : int
            Number of factors kept as memory.
        bonds, issuers : int
        """
        live = initial.size
        factors = live + memory
        joint = np.eye(factors)
        joint[:live, :live] = covariance
        return cls(
            mean=initial.copy(),
            covariance=joint,
            issuer_mean=np.zeros(issuers),
            issuer_variance=np.zeros(issuers),
            issuer_loading=np.zeros((issuers, factors)),
            bond_mean=np.zeros(bonds),
            bond_variance=np.zeros(bonds),
            bond_share=np.zeros(bonds),
            bond_loading=np.zeros((bonds, factors)),
            bond_issuer=np.full(bonds, -1, dtype=np.int32),
            last_day=np.full(bonds, NEVER, dtype=np.int32),
            innovation_count=np.zeros(bonds),
            multiplier=np.ones(bonds),
            bucket_multiplier=np.ones(len(BUCKETS)),
            bucket_level=np.ones(len(BUCKETS)),
            noise=np.ones(bonds),
            doubt=np.zeros(bonds),
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

        def widened(loading: Floats) -> Floats:
            return np.ascontiguousarray(np.insert(loading, [live] * added, 0.0, axis=1))

        return self._replace(
            mean=np.concatenate([self.mean, np.zeros(added)]),
            covariance=joint,
            issuer_loading=widened(self.issuer_loading),
            bond_loading=widened(self.bond_loading),
        )

    def seen(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of the bonds and of the issuers that have printed."""
        return np.flatnonzero(self.last_day != NEVER), np.flatnonzero(self.issuer_scale)

    def snapshot(self) -> Snapshot:
        """Return what there is of bonds and issuers seen; issuers are numbered among those."""
        bonds, issuers = self.seen()
        issuer = self.bond_issuer[bonds]
        return {
            **{name: array.copy() for name, array in fields(self, COMMON).items()},
            **taken(fields(self, BY_BOND), bonds),
            **taken(fields(self, BY_ISSUER), issuers),
            "bond_issuer": np.where(issuer < 0, -1, np.searchsorted(issuers, issuer)).astype(np.int32),
        }

    @classmethod
    def restored(cls, snapshot: Snapshot, bond: Ints, issuer: Ints, bonds: int, issuers: int) -> Self:
        """Return the state of a snapshot, whose bonds and issuers now have these numbers among so many."""
        mean = snapshot["mean"]
        memory = snapshot["covariance"].shape[0] - mean.size
        state = cls.empty(mean, np.zeros((mean.size, mean.size)), memory, bonds, issuers)
        put_back(snapshot, fields(state, BY_BOND), bond)
        put_back(snapshot, fields(state, BY_ISSUER), issuer)
        state.bond_issuer[bond] = np.append(issuer, np.int32(-1))[snapshot["bond_issuer"]]
        return state._replace(**{name: snapshot[name].copy() for name in COMMON})


PRINT_COLUMNS: tuple[str, ...] = (
    *("bond_id", "date", "currency", "bond_type", "credit_rating", "issuer", "price_kind", "side"),
    *("callable", "convertible"),
    *(
        "dirty_price",
        "years_to_maturity",
        "z_spread_bp",
        "reference_curve",
        "settlement_date",
        "maturity_date",
        "coupon_rate",
    ),
    *("quoted_margin", "frequency", "day_count", "issue_date", "first_coupon_date"),
)
"""What is read of a valued print."""


class ReferenceCurves(NamedTuple):
    """Reference curves on the filter's own nodes.

    Attributes
    ----------
    nodes_years : ndarray, shape (n_nodes,)
    rates : ndarray, shape (n_curves, n_nodes)
        Decimal zero rates.
    given : ndarray of bool, shape (n_curves,)
        Published, not fitted: a change between two of them is known before the date's prices.
    """

    nodes_years: Floats
    rates: Floats
    given: NDArray[np.bool_]

    @classmethod
    def from_frame(cls, curves: pl.DataFrame, extra_nodes_years: Sequence[float]) -> Self:
        """Take the table that the market stage writes; between its nodes rates are linear, so that no curve changes."""
        ordered = curves.sort("reference_curve", "tenor_years")
        market = ordered["tenor_years"].unique().sort().to_numpy()
        nodes = np.union1d(market, np.asarray(extra_nodes_years, dtype=np.float64))
        rates = ordered["zero_rate"].to_numpy().reshape(-1, market.size)
        return cls(
            nodes_years=nodes,
            rates=np.stack([np.interp(nodes, market, one) for one in rates]),
            given=(ordered["source"].gather_every(market.size) == GIVEN).to_numpy(),
        )


class Measurements(NamedTuple):
    """A run of dates.

    Attributes
    ----------
    day : ndarray of int32, shape (n_rows,)
        Days since 1970-01-01, ascending.
    date_start : ndarray of int64
        Row at which each date starts, and the number of rows at the end.
    bond, issuer, bucket : ndarray of int32, shape (n_rows,)
        Numbers; -1 for an unknown issuer.
    neighbour : ndarray of int32, shape (n_rows,)
        Bucket that the grade leans to, see `neighbour_codes`.
    maturity : ndarray of int32, shape (n_rows,)
        Days since 1970-01-01.
    curve : ndarray of int32, shape (n_rows,)
        Reference curve.
    loading : ndarray, shape (n_rows, n_nodes)
        Key-rate durations as shares of the spread duration, at zero spread on the reference curve.
    slope : ndarray, shape (n_rows,)
        Loading on the slope of the bond's rating bucket.
    premiums : ndarray, shape (n_rows, 4)
        Loading on the coupon premium, then on the options, see `premium_loadings` and `option_loadings`.
    dv01 : ndarray, shape (n_rows,)
        Points per 100 for one bp at zero spread: no own price in it.
    is_reference : ndarray of bool, shape (n_rows,)
        The price is a reference, not a trade.
    side : ndarray, shape (n_rows,)
        1 for a customer's purchase, -1 for a sale, 0 for a print between dealers, NaN where unknown.
    reference_yield, observed_yield : ndarray, shape (n_rows,)
        The reference curve at the bond, and the z-spread plus that, which is what the filter observes; bp.
    par_yield, age : ndarray, shape (n_rows,)
        The same at par, bp, and business days since the issue (`richcheap.kalman.new_issues`); NaN and 0 for old bonds.
    """

    day: Ints
    date_start: NDArray[np.int64]
    bond: Ints
    issuer: Ints
    bucket: Ints
    neighbour: Ints
    maturity: Ints
    curve: Ints
    loading: Floats
    slope: Floats
    premiums: Floats
    dv01: Floats
    is_reference: NDArray[np.bool_]
    side: Floats
    reference_yield: Floats
    observed_yield: Floats
    par_yield: Floats
    age: Floats

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Return rows of one date."""
        return self._replace(
            **{name: column[rows] for name, column in self._asdict().items() if name != "date_start"},
            date_start=np.array([0, rows.size]),
        )


def measure_prints(frame: pl.DataFrame, names: Names, curves: ReferenceCurves, threads: int = 1) -> Measurements:
    """Measure prints of one currency.

    Parameters
    ----------
    frame : DataFrame
        `PRINT_COLUMNS`, whole dates, sorted by (date, bond_id).
    names : Names
        Of that currency.
    curves : ReferenceCurves
    threads : int
        Does not affect the result.
    """
    curve = frame["reference_curve"].cast(pl.Int32).to_numpy()
    terms = terms_from_frame(frame)
    view = curve_measures(terms, frame["dirty_price"].to_numpy(), curves.nodes_years, curves.rates, curve, threads)
    day = frame["date"].cast(pl.Int32).to_numpy()
    loading = view.exposure / view.spread_duration[:, None]
    reference_yield = BP * fitted(loading, curves.rates[curve])
    years = frame["years_to_maturity"].to_numpy()
    bucket = bucket_codes(frame)
    coupon = premium_loadings(terms.coupon_rate, reference_yield / BP, years, terms.floating)
    flags = (frame[flag].fill_null(value=False).to_numpy() for flag in ("callable", "convertible"))
    days = frame.select(new_issue_days().fill_null(np.nan)).to_series().to_numpy()
    par = ParYields.of(terms, days, curves.nodes_years, curves.rates, curve, threads)
    side = frame["side"].replace_strict(SIDE_SIGNS, default=None, return_dtype=pl.Float64)
    return Measurements(
        day=day,
        date_start=np.append(np.flatnonzero(np.diff(day, prepend=day[0] - 1)), day.size).astype(np.int64),
        bond=encode(frame["bond_id"], names.bonds),
        issuer=encode(frame["issuer"].cast(pl.String), names.issuers),
        bucket=bucket,
        neighbour=neighbour_codes(frame, bucket),
        maturity=frame["maturity_date"].cast(pl.Int32).to_numpy(),
        curve=curve,
        loading=loading,
        slope=slope_loadings(years),
        premiums=np.hstack([coupon, option_loadings(*flags)]),
        dv01=view.spread_duration * view.price / BP,
        is_reference=(frame["price_kind"].cast(pl.String).fill_null("") == "reference").to_numpy(),
        side=side.fill_null(np.nan).to_numpy(),
        reference_yield=reference_yield,
        observed_yield=frame["z_spread_bp"].to_numpy() + reference_yield,
        par_yield=par.spread + reference_yield,
        age=par.age,
    )
