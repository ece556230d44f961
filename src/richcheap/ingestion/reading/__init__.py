"""Read files and turn their text into typed columns.

What a value must satisfy stands in `richcheap.ingestion.validation`.
"""

__all__ = [
    "aliases",
    "arrow_files",
    "arrow_types",
    "csv_records",
    "currencies",
    "date_columns",
    "dates",
    "parsing",
    "readers",
    "scan",
    "source",
]
