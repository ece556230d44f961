"""Rating buckets, the classes of credit that share a spread curve, and where in its bucket a grade stands."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.conventions import FOREIGN_SOVEREIGN

BUCKETS: tuple[str, ...] = ("GOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "NR")
"""``GOV`` holds the governments that carry the benchmark curve: rated AA- or better, or unrated."""

GOVERNMENT = 0
NOTCH_SHARE = 1.0 / 3.0
"""Share that a grade with a sign has of the neighbouring letter: notches lie evenly between letters."""
BENCHMARK_GRADE = frozenset({"AAA", "AA", "NR"})

_NOTCHED = (BUCKETS.index("AAA"), BUCKETS.index("CCC"))
_SIDE = {"+": -1, "-": 1}
_WHOLE_LETTER = {"CC": "CCC", "C": "CCC", "D": "CCC"}


def bucket_of(bond_type: str, credit_rating: str) -> str:
    """Return the bucket of one bond.

    Parameters
    ----------
    bond_type : str
        Type of the data contract; only ``treasury`` matters.
    credit_rating : str
        S&P scale with modifiers, or ``NR``.

    Returns
    -------
    str
        One of `BUCKETS`. A government below AA- shares the bucket of its rating: its curve is not the
        benchmark. CC, C and D count as CCC.

    Examples
    --------
    >>> bucket_of("corporate", "BBB+")
    'BBB'
    >>> bucket_of("treasury", "NR"), bucket_of("treasury", "BBB+")
    ('GOV', 'BBB')
    """
    letters = credit_rating.rstrip("+-")
    bucket = _WHOLE_LETTER.get(letters, letters)
    return "GOV" if bond_type == "treasury" and bucket in BENCHMARK_GRADE else bucket


def bucket_codes(frame: pl.DataFrame) -> NDArray[np.int32]:
    """Return the position in `BUCKETS` of each row's bucket (columns ``bond_type``, ``credit_rating``).

    Raises
    ------
    ValueError
        A rating is not on the S&P scale.
    """
    pairs = frame.select("bond_type", "credit_rating").unique(maintain_order=True)
    codes = []
    for bond_type, rating in pairs.iter_rows():
        bucket = bucket_of(bond_type, rating)
        if bucket not in BUCKETS:
            raise ValueError(f"credit_rating must be AAA ... D or NR on the S&P scale, got {rating!r}")
        codes.append(BUCKETS.index(bucket))
    table = pairs.with_columns(pl.Series("code", codes, dtype=pl.Int32))
    joined = frame.select("bond_type", "credit_rating").join(
        table, on=["bond_type", "credit_rating"], how="left", maintain_order="left"
    )
    return joined["code"].to_numpy()


def neighbour_codes(frame: pl.DataFrame, bucket: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the bucket that each row's grade leans to: AA for A+, BBB for A-, its own for A.

    Governments, in their own currency or another, lean to none: grades say little of how one state trades beside
    another.

    Parameters
    ----------
    frame : DataFrame
        Columns ``bond_type`` and ``credit_rating``.
    bucket : ndarray of int32, shape (n_rows,)
        Of `bucket_codes`.

    Examples
    --------
    >>> frame = pl.DataFrame({"bond_type": ["corporate", "treasury"], "credit_rating": ["A+", "A+"]})
    >>> [BUCKETS[code] for code in neighbour_codes(frame, bucket_codes(frame))]
    ['AA', 'A']
    """
    sign = frame["credit_rating"].cast(pl.String).str.slice(-1)
    side = sign.replace_strict(_SIDE, default=0, return_dtype=pl.Int32).to_numpy()
    best, worst = _NOTCHED
    neighbour = bucket + side
    government = frame["bond_type"].cast(pl.String).is_in(["treasury", FOREIGN_SOVEREIGN]).to_numpy()
    leans = ~government & (bucket >= best) & (bucket <= worst)
    leans &= (neighbour >= best) & (neighbour <= worst)
    return np.where(leans, neighbour, bucket).astype(np.int32)


def printed_neighbours(
    bucket: NDArray[np.int32], neighbour: NDArray[np.int32], printed: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Return the neighbour where its bucket has printed, and the own bucket elsewhere: an unknown level says nothing.

    Parameters
    ----------
    bucket, neighbour : ndarray of int32, shape (n_rows,)
        Of `bucket_codes` and `neighbour_codes`.
    printed : ndarray of bool, shape (n_buckets,)
    """
    return np.where(printed[neighbour], neighbour, bucket)
