"""Whether the market that is read is the simulated one, whose truth is known."""

from pathlib import Path

from richcheap.pipeline.config.sections import load_key
from richcheap.pipeline.storage import paths


def why_not_simulated() -> str | None:
    """Return the reason that other prices are read than the simulated ones; None where it is those."""
    observations = Path(load_key(str, "data.observations"))
    if observations == paths.SIMULATED_OBSERVATIONS:
        return None
    return f"data.observations is {observations}, not {paths.SIMULATED_OBSERVATIONS}"
