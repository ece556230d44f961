"""A table as the page's template and the Markdown writer take it."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote


class Column(NamedTuple):
    """A column's heading.

    Attributes
    ----------
    title : str
        What it shows.
    unit : str
        Its unit, or nothing.
    numeric : bool
        Whether its cells are figures, which stand to the right.
    """

    title: str
    unit: str = ""
    numeric: bool = True


class Cell(NamedTuple):
    """A cell.

    Attributes
    ----------
    text : str
        What stands in it.
    mark : str
        How it is set apart: classes of page.css such as ``good``, ``bad`` or ``code``, or nothing.
    href : str
        Where it leads within the page, or nothing.
    """

    text: str
    mark: str = ""
    href: str = ""


class Row(NamedTuple):
    """Cells, one for each column, and whether the row is set apart."""

    cells: Sequence[Cell]
    strong: bool = False


class Table(NamedTuple):
    """Headings and rows; `name` is what a screen reader calls it."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def row(*cells: str | Cell, strong: bool = False) -> Row:
    """Return a row of plain or marked cells."""
    return Row([cell if isinstance(cell, Cell) else Cell(cell) for cell in cells], strong)


def bond_cell(bond_id: str) -> Cell:
    """Return a cell that names a bond and leads to what the page shows of it.

    Examples
    --------
    >>> bond_cell("A&B 5 1/4").href
    '#bond=A%26B%205%201%2F4'
    """
    return Cell(bond_id, "code", f"#bond={quote(bond_id, safe='')}")
