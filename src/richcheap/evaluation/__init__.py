"""Judging predictions: metrics, baselines, skill and its significance."""
