"""Prints of one currency as the Kalman filter sees them, date after date."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.bonds.curve import view_on_curve
from stages.bonds.terms import terms_from_frame
from stages.spreads.benchmark import GIVEN
from stages.spreads.leave_one_out import fitted
from stages.spreads.loadings import option_loadings, premium_loadings, slope_loadings
from stages.spreads.numbering import number
from stages.spreads.ratings import bucket_codes, neighbour_codes
from stages.spreads.units import BP

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

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

SIDES: Final = {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}
"""Direction in which a print lies from mid, in price."""


class Curves(NamedTuple):
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


class Names(NamedTuple):
    """Bonds and issuers of one currency: distinct names, sorted; their numbers are their places."""

    bonds: pl.Series
    issuers: pl.Series


class Prints(NamedTuple):
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
    load : ndarray, shape (n_rows, n_nodes)
        Key-rate durations as shares of the spread duration, at zero spread on the reference curve.
    slope : ndarray, shape (n_rows,)
        Load on the slope of the bond's rating bucket.
    premiums : ndarray, shape (n_rows, 4)
        Load on the coupon premium, then on what options add, see `premium_loadings` and `option_loadings`.
    points_per_bp : ndarray, shape (n_rows,)
        Price risk at zero spread: no own price in it.
    is_reference : ndarray of bool, shape (n_rows,)
        The price is a reference, not a trade.
    side : ndarray, shape (n_rows,)
        1 for a customer's purchase, -1 for a sale, 0 for a print between dealers, NaN where unknown.
    at_reference, quote : ndarray, shape (n_rows,)
        The reference curve at the bond, and the z-spread plus that: the observation; bp.
    """

    day: Ints
    date_start: NDArray[np.int64]
    bond: Ints
    issuer: Ints
    bucket: Ints
    neighbour: Ints
    maturity: Ints
    curve: Ints
    load: Floats
    slope: Floats
    premiums: Floats
    points_per_bp: Floats
    is_reference: NDArray[np.bool_]
    side: Floats
    at_reference: Floats
    quote: Floats

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Return rows of one date."""
        return self._replace(
            **{name: column[rows] for name, column in self._asdict().items() if name != "date_start"},
            date_start=np.array([0, rows.size]),
        )


def read_prints(frame: pl.DataFrame, names: Names, curves: Curves, threads: int = 1) -> Prints:
    """Measure prints of one currency.

    Parameters
    ----------
    frame : DataFrame
        `PRINT_COLUMNS`, whole dates, sorted by (date, bond_id).
    names : Names
        Of that currency.
    curves : Curves
    threads : int
        Changes no bit.
    """
    curve = frame["reference_curve"].cast(pl.Int32).to_numpy()
    terms = terms_from_frame(frame)
    view = view_on_curve(terms, frame["dirty_price"].to_numpy(), curves.nodes_years, curves.rates, curve, threads)
    day = frame["date"].cast(pl.Int32).to_numpy()
    load = view.exposure / view.spread_duration[:, None]
    at_reference = BP * fitted(load, curves.rates[curve])
    years = frame["years_to_maturity"].to_numpy()
    bucket = bucket_codes(frame)
    coupon = premium_loadings(terms.coupon_rate, at_reference / BP, years, terms.floating)
    flags = (frame[flag].fill_null(value=False).to_numpy() for flag in ("callable", "convertible"))
    return Prints(
        day=day,
        date_start=np.append(np.flatnonzero(np.diff(day, prepend=day[0] - 1)), day.size).astype(np.int64),
        bond=number(frame["bond_id"], names.bonds),
        issuer=number(frame["issuer"].cast(pl.String), names.issuers),
        bucket=bucket,
        neighbour=neighbour_codes(frame, bucket),
        maturity=frame["maturity_date"].cast(pl.Int32).to_numpy(),
        curve=curve,
        load=load,
        slope=slope_loadings(years),
        premiums=np.hstack([coupon, option_loadings(*flags)]),
        points_per_bp=view.spread_duration * view.price / BP,
        is_reference=(frame["price_kind"].cast(pl.String).fill_null("") == "reference").to_numpy(),
        side=frame["side"].replace_strict(SIDES, default=None, return_dtype=pl.Float64).fill_null(np.nan).to_numpy(),
        at_reference=at_reference,
        quote=frame["z_spread_bp"].to_numpy() + at_reference,
    )
