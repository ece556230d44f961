"""The states of the simulated market: regimes, yields, credit spreads, ratings."""
