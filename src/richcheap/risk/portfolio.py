"""Who is in the portfolio on a date, and with which share of its market value."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.csv_records import count_records, repeated
from richcheap.numerics.linear_algebra import product
from richcheap.risk.marks import Marks

Floats = NDArray[np.float64]

EQUAL = "equal"


class PortfolioError(ValueError):
    """The weights cannot be used; one line that a user can act on."""


class Position(NamedTuple):
    """The portfolio at the close of one date.

    Attributes
    ----------
    marks : Marks
        Of its bonds alone.
    weight : ndarray, shape (n_bonds,)
        Share of the market value, summing to 1; below 0 for a short position.
    """

    marks: Marks
    weight: Floats

    @property
    def price(self) -> float:
        """Dirty price of 100 of face of the portfolio as a whole."""
        return float(1.0 / (self.weight / self.marks.price).sum())

    @property
    def duration(self) -> float:
        """Years: what the portfolio loses, as a share of its value, for one unit of yield."""
        return float(product(self.weight, self.marks.duration))


def parse_weights(table: pl.DataFrame, bonds: pl.Series, where: str) -> Floats | None:
    """Return the weight of each bond, 0 where the table has none; None, equal weights, when it has no row.

    Parameters
    ----------
    table : DataFrame
        Columns ``bond_id`` and ``weight`` as text.
    bonds : Series of String
        Bonds of the portfolio's currency, sorted.
    where : str
        The file's name, for messages.

    Raises
    ------
    PortfolioError
        A column is missing; a bond is named twice or unknown; a weight is no finite number; their sum is not above 0.
    """
    missing = [name for name in ("bond_id", "weight") if name not in table.columns]
    if missing:
        raise PortfolioError(f"{where}: expected the columns bond_id,weight, got {','.join(table.columns)}")
    if not table.height:
        return None
    named = table.select(
        pl.col("bond_id", "weight").str.strip_chars(),
        number=pl.col("weight").str.strip_chars().cast(pl.Float64, strict=False),
    ).with_row_index("line", offset=2)
    for line, bond, text, _ in named.filter(~pl.col("number").is_finite().fill_null(value=False)).head(1).iter_rows():
        raise PortfolioError(f"{where}: line {line}: the weight of {bond} must be a finite number, got {text}")
    for line, bond, *_ in named.filter(pl.col("bond_id").is_duplicated()).head(1).iter_rows():
        raise PortfolioError(f"{where}: line {line}: {bond} is named more than once; give each bond one weight")
    for line, bond, *_ in named.filter(~pl.col("bond_id").is_in(bonds.implode())).head(1).iter_rows():
        raise PortfolioError(
            f"{where}: line {line}: {bond} is not among the {bonds.len():,} bonds of the portfolio's currency; "
            "remove it, or correct its name"
        )
    weights = np.zeros(bonds.len())
    weights[bonds.search_sorted(named["bond_id"]).to_numpy()] = named["number"].to_numpy()
    if not weights.sum() > 0.0:
        raise PortfolioError(f"{where}: the weights must sum to more than 0, got {weights.sum():g}")
    return weights


def read_weights(file: Path, bonds: pl.Series) -> Floats | None:
    """Read the weight of each bond from a CSV file, see `parse_weights`.

    Raises
    ------
    PortfolioError
        The file is missing or holds something else.
    """
    if not file.is_file():
        what = "expected a file, got a folder" if file.is_dir() else "no such file"
        raise PortfolioError(
            f"{file}: {what}; tail_risk.weights must name a CSV file of bond_id,weight, maybe without a row"
        )
    try:
        for name, fault in repeated(count_records(file).header).items():
            raise PortfolioError(f"{file}: column '{name}': {fault}")
        return parse_weights(pl.read_csv(file, infer_schema=False), bonds, str(file))
    except InputError as error:
        raise PortfolioError(str(error)) from None
    except pl.exceptions.PolarsError as error:
        raise PortfolioError(f"{file}: not a CSV file ({str(error).splitlines()[0]})") from None


def form_portfolio(
    marks: Marks, weights: Floats | None, max_age_days: int
) -> tuple[Position | None, Mapping[str, int]]:
    """Form the portfolio at the close of a date.

    Parameters
    ----------
    marks : Marks
    weights : ndarray, shape (all bonds,) or None
        Shares of market value, not yet normalised; None for equal ones.
    max_age_days : int
        A bond whose latest print is older leaves: it may have been called or have defaulted.

    Returns
    -------
    position : Position or None
        None when no bond is left, or when long and short weights of those left cancel out.
    excluded : mapping
        How many bonds with a weight are left out, by the reason.
    """
    wanted = np.ones(marks.bond.size) if weights is None else weights[marks.bond]
    recent = marks.age_days <= max_age_days
    chosen = (wanted != 0.0) & recent
    total = wanted[chosen].sum()
    named = wanted.size if weights is None else int((weights != 0.0).sum())
    excluded = {"stale_price": int(((wanted != 0.0) & ~recent).sum()), "no_mark": named - int((wanted != 0.0).sum())}
    if not total > 0.0:
        return None, excluded
    return Position(marks.where(chosen), wanted[chosen] / total), excluded
