"""What every mapping keeps to, whichever modules there are."""

from collections.abc import Iterator

import polars as pl
import pytest

from richcheap.bonds.conventions import WEEKDAYS, calendar_codes
from richcheap.ingestion.mappings import MAPPINGS, SourceMapping
from richcheap.ingestion.mappings.base import layout_of
from richcheap.ingestion.mappings.terms import TERMS_MAPPINGS
from richcheap.ingestion.schema import INPUT_COLUMNS, INPUT_NAMES

ALL = {**MAPPINGS, **TERMS_MAPPINGS}
OF_TERMS = ("maturity_date", "coupon_rate")
"""What a contract asks for and a second file may hold."""


@pytest.fixture(params=ALL)
def mapping(request: pytest.FixtureRequest) -> SourceMapping:
    """Return one of the mappings."""
    return ALL[request.param]


def expressions(mapping: SourceMapping) -> Iterator[pl.Expr]:
    yield from mapping.expressions.values()
    for refusal in mapping.refusals:
        yield from (refusal.when, refusal.detail)
    if mapping.matches is not None:
        yield mapping.matches


def test_it_is_called_as_its_module(mapping: SourceMapping) -> None:
    assert ALL[mapping.name] is mapping


def test_it_makes_canonical_columns_and_no_others(mapping: SourceMapping) -> None:
    assert set(mapping.expressions) <= set(INPUT_NAMES)


def test_it_names_the_source_columns_that_it_reads(mapping: SourceMapping) -> None:
    read = {name for one in expressions(mapping) for name in one.meta.root_names()}
    assert set(mapping.optional) <= read <= {*mapping.requires, *mapping.optional}


def test_a_file_with_what_it_requires_has_all_that_the_contract_asks_for(mapping: SourceMapping) -> None:
    needed = {column.name for column in INPUT_COLUMNS if column.required}
    have = [*mapping.requires, *([*needed, "clean_price"] if mapping.passes_through else [])]
    given = set(mapping.expressions)
    if mapping.name in TERMS_MAPPINGS:
        assert {"bond_id", *OF_TERMS} <= given
    elif mapping.needs_terms:
        assert needed - set(OF_TERMS) - {"date"} <= given
    else:
        assert needed <= set(layout_of(have, mapping, {}).expressions)


def test_it_settles_by_a_known_calendar(mapping: SourceMapping) -> None:
    assert mapping.settlement_lag_days is None or mapping.settlement_lag_days >= 0
    assert mapping.settlement_calendar in {None, WEEKDAYS, *calendar_codes()}
