"""Trained models varied: which variations are tried, how they are scored, and when one replaces the model.

How a model learns lies in `models`, how drift is measured in `drift`.
"""

__all__ = ["acceptance", "tuner", "variations"]
