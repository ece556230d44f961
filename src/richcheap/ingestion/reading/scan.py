"""The first look at a source, piece by piece: what must be known of all rows before one of them can be judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from richcheap.ingestion.mappings.base import Layout
from richcheap.ingestion.preparation import Options, convert_units, mark_out_of_scale
from richcheap.ingestion.reading.notation import Notation
from richcheap.ingestion.reading.parsing import parse
from richcheap.ingestion.schema import PERCENT, PRICE_COLUMNS
from richcheap.ingestion.units import UnitDecision, Values, margin_unit, price_unit, rate_unit
from richcheap.ingestion.validation.rules import OUT_OF_SCALE

RATES = ("coupon_rate", "quoted_margin", "yield")
_FACE = "face_value"
SCANNED = ("bond_id", *RATES, *PRICE_COLUMNS, _FACE)
"""Canonical columns that the first look reads."""

AMBIGUOUS_FACTOR = 50.0
"""A bond's highest coupon is this multiple of its lowest, or nothing can be 100 times its median."""

_COLUMNS = {"column": pl.String, "held": pl.Boolean, "plain": pl.Boolean}
_COUPON = ("bond_id", "coupon_rate", PERCENT + "coupon_rate")


@dataclass(frozen=True)
class Findings:
    """What holds for all rows of a source.

    Parameters
    ----------
    units : tuple of UnitDecision
        For each column of rates or prices that holds a value.
    usual_coupons : DataFrame
        ``bond_id`` and ``usual``, the median coupon, of bonds whose coupons differ so much that one may be in another
        unit.
    notation : Notation
        How dates and numbers are written.
    """

    units: tuple[UnitDecision, ...]
    usual_coupons: pl.DataFrame
    notation: Notation


class Scan:
    """Gathers `Findings`; the order of the pieces does not matter, nor where they were cut.

    Parameters
    ----------
    options : Options
        How the source is read.
    notation : Notation
        How its dates and numbers are written.
    """

    def __init__(self, options: Options, notation: Notation) -> None:
        self._options, self._notation = options, notation
        self._values: Mapping[str, Values] = {name: Values() for name in (*RATES, *PRICE_COLUMNS, _FACE)}
        self._coupons = pl.DataFrame(
            schema={_COUPON[0]: pl.String, _COUPON[1]: pl.Float64, _COUPON[2]: pl.Boolean, "rows": pl.UInt32}
        )

    def add(self, source: pl.DataFrame, layout: Layout) -> None:
        """Look at some rows of a file.

        Raises
        ------
        InputError
            A column's type cannot hold what it should.
        """
        frame = parse(layout.canonical(source, 1, SCANNED), self._notation)
        frame = frame.filter(pl.col("refused").is_null())
        for name in RATES:
            plain = frame.select(pl.when(~pl.col(PERCENT + name)).then(pl.col(name)))[name]
            self._values[name].add(frame[name], plain)
        for name in (*PRICE_COLUMNS, _FACE):
            self._values[name].add(frame[name], frame[name].filter(frame[name] > 0.0))
        coupons = frame.filter(pl.col("coupon_rate") > 0.0, pl.col("bond_id").is_not_null())
        more = coupons.group_by(_COUPON).agg(pl.len().alias("rows"))
        self._coupons = pl.concat([self._coupons, more]).group_by(_COUPON).agg(pl.col("rows").sum())

    def findings(self) -> Findings:
        """Return what was found."""
        units = self._units()
        return Findings(units, _usual(_in_decimals(self._coupons, units)), self._notation)

    def settle(self) -> None:
        """Remember what has been found so far, for `frames`."""
        columns = [(name, values.held, values.plain) for name, values in self._values.items()]
        self._settled = {
            "scan_columns": pl.DataFrame(columns, schema=_COLUMNS, orient="row"),
            "scan_magnitudes": pl.concat(
                values.magnitudes.counts.sort("bin").select(pl.lit(name).alias("column"), "bin", "count")
                for name, values in self._values.items()
            ),
            "scan_coupons": self._coupons.sort(_COUPON),
        }

    def frames(self, findings: Findings) -> dict[str, pl.DataFrame]:
        """Return what had been found when it was last asked to `settle`, and how those rows are read, as tables."""
        units = [(unit.column, unit.unit) for unit in findings.units]
        return {
            **self._settled,
            "units": pl.DataFrame(units, schema={"column": pl.String, "unit": pl.String}, orient="row"),
            "out_of_scale": _out_of_scale(self._settled["scan_coupons"], findings),
        }

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Go on from what `frames` has returned, before anything else is added."""
        for name, held, plain in frames["scan_columns"].iter_rows():
            counts = frames["scan_magnitudes"].filter(pl.col("column") == name).select("bin", "count")
            self._values[name].restore(held, plain, counts)
        self._coupons = frames["scan_coupons"]

    def _units(self) -> tuple[UnitDecision, ...]:
        values, options = self._values, self._options
        coupon = rate_unit("coupon_rate", values["coupon_rate"], options.coupon_unit)
        decisions = [
            coupon,
            margin_unit("quoted_margin", values["quoted_margin"], coupon),
            rate_unit("yield", values["yield"], options.yield_unit),
            *(price_unit(name, values[name], values[_FACE], options.price_unit) for name in PRICE_COLUMNS),
        ]
        return tuple(decision for decision in decisions if values[decision.column].held)


def reads_alike(findings: Findings, frames: Mapping[str, pl.DataFrame]) -> bool:
    """Return whether rows that `Scan.frames` tells of are read by new findings as they were read then."""
    units = {unit.column: unit.unit for unit in findings.units}
    marked = _out_of_scale(frames["scan_coupons"], findings)
    return dict(frames["units"].iter_rows()).items() <= units.items() and marked.equals(frames["out_of_scale"])


def _in_decimals(coupons: pl.DataFrame, units: Sequence[UnitDecision]) -> pl.DataFrame:
    return convert_units(coupons, [unit for unit in units if unit.column == "coupon_rate"])


def _out_of_scale(coupons: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    return mark_out_of_scale(_in_decimals(coupons, findings.units), findings.usual_coupons).filter(OUT_OF_SCALE)


def _usual(coupons: pl.DataFrame) -> pl.DataFrame:
    """Return the median of each bond's coupons, each of them as often as there are rows with it."""
    coupon, bond = pl.col("coupon_rate"), "bond_id"
    ambiguous = coupons.filter(coupon.max().over(bond) > AMBIGUOUS_FACTOR * coupon.min().over(bond))
    ordered = ambiguous.sort(bond, "coupon_rate").select(
        bond,
        "coupon_rate",
        upto=pl.col("rows").cast(pl.Int64).cum_sum().over(bond),
        all=pl.col("rows").cast(pl.Int64).sum().over(bond),
    )
    lower = coupon.filter(pl.col("upto") >= (pl.col("all") + 1) // 2).min()
    upper = coupon.filter(pl.col("upto") >= pl.col("all") // 2 + 1).min()
    return ordered.group_by(bond, maintain_order=True).agg(((lower + upper) / 2.0).alias("usual"))
