"""Typed section ``factor_model`` of the params."""

from richcheap.pipeline.config.fields import Section, param


class FactorParams(Section):
    """What moves the curve and the spreads, learned on the training dates; docs/models/factor_model.md."""

    curve_factors: int = param(3, "Factors of the curve's changes", ge=1, le=10)
    spread_factors: int = param(2, "Factors of the rating buckets' spread changes", ge=1, le=8)
    min_dates: int = param(20, "Training changes without which there are no factors", unit="dates", ge=5, le=1000)
    bucket_coverage: float = param(
        0.5, "Share of the training dates on which a rating bucket must have prints", ge=0.05, le=1.0
    )
    move_prior_bp: float = param(
        10.0, "Prior standard deviation of a curve node's move from date to date", unit="bp", ge=0.1, le=1000.0
    )
    move_noise_bp: float = param(
        1.0, "Standard deviation of a government bond's own move around the curve's", unit="bp", ge=0.01, le=100.0
    )
    move_correlation_length: float = param(
        4.0, "Distance over which moves of two nodes stay alike", unit="log-maturity", ge=0.1, le=10.0
    )
    noise_dv01: float = param(
        0.01,
        "DV01 at which the price noise of a print is as wide as its spread noise",
        unit="points per bp",
        ge=1e-5,
        le=1.0,
    )
    exposure_prior_dates: float = param(
        1000.0, "What a bond's analytic exposure is worth against its own changes", unit="dates", ge=1.0, le=1e6
    )
    residual_prior_changes: float = param(
        20.0, "What its rating bucket's residual risk is worth against a bond's own", unit="changes", ge=1.0, le=1e6
    )
    clip_std: float = param(5.0, "Predicted standard deviations at which a bond's change is cut off", ge=2.0, le=100.0)
