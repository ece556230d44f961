"""Artifacts, tables in parts, sorts on disk and where each artifact lies. Nothing here knows what a column means."""
