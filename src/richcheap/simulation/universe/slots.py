"""Places in the market: each holds one bond at a time, always of one type and issuer."""

from typing import NamedTuple

import numpy as np

from richcheap.simulation.constants import (
    BOND_TYPES,
    CORPORATE,
    FIXED_RATE,
    FLOATING_RATE,
    HIGH_YIELD,
    RATINGS,
    TREASURY,
    ZERO_COUPON,
)
from richcheap.simulation.params import BondTypeShares, type_shares
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.states.stochastic import Floats, Integers
from richcheap.simulation.universe.bond_types import BOND_TYPE_SPECS
from richcheap.simulation.universe.issuers import Issuers, apportion

NO_ISSUER = -1
"""Issuer slot of treasuries."""
LAST_INVESTMENT_GRADE = RATINGS.index("BBB")


class Slots(NamedTuple):
    """The market's places, arrays of shape (slots,)."""

    kind: Integers
    """Index into ``BOND_TYPES``."""
    issuer: Integers
    """Issuer slot, or `NO_ISSUER`."""
    rank: Integers
    """Place among the slots of the type."""


def draw_slots(shares: BondTypeShares, total: int, issuers: Issuers, rng: np.random.Generator) -> Slots:
    """Divide the market by type and give each place an issuer whose grade fits the type, all as evenly as can be."""
    counts = apportion(type_shares(shares), total)
    kind = np.repeat(np.arange(len(BOND_TYPES)), counts)
    rank = np.concatenate([np.arange(count) for count in counts])
    investment_grade = NOTCH_LETTER[issuers.notch] <= LAST_INVESTMENT_GRADE
    pools = {
        CORPORATE: investment_grade & ~issuers.public,
        HIGH_YIELD: ~investment_grade,
        FIXED_RATE: issuers.public,
        ZERO_COUPON: investment_grade,
        FLOATING_RATE: investment_grade & ~issuers.public,
    }
    issuer = np.full(total, NO_ISSUER, dtype=np.int64)
    for code, pool in pools.items():
        members = rng.permutation(np.flatnonzero(pool))
        places = np.flatnonzero(kind == code)
        issuer[places] = members[rank[places] % members.size]
    return Slots(kind, issuer, rank)


def draw_terms_years(slots: Slots, rng: np.random.Generator) -> Floats:
    """Draw the original term of a new bond in each place; a treasury's place keeps its term."""
    pick = rng.random(slots.kind.size)
    years = np.empty(slots.kind.size)
    for code, bond_type in BOND_TYPE_SPECS.items():
        menu = np.array(bond_type.terms_years)
        places = np.flatnonzero(slots.kind == code)
        turn = slots.rank[places] if code == TREASURY else (pick[places] * menu.size).astype(np.int64)
        years[places] = menu[turn % menu.size]
    return years
