"""Ready mappings: a module each, which holds its `SourceMapping` as ``MAPPING``. How files are read lies elsewhere.

Every module of this folder but `base` is found by itself; nothing lists them.
"""

from importlib import import_module
from pkgutil import iter_modules

from richcheap.ingestion.mappings.base import SourceMapping

__all__ = ["MAPPINGS", "SourceMapping", "base", "terms"]

_MODULES = sorted(module.name for module in iter_modules(__path__) if module.name != "base" and not module.ispkg)

MAPPINGS: dict[str, SourceMapping] = {name: import_module(f"{__name__}.{name}").MAPPING for name in _MODULES}
"""Each mapping by its name, which is its module's and the value of ``data.mapping``."""
