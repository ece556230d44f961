"""Issuer slots: who they are at the start."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.simulation.constants import RATINGS
from richcheap.simulation.params import RatingShares
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.states.params import letters
from richcheap.simulation.states.stochastic import Floats, Integers

PRIVATE_SECTORS: Final = (
    "Banking", "Insurance", "Utilities", "Energy", "Telecom", "Technology", "Health Care", "Consumer", "Industrial",
    "Real Estate",
)  # fmt: skip
PUBLIC_SECTORS: Final = ("Agency", "Supranational")
GOVERNMENT: Final = "Government"


class Issuers(NamedTuple):
    """Issuer slots, all arrays of shape (slots,)."""

    notch: Integers
    """Grade at the start, an index into ``NOTCHES``."""
    public: NDArray[np.bool_]
    """Agencies and supranationals."""
    sector: list[str]

    def name(self, slot: int, generation: int) -> str:
        """Return an issuer's name; the successor of a defaulted one carries a number."""
        successor = f" ({generation + 1})" if generation else ""
        return f"{self.sector[slot]} {slot + 1:04d}{successor}"


def apportion(shares: Floats, total: int) -> Integers:
    """Divide a total by shares, at least one each, by largest remainders.

    >>> apportion(np.array([0.5, 0.3, 0.2]), 11).tolist()
    [5, 3, 3]
    """
    quotas = shares * (total - shares.size)
    counts = np.floor(quotas).astype(np.int64)
    order = np.argsort(counts - quotas, kind="stable")
    counts[order[: total - shares.size - counts.sum()]] += 1
    return np.asarray(counts + 1)


def draw_issuers(shares: RatingShares, count: int, rng: np.random.Generator) -> Issuers:
    """Draw the issuer slots; every second AAA and every third AA issuer is public."""
    letter = np.repeat(np.arange(len(RATINGS)), apportion(letters(shares), count))
    within = rng.integers(0, 3, count)
    notch = np.array(
        [grades[pick % grades.size] for grades, pick in zip(
            (np.flatnonzero(k == NOTCH_LETTER) for k in letter), within, strict=True)],
        dtype=np.int64,
    )  # fmt: skip
    place = np.concatenate([np.arange(n) for n in np.bincount(letter)])
    public = ((letter == 0) & (place % 2 == 0)) | ((letter == 1) & (place % 3 == 0))
    private_sector = rng.integers(0, len(PRIVATE_SECTORS), count)
    sector = [PUBLIC_SECTORS[place[k] % 2] if public[k] else PRIVATE_SECTORS[private_sector[k]] for k in range(count)]
    return Issuers(notch, public, sector)
