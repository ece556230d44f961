"""The project's own format: the column names of the data contract, taken as they are."""

from richcheap.ingestion.mappings.base import SourceMapping

MAPPING = SourceMapping(name="richcheap", passes_through=True)
