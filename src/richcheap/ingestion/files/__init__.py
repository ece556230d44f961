"""Open files of any kind as tables of text or typed columns.

What a column means stands in `richcheap.ingestion.reading`.
"""

__all__ = [
    "arrow_files",
    "arrow_types",
    "csv_records",
    "databases",
    "dialect",
    "encodings",
    "json_lines",
    "readers",
    "unpacked",
    "workbooks",
]
