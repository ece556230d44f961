"""Judging predictions: metrics, baselines, intervals and tests of significance."""
