"""Bond mathematics: conventions, cash flows, accrued interest, yield and its sensitivities.

Arrays in, arrays out: no curve, no market and no file lives here.
"""

__all__ = [
    "calls",
    "conventions",
    "conversion",
    "cycle",
    "discounting",
    "measures",
    "schedule",
    "status",
    "terms",
    "units",
]
