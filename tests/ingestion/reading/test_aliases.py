import polars as pl
import pytest

from richcheap.ingestion.reading.aliases import RATINGS
from tests.ingestion.samples import table, take, typed


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


WORDS = ["N/A", "n/a", "#N/A", "#N/A N/A", "#N/A Invalid Security", "#NA", "<NA>", "NaN", "nan", "-nan", "null", "NULL",
         "None", "none", "NaT", "n.a.", "1.#QNAN", "-", "--", ".", " - ", "#VALUE!", "#REF!", "#DIV/0!"]  # fmt: skip


@pytest.mark.parametrize("word", [*WORDS, "NA"])
@pytest.mark.parametrize("column", ["bond_id", "date", "maturity_date", "coupon_rate", "clean_price"])
def test_a_word_for_nothing_is_a_value_that_is_missing(column: str, word: str) -> None:
    (row,) = take(table({column: word})).quarantine.rows(named=True)
    assert row["reason"] == "missing_value"
    assert row["detail"].endswith(f"got '{word}'")


@pytest.mark.parametrize("word", [*WORDS, "NA"])
def test_where_a_value_may_be_left_out_a_word_for_nothing_leaves_it_out(word: str) -> None:
    names = [
        "settlement_date", "time", "dirty_price", "yield", "quoted_margin", "day_count", "issue_date", "bond_type",
        "first_coupon_date", "credit_rating", "callable", "convertible", "call_date", "call_price", "call_schedule",
        "face_value", "volume", "side", "price_kind",
    ]  # fmt: skip
    given = take(table(dict.fromkeys(names, word)))
    assert given.quarantine.rows() == []
    assert given.accepted.equals(take(table({})).accepted)


def test_a_zero_pays_nothing_where_its_coupon_is_a_word_for_nothing() -> None:
    (row,) = take(table({"bond_type": "zero coupon", "coupon_rate": "NA"})).accepted.rows(named=True)
    assert (row["coupon_rate"], row["frequency"]) == (0.0, 0)


def test_a_spelling_that_is_known_goes_before_a_blank() -> None:
    (row,) = take(table({"frequency": "none", "coupon_rate": "0"})).accepted.rows(named=True)
    assert row["frequency"] == 0


@pytest.mark.parametrize("name", ["NA", "NONE", "NR", "Nan Ya", "Nullarbor", "-A"])
@pytest.mark.parametrize("column", ["issuer", "sector"])
def test_a_name_that_looks_like_nothing_is_a_name(column: str, name: str) -> None:
    assert take(table({column: name})).accepted[column].to_list() == [name]


@pytest.mark.parametrize("word", ["N/A", "#N/A Field Not Applicable", "nan", "None", "null", "-"])
def test_an_issuer_or_a_sector_that_is_a_word_for_nothing_is_none(word: str) -> None:
    accepted = take(table({"issuer": word, "sector": word})).accepted
    assert accepted.select("issuer", "sector").rows() == [(None, None)]


@pytest.mark.parametrize(
    "code", ["nan", "NaN", "inf", "INF", "N/A", "null", "NONE", "US", "USDX", "XXX", "UDS", "12A", "\u20acUR"]
)
def test_what_is_no_currency_is_refused_and_not_taken_for_the_default_one(code: str) -> None:
    (row,) = take(table({"currency": code})).quarantine.rows(named=True)
    assert row["reason"] == "unknown_currency"
    assert row["detail"] == f"currency: expected an ISO code, got '{code}'; a blank is data.default_currency"


@pytest.mark.parametrize("code", ["USD", "eur", " gbp ", "BRL", "CNH", "TRL", "XAU"])
def test_a_currency_in_force_or_withdrawn_is_taken(code: str) -> None:
    assert take(table({"currency": code})).accepted["currency"].to_list() == [code.strip().upper()]


def test_not_a_number_in_a_column_of_any_kind_is_a_blank() -> None:
    names = ["currency", "issuer", "credit_rating", "bond_type", "callable", "call_date", "frequency", "volume"]
    given = typed().with_columns(pl.lit(float("nan")).alias(name) for name in names)
    assert take(given).accepted.equals(take(typed()).accepted)
    nameless = typed().with_columns(bond_id=pl.Series([1.0, float("nan"), 3.0]))
    assert take(nameless).quarantine.select("source_row", "reason").rows() == [(2, "missing_value")]
