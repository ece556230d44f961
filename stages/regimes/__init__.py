"""Regimes of the market: which dates are alike, told by what was known at each date's close."""
