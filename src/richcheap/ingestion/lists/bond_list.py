"""Read a list of bonds as of a date: every line ends either among the bonds or with a reason, and none vanishes.

A bond that is known needs its identifier alone: its terms are those of the data, whatever the list says of them. Any
other needs its terms, under the names and in the spellings that observations have. A price, clean or dirty, or a yield
may stand beside either. Dates of the list are not read: all of it is asked of one date.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.headers import named_columns
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.mappings.base import Layout, SourceMapping, layout_of
from richcheap.ingestion.observations import Checker
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import Options
from richcheap.ingestion.reading.aliases import is_blank
from richcheap.ingestion.reading.notation import find_notation
from richcheap.ingestion.reading.scan import SCANNED, Findings, Scan
from richcheap.ingestion.schema import CHECKED_SCHEMA, INPUT_NAMES, PRICES
from richcheap.ingestion.units import UnitDecision
from richcheap.ingestion.validation.validation_rules import Limits

TERMS: Final = (
    *("maturity_date", "coupon_rate", "quoted_margin", "frequency", "day_count", "issue_date", "first_coupon_date"),
    *("bond_type", "credit_rating", "issuer", "sector", "currency", "callable", "convertible", "call_date"),
    *("call_price", "call_schedule", "face_value"),
)
"""What the data know of a bond."""
OWN_PRICES: Final = (*PRICES, "bid_price", "ask_price")
ASSUMED_PRICE: Final = 100.0
"""Stands where a line has no price, so that the rules for all other columns can be tried; it is taken out again."""
UNKNOWN_BOND: Final = "unknown_bond"
NOT_YET_ISSUED: Final = "not_yet_issued"
UNREAD: Final = ("date", "time", "status")
"""Columns of observations that are not read of a list."""


class BondList(NamedTuple):
    """A list of bonds, read.

    Attributes
    ----------
    lines : DataFrame
        ``line`` (from 1), ``bond_id`` as it stands in the list, ``known`` (the data have the bond), ``status`` (null,
        or a code of the quarantine) and ``reason``.
    bonds : DataFrame
        The lines without a status: `CHECKED_SCHEMA` with ``source_row`` the line, and ``observed`` null where no price
        stands beside the bond.
    """

    lines: pl.DataFrame
    bonds: pl.DataFrame


def read_bond_list(
    table: pl.DataFrame, known: pl.DataFrame, as_of: date, params: DataParams, coupons_in_percent: bool = False
) -> BondList:
    """Read a list of bonds.

    Parameters
    ----------
    table : DataFrame
        As it stands in a file or in memory; a column of identifiers is all that it must have.
    known : DataFrame
        ``bond_id``, `TERMS` and ``price_kind``, a row for each bond that the data know.
    as_of : date
    params : DataParams
        How observations are read.
    coupons_in_percent : bool
        Whether the data's coupons are: then so are those of a list that do not look it.

    Raises
    ------
    InputError
        The list has no column of identifiers, or its dates or numbers can be read in two ways.
    """
    canonical = canonical_list(table, as_of, params)
    lines = canonical.select(line="source_row", bond_id="bond_id").join(
        known.select("bond_id", known=pl.lit(True)), on="bond_id", how="left", maintain_order="left"
    )
    lines = lines.with_columns(pl.col("known").fill_null(value=False))
    reader = _Reader(params, as_of)
    is_known = lines["known"]
    own = canonical.filter(is_known).drop(*TERMS, "price_kind")
    own = own.join(known.select("bond_id", *TERMS, "price_kind"), on="bond_id", how="left", maintain_order="left")
    strangers = canonical.filter(~is_known & canonical["bond_id"].is_not_null())
    without_terms = strangers.select(
        pl.all_horizontal(_blank(name) for name in ("maturity_date", "coupon_rate"))
    ).to_series()
    coupon_unit = "percent" if coupons_in_percent else None
    pieces = [
        reader.read(own.select(canonical.columns), "decimal", stated=True),
        reader.read(strangers.filter(~without_terms), coupon_unit),
        (pl.DataFrame(schema=CHECKED_SCHEMA), _without_terms(strangers.filter(without_terms))),
        (pl.DataFrame(schema=CHECKED_SCHEMA), _nameless(canonical.filter(pl.col("bond_id").is_null()))),
    ]
    refused = pl.concat([refused.select("source_row", "reason", "detail") for _, refused in pieces])
    named = refused.rename({"source_row": "line", "reason": "status", "detail": "reason"})
    lines = lines.join(named, on="line", how="left", maintain_order="left")
    return BondList(lines, pl.concat([bonds for bonds, _ in pieces]).sort("source_row"))


def canonical_list(table: pl.DataFrame, as_of: date, params: DataParams) -> pl.DataFrame:
    """Return the columns of a list under their canonical names, found by the params or else by their names."""
    have = table.columns
    by_name = {one.role: one.column for one in named_columns(have)[0] if one.role in INPUT_NAMES}
    stated = {name: column for name, column in params.columns.items() if column in have}
    mapping = MAPPINGS[params.mapping]
    if not set(mapping.requires) <= set(have):
        mapping = MAPPINGS["richcheap"]
    columns = {name: None if name in UNREAD else column for name, column in {**by_name, **stated}.items()}
    columns = {name: column for name, column in columns.items() if name not in mapping.expressions or name in stated}
    wanted: Mapping[str, str | None] = {name: column for name, column in columns.items() if column is not None}
    if "bond_id" not in {*wanted, *mapping.expressions}:
        raise InputError(
            f"expected a column of identifiers, such as bond_id, isin or cusip, got {', '.join(have) or 'no column'}; "
            "data.columns.bond_id can name it"
        )
    nothing = {name: pl.lit(None, pl.String) for name in ("maturity_date", "coupon_rate", "clean_price")}
    passed = table.drop(name for name in UNREAD if name in have)
    layout = layout_of(
        passed.columns,
        _without(mapping, UNREAD),
        wanted,
        known={"date": pl.lit(None, pl.String), **nothing},
        values=params.values,
        constants={name: value for name, value in params.constants.items() if name not in UNREAD},
    )
    found = layout.canonical(passed, 1)
    for name, kind in found.schema.items():
        if kind.is_nested() or kind in (pl.Object, pl.Binary):
            raise InputError(f"column '{columns.get(name, name)}': expected plain values, got {kind}")
    identifier = pl.col("bond_id").cast(pl.String).str.strip_chars().str.replace(r"^(\d+)\.0$", "$1")
    return found.with_columns(
        bond_id=pl.when(identifier != "").then(identifier),
        date=pl.lit(as_of, pl.Date),
        refused=pl.lit(None, pl.Int16),
    )


def _without(mapping: SourceMapping, names: tuple[str, ...]) -> SourceMapping:
    """Return a mapping without some columns that refuses nothing: what it refuses are prints."""
    kept = {name: one for name, one in mapping.expressions.items() if name not in names}
    return replace(mapping, expressions=kept, refusals=())


def _blank(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return text.is_null() | (text == "") | is_blank(text)


def _without_terms(rows: pl.DataFrame) -> pl.DataFrame:
    detail = pl.format("bond_id: expected a bond of the data, or its terms beside it, got '{}' alone", "bond_id")
    return rows.select("source_row", reason=pl.lit(UNKNOWN_BOND), detail=detail)


def _nameless(rows: pl.DataFrame) -> pl.DataFrame:
    detail = pl.lit("bond_id: expected a value, got none")
    return rows.select("source_row", reason=pl.lit("missing_value"), detail=detail)


class _Reader:
    """Reads lines as observations are read, with the price of each line or with none."""

    def __init__(self, params: DataParams, as_of: date) -> None:
        self._options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
        self._mapping = MAPPINGS[params.mapping]
        self._limits = Limits(**{name: getattr(params, name) for name in Limits.__dataclass_fields__})
        self._as_of = as_of
        self._price = min(max(ASSUMED_PRICE, params.min_price), params.max_price)

    def read(
        self, rows: pl.DataFrame, coupon_unit: str | None, stated: bool = False
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the accepted and the refused lines.

        Parameters
        ----------
        rows : DataFrame
            Of `canonical_list`.
        coupon_unit : str or None
            Unit of coupons that do not show it.
        stated : bool
            Whether they are surely in that unit.
        """
        if rows.is_empty():
            return pl.DataFrame(schema=CHECKED_SCHEMA), _without_terms(rows)
        options = replace(self._options, coupon_unit=coupon_unit) if stated and coupon_unit else self._options
        layout = Layout({name: pl.col(name) for name in INPUT_NAMES}, ())
        found = find_notation(rows.select(pl.col(pl.String)), options.stated)
        if found.doubts:
            raise InputError("\n".join(found.doubts))
        notation = found.notation(options.stated)
        scan = Scan(options, notation)
        scan.add(rows.select(sorted({"source_row", *SCANNED, *INPUT_NAMES})), layout)
        findings = scan.findings()
        if coupon_unit == "percent" and options.coupon_unit == "auto":
            findings = replace(findings, units=tuple(_in_percent(unit) for unit in findings.units))
        accepted, refused = self._judged(rows, options, findings, layout)
        early = refused["source_row"].filter(refused["reason"] == NOT_YET_ISSUED)
        if early.is_empty():
            return accepted, refused
        # A bond that is issued after the usual settlement settles when it is.
        waiting = rows.filter(pl.col("source_row").is_in(early.implode())).with_columns(settlement_date="issue_date")
        more, still = self._judged(waiting, options, findings, layout)
        others = refused.filter(pl.col("reason") != NOT_YET_ISSUED)
        return pl.concat([accepted, more]), pl.concat([others, still])

    def _judged(
        self, rows: pl.DataFrame, options: Options, findings: Findings, layout: Layout
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Try the rules on lines with a price and on those without one."""
        priced = ~rows.select(pl.all_horizontal(_blank(name) for name in OWN_PRICES)).to_series()
        pieces = [self._checked(rows.filter(priced), options, findings, layout)]
        unpriced = (
            rows.filter(~priced)
            .with_columns(pl.lit(None, pl.Float64).alias(name) for name in OWN_PRICES)
            .with_columns(clean_price=pl.lit(self._price))
        )
        units = tuple(unit for unit in findings.units if unit.column not in OWN_PRICES)
        accepted, refused = self._checked(unpriced, options, replace(findings, units=units), layout)
        no_price = {name: pl.lit(None, pl.Float64) for name in PRICES}
        pieces.append((accepted.with_columns(observed=pl.lit(None, pl.String), **no_price), refused))
        return pl.concat([piece[0] for piece in pieces]), pl.concat([piece[1] for piece in pieces])

    def _checked(
        self, rows: pl.DataFrame, options: Options, findings: Findings, layout: Layout
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        if rows.is_empty():
            return pl.DataFrame(schema=CHECKED_SCHEMA), _without_terms(rows)
        lines = rows["source_row"]
        checker = Checker(self._mapping, options, self._limits, findings)
        checked = checker.check(rows.select(INPUT_NAMES), layout, 1)
        accepted, refused = (
            frame.with_columns(source_row=lines.gather(frame["source_row"] - 1))
            for frame in (checked.accepted, checked.refused)
        )
        return accepted, refused.select("source_row", "reason", "detail")


def _in_percent(unit: UnitDecision) -> UnitDecision:
    detected = unit.column in ("coupon_rate", "quoted_margin") and unit.how in ("detected", "as coupon_rate")
    return replace(unit, unit="percent") if detected else unit
