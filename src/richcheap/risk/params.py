"""Typed sections ``tail_risk`` and ``stress`` of params.yaml."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from richcheap.pipeline.config.sections import PathText, Section

Level = Annotated[float, Field(gt=0.5, lt=1.0)]
ShiftBp = Annotated[float, Field(ge=-1000.0, le=5000.0)]


class SpreadMultiples(Section):
    """How many times the spread of each rating bucket is what it was."""

    AAA: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    AA: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    A: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    BBB: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    BB: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    B: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    CCC: float = Field(ge=0.0, le=20.0, description="multiple of the spread")
    NR: float = Field(ge=0.0, le=20.0, description="multiple of the spread")


class Scenario(Section):
    """One state of the market, all at once and from one moment to the next."""

    name: str = Field(pattern=r"^[A-Za-z0-9_+-]{1,40}$", description="letters, digits, _, + and -")
    curve_bp: ShiftBp = Field(description="parallel shift of the zero curve, bp")
    spread_bp: ShiftBp = Field(description="widening of every spread but those of governments, bp")
    spread_multiples: SpreadMultiples | None = Field(
        description="multiples of positive spreads by rating; null = none changes"
    )
    liquidity_multiple: float = Field(
        ge=1.0, le=100.0, description="times that the noise of a print and prediction intervals widen"
    )


class StressParams(Section):
    """Scenarios under which portfolio and predictions are repriced."""

    scenarios: tuple[Scenario, ...] = Field(min_length=1, max_length=50, description="scenarios, names all different")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [scenario.name for scenario in self.scenarios]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"scenarios must have different names, got {', '.join(repeated)} more than once")
        return self


class TailRiskParams(Section):
    """Value at risk and expected shortfall of a portfolio over one business day, and their backtest."""

    weights: PathText = Field(description="CSV file of bond_id and weight; one without a row = equal weights")
    max_mark_age_days: int = Field(ge=1, le=3650, description="age at which an unpriced bond leaves, calendar days")
    levels: tuple[Level, ...] = Field(min_length=1, max_length=10, description="confidence levels, ascending")
    window_dates: int = Field(ge=20, le=5000, description="latest dates that forecasts are made from")
    fewest_dates: int = Field(ge=10, le=1000, description="dates without which there is no forecast")
    ewma_decay: float = Field(ge=0.5, le=0.999, description="decay of squared moves from date to date")
    garch_dates: int = Field(ge=50, le=5000, description="dates from which on GARCH replaces the decay")
    simulations: int = Field(ge=1000, le=1_000_000, description="Monte Carlo scenarios of today's portfolio")
    backtest_simulations: int = Field(
        ge=500, le=100_000, description="Monte Carlo scenarios of each backtested date, paths of simulated p-values"
    )
    mark_clip_deviations: float = Field(
        ge=2.0, le=1000.0, description="predicted deviations by which one print may move a mark"
    )
    bootstrap_resamples: int = Field(ge=100, le=100_000, description="resamples of a difference of scores")
    bootstrap_block_dates: int = Field(ge=1, le=250, description="length of a bootstrap block, consecutive dates")

    @model_validator(mode="after")
    def _levels_ascend(self) -> Self:
        if list(self.levels) != sorted(set(self.levels)):
            raise ValueError(f"levels must ascend, got {list(self.levels)}")
        return self

    @model_validator(mode="after")
    def _window_holds_enough(self) -> Self:
        if self.window_dates < self.fewest_dates:
            raise ValueError(
                f"window_dates must be at least fewest_dates ({self.fewest_dates}), got {self.window_dates}"
            )
        return self
