"""Tests of the bond mathematics."""
