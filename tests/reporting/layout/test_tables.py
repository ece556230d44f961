"""What holds of every table and picture of the page: units, and words that say what to look for."""

import re

import pytest

from richcheap.reporting.layout.tables import Table, bond_cell
from richcheap.reporting.page import SECTIONS, context, render
from tests.reporting import examples


@pytest.fixture(scope="module")
def page() -> str:
    return render(examples.report_data())


COUNTED = {
    *("Rows", "Dates", "Bonds", "Prints", "Changes", "Folds", "Regimes"),
    *("Rank", "Trial", "Row", "Decile, 1 = richest"),
}
"""Headings that are their own unit: what is counted, or a place in a list."""


def tables(content):
    """Yield every table in a section's content."""
    if isinstance(content, Table):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from tables(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from tables(value)


def test_every_figure_has_its_unit():
    page = context(examples.report_data())
    shown = [table for section in SECTIONS for table in tables(page[section.anchor])]
    assert len(shown) > 30
    without = {
        (table.name, column.title)
        for table in shown
        for column in table.columns
        if column.numeric and not column.unit and column.title not in COUNTED
    }
    assert without == set()


def test_no_figure_is_a_multiple_of_something_that_has_to_be_looked_up(page):
    assert not re.search("[0-9] \u00d7|half-widths|multiple of", page)


def test_every_picture_says_what_to_look_for(page):
    captions = re.findall("<figcaption>(.*?)</figcaption>", page, flags=re.DOTALL)
    assert len(captions) > 5
    assert [caption for caption in captions if "Look for" not in caption] == []


def test_a_bond_of_any_name_leads_to_what_is_shown_of_it() -> None:
    assert bond_cell("</script>").href == "#bond=%3C%2Fscript%3E"
