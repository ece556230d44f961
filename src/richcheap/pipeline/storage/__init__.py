"""Artifacts, tables in parts, sorts on disk and where each artifact lies. Nothing here knows what a column means."""

__all__ = [
    "artifacts",
    "external_sort",
    "lock_records",
    "manifest",
    "market_tables",
    "paths",
    "tables",
    "temp_dir",
    "temporary_table",
]
