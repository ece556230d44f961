"""Tests of stages/spreads."""
