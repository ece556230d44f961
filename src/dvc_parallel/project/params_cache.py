"""Read each params file once, however many stages depend on it: DVC parses it anew for every stage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def params_read_once() -> Iterator[None]:
    """Keep what is read of params files while a project is only looked at; a run may change them."""
    from dvc.dependency import param  # noqa: PLC0415

    load, pick = param.load_path, param.read_param_file
    param.load_path, param.read_param_file = _once(load), _once(pick)  # the file; the keys of it that a stage names
    try:
        yield
    finally:
        param.load_path, param.read_param_file = load, pick


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with a memory; its arguments are paths, keys, options and one file system."""
    known: dict[str, tuple[Any, Any]] = {}

    def remembered(*arguments: Any, **options: Any) -> Any:
        key = repr((arguments, options))  # with the file system's address, so the arguments are kept alive
        if key not in known:
            known[key] = (function(*arguments, **options), arguments)
        return known[key][0]

    return remembered
