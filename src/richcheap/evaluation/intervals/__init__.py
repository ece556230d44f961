"""Prediction intervals: the scale of errors, quantile regression, conformal levels that follow the market.

What coverage and width are worth is the business of `evaluation.metrics`.
"""

__all__ = ["blocks", "confidence", "conformal", "quantile", "scale"]
