"""The prints of one currency over a run of dates, as arrays."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.terms import BondTerms, terms_from_frame
from richcheap.panel.encoding import encode
from richcheap.panel.ratings import bucket_codes, neighbour_codes
from richcheap.panel.universe import Universe

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Panel(NamedTuple):
    """Prints of one currency, sorted by (date, bond_id).

    Attributes
    ----------
    terms : BondTerms
    day : ndarray of int32, shape (n_rows,)
        Observation date, days since 1970-01-01.
    dirty_price : ndarray, shape (n_rows,)
    bond, issuer, bucket : ndarray of int32, shape (n_rows,)
        Numbers of the bond, of its issuer (-1 where unknown) and of its rating bucket.
    neighbour : ndarray of int32, shape (n_rows,)
        Bucket that the grade leans to, see `neighbour_codes`.
    date_start : ndarray of int32
        Row at which each date starts, and the number of rows at the end.
    """

    terms: BondTerms
    day: Ints
    dirty_price: Floats
    bond: Ints
    issuer: Ints
    bucket: Ints
    neighbour: Ints
    date_start: Ints


def build_panel(frame: pl.DataFrame, universe: Universe) -> Panel:
    """Arrange prints.

    Parameters
    ----------
    frame : DataFrame
        Rows of the converted observations (status ``ok``) of one currency, whole dates, sorted by (date, bond_id).
    universe : Universe
        Of that currency.
    """
    day = frame["date"].cast(pl.Int32).to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], day[1:] != day[:-1]]))
    bucket = bucket_codes(frame)
    return Panel(
        terms=terms_from_frame(frame),
        day=day,
        dirty_price=frame["dirty_price"].to_numpy(),
        bond=encode(frame["bond_id"], universe.bonds),
        issuer=encode(frame["issuer"], universe.issuers),
        bucket=bucket,
        neighbour=neighbour_codes(frame, bucket),
        date_start=np.append(starts, day.size).astype(np.int32),
    )
