"""The table of features, and the page made of it."""

from pathlib import Path

import pytest

from richcheap.features import baselines
from richcheap.features.catalogue import FEATURES, feature_names, markdown_table

ROOT = Path(__file__).resolve().parents[2]


def test_names_are_unique_and_marked_as_features() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(set(names)) == len(names)
    assert all(name.startswith("f_") for name in names)


def test_each_set_holds_the_smaller_ones_and_the_largest_holds_all() -> None:
    basic, enhanced, advanced = feature_names("basic"), feature_names("enhanced"), feature_names("advanced")
    assert set(basic) < set(enhanced) < set(advanced)
    assert advanced == [feature.name for feature in FEATURES]


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of 'basic', 'enhanced', 'advanced', got 'deluxe'"):
        feature_names("deluxe")  # type: ignore[arg-type]


def test_the_page_shows_the_table_as_it_is() -> None:
    assert markdown_table() in (ROOT / "docs" / "features.md").read_text(encoding="utf-8")


def test_the_page_shows_the_table_of_baselines_as_it_is() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    table = baselines.markdown_table()
    assert table in page, f"docs/metrics.md: its table of baselines must be\n{table}"
