"""Typed section ``options`` of the params."""

from richcheap.pipeline.config.fields import Section, param


class OptionsParams(Section):
    """The short rate on which calls are valued, of all currencies; docs/options.md."""

    short_rate_volatility_bp: float = param(
        95.0, "Standard deviation of the short rate's moves, an assumption", unit="bp a year", ge=0.01, le=1000.0
    )
    mean_reversion: float = param(
        0.01,
        "Share of its distance from the curve's path by which the short rate comes back",
        unit="a year",
        ge=0.0,
        le=1.0,
    )
    tree_steps_per_year: int = param(
        6, "Steps of the tree besides the dates of coupons and calls", unit="steps a year", ge=1, le=365
    )
