import pytest

from richcheap.ingestion.files.dialect import FOUND, Dialect, FileFormat, find_dialect, header_place, is_value

ROWS = "A;2025-02-03;97,5\nB;2025-02-03;98,5\n"


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("id;date;price\n" + ROWS, Dialect(";", 0)),
        ("\n\nPrices, all\nid;date;price\n" + ROWS, Dialect(";", 3)),
        ("Report;03.02.2025;\nid;date;price\n" + ROWS, Dialect(";", 1)),
        ("id,note\nA,a;b;c\nB,d;e\n", Dialect(",", 0)),
        ("id\tx\n1\t2\n", Dialect("\t", 0)),
        ("id\nA\n", Dialect(",", 0)),
        ("", Dialect(",", 0)),
        ("1,2\n3,4\n", Dialect(",", 0)),
    ],
)
def test_separator_and_header_are_told(text: str, dialect: Dialect) -> None:
    assert find_dialect(text, FOUND) == dialect


def test_what_is_said_goes_first() -> None:
    assert find_dialect("a,b\nc;d\n1;2\n", FileFormat(separator=";", header_row=2)) == Dialect(";", 1)


def test_a_header_of_dates_is_the_first_record_that_is_not_empty() -> None:
    assert header_place([[""], ["ISIN", "2025-02-03"], ["X", "99"]]) == 1


@pytest.mark.parametrize("cell", ["1", "-1,5 %", "03/02/2025", "4 March 2024", "(3)", "€ 5"])
def test_values_are_no_names(cell: str) -> None:
    assert is_value(cell)


@pytest.mark.parametrize("cell", ["10Y", "1M", "BC_10YEAR", "bond_id", "Price (%)", "2nd Modifier"])
def test_names_are_no_values(cell: str) -> None:
    assert not is_value(cell)
