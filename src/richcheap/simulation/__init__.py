"""The embedded market: a simulated one with known truth.

It knows bond mathematics and curves; nothing that reads prices may know it.
"""

__all__ = ["constants", "market", "params", "states", "tables", "trading", "universe"]
