"""The mains of the DVC stages, one module each: read params, call the library, write outputs. No code that others use.

A stage runs with the library of the checkout that it lies in, whichever is installed: an experiment in a copy of the
project must not run the code of the original.
"""

import sys
from pathlib import Path

_LIBRARY = Path(__file__).absolute().parents[1] / "src"
if _LIBRARY.is_dir() and str(_LIBRARY) not in sys.path[:1]:
    sys.path.insert(0, str(_LIBRARY))

from richcheap.pipeline.errors import tell_machine_faults  # noqa: E402  of that very checkout

tell_machine_faults()
