"""The states of the simulated market: regimes, yields, credit spreads, ratings."""

__all__ = ["credit", "params", "ratings", "regimes", "residuals", "stochastic", "yields"]
