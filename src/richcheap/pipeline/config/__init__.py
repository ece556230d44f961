"""Typed params: their fields, the files that hold them, the check of these files, and how they are written.

What a section means is its own package's business, which needs `fields` alone.
"""

__all__ = ["fields", "sections"]
