"""Our own exp, log, expm1 and log1p against exact rational arithmetic and the C library."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.bonds.terms import Floats
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, exp_inside, expm1, log, log1p

INF, NAN = math.inf, math.nan
LN2 = Fraction(0)
for _n in range(1, 250):
    LN2 += Fraction(1, _n * 2**_n)


def exact_exp(x: float) -> Fraction:
    """e^x to 2^-140 of itself: a series after a reduction by a multiple of ln(2)."""
    k = round(x / math.log(2.0))
    r = Fraction(x) - k * LN2
    r = Fraction(int(r * 2**200), 2**200)
    total = term = Fraction(1)
    for n in range(1, 40):
        term = Fraction(int(term * r / n * 2**200), 2**200)
        total += term
    return total * Fraction(2) ** k


def exact_log(x: Fraction) -> Fraction:
    """log(x): Newton's step on e^y from the C library's value, twice the digits."""
    y = math.log(float(x))
    ratio = x / exact_exp(y) - 1
    return Fraction(y) + ratio - ratio * ratio / 2


def ulps(value: float, exact: Fraction) -> float:
    return float(abs(Fraction(value) - exact) / Fraction(math.ulp(float(exact))))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.floats(-700.0, 709.0), st.floats(-0.5, 0.5), st.floats(-1e-8, 1e-8)))
def test_exp_errs_by_less_than_one_unit_in_the_last_place_and_expm1_by_less_than_one_and_a_half(x: float) -> None:
    exact = exact_exp(x)
    assert ulps(exp(x), exact) < 1.0
    if abs(x) > 1e-12:
        assert ulps(expm1(x), exact - 1) < 1.5  # 1.24 is the most that 24 million random arguments have shown


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.floats(5e-324, 1.7e308), st.floats(0.5, 2.0), st.floats(1.0 - 1e-6, 1.0 + 1e-6)))
def test_log_errs_by_less_than_one_unit_in_the_last_place(x: float) -> None:
    if x == 1.0:
        assert log(x) == 0.0
    else:
        assert ulps(log(x), exact_log(Fraction(x))) < 1.0


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.floats(-1.0 + 1e-15, 1e300), st.floats(-0.99, 1.5), st.floats(-1e-3, 1e-3)))
def test_log1p_errs_by_less_than_one_unit_in_the_last_place(x: float) -> None:
    if abs(x) < 1e-12:
        assert log1p(x) == pytest.approx(x, rel=1e-12, abs=0.0)
    else:
        assert ulps(log1p(x), exact_log(1 + Fraction(x))) < 1.0


@pytest.mark.parametrize(("ours", "theirs"), [(exp, np.exp), (expm1, np.expm1), (log, np.log), (log1p, np.log1p)])
def test_a_grid_agrees_with_the_c_library(ours: Callable[[float], float], theirs: np.ufunc) -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [rng.uniform(-0.9, 3.0, 5000), rng.uniform(-0.05, 0.05, 5000), 10.0 ** rng.uniform(-300, 2, 5000)]
    )
    if ours is log:
        x = np.abs(x)
    expected = theirs(x)
    found = np.array([ours(float(value)) for value in x])
    assert np.abs(found - expected).max() <= 1e-15 * np.abs(expected).max()
    assert (np.abs(found - expected) <= 1.6 * np.spacing(np.abs(expected))).all()


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (exp, 0.0, 1.0), (exp, -0.0, 1.0), (exp, INF, INF), (exp, -INF, 0.0), (exp, NAN, NAN),
        (exp, 709.8, INF), (exp, 1e308, INF), (exp, -745.2, 0.0), (exp, -1e308, 0.0),
        (expm1, 0.0, 0.0), (expm1, -0.0, -0.0), (expm1, INF, INF), (expm1, -INF, -1.0), (expm1, NAN, NAN),
        (expm1, 1e308, INF), (expm1, 5e-324, 5e-324), (expm1, 1e-300, 1e-300),
        (log, 1.0, 0.0), (log, 0.0, -INF), (log, -0.0, -INF), (log, -1.0, NAN), (log, -INF, NAN), (log, INF, INF),
        (log, NAN, NAN),
        (log1p, 0.0, 0.0), (log1p, -0.0, -0.0), (log1p, -1.0, -INF), (log1p, -1.5, NAN), (log1p, INF, INF),
        (log1p, -INF, NAN), (log1p, NAN, NAN), (log1p, 5e-324, 5e-324),
    ],
)  # fmt: skip
def test_values_at_the_ends_of_the_range(function: Callable[[float], float], x: float, expected: float) -> None:
    found = function(x)
    assert repr(float(found)) == repr(expected)


def test_the_largest_and_the_subnormal_results_of_exp_agree_with_the_c_library() -> None:
    x = np.concatenate([np.linspace(708.0, 709.78, 300), np.linspace(-745.1, -700.0, 3000)])
    found = np.array([exp(float(value)) for value in x])
    expected = np.array([math.exp(value) for value in x])
    assert (np.abs(found - expected) <= 1.5 * np.spacing(expected)).all()
    assert log(5e-324) == math.log(5e-324)


@kernel
def _every(x: Floats, out: Floats) -> None:
    for i in range(len(x)):
        out[i] = exp(x[i])


def test_a_loop_over_an_array_gives_the_bits_of_single_calls() -> None:
    x = np.concatenate([np.linspace(-750.0, 712.0, 4001), [NAN, INF, -INF]])
    out = np.empty_like(x)
    _every(x, out)
    assert out.tobytes() == np.array([exp(float(value)) for value in x]).tobytes()


@settings(max_examples=300, deadline=None)
@given(st.floats(-700.0, 700.0))
def test_the_short_way_inside_the_range_gives_the_bits_of_exp(x: float) -> None:
    assert exp_inside(x) == exp(x)
