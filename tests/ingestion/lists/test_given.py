"""What a program hands over as a list of bonds becomes a table, or one line that says what was expected."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.lists.given import of_pandas, table_of

NAMES = ["A", "B"]
FRAME = pl.DataFrame({"bond_id": NAMES})


@pytest.mark.parametrize(
    "given",
    [
        FRAME, FRAME.lazy(), FRAME.to_arrow(), pl.Series("isin", NAMES), NAMES, tuple(NAMES), np.array(NAMES),
        iter(NAMES), dict.fromkeys(NAMES).keys(), {"bond_id": NAMES}, [{"bond_id": name} for name in NAMES],
    ],
)  # fmt: skip
def test_identifiers_come_in_many_kinds(given: Any) -> None:
    assert table_of(given).equals(FRAME)
    assert not of_pandas(given)


def test_what_pandas_made_is_read_column_by_column() -> None:
    pandas: Any = pytest.importorskip("pandas")
    for given in (pandas.Series(NAMES), pandas.Index(NAMES), FRAME.to_pandas()):
        assert of_pandas(given)
        assert table_of(given).equals(FRAME)
    mixed = pandas.DataFrame({"bond_id": ["A", 5, None], "price": [1.0, None, 2.0], 7: [1, 2, 3]})
    expected = {"bond_id": ["A", "5", None], "price": [1.0, None, 2.0], "7": [1, 2, 3]}
    assert table_of(mixed).to_dict(as_series=False) == expected
    with pytest.raises(InputError, match="column 'x': expected once, got 2 columns of that name"):
        table_of(pandas.DataFrame([["A", "B"]], columns=["x", "x"]))


def test_rows_may_lack_columns_and_mix_kinds() -> None:
    found = table_of([{"bond_id": "A"}, {"bond_id": "B", "price": 99}, {"bond_id": "C", "price": "99,5"}])
    assert found.columns == ["bond_id", "price"]
    assert found.height == 3


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ("bonds.csv", "'bonds.csv'"), (b"A", "b'A'"), (None, "None"), (5, "5"), (["A", 5], "5 at line 2"),
        ([["A"]], r"\['A'\] at line 1"), (["\ud83d"], "list: 'utf-8' codec"), ({"a": [1, 2], "b": [1]}, "dict: "),
    ],
)  # fmt: skip
def test_anything_else_is_one_line(given: Any, got: str) -> None:
    with pytest.raises(
        InputError, match=f"^bonds: expected a data frame, or a list of identifiers as text, got {got}"
    ) as error:
        table_of(given)
    assert len(str(error.value).splitlines()) == 1
