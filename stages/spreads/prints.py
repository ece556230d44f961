"""One date's prints as numbers that a surface can be fitted to."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.curve import curve_dirty_price, key_rate_exposure, z_spread
from stages.spreads.leave_one_out import fitted
from stages.spreads.loadings import surface_loadings
from stages.spreads.panel import Panel
from stages.spreads.peers import PeerStatistics
from stages.spreads.units import BP, DAYS_PER_YEAR

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Prints(NamedTuple):
    """One date's prints as the fits see them.

    Attributes
    ----------
    rows : slice
        Rows of the panel.
    day : int
    bond, bucket : ndarray of int32
    loadings : ndarray, shape (n_rows, n_terms)
    at_reference : ndarray
        The reference curve at the bond, bp.
    points_per_bp : ndarray
        Price risk on the reference curve: no own price in it.
    quote : ndarray
        Z-spread plus `at_reference`, bp: the observation.
    last_slot : ndarray of int32
        Slot of the bond's own last print, or -1.
    last_day : ndarray of int32
    gap : ndarray
        Business days since then; 0 for a bond never seen.
    """

    rows: slice
    day: int
    bond: Ints
    bucket: Ints
    loadings: Floats
    at_reference: Floats
    points_per_bp: Floats
    quote: Floats
    last_slot: Ints
    last_day: Ints
    gap: Floats

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which bonds have printed before."""
        return self.last_slot >= 0


class DateResult(NamedTuple):
    """What one date's prints are worth to the rest of the market; bp unless said.

    Attributes
    ----------
    rows : slice
        Rows of the panel.
    source : str
        ``given``, ``fitted`` or ``flat``: where the reference curve comes from.
    reference_rates, close_rates : ndarray, shape (n_nodes,)
        Zero rates known before the date, and with the date's governments; decimal.
    spread : ndarray
        Z-spread over the reference curve: the print itself.
    surface, refit_surface, move_surface : ndarray
        Level fit, refit and move fit at the bond, all without it, as spreads over the reference curve.
    last_level, last_refit, last_residual : ndarray
        The bond's own last residuals to the three fits; NaN for a bond never seen.
    level_residual, move_residual : ndarray
        Residuals of the print to the fits of all prints: history for later dates, unknown on this one.
    move_since_last, move_today : ndarray
        Move of the surface at the bond since its own last print (NaN for a bond never seen), and since the
        date before.
    peers : PeerStatistics
    peer_move, peer_level : ndarray
        Its circles combined.
    noise : ndarray
        Predicted standard deviation of the print around its value.
    """

    rows: slice
    source: str
    reference_rates: Floats
    close_rates: Floats
    spread: Floats
    surface: Floats
    refit_surface: Floats
    move_surface: Floats
    last_level: Floats
    last_refit: Floats
    last_residual: Floats
    level_residual: Floats
    move_residual: Floats
    move_since_last: Floats
    move_today: Floats
    peers: PeerStatistics
    peer_move: Floats
    peer_level: Floats
    noise: Floats


def business_days(earlier: Ints, day: int) -> Floats:
    """Count the weekdays from each earlier day up to the day."""
    return np.busday_count(earlier.astype("datetime64[D]"), np.datetime64(day, "D")).astype(np.float64)


def read_prints(panel: Panel, rows: slice, nodes_years: Floats, reference: Floats) -> Prints:
    """Measure one date's prints on its reference curve.

    Parameters
    ----------
    panel : Panel
    rows : slice
        Rows of one date.
    nodes_years, reference : ndarray, shape (n_nodes,)
        The reference curve: maturities in years and decimal zero rates.

    Returns
    -------
    Prints
        Loadings and price risk are taken at zero spread on the reference curve: the own price moves `quote`
        and nothing else.
    """
    day = int(panel.day[rows.start])
    terms = panel.terms.rows(rows)
    count = rows.stop - rows.start
    curve, no_spread = np.zeros(count, dtype=np.int32), np.zeros(count)
    rates = reference[None, :]
    exposure = key_rate_exposure(terms, nodes_years, rates, curve)
    at_zero_spread = curve_dirty_price(terms, nodes_years, rates, curve, no_spread)
    spread, _ = z_spread(terms, panel.dirty_price[rows], nodes_years, rates, curve)
    years = (terms.maturity - terms.settlement) / DAYS_PER_YEAR
    loadings = surface_loadings(exposure, panel.bucket[rows], years)
    at_reference = BP * fitted(loadings[:, : nodes_years.size], reference)
    previous = panel.previous[rows]
    seen = previous >= 0
    last_day = np.where(seen, panel.day[previous], -1).astype(np.int32)
    return Prints(
        rows=rows,
        day=day,
        bond=panel.bond[rows],
        bucket=panel.bucket[rows],
        loadings=loadings,
        at_reference=at_reference,
        points_per_bp=exposure.sum(axis=1) * at_zero_spread / BP,
        quote=BP * spread + at_reference,
        last_slot=np.where(seen, panel.slot[previous], -1).astype(np.int32),
        last_day=last_day,
        gap=business_days(np.where(seen, last_day, day).astype(np.int32), day),
    )
