"""Following a predictor through dates."""

import numpy as np
import polars as pl
import pytest

from richcheap.drift.tracks import Track, halves, part_of, track
from tests.drift.drifting import steady


def followed(dates: int) -> Track:
    rows = steady(dates=dates, bonds=5)
    return track(rows, rows["clean_price"].to_numpy() + 0.1)


@pytest.mark.parametrize(("dates", "earlier"), [(1, 0), (2, 1), (7, 3), (60, 30)])
def test_halves_divide_dates_and_the_later_has_the_odd_one(dates: int, earlier: int) -> None:
    early, late = halves(followed(dates))
    assert np.unique(early.day).size == earlier
    assert np.unique(late.day).size == dates - earlier
    assert early.day.size + late.day.size == 5 * dates
    assert not early.day.size or early.day.max() < late.day.min()


def test_parts_are_cut_by_date() -> None:
    assert np.unique(part_of(followed(10), 3, 5).day).tolist() == [3, 4]


def test_bonds_about_to_mature_have_no_deviation_in_basis_points() -> None:
    rows = steady(dates=2, bonds=5).with_columns(years_to_maturity=pl.Series([0.1, *[6.0] * 9]))
    found = track(rows, rows["clean_price"].to_numpy())
    assert np.isnan(found.deviation_bp).tolist() == [True, *[False] * 9]
    assert np.isfinite(found.error).all()
