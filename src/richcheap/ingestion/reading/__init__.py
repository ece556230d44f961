"""Turn what files hold into typed columns of one source.

What a value must satisfy stands in `richcheap.ingestion.validation`.
"""

__all__ = [
    "aliases",
    "date_columns",
    "date_formats",
    "dates",
    "descriptions",
    "notation",
    "numbers",
    "parsing",
    "scan",
    "source",
    "terms",
    "wide",
]
