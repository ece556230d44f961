"""How figures, tables and drawings are set. Nothing here knows what they show."""

__all__ = ["drawing", "figures", "formats", "markdown", "tables"]
