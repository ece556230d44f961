from pathlib import Path

import pytest

from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.reading.notation import Notation
from richcheap.ingestion.schema import CURVE_KINDS, CURVE_SCHEMA, OBSERVATION_SCHEMA, QUARANTINE_SCHEMA
from richcheap.ingestion.validation.validation_rules import rulebook
from tests.ingestion.samples import LIMITS

REASONS = {
    *(rule.reason for rule in rulebook(LIMITS, Notation())),
    *(refusal.reason for mapping in MAPPINGS.values() for refusal in mapping.refusals),
    "duplicate",
    "cancelled",
    "unknown_bond",
    "currency_not_selected",
}


@pytest.fixture(scope="module")
def dictionary(project_root: Path) -> str:
    """Return the data dictionary."""
    return (project_root / "docs" / "data.md").read_text(encoding="utf-8")


NAMES = sorted({*REASONS, *OBSERVATION_SCHEMA, *QUARANTINE_SCHEMA, *CURVE_SCHEMA, *CURVE_KINDS})


@pytest.mark.parametrize("name", NAMES)
def test_every_reason_column_and_kind_is_documented(dictionary: str, name: str) -> None:
    assert name in dictionary


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_mapping_has_its_paragraph(dictionary: str, name: str) -> None:
    assert f"\n**`{name}`**: " in dictionary.partition("\n## Ready mappings\n")[2]


def test_every_param_has_a_description() -> None:
    assert all(field.description for field in DataParams.model_fields.values())
