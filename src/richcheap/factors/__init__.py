"""The factor model: changes of curve and spreads, their principal components, and the exposures of bonds.

What a portfolio makes of factors lives in `risk`.
"""

__all__ = ["bonds", "changes", "components", "exposures", "model", "params", "shapes", "table"]
