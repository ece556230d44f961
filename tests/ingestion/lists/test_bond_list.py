"""Lists of bonds: every line is a bond or has a reason, and terms are those of the data where the data have them."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.lists.bond_list import TERMS, BondList, read_bond_list
from richcheap.ingestion.params import DataParams

AS_OF = date(2024, 3, 1)
KNOWN = pl.DataFrame(
    {
        "bond_id": ["A", "B", "GONE"],
        "maturity_date": [date(2030, 1, 1), date(2026, 6, 30), date(2024, 1, 1)],
        "coupon_rate": [0.04, 0.0, 0.05],
        "quoted_margin": pl.Series([None] * 3, dtype=pl.Float64),
        "frequency": pl.Series([2, 0, 2], dtype=pl.Int32),
        "day_count": ["30/360", "ACT/ACT ICMA", "30/360"],
        **{name: pl.Series([None] * 3, dtype=pl.Date) for name in ("issue_date", "first_coupon_date", "call_date")},
        "bond_type": ["corporate", "zero_coupon", "corporate"],
        "credit_rating": ["BBB+", "NR", "A"],
        "issuer": ["Acme", None, "Acme"],
        "sector": pl.Series([None] * 3, dtype=pl.String),
        "currency": ["USD"] * 3,
        **{name: [False] * 3 for name in ("callable", "convertible")},
        "call_price": pl.Series([None] * 3, dtype=pl.Float64),
        "call_schedule": pl.Series([None] * 3, dtype=pl.String),
        "face_value": [100.0] * 3,
        "price_kind": ["trade"] * 3,
    }
).select("bond_id", *TERMS, "price_kind")


def read(rows: Mapping[str, Sequence[object]], **given: object) -> BondList:
    params = DataParams().model_copy(update={key: given.pop(key) for key in [*given] if key in DataParams.model_fields})
    return read_bond_list(pl.DataFrame(rows, strict=False), KNOWN, AS_OF, params, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["bond_id", "ISIN", "CUSIP", "Security ID"])
def test_identifiers_alone_are_enough_for_bonds_of_the_data(name: str) -> None:
    found = read({name: ["B", "A", "NEW"]})
    assert found.lines["status"].to_list() == [None, None, "unknown_bond"]
    assert "or its terms beside it, got 'NEW' alone" in found.lines["reason"][2]
    assert found.bonds["bond_id"].to_list() == ["B", "A"]
    assert found.bonds.select(TERMS).equals(KNOWN[[1, 0]].select(TERMS), null_equal=True)
    assert found.bonds["observed"].null_count() == found.bonds["clean_price"].null_count() == 2
    assert (found.bonds["date"] == AS_OF).all()


def test_terms_of_a_list_do_not_change_those_of_the_data() -> None:
    found = read({"bond_id": ["A"], "coupon": ["9"], "maturity": ["2050-01-01"], "rating": ["D"]})
    assert found.bonds.select(TERMS).equals(KNOWN[:1].select(TERMS), null_equal=True)


def test_other_bonds_are_read_as_observations_are() -> None:
    rows = {
        "isin": ["N1", "N2"],
        "Coupon (%)": ["4.5", "0.5"],
        "Maturity": ["15.03.2031", "2029-06-30"],
        "rating": ["Baa1", ""],
    }
    found = read(rows)
    assert found.bonds["coupon_rate"].to_list() == [0.045, 0.005]
    assert found.bonds["credit_rating"].to_list() == ["BBB+", "NR"]
    assert found.bonds["maturity_date"].to_list() == [date(2031, 3, 15), date(2029, 6, 30)]
    assert found.bonds["settlement_date"].null_count() == 0


def test_small_coupons_are_in_percent_where_those_of_the_data_are() -> None:
    rows = {"isin": ["N1"], "coupon": ["0.125"], "maturity": ["2031-03-15"]}
    assert read(rows, coupons_in_percent=True).bonds["coupon_rate"].to_list() == [0.00125]
    assert read(rows).bonds["coupon_rate"].to_list() == [0.125]


def test_a_price_may_stand_beside_some_lines() -> None:
    found = read({"isin": ["A", "A", "B", "A"], "px": ["99.5", "", "98", "dear"], "yield": ["", "5 %", "", ""]})
    assert found.bonds["observed"].to_list() == ["clean_price", "yield", "clean_price"]
    assert found.lines["status"].to_list() == [None, None, None, "not_a_number"]


def test_what_cannot_be_priced_keeps_its_line() -> None:
    found = read({"isin": ["GONE", None, " ", "A"], "date": ["1999-01-01"] * 4})
    assert found.lines["status"].to_list() == ["matured", "missing_value", "missing_value", None]
    assert found.lines["line"].to_list() == [1, 2, 3, 4]
    assert found.bonds["source_row"].to_list() == [4]


def test_a_list_without_identifiers_or_with_two_readings_is_refused() -> None:
    with pytest.raises(InputError, match="expected a column of identifiers, such as bond_id, isin or cusip, got price"):
        read({"price": ["1"]})
    rows = {"isin": ["N"], "coupon": ["5"], "maturity": ["03/04/2031"]}
    with pytest.raises(InputError, match=r"data\.date_format can say"):
        read(rows)


def test_an_empty_list_is_read() -> None:
    found = read({"isin": []})
    assert found.lines.height == found.bonds.height == 0


def test_columns_that_params_name_come_first() -> None:
    assert read({"key": ["A"], "isin": ["B"]}, columns={"bond_id": "key"}).bonds["bond_id"].to_list() == ["A"]


def test_a_new_issue_settles_on_its_issue_date() -> None:
    rows = {
        "isin": ["N1", "N2"],
        "coupon": ["4", "4"],
        "maturity": ["2031-03-15"] * 2,
        "issue date": ["2024-03-15", "2024-09-15"],
    }
    found = read(rows)
    assert found.bonds["settlement_date"].to_list() == [date(2024, 3, 15)]
    assert found.lines["status"].to_list() == [None, "implausible_settlement"]


@pytest.mark.parametrize("none", ["N/A", "#N/A", "nan", "NaN", " - ", "", None, float("nan")])
def test_what_means_no_price_is_none(none: object) -> None:
    found = read({"isin": ["A"], "price": [none], "yield": [none]})
    assert found.lines["status"].to_list() == [None]
    assert found.bonds["observed"].null_count() == 1


def test_what_means_no_terms_leaves_the_identifier_alone() -> None:
    found = read({"isin": ["N1"], "maturity": ["N/A"], "coupon": ["N/A"]})
    assert found.lines["status"].to_list() == ["unknown_bond"]


@pytest.mark.parametrize("name", ["bond_id", "maturity_date"])
def test_values_that_are_not_plain_are_refused_where_they_are_read(name: str) -> None:
    table: dict[str, Sequence[object]] = {"bond_id": ["A"], "note": [["x"]]}
    assert read(table).lines["status"].to_list() == [None]
    with pytest.raises(InputError, match=rf"column '{name}': expected plain values, got List\(String\)"):
        read({**table, name: [["x"]]})
