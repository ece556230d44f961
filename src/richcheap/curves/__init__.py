"""Zero curves: bootstrap, prices and spreads of bonds on them, and the benchmark curve of each date.

What moves a curve, or fits one to prints, lives above.
"""

__all__ = ["benchmark", "curve_state", "pricing"]
