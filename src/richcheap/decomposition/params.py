"""Typed section of the parts of prices."""

from richcheap.pipeline.config.fields import Section, param


class DecomposeParams(Section):
    """Of what the best model's prices are made."""

    contribution_rows: int = param(
        500,
        "Latest rows, on whole dates and at least the last date, whose correction is divided among groups of features",
        unit="rows",
        ge=1,
        le=100_000_000,
    )
