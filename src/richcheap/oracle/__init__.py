"""The optimal filter of the simulated process, which knows its parameters; for judging only.

No model, and nothing that reads real prices, may import it.
"""

__all__ = ["measurement", "optimal_filter"]
