"""Tables of observations that are all valid, drawn by Hypothesis; their values are known before they are written."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from richcheap.ingestion.reading.aliases import BLANKS

FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2026, 6, 30)
LAST_MATURITY = date(2059, 12, 31)
"""Two digits of a year say which century it is in up to some year of the sixties."""

NUMBERS = ("clean_price", "coupon_rate", "volume")
DATES = ("date", "maturity_date", "settlement_date", "issue_date")
STRANGE = ("00123456", "1E5", "NONE", "TRUE", "0x1F", "-5", "2024-01-01", "inf", "=A1+1", "1,5", "12.50", "ISIN", "'x'")
"""Identifiers that a careless reader takes for something else."""

Value = str | float | int | bool | date | None
T = TypeVar("T")


class Table(NamedTuple):
    """Rows of observations, each valid.

    Attributes
    ----------
    rows : list of dict
        Values by canonical name: a coupon in percent, all else as observations have it.
    """

    rows: list[dict[str, Value]]

    @property
    def names(self) -> list[str]:
        """The columns."""
        return list(self.rows[0])


def drawn(strategy: st.SearchStrategy[T], count: int, start: int) -> Iterator[T]:
    """Return so many examples, the same for the same start."""
    found: list[T] = []

    @seed(start)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return iter(found)


WEEKDAYS = st.dates(FIRST_DAY, LAST_DAY).map(lambda day: day - timedelta(max(day.weekday() - 4, 0)))
"""Trades are on these: the order of day and month may be found by it (docs/data.md)."""
LETTERS = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
TEXTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12),
    st.text(st.sampled_from("ab,;|\t\"'\n\r. é\u00a0€%=#0"), min_size=1, max_size=8),
    st.sampled_from(["Acme, Inc", 'The "Best" Bank', "Société Générale", "Namibia", "a\nb", "NA", "NR"]),
).map(lambda text: None if is_blank(text) else text.strip())


def is_blank(text: str) -> bool:
    """Say whether a text means that there is no value, as docs/data.md has it of names."""
    bare = text.strip()
    return not bare or bare in BLANKS or bare.startswith("#N/A")


@st.composite
def bond_ids(draw: st.DrawFn) -> str:
    """Draw an identifier."""
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return draw(st.sampled_from(STRANGE))
    shape = r"[A-Z]{2}[A-Z0-9]{9}[0-9]" if kind == 1 else r"[A-Za-z0-9][A-Za-z0-9 ._/-]{1,8}[A-Z]"
    return " ".join(draw(st.from_regex(shape, fullmatch=True)).split())


@st.composite
def bonds(draw: st.DrawFn, names: frozenset[str]) -> dict[str, Value]:
    """Draw the terms of a bond, those that the table has columns for."""
    issue = draw(st.dates(date(2005, 1, 1), FIRST_DAY))
    frequency = draw(st.sampled_from([1, 2, 4, 12]))
    terms: dict[str, Value] = {
        "bond_id": draw(bond_ids()),
        "maturity_date": draw(st.dates(LAST_DAY + timedelta(3 * 366), LAST_MATURITY)),
        "coupon_rate": draw(st.integers(500, 12_000)) / 1000,
        "issue_date": issue if draw(st.booleans()) else None,
        "frequency": frequency,
        "day_count": draw(st.sampled_from(["30/360", "30E/360", "ACT/ACT ICMA", "ACT/365F", "ACT/360"])),
        "bond_type": draw(st.sampled_from(["corporate", "treasury", "high_yield", "fixed_rate"])),
        "credit_rating": draw(st.sampled_from(["AAA", "BBB+", "B-", "NR"])),
        "issuer": draw(TEXTS),
        "sector": draw(TEXTS),
        "currency": draw(st.sampled_from(["USD", "EUR", "GBP", "JPY"])),
        "callable": draw(st.booleans()),
    }
    return {name: value for name, value in terms.items() if name in names}


REQUIRED = ("bond_id", "date", "clean_price", "maturity_date", "coupon_rate")
FURTHER = (
    *("settlement_date", "issue_date", "frequency", "day_count", "bond_type", "credit_rating", "issuer", "sector"),
    *("currency", "callable", "volume", "side"),
)


@st.composite
def tables(draw: st.DrawFn, ticks: bool = False) -> Table:
    """Draw a table; with ticks, prices are 32nds."""
    names = frozenset((*REQUIRED, *draw(st.sets(st.sampled_from(FURTHER)))))
    universe = draw(st.lists(bonds(names), min_size=1, max_size=5, unique_by=lambda bond: str(bond["bond_id"])))
    days = draw(st.lists(WEEKDAYS, min_size=1, max_size=4, unique=True))
    rows: list[dict[str, Value]] = []
    for bond in universe:
        par = draw(st.integers(80, 120))
        for day in days:
            if rows and draw(st.integers(0, 3)) == 0:
                continue
            moved = draw(st.integers(-64, 64)) / 32 if ticks else draw(st.integers(-20_000, 20_000)) / 10_000
            values: dict[str, Value] = {
                **bond,
                "date": day,
                "clean_price": round(par + moved, 5),
                "settlement_date": day + timedelta(draw(st.integers(0, 5))),
                "volume": draw(st.one_of(st.none(), st.integers(0, 10**9))),
                "side": draw(st.sampled_from(["buy", "sell", "interdealer", None])),
            }
            rows.append({name: value for name, value in values.items() if name in names})
    order = draw(st.permutations(range(len(rows))))
    columns = draw(st.permutations(sorted(names)))
    return Table([{name: rows[place][name] for name in columns} for place in order])
