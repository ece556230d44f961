"""The spread surface of each date and the matrix price of each print, found without that print.

What remembers more of a bond than its last print lives in `kalman` and `features`.
"""

__all__ = ["leave_one_out", "loadings", "normal_equations", "outliers", "prints", "valuation"]
