"""Spreads over the benchmark curve: reference curves, the surface bonds trade on, peers and features."""
