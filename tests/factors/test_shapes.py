"""Names and signs follow the shape of loadings, not how a decomposition happened to turn them."""

import numpy as np
import pytest

from richcheap.factors.shapes import CURVE_SHAPES, name_by_shape, templates


@pytest.mark.parametrize("size", [1, 2, 3, 11])
def test_templates_are_orthonormal(size: int) -> None:
    basis = templates(size, 3)
    assert basis.shape == (size, min(size, 3))
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1), (-1, -1, -1)])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_shape_keeps_its_name_and_sign_whatever_the_order_and_sign_of_the_factors(
    flips: tuple[int, ...], order: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(1)
    planted = templates(9, 3) + 0.05 * rng.normal(size=(9, 3))
    names, signs = name_by_shape((planted * np.array(flips))[:, list(order)], CURVE_SHAPES)
    assert names == [CURVE_SHAPES[k] for k in order]
    assert signs.tolist() == [flips[k] for k in order]


def test_level_rises_with_rates_slope_with_long_rates_and_curvature_with_the_middle() -> None:
    level, slope, hump = templates(7, 3).T
    assert (level > 0.0).all()
    assert slope[-1] > 0.0 > slope[0]
    assert hump[3] > 0.0 > max(hump[0], hump[-1])


def test_a_factor_without_a_shape_is_numbered_and_its_largest_loading_is_positive() -> None:
    loadings = np.column_stack([templates(9, 3), -np.eye(9)[4]])
    names, signs = name_by_shape(loadings, CURVE_SHAPES)
    assert names == ["level", "slope", "curvature", "level_4"]
    assert signs[3] == -1.0
