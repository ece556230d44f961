"""Random streams, one for each purpose."""

from typing import Final

import numpy as np

PURPOSES: Final = ("regimes", "curve", "credit", "ratings", "issuers", "universe", "residuals", "selection", "prints")
"""A purpose's place seeds its stream: append, never reorder."""


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose.

    Streams are independent, so more observations or bonds leave the curve's path as it is.

    Raises
    ------
    ValueError
        If the purpose is unknown.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"purpose must be one of {', '.join(PURPOSES)}, got {purpose!r}")
    sequence = np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose),))
    return np.random.Generator(np.random.PCG64(sequence))
