"""The report: frames and mappings in, one self-contained page out.

What is shown, and how. Nothing is measured here, and no file of the pipeline is read but by the two commands.
"""

__all__ = [
    "champion",
    "charts",
    "comparison",
    "list_changes",
    "market_card",
    "model_card",
    "page",
    "plots",
    "sections",
    "trader",
]
