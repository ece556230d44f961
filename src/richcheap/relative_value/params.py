"""Typed section ``signals`` of the params."""

from typing import Literal

from richcheap.pipeline.config.fields import Section, param

PriceMark = Literal["reference", "retail"]


class SignalsParams(Section):
    """Signals of relative value, and what trading on them costs; docs/relative_value.md."""

    horizon_days: int = param(20, "Horizon of carry, roll-down and convergence", unit="business days", ge=1, le=250)
    leave_out: tuple[PriceMark, ...] = param((), "Prices that give no signal and close no gap", max_length=2)
    retail_volume: float = param(
        100_000.0, "Volume below which a print is marked as retail", unit="face amount", ge=0.0, le=1e12
    )
    flag_zscore: float = param(
        1.5, "Z-score across its peers from which a bond is flagged as rich or cheap", ge=0.1, le=10.0
    )
    min_peers: int = param(
        5,
        "Bonds that a group of peers of the date needs (rating and maturity, else rating, else all)",
        unit="bonds",
        ge=3,
        le=1000,
    )
    history_half_life_prints: float = param(
        60.0, "Half-life of a bond's own history, for its z-score against that", unit="prints", ge=1.0, le=10_000.0
    )
    history_min_prints: int = param(
        10, "Earlier prints that a z-score against the own history needs", unit="prints", ge=3, le=1000
    )
    half_spread_bp: float = param(
        1.0, "Half-spread that is charged where the sides of prints are unknown", unit="bp", ge=0.01, le=1000.0
    )
