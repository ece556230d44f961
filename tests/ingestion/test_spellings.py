import polars as pl
import pytest

from stages.ingestion.spellings import RATINGS
from tests.ingestion.samples import table, take


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("AAA", "AAA"),
        ("Aaa", "AAA"),
        ("Aa1", "AA+"),
        ("Aa3", "AA-"),
        ("A2", "A"),
        ("Baa1", "BBB+"),
        ("BAA3", "BBB-"),
        ("Ba2", "BB"),
        ("Caa1", "CCC+"),
        ("Ca", "CC"),
        ("bbb-", "BBB-"),
        ("(P)Aa2", "AA"),
        ("AA-u", "AA-"),
        ("A+ *-", "A+"),
        ("BBB (stable)", "BBB"),
        ("BB+ negative", "BB+"),
        ("RD", "D"),
        ("WR", "NR"),
        ("not rated", "NR"),
        ("-", "NR"),
        ("", "NR"),
    ],
)
def test_ratings_of_three_agencies_land_on_one_scale(spelling: str, expected: str) -> None:
    assert take(table({"credit_rating": spelling})).accepted["credit_rating"].to_list() == [expected]


def test_the_rating_scale_has_22_steps_and_not_rated() -> None:
    assert len(set(RATINGS.values())) == 23


@pytest.mark.parametrize(
    ("column", "spellings", "expected"),
    [
        ("day_count", ["30/360", "30/360 US", "Bond Basis", "Thirty 360"], "30/360"),
        ("day_count", ["Actual/Actual", "ACT/ACT (ICMA)", "act/act isma", "ActAct"], "ACT/ACT ICMA"),
        ("day_count", ["ACT/365F", "Actual/365 (Fixed)", "act/365"], "ACT/365F"),
        ("day_count", ["ACT/360", "Actual/360"], "ACT/360"),
        ("side", ["B", "bought", "BUY"], "buy"),
        ("side", ["Inter-Dealer", "inter dealer", "D"], "interdealer"),
        ("price_kind", ["Quote", "mid"], "quote"),
        ("bond_type", ["Government", "GOVT", "treasury"], "treasury"),
        ("bond_type", ["High-Yield", "high_yield", "HY"], "high_yield"),
        ("frequency", ["semi-annual", "2", "2.0", " SA "], 2),
        ("frequency", ["Monthly", "12"], 12),
        ("callable", ["Y", "TRUE", "1", "yes"], True),
        ("callable", ["n", "False", "0"], False),
    ],
)
def test_common_spellings_are_understood(column: str, spellings: list[str], expected: object) -> None:
    rows = [{"bond_id": f"B{i}", column: spelling} for i, spelling in enumerate(spellings)]
    result = take(table(*rows))
    assert result.quarantine.is_empty(), result.quarantine["detail"].to_list()
    assert result.accepted[column].to_list() == [expected] * len(spellings)


def test_a_frequency_column_of_numbers_is_understood() -> None:
    frame = table({}, {"bond_id": "B"}).with_columns(pl.Series("frequency", [1.0, None]))
    assert take(frame).accepted["frequency"].to_list() == [2, 1]
