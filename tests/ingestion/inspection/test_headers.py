import pytest

from richcheap.ingestion.inspection.headers import named_columns, normalised
from richcheap.ingestion.schema import INPUT_NAMES


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("ISIN ", "bond_id"), ("COUPON (%)", "coupon_rate"), ("LAST TRADE PRICE", "clean_price"),
        ("Vencimento", "maturity_date"), ("Fälligkeit", "maturity_date"), ("trd_exctn_dt", "date"),
        ("PX_BID", "bid_price"), ("Accrued Interest", "accrued_interest"), ("Mod Duration", "modified_duration"),
        ("rptd_pr", "clean_price"), ("Preço", "clean_price"), ("Close of Business Date", "date"),
    ],
)  # fmt: skip
def test_a_name_says_what_a_column_is(name: str, role: str) -> None:
    ((found,), others) = named_columns([name])
    assert (found.role, others) == (role, [])


def test_every_canonical_name_is_its_own(project_root: object) -> None:
    found, others = named_columns(list(INPUT_NAMES))
    assert {one.role: one.column for one in found} == {name: name for name in INPUT_NAMES if normalised(name)}
    assert others == []


def test_of_two_columns_of_a_role_the_better_name_counts() -> None:
    found, others = named_columns(["Ticker", "ISIN"])
    assert [one.column for one in found] == ["ISIN"]
    assert [one.column for one in others] == ["Ticker"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Bid Px", "bid_price"), ("trade_dt", "date"), ("ISSUE_DT", "issue_date"), ("CPN_TYP", "coupon_type"),
        ("instrument.maturityDate", "maturity_date"), ("quote.mid", "clean_price"), ("issuer.name", "issuer"),
        ("date of maturity", "maturity_date"), ("DAY_CNT_DES", "day_count"),
    ],
)  # fmt: skip
def test_words_may_be_shortened_turned_round_and_nested(name: str, role: str) -> None:
    ((found,), _) = named_columns([name])
    assert found.role == role


@pytest.mark.parametrize("name", ["Previous Close", "Price Change", "Issue Price", "benchmark.isin", "Last Coupon"])
def test_what_is_of_something_else_is_not_taken(name: str) -> None:
    assert named_columns([name]) == ([], [])


def test_a_name_that_is_known_only_without_idle_words_is_not_sure_and_comes_second() -> None:
    found, others = named_columns(["volume_usd", "quantity"])
    assert [(one.column, one.sure) for one in found] == [("quantity", True)]
    assert [(one.column, one.sure) for one in others] == [("volume_usd", False)]
