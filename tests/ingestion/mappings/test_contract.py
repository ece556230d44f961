"""What every mapping keeps to, whichever modules there are."""

from collections.abc import Iterator

import polars as pl
import pytest

from richcheap.bonds.conventions import WEEKDAYS, calendar_codes
from richcheap.ingestion.mappings import MAPPINGS, SourceMapping
from richcheap.ingestion.mappings.base import layout_of
from richcheap.ingestion.schema import INPUT_COLUMNS, INPUT_NAMES


@pytest.fixture(params=MAPPINGS)
def mapping(request: pytest.FixtureRequest) -> SourceMapping:
    """Return one of the mappings."""
    return MAPPINGS[request.param]


def expressions(mapping: SourceMapping) -> Iterator[pl.Expr]:
    yield from mapping.expressions.values()
    for refusal in mapping.refusals:
        yield from (refusal.when, refusal.detail)


def test_it_is_called_as_its_module(mapping: SourceMapping) -> None:
    assert MAPPINGS[mapping.name] is mapping


def test_it_makes_canonical_columns_and_no_others(mapping: SourceMapping) -> None:
    assert set(mapping.expressions) <= set(INPUT_NAMES)


def test_it_requires_the_source_columns_that_it_reads(mapping: SourceMapping) -> None:
    assert {name for one in expressions(mapping) for name in one.meta.root_names()} == set(mapping.requires)


def test_a_file_with_what_it_requires_has_all_that_the_contract_asks_for(mapping: SourceMapping) -> None:
    needed = [column.name for column in INPUT_COLUMNS if column.required]
    have = [*mapping.requires, *([*needed, "clean_price"] if mapping.passes_through else [])]
    assert set(needed) <= set(layout_of(have, mapping, {}).expressions)


def test_it_settles_by_a_known_calendar(mapping: SourceMapping) -> None:
    assert mapping.settlement_lag_days is None or mapping.settlement_lag_days >= 0
    assert mapping.settlement_calendar in {None, WEEKDAYS, *calendar_codes()}
