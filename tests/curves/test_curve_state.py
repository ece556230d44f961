"""What reference curves say of the market, against values worked out by hand."""

import numpy as np
import polars as pl
import pytest

from richcheap.curves.curve_state import curve_state


def curves(levels: list[float], currency: str, source: list[str], numbers: list[int]) -> pl.DataFrame:
    size = len(levels)
    return pl.DataFrame(
        {
            "reference_curve": np.repeat(numbers, 3),
            "currency": [currency] * (3 * size),
            "source": np.repeat(source, 3).tolist(),
            "tenor_years": [1.0, 5.0, 10.0] * size,
            "zero_rate": np.repeat(levels, 3) + np.tile([0.0, 0.001, 0.003], size),
        }
    )


DOLLARS = ([0.03, 0.05, 0.0501, 0.0503, 0.0502], "USD", ["flat", "fitted", "fitted", "fitted", "fitted"])


def test_curve_state_is_made_of_curves_of_one_source() -> None:
    state = curve_state(curves(*DOLLARS, numbers=[0, 1, 2, 3, 4]), 3)
    np.testing.assert_allclose(state["curve_slope"].to_numpy(), 0.003)
    np.testing.assert_allclose(state["curve_curvature"].to_numpy(), -0.001)
    assert state["curve_volatility_bp"][:4].to_list() == [None] * 4
    assert state["curve_volatility_bp"][4] == pytest.approx(np.std([1.0, 2.0, -1.0], ddof=1))
    assert state["curve_trend_bp"][4] == pytest.approx(2.0)


@pytest.mark.parametrize("numbers", [([0, 1, 2, 3, 4], [5, 6, 7, 8, 9]), ([0, 2, 4, 6, 8], [1, 3, 5, 7, 9])])
def test_a_currency_keeps_its_figures_however_the_currencies_are_numbered(
    numbers: tuple[list[int], list[int]],
) -> None:
    euros = ([0.02, 0.021, 0.022, 0.0215, 0.0216], "EUR", ["given"] * 5)
    both = curve_state(pl.concat([curves(*DOLLARS, numbers=numbers[0]), curves(*euros, numbers=numbers[1])]), 3)
    assert both[numbers[0]].equals(curve_state(curves(*DOLLARS, numbers=[0, 1, 2, 3, 4]), 3))
    assert both[numbers[1]].equals(curve_state(curves(*euros, numbers=[0, 1, 2, 3, 4]), 3))
