"""Opinions on a bond's spread, measured from an anchor."""

import numpy as np
import polars as pl
import pytest

from richcheap.features.catalogue import feature_names
from richcheap.models.common.base import DatasetError
from richcheap.models.common.spread_differences import ESTIMATES, LEVEL, wide_sample, wide_space
from richcheap.models.common.target_space import OWN_LAST, Anchor
from tests.models.datasets import blocks

FEATURES = [*feature_names("enhanced"), LEVEL]
GAP = Anchor("f_gap", "f_noise")
DIFFERENCES = (*(estimate.name for estimate in ESTIMATES), "level", "level_in_noise", "noise_ratio", "cold")


@pytest.fixture(scope="module")
def rows():
    """Return rows of a small market, some of bonds without history, with an anchor."""
    return blocks()["train"].with_columns(f_gap=0.25 * pl.col("f_matrix_gap"))


def predicted(rows, anchor):
    """Return the columns beside the features, by name."""
    matrix = wide_space(rows, FEATURES, anchor).matrix
    assert matrix.shape == (rows.height, len(FEATURES) + len(DIFFERENCES))
    return dict(zip(DIFFERENCES, matrix[:, len(FEATURES) :].T, strict=True))


def test_each_opinion_is_told_in_multiples_of_the_noise_from_the_anchor(rows):
    found = predicted(rows, GAP)
    noise, gap = rows["f_noise"].to_numpy(), rows["f_gap"].to_numpy()
    for name, estimate in {"own_last": 0.0 * gap, "matrix": rows["f_matrix_gap"], "peers": rows["f_peer_move"]}.items():
        expected = (np.asarray(estimate) - gap) / noise
        np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-6, err_msg=name)


def test_a_circle_without_peers_has_no_opinion_on_moves(rows):
    found = predicted(rows, OWN_LAST)
    without = rows["f_issuer_move_count"].to_numpy() == 0.0
    assert without.any()
    np.testing.assert_array_equal(np.isnan(found["issuer_move"]), without)


def test_the_level_of_the_own_residual_is_the_own_last_spread_as_the_level_surface_has_it(rows):
    """Surface gap less own last residual takes the base spread to the level surface; the own level leads on."""
    found = predicted(rows, OWN_LAST)
    expected = (rows["f_surface_gap"] - rows["f_last_residual"] + rows["f_last_level"]) / rows["f_noise"]
    np.testing.assert_allclose(found["own_level"], expected.fill_null(np.nan), rtol=1e-5, atol=1e-6)


def test_level_noise_and_missing_history_are_told(rows):
    anchor = Anchor(None, "f_twice")
    found = predicted(rows.with_columns(f_twice=2.0 * pl.col("f_noise")), anchor)
    level = 1e4 * rows[LEVEL].to_numpy()
    np.testing.assert_allclose(found["level"], level, rtol=1e-5)
    np.testing.assert_allclose(found["level_in_noise"], level / (2.0 * rows["f_noise"].to_numpy()), rtol=1e-5)
    np.testing.assert_array_equal(found["noise_ratio"], 2.0)
    np.testing.assert_array_equal(found["cold"], ~rows["has_history"].to_numpy())


def test_the_target_is_measured_from_the_anchor_too(rows):
    learned = wide_sample(rows, FEATURES, GAP)
    np.testing.assert_array_equal(learned.target_bp, rows["target_bp"].to_numpy() - rows["f_gap"].to_numpy())
    np.testing.assert_array_equal(learned.matrix, wide_space(rows, FEATURES, GAP).matrix)


def test_a_level_that_is_not_known_is_refused(rows):
    with pytest.raises(DatasetError, match="base_spread must be finite in every row"):
        wide_space(rows.with_columns(base_spread=pl.lit(None, dtype=pl.Float64)), FEATURES, OWN_LAST)
