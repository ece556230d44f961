"""The market of a date as files: what prices come from, with every bit, and nothing that is executed."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl
from pydantic import BaseModel

from richcheap.ingestion.params import DataParams
from richcheap.kalman.state_space import HyperParameters
from richcheap.panel.params import FeaturesParams, KalmanParams, MarketParams
from richcheap.panel.universe import UniverseCounts
from richcheap.pipeline.storage.artifacts import (
    read_arrays,
    read_json,
    read_parquet,
    write_arrays,
    write_parquet,
    write_text,
)
from richcheap.pricing.market import Engine, States, price_bounds
from richcheap.pricing.market_day import MarketDay
from richcheap.pricing.reasons import Seen
from richcheap.relative_value.params import SignalsParams

DAY: Final = "day.json"
SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "data": DataParams,
    "market": MarketParams,
    "kalman": KalmanParams,
    "features": FeaturesParams,
    "signals": SignalsParams,
}
"""Params that prices are made with."""
ELSEWHERE: Final = {"observations", "curve", "terms", "origins"}
"""Of section ``data``: files of the machine that the project ran on."""
STATES: Final = ("market", "kalman", "features")


def write_market(day: MarketDay, folder: Path) -> None:
    """Write the market of a date; the same market gives the same bytes."""
    engine, seen = day.engine, day.seen
    sections = {
        "data": day.data.model_dump(mode="json", exclude=ELSEWHERE),
        "market": engine.market.model_dump(mode="json"),
        "kalman": engine.kalman.model_dump(mode="json"),
        "features": engine.features.model_dump(mode="json"),
        "signals": day.signals.model_dump(mode="json"),
    }
    content = {
        "as_of": day.as_of.isoformat(),
        "coupons_in_percent": day.coupons_in_percent,
        "params": sections,
        "hyperparameters": {name: value.hex() for name, value in engine.hyperparameters._asdict().items()},
        "seen": {
            "longest": {currency: one.isoformat() for currency, one in sorted(seen.longest.items())},
            "buckets": sorted(seen.buckets),
            "issuers": sorted(seen.issuers),
            "until": seen.until.isoformat(),
            "learned_until": None if seen.learned_until is None else seen.learned_until.isoformat(),
        },
    }
    write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", folder / DAY)
    frames = {
        "bonds": day.terms,
        "prints": day.printed,
        "history": day.history.sort("bond_id"),
        "curves": day.states.curves,
        "published_curves": engine.published,
        **day.counts.frames(),
    }
    for name, frame in frames.items():
        write_parquet(frame, folder / f"{name}.parquet")
    for name in STATES:
        write_arrays(getattr(day.states, name), folder / f"{name}.npz")


def read_market(folder: Path, threads: int) -> MarketDay:
    """Read what `write_market` has written.

    Raises
    ------
    ArtifactError
        A file is missing or broken.
    """
    content = read_json(folder / DAY)
    params: dict[str, Any] = {
        name: section.model_validate_json(json.dumps(content["params"][name]), strict=True)
        for name, section in SECTIONS.items()
    }
    known, universe = content["seen"], ("universe_bonds", "universe_days")
    frames = {name: _frame(folder, name) for name in ("bonds", "prints", "history", "curves", "published_curves")}
    fitted = {name: float.fromhex(value) for name, value in content["hyperparameters"].items()}
    return MarketDay(
        as_of=date.fromisoformat(content["as_of"]),
        engine=Engine(
            params["market"],
            params["kalman"],
            params["features"],
            HyperParameters(**fitted),
            price_bounds(params["data"]),
            frames["published_curves"],
            threads,
        ),
        states=States(**{name: read_arrays(folder / f"{name}.npz") for name in STATES}, curves=frames["curves"]),
        counts=UniverseCounts.restored({name: _frame(folder, name) for name in universe}),
        printed=frames["prints"],
        terms=frames["bonds"],
        seen=Seen(
            longest={currency: date.fromisoformat(one) for currency, one in known["longest"].items()},
            buckets={(currency, bucket) for currency, bucket in known["buckets"]},
            issuers=set(known["issuers"]),
            until=date.fromisoformat(known["until"]),
            learned_until=None if known["learned_until"] is None else date.fromisoformat(known["learned_until"]),
        ),
        history=frames["history"],
        data=params["data"],
        signals=params["signals"],
        coupons_in_percent=content["coupons_in_percent"],
    )


def _frame(folder: Path, name: str) -> pl.DataFrame:
    return read_parquet(folder / f"{name}.parquet")
