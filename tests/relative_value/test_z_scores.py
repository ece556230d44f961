import numpy as np
import polars as pl
import pytest

from richcheap.relative_value.z_scores import MAD_TO_STD, own_history_zscore, peer_zscore, with_peer_groups
from tests.relative_value.planted import PARAMS, planted


def test_the_own_history_is_that_of_strictly_earlier_prints() -> None:
    rows = planted(bonds=2, dates=30, chance=1.0)
    found = rows.select("bond_id", "bond_spread_bp", z=own_history_zscore("bond_spread_bp", PARAMS))
    one = found.filter(pl.col("bond_id") == "B001")
    values = one["bond_spread_bp"].to_numpy()
    assert one["z"][: PARAMS.history_min_prints].null_count() == PARAMS.history_min_prints
    for k in (PARAMS.history_min_prints, 29):
        weights = 0.5 ** (np.arange(k)[::-1] / PARAMS.history_half_life_prints)
        weights /= weights.sum()
        mean = weights @ values[:k]
        variance = weights @ (values[:k] - mean) ** 2 / (1.0 - weights @ weights)
        assert one["z"][k] == pytest.approx((values[k] - mean) / np.sqrt(variance))


def test_a_bond_whose_history_does_not_vary_has_no_score() -> None:
    rows = pl.DataFrame({"bond_id": ["A"] * 20, "x": [1.0] * 20})
    assert rows.select(own_history_zscore("x", PARAMS))["x"].null_count() == 20


def test_peers_are_of_the_rating_and_maturity_where_they_are_enough_and_of_the_rating_otherwise() -> None:
    rows = pl.DataFrame(
        {
            "date": [1] * 9,
            "currency": ["USD"] * 9,
            "rating_bucket": ["A"] * 8 + ["BB"],
            "years_to_maturity": [2.0] * 5 + [7.0] * 3 + [2.0],
            "x": [1.0, 2.0, 3.0, 4.0, 10.0, 5.0, 6.0, 7.0, 100.0],
        }
    )
    z = with_peer_groups(rows).select(peer_zscore("x", PARAMS))["x"].to_list()
    assert z[4] == pytest.approx((10.0 - 3.0) / (MAD_TO_STD * 1.0))
    x = rows["x"].to_numpy()
    for own, group in ((5, x[:8]), (8, x)):
        distance = np.abs(group - np.median(group))
        assert z[own] == pytest.approx((x[own] - np.median(group)) / (MAD_TO_STD * np.median(distance)))


def test_too_few_bonds_on_a_date_have_no_score() -> None:
    rows = with_peer_groups(planted().head(2))
    assert rows.select(peer_zscore("bond_spread_bp", PARAMS)).to_series().null_count() == 2
