"""Market regimes of dates, from what was known at each close.

Bonds and prices are unknown here: a date is a row of changes.
"""

__all__ = ["candidates", "detector", "gaussian", "hidden_markov", "observations", "params", "summary"]
