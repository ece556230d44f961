"""From trades as they were reported to one price of a bond and day: what was voided, what is no price, what is left.

How a file's columns become reports lies in `richcheap.ingestion.mappings`; no row is read or checked here.
"""

__all__ = ["daily", "price_moves", "reports"]
