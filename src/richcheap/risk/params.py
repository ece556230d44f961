"""Typed sections ``tail_risk`` and ``stress`` of the params."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from richcheap.pipeline.config.fields import PathText, Section, param

Level = Annotated[float, Field(gt=0.5, lt=1.0)]
ShiftBp = Annotated[float, Field(ge=-1000.0, le=5000.0)]
Multiple = Annotated[float, Field(ge=0.0, le=20.0)]


class SpreadMultiples(Section):
    """How many times the spread of each rating bucket is what it was."""

    AAA: Multiple
    AA: Multiple
    A: Multiple
    BBB: Multiple
    BB: Multiple
    B: Multiple
    CCC: Multiple
    NR: Multiple


class Scenario(Section):
    """One state of the market, all at once and from one moment to the next."""

    name: str = param(..., "Letters, digits, _, + and -; names all different", pattern=r"^[A-Za-z0-9_+-]{1,40}$")
    curve_bp: ShiftBp = param(..., "Parallel shift of the zero curve", unit="bp")
    spread_bp: ShiftBp = param(..., "Parallel shift of all spreads but governments'", unit="bp")
    spread_multiples: SpreadMultiples | None = param(
        ..., "What positive spreads are multiplied by, by rating; null = nothing"
    )
    liquidity_multiple: float = param(
        ..., "What the noise of prints and prediction intervals is multiplied by", ge=1.0, le=100.0
    )


SCENARIOS = (
    Scenario(name="up_200bp", curve_bp=200.0, spread_bp=0.0, spread_multiples=None, liquidity_multiple=1.0),
    Scenario(name="down_200bp", curve_bp=-200.0, spread_bp=0.0, spread_multiples=None, liquidity_multiple=1.0),
    Scenario(name="spreads_100bp", curve_bp=0.0, spread_bp=100.0, spread_multiples=None, liquidity_multiple=1.0),
    Scenario(
        name="liquidity_crisis",
        curve_bp=0.0,
        spread_bp=0.0,
        spread_multiples=SpreadMultiples(AAA=4.0, AA=4.0, A=4.0, BBB=4.0, BB=3.0, B=3.0, CCC=2.0, NR=3.0),
        liquidity_multiple=5.0,
    ),
)


class StressParams(Section):
    """Scenarios under which portfolio and predictions are repriced; docs/stress.md has their sources."""

    scenarios: tuple[Scenario, ...] = param(SCENARIOS, "Each on a line", min_length=1, max_length=50)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [scenario.name for scenario in self.scenarios]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"scenarios must have different names, got {', '.join(repeated)} more than once")
        return self


class TailRiskParams(Section):
    """Value at risk and expected shortfall of a portfolio over one business day; docs/models/tail_risk.md."""

    weights: PathText = param(
        "training_data/equal_weights.csv",
        "CSV file of bond_id and weight, shares of market value, negative = short; without a row = equal weights",
        unit="path",
        user=True,
    )
    max_mark_age_days: int = param(
        90, "Age at which a bond that is not priced any more leaves the portfolio", unit="calendar days", ge=1, le=3650
    )
    levels: tuple[Level, ...] = param(
        (0.9, 0.95, 0.99, 0.999), "Confidence levels, ascending", user=True, min_length=1, max_length=10
    )
    window_dates: int = param(250, "Latest dates that forecasts are made from", unit="dates", ge=20, le=5000)
    min_dates: int = param(
        20, "Dates without which there is no forecast, at most window_dates", unit="dates", ge=10, le=1000
    )
    ewma_decay: float = param(
        0.94, "Decay of squared moves from date to date, as in RiskMetrics 1996", ge=0.5, le=0.999
    )
    garch_dates: int = param(250, "Dates from which on GARCH replaces that decay", unit="dates", ge=50, le=5000)
    simulations: int = param(20_000, "Monte Carlo scenarios of today's portfolio", ge=1000, le=1_000_000)
    backtest_simulations: int = param(
        2000, "Monte Carlo scenarios of each backtested date, and paths of simulated p-values", ge=500, le=100_000
    )
    mark_clip_std: float = param(
        8.0, "Predicted standard deviations by which a single print may move a mark", ge=2.0, le=1000.0
    )
    bootstrap_resamples: int = param(
        2000, "Resamples of the block bootstrap of a difference of scores", ge=100, le=100_000
    )
    bootstrap_block_dates: int = param(5, "Length of a bootstrap block", unit="consecutive dates", ge=1, le=250)

    @model_validator(mode="after")
    def _levels_ascend(self) -> Self:
        if list(self.levels) != sorted(set(self.levels)):
            raise ValueError(f"levels must ascend, got {list(self.levels)}")
        return self

    @model_validator(mode="after")
    def _window_holds_enough(self) -> Self:
        if self.window_dates < self.min_dates:
            raise ValueError(f"window_dates must be at least min_dates ({self.min_dates}), got {self.window_dates}")
        return self
