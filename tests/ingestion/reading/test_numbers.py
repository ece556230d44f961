import polars as pl
import pytest

from richcheap.ingestion.reading.numbers import Decimal, find_decimal, read_fractions, read_numbers


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1,234.5", ".", 1234.5), ("1.234,5", ",", 1234.5), ("1 234,5", ",", 1234.5), ("1'234.5", ".", 1234.5),
        ("98,75", ".", None), ("98.75", ",", None), ("(3.5)", ".", -3.5), ("3.5-", ".", -3.5), ("€ 99,5", ",", 99.5),
        ("99.5 USD", ".", 99.5), ("1e-3", ".", 0.001), ("12,34,567", ".", None), ("97'16", ".", None), ("x", ",", None),
    ],
)  # fmt: skip
def test_a_number_is_read_in_its_notation(text: str, decimal: Decimal, expected: float | None) -> None:
    assert read_numbers(pl.Series([text]), decimal).to_list() == [expected]


@pytest.mark.parametrize(
    ("values", "mark", "doubtful"),
    [
        (["98,75", "101,5"], ",", 0), (["98.75", "1,101.10"], ".", 0), (["98,750", "99,125"], ".", 2),
        (["0,045"], ",", 0), (["1,234,567"], ".", 0), (["100", "99"], ".", 0), ([None, "x"], ".", 0),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_told_from_what_can_be_read_in_one_way(
    values: list[str | None], mark: str, doubtful: int
) -> None:
    found = find_decimal(pl.Series(values, dtype=pl.String))
    assert (found.mark, found.doubtful) == (mark, doubtful)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("99-00", 99.0), ("99-31+", 99.984375), ("99-32", None), ("100-011", 100.03515625), ("99 7/8", 99.875),
        ("99 8/8", None),
    ],
)  # fmt: skip
def test_ticks_and_fractions_are_read(text: str, expected: float | None) -> None:
    assert read_fractions(pl.Series([text])).to_list() == [expected]
