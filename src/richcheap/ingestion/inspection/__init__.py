"""Look at a file as a user has it, and propose how to read it.

What reading itself needs stands in `richcheap.ingestion.reading`.
"""

__all__ = ["governments", "headers", "look", "page", "proposal"]
