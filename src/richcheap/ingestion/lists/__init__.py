"""Lists of bonds that somebody asks about: identifiers, terms or both, with or without prices.

They are read by the rules of observations; nothing is written.
"""

__all__ = ["bond_list", "given"]
