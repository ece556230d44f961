"""Params that check lets through, used: the stages that read a key run with it on a small market, or say why not."""

import importlib
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any, Literal, get_args, get_origin

from benchmarks.promises.arithmetic.markets import closes, small_market, where
from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs.ingested import refusal
from benchmarks.promises.inputs.values import Key, default_of, keys, params_with
from richcheap.params import all_sections
from richcheap.pipeline.config.fields import unwrapped
from richcheap.pipeline.config.sections import validate
from richcheap.pipeline.errors import ParamsError, RichcheapError
from tests import markets
from tests.conftest import ROOT
from tests.projects import SMALL, configure

READ_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "simulate": ("simulate",),
        "data": ("ingest", "convert", "market"),
        "split": ("market", "kalman", "features"),
        "market": ("market", "kalman", "features"),
        "kalman": ("kalman", "features"),
        "features": ("features",),
        "factor_model": ("factor_model", "tail_risk"),
        "regime_detector": ("regime_detector",),
        "tail_risk": ("tail_risk",),
        "models": ("train",),
        "drift": ("drift",),
        "tune": ("tune",),
        "evaluate": ("evaluate", "signals", "live"),
        "importance": ("evaluate",),
        "signals": ("signals", "lists"),
        "stress": ("stress",),
        "decompose": ("decompose",),
        "compute": ("convert", "market"),
    }
)
"""Stages that read a section, and those whose inputs it reaches first."""

UNUSED = {"compute.backend", "compute.scheduler", "data.origins"}
"""Keys that name a cluster, or what only another command reads."""

SECONDS = 60
"""A stage that is told to do much may take long; what it would have said after that is not waited for."""


def cases(options: Options) -> Iterator[Case]:
    """Yield values of every key that check lets through."""
    with small_market(closes(60, 12), {}) as folder:
        markets.go()
        made = folder.with_name(f"{folder.name}-made")
        shutil.copytree(folder, made)
        try:
            for number, (key, value) in enumerate(_values()):
                if not options.short or number % 58 == options.seed % 58:
                    yield case(key, value, folder, made)
        finally:
            shutil.rmtree(made)


def _values() -> Iterator[tuple[Key, Any]]:
    for key in keys():
        section = key.section.partition(".")[0]
        name = ".".join(map(str, (key.section, *key.path)))
        if section in READ_BY and name not in UNUSED and key.path:
            yield from ((key, value) for value in _few(key) if value != default_of(key))


def _few(key: Key) -> list[Any]:
    """Return the ends of a key's range and its other words; of what has no upper end, a little more than usual."""
    base, limits = unwrapped(key.field.annotation, key.field.metadata)
    usual = default_of(key)
    optional = [None] if type(None) in get_args(key.field.annotation) else []
    if base is bool:
        return [True, False]
    if get_origin(base) is Literal:
        return [*get_args(base), *optional]
    if base not in {int, float}:
        return optional
    few: list[Any] = [limits["ge"]] if "ge" in limits else []
    if base is float:
        few += [limits[name] + step for name, step in (("gt", 1e-6), ("le", 0.0), ("lt", -1e-6)) if name in limits]
    elif limits.get("le", 1 << 30) <= 30:
        few.append(limits["le"])
    few.append(min(2 * (usual or 1) + (1 if base is int else 0), limits.get("le", 1 << 30)))
    return [*dict.fromkeys(map(base, few)), *optional]


def case(key: Key, value: Any, folder: Path, made: Path) -> Case:
    """Run the stages that read a key, in a folder where all have run without it."""
    name = ".".join(map(str, (key.section, *key.path)))
    shown = f"{name}: {value!r}"
    try:
        validate(params_with(key, value), {key.section: all_sections()[key.section]})
    except ParamsError as error:
        return refusal(shown, str(error), key.section.partition(".")[0])
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(made, folder, dirs_exist_ok=True)
    try:
        with _at_most(SECONDS):
            _run(key, name, value)
    except TimeoutError:
        return Case(shown, Verdict.RIGHT)
    except RichcheapError as error:
        return refusal(shown, str(error))
    except BaseException as error:  # noqa: BLE001  whatever comes is a traceback to a user
        return Case(shown, Verdict.FAILED, f"{where(error)}: {type(error).__name__}: {str(error)[:300]}")
    return Case(shown, Verdict.RIGHT)


def _run(key: Key, name: str, value: Any) -> None:
    section, _, model = key.section.partition(".")
    if model and model != markets.NAME:
        shutil.copy2(ROOT / "params.yaml", "params.yaml")
        configure(Path(), {**SMALL, "data.observations": "prices.csv"})
    configure(Path(), {name: value})
    sys.argv = ["stage", model or markets.NAME]
    for stage in READ_BY[section]:
        importlib.import_module(f"stages.{stage}").main()
        markets.record()


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
