"""From valued prints to the dataset: the one place where a price becomes a feature.

What a model makes of a feature lives in `models`.
"""

__all__ = ["assemble", "baselines", "catalogue", "own_history", "repricing"]
