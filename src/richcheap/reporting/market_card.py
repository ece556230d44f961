"""The cards of the models of the market: factors, regimes and tail risk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from richcheap.reporting.layout.markdown import table_markdown
from richcheap.reporting.layout.tables import Table
from richcheap.reporting.model_card import CardText, block_table, settings
from richcheap.reporting.sections import factors, regimes, risk

Figures = Mapping[str, Any]


class MarketFacts(NamedTuple):
    """What a card says of a model of the market before any run.

    Attributes
    ----------
    kind, inputs, factors, metrics : str
    intended, not_intended, limits : tuple of str
    analyses : callable
        Gives sentences and tables of the figures that the model's stage has measured.
    """

    kind: str
    inputs: str
    factors: str
    metrics: str
    intended: tuple[str, ...]
    not_intended: tuple[str, ...]
    limits: tuple[str, ...]
    analyses: Callable[[Figures], Iterator[str | Table]]


def _factor_analyses(figures: Figures) -> Iterator[str | Table]:
    yield f"Currency {figures['currency']}; factors: {', '.join(figures['factors']) or 'none'}."
    yield from figures["status"]
    yield factors.explained_table(figures)
    yield factors.bond_table(figures)


def _regime_analyses(figures: Figures) -> Iterator[str | Table]:
    yield regimes.sentence(figures)
    yield regimes.regime_table(figures)
    yield regimes.method_table(figures)


def _risk_analyses(figures: Figures) -> Iterator[str | Table]:
    yield " ".join(risk.sentences(figures))
    if figures["status"] == "ok":
        yield risk.tail_table(figures, "", 100.0, "% of value", 3)
    if figures["backtest"]:
        yield risk.backtest_table(figures["backtest"], figures["levels"])


FACTS: Final[dict[str, MarketFacts]] = {
    "factor_model": MarketFacts(
        kind="principal components of the daily changes of the curve and of rating buckets' spreads, not centred",
        inputs="changes of the curve's nodes and of the spreads of rating buckets, bp",
        factors="Shares that are explained differ by block of dates, and between curve and spreads.",
        metrics="Share of the changes' mean square that the factors explain, also on dates that came later.",
        intended=(
            "Level, slope, curvature and credit of a market's moves; exposures of bonds to them; scenarios of risk.",
        ),
        not_intended=("A forecast: scores have no drift.", "Other currencies than that with the most rows."),
        limits=(
            "With few training dates later factors are noise with a name.",
            "A bucket with two prints a date carries their noise.",
            "Residual risk is that of the training dates; volatility changes.",
            "Bonds that trade on recovery move in points, not in bp.",
        ),
        analyses=_factor_analyses,
    ),
    "regime_detector": MarketFacts(
        kind="regimes of dates, by the method that predicts the next date's changes best: a hidden Markov model, a "
        "mixture, clusters, or none",
        inputs="factor scores of a date, trailing volatilities and the level of spreads",
        factors="A date is told by what was known at its close; regimes differ in volatility and spread level.",
        metrics="Log density of the next date's changes, on dates that the method was not fitted to.",
        intended=("To tell calm from stressed dates, and to show errors and risk by them.",),
        not_intended=("A forecast of the next crisis: a regime that training has not seen gets the nearest name.",),
        limits=(
            "With few training dates there is one regime.",
            "One wild day looks like a stressed one, so stays are shorter than in truth.",
            "Similar regimes cannot be separated on a few hundred dates.",
        ),
        analyses=_regime_analyses,
    ),
    "tail_risk": MarketFacts(
        kind="value at risk and expected shortfall of one business day by four methods: historical, filtered "
        "historical, Monte Carlo and parametric",
        inputs="a portfolio's holdings, the factor model, and past changes of the market",
        factors="Risk differs by method and level; contributions of bonds and factors are on the page.",
        metrics="Exceedances against what was promised, with tests of coverage and independence on the test block.",
        intended=("What a portfolio may lose over the next business day, in one currency.",),
        not_intended=(
            "Default and liquidity: they are not in yesterday's prices.",
            "Longer horizons than a business day.",
        ),
        limits=(
            "Historical losses end near the worst of their window.",
            "Monte Carlo and parametric treat own changes of an issuer's bonds as independent.",
            "A callable bond is priced to maturity, which is too long when rates fall.",
            "On few dates a test that is passed says little.",
        ),
        analyses=_risk_analyses,
    ),
}
"""By model."""


class MarketCard(NamedTuple):
    """What the card of a model of the market is made of.

    Attributes
    ----------
    name : str
        One of `FACTS`.
    params : mapping
        With which it was made.
    version : str
        Of the package.
    blocks : sequence of mapping
        ``blocks`` of metrics/split.json.
    figures : mapping
        Its file in metrics/; or ``left_out``, why there is none.
    """

    name: str
    params: Mapping[str, Any]
    version: str
    blocks: Sequence[Mapping[str, Any]]
    figures: Figures

    def content(self) -> dict[str, Any]:
        """Return the card as JSON has it."""
        facts = FACTS[self.name]
        return {
            "model": self.name,
            "kind": facts.kind,
            "inputs": facts.inputs,
            "version": self.version,
            "intended_use": list(facts.intended),
            "not_intended": list(facts.not_intended),
            "limits": list(facts.limits),
            "params": dict(self.params),
            "blocks": [dict(one) for one in self.blocks],
            "figures": dict(self.figures),
        }

    def markdown(self) -> str:
        """Return the card for readers."""
        facts = FACTS[self.name]
        return CardText(
            lead=f"Made from a run of richcheap {self.version}.",
            details=(f"Kind: {facts.kind}.", f"Takes: {facts.inputs}.", f"Params: {settings(self.params)}."),
            intended=facts.intended,
            not_intended=facts.not_intended,
            factors=facts.factors,
            metrics=facts.metrics,
            data=block_table(self.blocks),
            analyses=self._analyses(),
            caveats=facts.limits,
        ).markdown(self.name)

    def _analyses(self) -> list[str]:
        if "left_out" in self.figures:
            return [f"Not made: {self.figures['left_out']}."]
        parts = FACTS[self.name].analyses(self.figures)
        texts = [part if isinstance(part, str) else table_markdown(part, str).rstrip() for part in parts]
        return "\n\n".join(texts).split("\n")
