"""One date's prints as numbers that a surface can be fitted to."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.units import BP, DAYS_PER_YEAR
from richcheap.curves.pricing import curve_measures
from richcheap.panel.panel import Panel
from richcheap.panel.print_history import NEVER, PrintHistory
from richcheap.panel.ratings import printed_neighbours
from richcheap.surface.leave_one_out import fitted
from richcheap.surface.loadings import surface_loadings
from richcheap.surface.peers import PeerStatistics

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


WIDEST_SPREAD_BP = 20_000.0
"""A print further than this from its reference curve says nothing about credit; it is set aside and counted."""


class DatePrints(NamedTuple):
    """One date's prints as the fits see them.

    Attributes
    ----------
    rows : ndarray of int64
        Rows of the panel.
    day : int
    bond, issuer, bucket : ndarray of int32
    neighbour : ndarray of int32
        Bucket that the grade leans to, if any of its bonds has printed; else the own one.
    loadings : ndarray, shape (n_rows, n_terms)
    reference_yield : ndarray
        The reference curve at the bond, bp.
    dv01 : ndarray
        Points per 100 for one bp on the reference curve: no own price in it.
    observed_yield : ndarray
        Z-spread plus `reference_yield`, bp: the observation.
    last_day : ndarray of int32
        Day of the bond's own last print, or `NEVER`.
    gap : ndarray
        Business days since then; 0 for a bond never seen.
    asked : ndarray of bool
        The row is no print: it has no weight and, mostly, no price. Such rows come last.
    """

    rows: NDArray[np.int64]
    day: int
    bond: Ints
    issuer: Ints
    bucket: Ints
    neighbour: Ints
    loadings: Floats
    reference_yield: Floats
    dv01: Floats
    observed_yield: Floats
    last_day: Ints
    gap: Floats
    asked: NDArray[np.bool_]

    def and_asked(self, asked: "DatePrints") -> "DatePrints":
        """Return the prints, and after them what is asked for on their date."""
        columns = zip(self._fields, self, asked, strict=True)
        joined = {name: np.concatenate([own, other]) for name, own, other in columns if name != "day"}
        return self._replace(**joined)  # type: ignore[arg-type]  # the day stays

    def none(self) -> "DatePrints":
        """Return no prints of the same date."""
        return self._replace(**{name: column[:0] for name, column in self._asdict().items() if name != "day"})

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which bonds have printed before."""
        seen: NDArray[np.bool_] = self.last_day != NEVER
        return seen


class DateResult(NamedTuple):
    """What one date's prints are worth to the rest of the market; bp unless said.

    Attributes
    ----------
    rows : ndarray of int64
        Rows of the panel.
    day : int
    source : str
        ``given``, ``fitted`` or ``flat``: where the reference curve comes from.
    reference_rates, close_rates : ndarray, shape (n_nodes,)
        Zero rates known before the date, and with the date's governments; decimal.
    spread : ndarray
        Z-spread over the reference curve: the print itself.
    surface, move_surface : ndarray
        Level fit and move fit at the bond, both without it, as spreads over the reference curve.
    last_level, last_residual : ndarray
        The bond's own last residuals to the two fits; NaN for a bond never seen.
    level_residual, move_residual : ndarray
        Residuals of the print to the fits of all prints: history for later dates, unknown on this one.
    move_since_last, move_today : ndarray
        Move of the surface at the bond since its own last print (NaN for a bond never seen), and since the
        date before.
    peers : PeerStatistics
    peer_move, peer_level : ndarray
        Its peer groups combined.
    noise : ndarray
        Predicted standard deviation of the print around its value.
    """

    rows: NDArray[np.int64]
    day: int
    source: str
    reference_rates: Floats
    close_rates: Floats
    spread: Floats
    surface: Floats
    move_surface: Floats
    last_level: Floats
    last_residual: Floats
    level_residual: Floats
    move_residual: Floats
    move_since_last: Floats
    move_today: Floats
    peers: PeerStatistics
    peer_move: Floats
    peer_level: Floats
    noise: Floats

    def last(self, count: int) -> "DateResult":
        """Return what is said of the last rows."""
        cut = self.rows.size - count
        columns = {name: getattr(self, name)[cut:] for name in ("rows", *_OF_ROWS)}
        peers = PeerStatistics(*(column[cut:] for column in self.peers))
        return self._replace(**columns, peers=peers)


_OF_ROWS: Final = (
    *("spread", "surface", "move_surface", "last_level", "last_residual"),
    *("level_residual", "move_residual", "move_since_last", "move_today", "peer_move", "peer_level", "noise"),
)


def business_days(earlier: Ints, day: int) -> Floats:
    """Count the weekdays from each earlier day up to the day."""
    return np.busday_count(earlier.astype("datetime64[D]"), np.datetime64(day, "D")).astype(np.float64)


def measure_date(
    panel: Panel,
    rows: slice,
    history: PrintHistory,
    nodes_years: Floats,
    reference: Floats,
    printed: NDArray[np.bool_],
    threads: int,
    asked: bool = False,
) -> DatePrints:
    """Measure one date's prints on its reference curve.

    Parameters
    ----------
    panel : Panel
    rows : slice
        Rows of one date.
    history : PrintHistory
        Of each bond, before the date.
    nodes_years, reference : ndarray, shape (n_nodes,)
        The reference curve: maturities in years and decimal zero rates.
    printed : ndarray of bool, shape (n_buckets,)
        Rating buckets that have printed before; those of the rows are added, unless these are asked for.
    threads : int
    asked : bool
        Whether the rows are no prints, but bonds that are asked for, with or without a price.

    Returns
    -------
    DatePrints
        Those with a usable spread; of bonds that are asked for, all that can be discounted. Loadings and DV01 are taken
        at zero spread on the reference curve: the own price moves `observed_yield` and nothing else.
    """
    day = int(panel.day[rows.start])
    view = curve_measures(panel.terms.rows(rows), panel.dirty_price[rows], nodes_years, reference[None, :], 0, threads)
    spread = BP * view.spread
    within = np.abs(np.nan_to_num(spread, nan=np.inf)) <= WIDEST_SPREAD_BP
    spread[~within] = np.nan
    usable = np.flatnonzero(np.isfinite(view.spread_duration) if asked else within)
    chosen = rows.start + usable
    years = (panel.terms.maturity[chosen] - panel.terms.settlement[chosen]) / DAYS_PER_YEAR
    bond, bucket = panel.bond[chosen], panel.bucket[chosen]
    if not asked:
        printed = printed.copy()
        printed[bucket] = True
    neighbour = printed_neighbours(bucket, panel.neighbour[chosen], printed)
    loadings = surface_loadings(view.exposure[usable], view.spread_duration[usable], bucket, neighbour, years)
    reference_yield = BP * fitted(loadings[:, : nodes_years.size], reference)
    last_day = history.day[bond]
    return DatePrints(
        rows=chosen,
        day=day,
        bond=bond,
        issuer=panel.issuer[chosen],
        bucket=bucket,
        neighbour=neighbour,
        loadings=loadings,
        reference_yield=reference_yield,
        dv01=view.spread_duration[usable] * view.price[usable] / BP,
        observed_yield=spread[usable] + reference_yield,
        last_day=last_day,
        gap=business_days(np.where(last_day == NEVER, day, last_day).astype(np.int32), day),
        asked=np.full(chosen.size, asked),
    )
