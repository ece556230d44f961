"""Logarithms of arrays."""

import numpy as np

from richcheap.numerics.elementwise import log1p_each


def test_the_logarithm_of_one_and_a_value_keeps_what_is_unknown() -> None:
    found = log1p_each(np.array([0.0, np.e - 1.0, np.nan]))
    np.testing.assert_allclose(found, [0.0, 1.0, np.nan], rtol=1e-15)
