"""What a fair price is made of: parts in basis points and in points, exact on the bond's cash flows.

Parts come with the dataset, predictions from models; nothing here fits anything or knows a model.
"""

__all__ = ["blocks", "champion", "groups", "params", "points"]
