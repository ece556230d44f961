"""What each feature adds to a model's prediction of a row: exact for trees, whole for members that cannot be divided.

The contributions of trees are SHAP values (Lundberg et al. 2020), each feature's average effect over all orders in
which features can become known; they add up to the prediction. A linear model or a network is counted as a whole.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from richcheap.models.common.base import Floats
from richcheap.models.common.trees import Matrix, contributions_of_trees

START: Final = "start"
"""What a model predicts before it looks at features: its anchor, less shrunk or not, and the mean of its trees."""


def mean_contributions(models: Sequence[str], matrix: Matrix, threads: int) -> Floats:
    """Return the mean over models of each column's contribution, and last of their means, (n_rows, n_columns + 1)."""
    total: Floats = np.sum([contributions_of_trees(model, matrix, threads) for model in models], axis=0) / len(models)
    return total


def added(first: Mapping[str, Floats], second: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the sum of two sets of contributions; what one of them lacks counts as 0."""
    return {**first, **{name: first[name] + value if name in first else value for name, value in second.items()}}


def by_feature(sources: Sequence[str], contributions: Floats, scale_bp: Floats, start_bp: Floats) -> dict[str, Floats]:
    """Return contributions in bp by feature, and by `START`.

    Parameters
    ----------
    sources : sequence of str
        The feature that each column is made of; those of one feature are added.
    contributions : ndarray, shape (n_rows, n_columns + 1)
        Of `mean_contributions`.
    scale_bp : ndarray, shape (n_rows,)
        By what they are multiplied: noise, and shrinkage.
    start_bp : ndarray, shape (n_rows,)
        Added to `START`.
    """
    scaled = scale_bp * contributions.T
    found: dict[str, Floats] = {START: start_bp + scaled[-1]}
    for source, value in zip(sources, scaled[:-1], strict=True):
        found[source] = found[source] + value if source in found else value
    return found
