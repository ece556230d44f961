"""Memory that stages need and the machine has: needs as multiples of tables, and who may begin."""

__all__ = ["admission", "held", "needs"]
