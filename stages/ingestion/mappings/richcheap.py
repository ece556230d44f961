"""The project's own format: the column names of the data contract, taken as they are."""

from stages.ingestion.mappings.base import SourceMapping

RICHCHEAP = SourceMapping(name="richcheap", passes_through=True)
