"""What rows of the dataset are worth: price, interval, yield, risk and parts, from the champion and its intervals."""

from typing import NamedTuple, Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.decomposition.champion import Champion
from richcheap.decomposition.points import FAIR, decompose
from richcheap.evaluation.intervals.blocks import KeptIntervals, RowScales
from richcheap.evaluation.params import EvaluateParams
from richcheap.features.catalogue import feature_names
from richcheap.features.repricing import Repricer, yields
from richcheap.pricing.market import Rows

Floats = NDArray[np.float64]


class Model(Protocol):
    """What predicts what is added to the base spread, bp."""

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return one figure for each row."""


class Quoter(NamedTuple):
    """What makes quotes of rows.

    Attributes
    ----------
    champion : Champion
    kept : KeptIntervals or None
        Of the champion; None where the dates were too few for any: prices have no interval, and the lowest confidence.
    scales : RowScales
        Restored from `kept`.
    threads : int
        Changes no result.
    """

    champion: Champion
    kept: KeptIntervals | None
    scales: RowScales
    threads: int = 1

    @classmethod
    def of(
        cls,
        name: str,
        model: Model | None,
        kept: KeptIntervals | None,
        evaluate: EvaluateParams,
        seed: int,
        threads: int,
    ) -> Self:
        """Return the quoter of a champion by name; a baseline whose price the dataset carries has no model."""
        scales = RowScales(feature_names("enhanced"), evaluate, seed, threads)
        if kept is not None:
            scales.restore(kept.scale)
        return cls(Champion(name, None if model is None else model.predict), kept, scales, threads)

    @property
    def median_half_width(self) -> float:
        """Half-width to compare others with, points; NaN where there is none."""
        edges = () if self.kept is None else self.kept.confidence.edges
        return float(edges[len(edges) // 2]) if len(edges) else np.nan

    def quotes(self, rows: Rows, day: int, together: bool) -> pl.DataFrame:
        """Quote rows of one date.

        Parameters
        ----------
        rows : Rows
            At least one.
        day : int
            Days since 1970-01-01.
        together : bool
            Whether the rows are all prints of a date, whose intervals are those of the pipeline to the last bit;
            otherwise no row depends on another.

        Returns
        -------
        DataFrame
            The rows, and ``fair_clean_price``, ``half_width``, ``low``, ``high``, ``yield`` (decimal), ``spread_bp``,
            ``price_dv01`` (at the fair price), the parts of `decompose`, and ``confidence``.
        """
        dataset = rows.dataset
        repricer = Repricer.from_frame(rows.curves, self.threads)
        price, delta_bp = self.champion.prices(dataset, repricer)
        spread = dataset["base_spread"].to_numpy() + delta_bp / BP
        half_width, confidence = np.full(dataset.height, np.nan), np.ones(dataset.height, dtype=np.int64)
        if self.kept is not None:
            widths, known = self.kept.before(day), self.scales.rows(dataset)
            half_width = widths.half_width(known) if together else widths.half_width_each(known)
            confidence = self.kept.confidence.scores(half_width)
        parts = decompose(dataset, delta_bp, repricer).drop("bond_id", "date", FAIR)
        columns = {
            FAIR: price,
            "half_width": half_width,
            "low": np.maximum(price - half_width, 0.0),
            "high": price + half_width,
            "yield": yields(dataset, price, self.threads),
            "spread_bp": BP * spread,
            "price_dv01": repricer.value(dataset, spread, np.empty((dataset.height, 0))).dv01,
        }
        return (
            dataset.drop("bid_ask_bp")
            .hstack(parts)
            .with_columns(
                *(pl.Series(name, np.ascontiguousarray(values)).fill_nan(None) for name, values in columns.items()),
                confidence=pl.Series(confidence),
            )
        )
