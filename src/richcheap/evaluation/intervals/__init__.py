"""Prediction intervals: conformal, conditional on cells, adapted from date to date."""
