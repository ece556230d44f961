"""Issuers in the shares of params, and places in the market with issuers that fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.simulation.constants import BOND_TYPES, CORPORATE, FIXED_RATE, HIGH_YIELD, NOTCHES, RATINGS, TREASURY
from richcheap.simulation.rng import stream
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.universe.issuers import apportion, draw_issuers
from richcheap.simulation.universe.slots import NO_ISSUER, Slots, draw_slots, draw_terms_years
from tests.simulation.settings import defaults

PARAMS = defaults()


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=9), st.integers(9, 500))
def test_parts_sum_to_the_total_and_none_is_empty(weights: list[float], total: int) -> None:
    shares = np.array(weights) / sum(weights)
    parts = apportion(shares, total)
    assert parts.sum() == total
    assert parts.min() >= 1
    assert np.all(np.abs(parts - shares * total) <= 1.0 + shares.size * shares.max())


@pytest.mark.parametrize("count", [14, 80, 1_000])
def test_every_letter_has_an_issuer_and_only_the_best_are_public(count: int) -> None:
    issuers = draw_issuers(PARAMS.issuer_ratings, count, stream(1, "issuers"))
    letter = NOTCH_LETTER[issuers.notch]
    assert np.bincount(letter, minlength=len(RATINGS)).min() >= 1
    assert issuers.public.any()
    assert letter[issuers.public].max() <= RATINGS.index("AA")
    assert {issuers.sector[k] for k in np.flatnonzero(issuers.public)} <= {"Agency", "Supranational"}


def test_the_successor_of_a_defaulted_issuer_has_another_name() -> None:
    issuers = draw_issuers(PARAMS.issuer_ratings, 20, stream(1, "issuers"))
    assert issuers.name(3, 0) != issuers.name(3, 1) != issuers.name(4, 1)


@pytest.fixture(scope="module")
def slots() -> Slots:
    issuers = draw_issuers(PARAMS.issuer_ratings, 80, stream(1, "issuers"))
    return draw_slots(PARAMS.bond_types, 400, issuers, stream(1, "universe"))


def test_places_are_divided_by_type_and_issuers_fit_it(slots: Slots) -> None:
    issuers = draw_issuers(PARAMS.issuer_ratings, 80, stream(1, "issuers"))
    counts = np.bincount(slots.kind, minlength=len(BOND_TYPES))
    assert counts / 400 == pytest.approx(list(PARAMS.bond_types.model_dump().values()), abs=0.01)
    assert np.all((slots.issuer == NO_ISSUER) == (slots.kind == TREASURY))
    speculative = issuers.notch[slots.issuer] > NOTCHES.index("BBB-")
    assert not speculative[slots.kind == CORPORATE].any()
    assert speculative[slots.kind == HIGH_YIELD].all()
    assert issuers.public[slots.issuer[slots.kind == FIXED_RATE]].all()


def test_a_treasury_place_keeps_its_term_and_few_of_them_span_the_curve(slots: Slots) -> None:
    rng = stream(1, "universe")
    first, second = draw_terms_years(slots, rng), draw_terms_years(slots, rng)
    treasury = slots.kind == TREASURY
    assert np.array_equal(first[treasury], second[treasury])
    assert not np.array_equal(first, second)
    assert {2.0, 5.0, 10.0, 30.0} <= set(first[treasury][:4])
