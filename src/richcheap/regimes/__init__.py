"""Market regimes of dates, from what was known at each close."""
