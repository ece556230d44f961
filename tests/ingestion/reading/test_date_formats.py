import polars as pl
import pytest

from richcheap.ingestion.reading.date_formats import find_date_formats

Columns = dict[str, list[str | None]]


def formats(columns: Columns, stated: str | None = None) -> dict[str, tuple[str | None, str]]:
    texts = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    return {name: (one.format, one.how) for name, one in find_date_formats(texts, stated).items()}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"date": ["13/02/2025"]}, {"date": ("%d/%m/%Y", "its values")}),
        ({"date": ["02/13/25"]}, {"date": ("%m/%d/%y", "its values")}),
        ({"date": ["04/03/2025 16:30"], "maturity_date": ["15/09/2032"]}, {
            "maturity_date": ("%d/%m/%Y", "its values"), "date": ("%d/%m/%Y %H:%M", "the order of maturity_date"),
        }),
        ({"date": ["1/2/2019"], "settlement_date": ["1/4/2019"]}, {
            "date": ("%m/%d/%Y", "the days to settlement_date"), "settlement_date": ("%m/%d/%Y", "the days to date"),
        }),
        ({"date": ["03/02/2025"]}, {"date": ("%d/%m/%Y", "no day is on a weekend")}),
        # 1 January is read alike in either order: it tells nothing of the order beside it.
        ({"date": ["01/01/2015"], "issue_date": ["01/03/2005"]}, {
            "date": ("%d/%m/%Y", "its values"), "issue_date": (None, "day and month could change places"),
        }),
        ({"date": ["01/01/2015"], "issue_date": ["01/03/2005"], "maturity_date": ["02/13/2029"]}, {
            "date": ("%d/%m/%Y", "its values"), "maturity_date": ("%m/%d/%Y", "its values"),
            "issue_date": ("%m/%d/%Y", "the order of maturity_date"),
        }),
        ({"date": ["04/03/2025"]}, {"date": (None, "day and month could change places")}),
        ({"date": ["2025-02-03", "20250204", "3 Feb 2025"]}, {}),
        ({"date": [None, "n/k"]}, {}),
        ({"date": ["99/99/2025"]}, {"date": (None, "no format reads it")}),
    ],
)  # fmt: skip
def test_formats_are_told_by_what_reads_the_values_and_what_stands_beside(
    columns: Columns, expected: dict[str, tuple[str | None, str]]
) -> None:
    assert formats(columns) == expected


def test_what_is_stated_is_not_told() -> None:
    columns: Columns = {"date": ["04/03/2025"], "maturity_date": ["15.09.2032"]}
    assert formats(columns, "%m/%d/%Y") == {"maturity_date": ("%d.%m.%Y", "its values")}
