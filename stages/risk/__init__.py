"""Risk of a portfolio of bonds: marks, tail measures, their backtests, and stress scenarios."""
