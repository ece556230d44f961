"""Numeric kernels and elementary functions whose bits are the same on every processor. Nothing here knows bonds."""

__all__ = ["cholesky", "compiled", "elementary", "elementwise", "leading_eigenvectors", "linear_algebra", "threads"]
