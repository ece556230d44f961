"""The prints of one currency as arrays sorted by date, with the history of every bond linked up."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.bonds.terms import BondTerms, terms_from_frame
from stages.spreads.circles import Circles, build_circles
from stages.spreads.numbering import number
from stages.spreads.ratings import BUCKETS, bucket_codes

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
    slot : ndarray of int32, shape (n_rows,)
        Place of the print when prints are sorted by (bond, date).
    previous : ndarray of int32, shape (n_rows,)
        Row of the bond's own print before, or -1.
    first_slot : ndarray of int32, shape (n_bonds,)
    maturity : ndarray of int32, shape (n_bonds,)
    circles : Circles
    date_start : ndarray of int32
        Row at which each date starts, and the number of rows at the end.
    """

    terms: BondTerms
    day: Ints
    dirty_price: Floats
    bond: Ints
    issuer: Ints
    bucket: Ints
    slot: Ints
    previous: Ints
    first_slot: Ints
    maturity: Ints
    circles: Circles
    date_start: Ints


def build_panel(frame: pl.DataFrame) -> Panel:
    """Arrange the prints of one currency.

    Parameters
    ----------
    frame : DataFrame
        Rows of the converted observations (status ``ok``) of one currency, sorted by (date, bond_id).
    """
    day = frame["date"].cast(pl.Int32).to_numpy()
    bond = number(frame["bond_id"])
    issuer = number(frame["issuer"])
    bucket = bucket_codes(frame)
    terms = terms_from_frame(frame)
    rows = np.arange(frame.height, dtype=np.int32)

    by_bond = np.lexsort((rows, bond)).astype(np.int32)
    slot = np.empty_like(rows)
    slot[by_bond] = rows
    bonds = int(bond.max()) + 1
    first_slot = np.searchsorted(bond[by_bond], np.arange(bonds)).astype(np.int32)
    previous = np.full(rows.size, -1, dtype=np.int32)
    same_bond = bond[by_bond[1:]] == bond[by_bond[:-1]]
    previous[by_bond[1:][same_bond]] = by_bond[:-1][same_bond]

    seen = np.zeros((bonds, len(BUCKETS)), dtype=np.bool_)
    seen[bond, bucket] = True
    opening = by_bond[first_slot]
    maturity = terms.maturity[opening]
    circles = build_circles(maturity, issuer[opening], seen, int(issuer.max()) + 1)
    starts = np.flatnonzero(np.concatenate([[True], day[1:] != day[:-1]]))
    return Panel(
        terms=terms,
        day=day,
        dirty_price=frame["dirty_price"].to_numpy(),
        bond=bond,
        issuer=issuer,
        bucket=bucket,
        slot=slot,
        previous=previous,
        first_slot=first_slot,
        maturity=maturity,
        circles=circles,
        date_start=np.append(starts, rows.size).astype(np.int32),
    )
