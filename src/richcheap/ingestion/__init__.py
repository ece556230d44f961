"""From files of observations and benchmark curves to the canonical tables and a quarantine.

What a file must satisfy, and how it is read. No price is worked out here, and no path of an artifact is known.
"""

__all__ = [
    "curves",
    "errors",
    "files",
    "inspection",
    "lists",
    "mappings",
    "params",
    "reading",
    "schema",
    "summary",
    "two_pass",
]
