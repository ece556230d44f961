"""Ready mappings; adding a source is a module here and a line in `MAPPINGS`."""

from richcheap.ingestion.mappings.base import SourceMapping
from richcheap.ingestion.mappings.eu_listed import EU_LISTED
from richcheap.ingestion.mappings.richcheap import RICHCHEAP
from richcheap.ingestion.mappings.us_treasury import US_TREASURY

MAPPINGS: dict[str, SourceMapping] = {mapping.name: mapping for mapping in (RICHCHEAP, US_TREASURY, EU_LISTED)}

__all__ = ["MAPPINGS", "SourceMapping"]
