"""Ready mappings of files of terms, a row for each bond: a module each, which holds its `SourceMapping` as ``MAPPING``.

They are found by themselves, and told by a file's columns. Files of prices have theirs in
`richcheap.ingestion.mappings`.
"""

from importlib import import_module
from pkgutil import iter_modules

from richcheap.ingestion.mappings.base import SourceMapping

__all__ = ["TERMS_MAPPINGS"]

TERMS_MAPPINGS: dict[str, SourceMapping] = {
    module.name: import_module(f"{__name__}.{module.name}").MAPPING for module in iter_modules(__path__)
}
"""Each mapping by its name, which is its module's."""
