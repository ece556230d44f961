"""Trained models varied: which variations are tried, how they are scored, and when one replaces the model.

How a model learns stands in `richcheap.models`, how drift is measured in `richcheap.drift`.
"""

__all__ = ["acceptance", "tuner", "variations"]
