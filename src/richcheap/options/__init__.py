"""What a call is worth: option-adjusted spreads of callable bonds on a short-rate tree, and their spreads to worst.

Terms, curve and price in, figures out: no market and no file lives here.
"""

__all__ = ["params", "table", "tree"]
