"""Read a file as a proposal says, and gather what a person wants to see of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from richcheap.bonds.conversion import convert_frame
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.proposal import Proposal
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.observations import Checker
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import Options, convert_units
from richcheap.ingestion.reading.parsing import parse
from richcheap.ingestion.reading.scan import SCANNED, Findings, Scan
from richcheap.ingestion.reading.source import Source
from richcheap.ingestion.schema import COMPARED, INPUT_NAMES, PRICES, REFUSED_SCHEMA
from richcheap.ingestion.summary import assumptions
from richcheap.ingestion.trades.daily import KEYS, DailyPrices
from richcheap.ingestion.validation.counters import CheckCounts, RefusedCounts
from richcheap.ingestion.validation.cross_check import MOST, Compared, compare
from richcheap.ingestion.validation.hidden_terms import SCHEMA, find_hidden_terms, without_hidden_terms
from richcheap.ingestion.validation.validation_rules import Limits

_PER_1000 = (300.0, 3000.0)
"""Median price between which it is of a face value of 1,000: per 100 no market has one, and of 10,000 neither."""
LOOK_ROWS = 200_000
"""Rows that are looked at; a larger file is read to there."""

RESET: Mapping[str, Any] = {
    "mapping": "richcheap", "columns": {}, "values": {}, "constants": {}, "terms": None, "terms_columns": {},
    "layout": "auto", "cells": "clean_price", "encoding": "auto", "separator": "auto", "header_row": None,
    "sheet": None, "decimal": "auto", "date_format": "auto", "coupon_unit": "auto", "yield_unit": "auto",
    "price_unit": "auto",
    "default_currency": "USD", "settlement_lag_days": None, "settlement_calendar": None, "currencies": [],
}  # fmt: skip
"""Keys of ``data`` that belong to one file, with what they are when nothing is said."""


@dataclass
class Look:
    """What was seen of a file.

    Attributes
    ----------
    params : DataParams
        By which it was read.
    rows : int
        Read.
    bonds : DataFrame
        Accepted observations, one of a bond and day, with their figures.
    findings : Findings
    how : dict
        How the source is written.
    checks, refused : CheckCounts, RefusedCounts
    compared : list of Compared
    doubts : list of str
    """

    params: DataParams
    rows: int
    bonds: pl.DataFrame
    findings: Findings
    how: Mapping[str, Any]
    checks: CheckCounts
    refused: RefusedCounts
    compared: list[Compared] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def assumed(self) -> dict[str, dict[str, int]]:
        """What the file does not say, and what was taken for how many rows."""
        return assumptions(self.checks)


def params_of(proposal: Proposal, base: Mapping[str, Any]) -> DataParams:
    """Return the params that a proposal makes of those that there are."""
    return DataParams.model_validate_json(json.dumps({**base, **RESET, **proposal.params}))


def look(proposal: Proposal, base: Mapping[str, Any], folder: Path) -> Look:
    """Read a file as is proposed.

    Parameters
    ----------
    proposal : Proposal
    base : dict
        The section ``data`` of params as it is: its bounds hold.
    folder : Path
        Existing folder for copies.

    Raises
    ------
    InputError
        The file cannot be read so.
    """
    params = params_of(proposal, base)
    options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
    mapping = MAPPINGS[params.mapping]
    source = Source(Path(params.observations), mapping, options, folder, lenient=True)
    scan = Scan(options, source.notation)
    for piece in source.pieces(LOOK_ROWS, SCANNED):
        scan.add(piece.frame, piece.layout)
        if piece.first_row + piece.frame.height > LOOK_ROWS:
            break
    findings = scan.findings()
    limits = Limits(**{name: getattr(params, name) for name in Limits.__dataclass_fields__})
    checker = Checker(mapping, options, limits, findings)
    checks, refused, accepted, theirs = CheckCounts(), RefusedCounts(), [], []
    rows = 0
    for piece in source.pieces(LOOK_ROWS):
        checked = checker.check(piece.frame, piece.layout, piece.first_row)
        checks.add(checked)
        refused.add(checked.refused)
        accepted.append(checked.accepted)
        own = parse(piece.layout.canonical(piece.frame, piece.first_row, INPUT_NAMES), source.notation)
        theirs.append(convert_units(own, findings.units).select("source_row", *PRICES, *COMPARED))
        rows += piece.frame.height
        if rows >= LOOK_ROWS:
            break
    if not rows:
        raise InputError(f"{source.path}: expected at least one observation, got a header only")
    prices = DailyPrices(params.trades, params.min_trade_size, params.max_price_move)
    twice = checks.given_twice()
    hidden = pl.DataFrame(schema=SCHEMA) if twice is None else find_hidden_terms(*twice)
    plain = without_hidden_terms(pl.concat(accepted).sort(KEYS), hidden)
    chosen = prices.of(plain.kept)
    refused.add(pl.concat([pl.DataFrame(schema=REFUSED_SCHEMA), plain.refused, chosen.refused]))
    bonds = convert_frame(chosen.kept)
    seen = Look(
        params, checks.rows, bonds, findings, source.describe(), checks, refused, doubts=list(source.findings.doubts)
    )
    columns = [name for name in (*COMPARED, *PRICES) if _held(theirs, name) and (bonds["observed"] != name).any()]
    seen.compared = compare(bonds, pl.concat(theirs).select("source_row", *columns))
    seen.doubts += _doubts(seen)
    return seen


def prices_are_per_1000(seen: Look) -> bool:
    """Say whether prices look like those of bonds of 1,000, and neither a column nor the params say so."""
    prices = [unit for unit in seen.findings.units if unit.column in ("clean_price", "dirty_price")]
    faces = ("face_value" in seen.params.columns) or ("face_value" in seen.params.constants)
    detected = [unit for unit in prices if unit.how == "detected" and unit.unit == "per_100"]
    return not faces and any(_PER_1000[0] < unit.median < _PER_1000[1] for unit in detected)


def _held(theirs: list[pl.DataFrame], name: str) -> bool:
    return any(frame[name].null_count() < frame.height for frame in theirs)


def _doubts(seen: Look) -> list[str]:
    doubts = []
    counts = seen.refused.counts
    for reason, key in (
        ("unknown_bond_type", "data.values: {bond_type: {VALUE: treasury}} says what a value means"),
        ("unknown_day_count", "data.values: {day_count: {VALUE: 30/360}} says what a value means"),
        ("unknown_frequency", "data.values: {frequency: {VALUE: '2'}} says what a value means"),
        (
            "implausible_price",
            "data.price_unit says per_1, per_100 or per_face; data.min_price and max_price the bounds",
        ),
        ("implausible_coupon", "data.coupon_unit says decimal or percent"),
        ("unknown_bond", "the file of terms lacks these bonds"),
    ):
        if counts[reason]:
            doubts.append(f"{counts[reason]:,} rows are refused: {seen.refused.first[reason][1]}; {key}")
    doubts += [
        f"{one.name}: {one.rows - one.agree:,} of {one.rows:,} of the file's differ from ours, by {one.median:.4g} in "
        f"the median{'; ' if one.cause else ''}{one.cause}"
        for one in seen.compared
        if one.agree < MOST * one.rows
    ]
    return doubts
