"""A model's correction by groups of features, from what each feature adds to its prediction."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from richcheap.evaluation.importance import groups_of

Floats = NDArray[np.float64]

FEATURE = "f_"


def correction_by_group(contributions: Mapping[str, Floats], filter_gap_bp: Floats) -> dict[str, Floats]:
    """Return what each group of features adds to the filter's spread, bp; the sum is the model's correction.

    Parameters
    ----------
    contributions : mapping of str to ndarray, shape (n_rows,)
        What a model's ``contributions`` gives: by feature, the first what it starts from, and by member where one
        cannot be divided; over the base spread, bp.
    filter_gap_bp : ndarray, shape (n_rows,)
        The filter's spread less the base spread, bp: the start is counted from there.

    Returns
    -------
    dict of str to ndarray
        The start, the groups of `richcheap.evaluation.importance`, then members that are counted as a whole.
    """
    start, *others = contributions
    features = [name for name in others if name.startswith(FEATURE)]
    found = {start: contributions[start] - filter_gap_bp}
    for group, names in groups_of(features).items():
        found[group.replace(" ", "_")] = np.sum([contributions[name] for name in names], axis=0)
    return found | {name: contributions[name] for name in others if name not in features}
