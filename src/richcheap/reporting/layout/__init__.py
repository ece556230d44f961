"""How figures, tables and drawings are set. Nothing here knows what they show."""

__all__ = ["assets", "drawing", "embedding", "figures", "formats", "markdown", "tables"]
