"""Files as desks have them, read by the stage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from richcheap.bonds.conversion import convert_frame
from richcheap.ingestion.params import DataParams
from stages import ingest as stage
from tests.ingestion.test_params import GOOD


class Read(NamedTuple):
    """What became of a file: accepted observations with their figures, the quarantine, metrics/ingest.json."""

    bonds: pl.DataFrame
    quarantine: pl.DataFrame
    metrics: dict[str, Any]

    def column(self, name: str) -> list[Any]:
        """Return a column of the accepted observations."""
        return self.bonds[name].to_list()


Reader = Callable[..., Read]


def reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Return a function that writes a file, text or what a function writes, and ingests it."""
    monkeypatch.chdir(folder)
    (folder / "curve.csv").write_text("date,tenor_years,rate,kind\n")

    def read(content: str | bytes | Callable[[Path], object] | None, name: str = "prices.csv", **params: Any) -> Read:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            content(path)
        wanted = {**GOOD, "observations": name, "curve": "curve.csv", "date_format": "auto", **params}
        stage.ingest(DataParams(**wanted), 10_000)
        bonds = convert_frame(pl.read_parquet(folder / "training_data/observations/*.parquet"))
        quarantine = pl.read_parquet(folder / "training_data/quarantine/*.parquet")
        return Read(bonds, quarantine, json.loads((folder / "metrics/ingest.json").read_text()))

    return read
