"""Risk of a portfolio of bonds: marks, tail measures and stress scenarios.

Fair values and their models live elsewhere; here prices are marked and repriced.
"""

__all__ = ["backtesting", "current_risk", "marks", "params", "portfolio", "portfolio_history", "shocks", "stress"]
