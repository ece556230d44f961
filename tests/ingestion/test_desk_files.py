"""Small invented files of the kinds that exchanges, terminals and desks write, each read as it is."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest

from richcheap.ingestion.errors import InputError
from tests.ingestion.desk import Read, Reader, reader

HEADER = "bond_id,date,clean_price,maturity_date,coupon_rate"
ROW = "QQ1,2025-02-03,97.5,2032-09-15,4.25"
PLAIN = f"{HEADER}\n{ROW}\nQQ2,2025-02-03,101.25,2030-03-15,5\n"


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    return reader(tmp_path, monkeypatch)


def prices(found: Read) -> list[Any]:
    return found.bonds.sort("bond_id").select("bond_id", "clean_price").rows()


EXPECTED = [("QQ1", 97.5), ("QQ2", 101.25)]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("name", ["prices.csv", "prices.txt", "prices.tsv"])
def test_any_separator_is_told(read: Reader, separator: str, name: str) -> None:
    assert prices(read(PLAIN.replace(",", separator), name)) == EXPECTED


def test_decimal_commas_and_thousands_are_told(read: Reader) -> None:
    text = (
        "bond_id;date;clean_price;maturity_date;coupon_rate;volume\n"
        "QQ1;03.02.2025;97,5;15.09.2032;4,25;1.250.000,00\nQQ2;03.02.2025;101,25;15.03.2030;5,00;75.000,00\n"
    )
    found = read(text)
    assert prices(found) == EXPECTED
    assert sorted(found.column("volume")) == [75_000.0, 1_250_000.0]
    assert found.metrics["source"]["decimal_commas"] != []


def test_a_decimal_comma_of_three_digits_is_no_thousand_in_a_price(read: Reader) -> None:
    text = "bond_id;date;clean_price;maturity_date;coupon_rate\nQQ1;2025-02-03;97,500;2032-09-15;4,250\n"
    assert read(text).column("clean_price") == [97.5]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_encoding_is_told(read: Reader, encoding: str) -> None:
    text = PLAIN.replace("coupon_rate", "coupon_rate,issuer").replace("4.25\n", "4.25,Société Générale\n")
    found = read(text.replace(",5\n", ",5,Münchener Rück\n").encode(encoding))
    assert prices(found) == EXPECTED
    assert sorted(found.column("issuer")) == ["Münchener Rück", "Société Générale"]


def test_titles_above_the_header_and_line_breaks_in_it_are_no_matter(read: Reader) -> None:
    text = (
        '\n"Closing prices, all markets"\nas of 3 February 2025,,\n\n"bond_id\n","date ","clean_price \n",'
        '"maturity_date"," coupon_rate "\n"QQ1\n","2025-02-03\n","97.5","2032-09-15","4.25\n"\n'
    )
    found = read(text)
    assert prices(found) == EXPECTED[:1]
    assert found.metrics["source"]["header_row"] == 5


def test_names_are_compared_without_needless_blanks(read: Reader) -> None:
    text = f'"ISIN  code\n",{HEADER.removeprefix("bond_id,")}\n{ROW}\n'
    assert prices(read(text, columns={"bond_id": "ISIN code"})) == EXPECTED[:1]


def test_blank_lines_are_no_rows(read: Reader) -> None:
    found = read(PLAIN + "\n\n,,,,\n")
    assert prices(found) == EXPECTED
    assert found.metrics["rows_read"] == 2


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Desk prices"])
    sheet.append([])
    sheet.append(HEADER.split(","))
    sheet.append([4711, date(2025, 2, 3), 97.512345678912, date(2032, 9, 15), 4.25])
    sheet.append([4712, date(2025, 2, 3), "n/a", date(2030, 3, 15), 5])
    book.create_sheet("Notes").append(["nothing"])
    book.save(path)


def test_a_workbook_is_read_to_the_last_digit(read: Reader) -> None:
    found = read(workbook, "prices.xlsx", max_rejected_share=0.6)
    assert found.column("bond_id") == ["4711"]
    assert found.column("clean_price") == [97.512345678912]
    assert found.quarantine["reason"].to_list() == ["missing_value"]
    assert found.metrics["source"]["other_sheets"] == ["Notes"]


def test_a_sheet_that_is_not_there_is_told(read: Reader) -> None:
    with pytest.raises(InputError, match=r"expected a sheet 'Prices' \(data.sheet\), got Sheet, Notes"):
        read(workbook, "prices.xlsx", sheet="Prices")


@pytest.mark.parametrize("name", ["prices.jsonl", "prices.json"])
def test_records_in_json_are_read(read: Reader, name: str) -> None:
    rows = [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in PLAIN.split()[1:]]
    lines = [json.dumps({**row, "clean_price": float(row["clean_price"])}) for row in rows]
    assert prices(read("\n".join(lines) if name.endswith("l") else f"[{','.join(lines)}]", name)) == EXPECTED


@pytest.mark.parametrize(
    ("day", "maturity"),
    [
        ("03/02/2025", "15/09/2032"),
        ("02/03/2025", "09/15/2032"),
        ("3.2.2025", "15.9.2032"),
        ("03-Feb-25", "15-Sep-2032"),
        ("3 February 2025", "Sep 15, 2032"),
        ("20250203", "15SEP2032"),
        ("2025/02/03", "2032-09-15"),
        ("2025-02-03T16:00:00-05:00", "09/15/2032"),
    ],
)
def test_dates_are_told_column_by_column(read: Reader, day: str, maturity: str) -> None:
    found = read(f'{HEADER}\nQQ1,"{day}",97.5,"{maturity}",4.25\n')
    assert (found.column("date"), found.column("maturity_date")) == ([date(2025, 2, 3)], [date(2032, 9, 15)])


def test_the_order_of_day_and_month_is_told_by_the_settlement(read: Reader) -> None:
    text = f"{HEADER},settlement_date\nQQ1,2/3/2025,97.5,5/6/2032,4.25,2/5/2025\n"
    found = read(text)
    assert found.column("settlement_date") == [date(2025, 2, 5)]
    assert found.column("maturity_date") == [date(2032, 5, 6)]


def test_what_cannot_be_told_names_its_key(read: Reader) -> None:
    with pytest.raises(
        InputError, match=r"column 'date': day and month could .* data.date_format can say, .* '%d/%m/%Y'"
    ):
        read(f"{HEADER}\nQQ1,04/03/2025,97.5,05/06/2032,4.25\n")


def test_a_format_for_one_column_settles_the_others(read: Reader) -> None:
    found = read(f"{HEADER}\nQQ1,03/02/2025,97.5,05/06/2032,4.25\n", date_format="%d/%m/%Y")
    assert found.column("maturity_date") == [date(2032, 6, 5)]


@pytest.mark.parametrize(
    ("price", "expected"),
    [("97-16", 97.5), ("97-16+", 97.515625), ("97 1/2", 97.5), ("97.5%", 97.5), ("$97.50", 97.5), ("97'08", 97.25)],
)
def test_prices_are_read_as_dealers_write_them(read: Reader, price: str, expected: float) -> None:
    assert read(f"{HEADER}\nQQ1,2025-02-03,{price},2032-09-15,4 1/4\n").column("clean_price") == [expected]


def test_prices_in_32nds_behind_a_point_are_read_when_said(read: Reader) -> None:
    assert read(PLAIN.replace("97.5", "97.16"), price_unit="32nds").column("clean_price") == [97.5, 101.78125]


def test_prices_for_a_bond_are_told_by_its_face_value(read: Reader) -> None:
    text = f"{HEADER},face_value\nQQ1,2025-02-03,975.00,2032-09-15,4.25,1000\nQQ2,2025-02-03,1012.5,2030-03-15,5,1000\n"
    found = read(text)
    assert prices(found) == EXPECTED
    assert found.metrics["units"]["clean_price"]["unit"] == "per_face"


def test_of_bid_and_ask_the_middle_is_taken(read: Reader) -> None:
    text = "bond_id,date,bid_price,ask_price,maturity_date,coupon_rate\nQQ1,2025-02-03,97.4,97.6,2032-09-15,4.25\n"
    found = read(text)
    assert (found.column("clean_price"), found.column("price_kind")) == ([97.5], ["quote"])


def test_a_perpetual_bond_is_refused_by_its_name(read: Reader) -> None:
    found = read(PLAIN + "QQ3,2025-02-03,99,Perpetual,6\n")
    assert found.quarantine.select("bond_id", "reason").rows() == [("QQ3", "unsupported_instrument")]


def test_the_date_may_stand_in_the_names_of_files(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "daily").mkdir()
    for day, price in (("20250203", "97.5"), ("20250204", "97.75")):
        text = f"bond_id,clean_price,maturity_date,coupon_rate\nQQ1,{price},2032-09-15,4.25\n"
        (tmp_path / f"daily/prices_{day}.csv").write_text(text)
    found = read(None, "daily")
    assert found.column("date") == [date(2025, 2, 3), date(2025, 2, 4)]


def test_a_column_may_be_a_bond_that_its_name_describes(read: Reader) -> None:
    found = read(
        "Date,XY 4 1/4 09/15/32,XY 5 03/15/30\n2025-02-03,97.5,101.25\n2025-02-04,97.6,\n", columns={"date": "Date"}
    )
    assert found.metrics["rows_read"] == 3
    assert found.bonds.sort("date", "bond_id").select("coupon_rate", "maturity_date").rows()[0] == (
        0.0425,
        date(2032, 9, 15),
    )


def test_a_column_may_be_a_bond_with_terms_elsewhere(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text("bond_id,maturity_date,coupon_rate\nalpha,2032-09-15,4.25\nbeta,2030-03-15,5\n")
    text = "date,alpha,beta\n2025-02-03,97.5,101.25\n"
    assert read(text, terms="terms.csv", layout="bonds_across").column("clean_price") == [97.5, 101.25]


def test_a_column_may_be_a_date(read: Reader) -> None:
    text = "bond_id,maturity_date,coupon_rate,2025-02-03,2025-02-04\nQQ1,2032-09-15,4.25,97.5,97.75\n"
    found = read(text)
    assert found.bonds.select("date", "clean_price").rows() == [(date(2025, 2, 3), 97.5), (date(2025, 2, 4), 97.75)]


def test_terms_come_from_a_second_file(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text("CUSIP;Mat;Cpn\nQQ1;15/09/2032;4,25\nQQ2;15/03/2030;5\n")
    found = read(
        "bond_id,date,clean_price\nQQ1,2025-02-03,97.5\nQQ2,2025-02-03,101.25\nQQ9,2025-02-03,99\n",
        terms="terms.csv",
        terms_columns={"bond_id": "CUSIP", "maturity_date": "Mat", "coupon_rate": "Cpn"},
        max_rejected_share=0.5,
    )
    assert prices(found) == EXPECTED
    assert found.quarantine.select("bond_id", "reason").rows() == [("QQ9", "unknown_bond")]


def test_terms_of_a_known_layout_need_no_naming_of_columns(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "issues.csv").write_text(
        "COMPLETE_CUSIP,MATURITY,COUPON,COUPON_TYPE,INTEREST_FREQUENCY,DAY_COUNT_BASIS,DATED_DATE\n"
        "QQ1,20320915,4.25,F,2,30/360,20220915\nQQ2,20300315,5,V,4,ACT/360,20200315\n"
    )
    found = read(
        "cusip,day,px\nQQ1,2025-02-03,97.5\nQQ2,2025-02-03,101.25\n",
        columns={"bond_id": "cusip", "date": "day", "clean_price": "px"},
        terms="issues.csv",
    )
    assert prices(found) == EXPECTED[:1]
    assert found.column("issue_date") == [date(2022, 9, 15)]
    assert found.quarantine.select("bond_id", "reason").rows() == [("QQ2", "unsupported_instrument")]


def test_a_file_without_governments_is_told_and_so_is_what_mends_it(
    read: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    read(PLAIN)
    assert "no accepted row is a government's" in capsys.readouterr().err
    found = read(PLAIN, constants={"bond_type": "treasury"}, default_currency="GBP")
    assert "no accepted row is a government's" not in capsys.readouterr().err
    assert set(found.column("day_count")) == {"ACT/ACT ICMA"}


def test_a_file_without_a_header_names_its_columns_by_their_places(read: Reader) -> None:
    names = ("bond_id", "date", "clean_price", "maturity_date", "coupon_rate")
    columns = {name: f"column_{place}" for place, name in enumerate(names, 1)}
    found = read(PLAIN.partition("\n")[2], header_row=0, columns=columns)
    assert prices(found) == EXPECTED
    assert found.metrics["source"]["header_row"] == 0


def test_a_sheet_without_a_header_names_its_columns_by_their_places(read: Reader) -> None:
    def bare(path: Path) -> None:
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["QQ1", date(2025, 2, 3), 97.5, date(2032, 9, 15), 4.25])
        book.save(path)

    names = ("bond_id", "date", "clean_price", "maturity_date", "coupon_rate")
    columns = {name: f"column_{place}" for place, name in enumerate(names, 1)}
    assert prices(read(bare, "bare.xlsx", header_row=0, columns=columns)) == EXPECTED[:1]


def test_constants_hold_for_a_whole_file(read: Reader) -> None:
    found = read(PLAIN, constants={"bond_type": "treasury", "day_count": "ACT/ACT ICMA", "issuer": "UK"})
    assert found.bonds.select("bond_type", "day_count", "issuer").unique().rows() == [
        ("treasury", "ACT/ACT ICMA", "UK")
    ]


def test_values_stand_for_what_params_say(read: Reader) -> None:
    text = f"{HEADER},kind\n{ROW},TN\nQQ2,2025-02-03,99,2025-06-15,0,Discount Paper\n"
    values = {"bond_type": {"tn": "treasury", "discount paper": "zero_coupon"}}
    found = read(text, columns={"bond_type": "kind"}, values=values)
    assert sorted(found.column("bond_type")) == ["treasury", "zero_coupon"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("note", "treasury"), ("Bond", "treasury"), ("bills", "zero_coupon"), ("Conventional", "treasury")],
)
def test_words_for_kinds_of_bonds_are_known(read: Reader, word: str, expected: str) -> None:
    coupon = "0" if expected == "zero_coupon" else "4"
    found = read(f"{HEADER},bond_type\nQQ1,2025-02-03,97.5,2026-01-15,{coupon},{word}\n")
    assert found.column("bond_type") == [expected]


def test_a_column_can_be_left_unread(read: Reader) -> None:
    text = f"{HEADER},day_count\n{ROW},house rule\n"
    with pytest.raises(InputError, match="unknown_day_count"):
        read(text)
    assert read(text, columns={"day_count": None}).column("day_count") == ["30/360"]


def test_linkers_among_nominals_are_no_faults(read: Reader) -> None:
    text = f"{HEADER},bond_type\n{ROW},gilt\nQQ2,2025-02-03,98,2030-03-15,1,Index-linked\n"
    assert read(text).metrics["rejected_share"] == 0.0


def test_what_is_assumed_is_counted(read: Reader) -> None:
    found = read(PLAIN, default_currency="EUR")
    assumed = found.metrics["assumed"]
    assert assumed["day_count"] == {"ACT/ACT ICMA": 2}
    assert assumed["frequency"] == {"1": 2}
    assert set(assumed) == {"bond_type", "currency", "day_count", "frequency", "settlement_date"}


def test_what_the_file_says_is_not_assumed(read: Reader) -> None:
    text = f"{HEADER},day_count,frequency,currency,bond_type,settlement_date\n{ROW},30/360,2,USD,corporate,2025-02-04\n"
    assert read(text).metrics["assumed"] == {}


def test_of_several_trades_the_last_counts_and_none_is_a_fault(read: Reader) -> None:
    rows = [ROW.replace("97.5", price) for price in ("97.1", "97.2", "97.3", "97.5")]
    found = read("\n".join([HEADER, *rows]))
    assert found.column("clean_price") == [97.5]
    assert found.metrics["rejected_share"] == 0.0


@pytest.mark.parametrize(("trades", "expected"), [("vwap", (97.0 + 3 * 98.0) / 4), ("median", 97.5), ("last", 98.0)])
def test_the_price_of_a_day_is_made_as_params_say(read: Reader, trades: str, expected: float) -> None:
    rows = [f"QQ1,2025-02-03,{price},2032-09-15,4.25,{volume}" for price, volume in ((97, 1000), (98, 3000))]
    found = read("\n".join([f"{HEADER},volume", *rows]), trades=trades)
    assert found.column("clean_price") == [pytest.approx(expected)]
    assert found.column("volume") == [3000.0 if trades == "last" else 4000.0]


def test_cancelled_trades_go_with_what_they_cancel(read: Reader) -> None:
    rows = [
        ("97.5", "T", "09:30:00"), ("98.9", "T", "11:00:00"), ("98.9", "X", "11:02:00"), ("88", "T", "12:00"),
        ("88", "C", "12:10"), ("97.7", "R", "12:10"), ("97.6", "Y", "13:00"),
    ]  # fmt: skip
    lines = [f"QQ1,2025-02-03,{price},2032-09-15,4.25,{status},{time}" for price, status, time in rows]
    found = read("\n".join([f"{HEADER},status,time", *lines]))
    assert found.column("clean_price") == [97.7]
    assert found.quarantine["reason"].value_counts(sort=True).rows() == [("cancelled", 5), ("duplicate", 1)]


def test_a_gilt_in_its_ex_dividend_days_has_negative_accrued_interest(read: Reader) -> None:
    text = (
        "bond_id,date,settlement_date,dirty_price,maturity_date,coupon_rate,bond_type\n"
        "QQ1,2023-11-30,2023-12-01,98.9016393442623,2030-12-07,6,gilt\n"
    )
    found = read(text, default_currency="GBP")
    assert found.column("accrued_interest") == [pytest.approx(-3 * 6 / 183)]
    assert found.column("clean_price") == [pytest.approx(99.0)]


def test_two_inputs_of_the_same_rows_give_the_same_bytes(read: Reader, tmp_path: Path) -> None:
    first = read(PLAIN).bonds
    second = read(
        PLAIN.replace(",", ";").replace("97.5", "97,5").replace("101.25", "101,25").replace("4.25", "4,25")
    ).bonds
    assert first.equals(second)


def test_typed_columns_need_no_telling(read: Reader) -> None:
    frame = pl.read_csv(PLAIN.encode(), try_parse_dates=True)
    assert prices(read(frame.write_parquet, "prices.parquet")) == EXPECTED


def test_how_coupons_are_set_refuses_what_is_not_plain_and_types_the_rest(read: Reader) -> None:
    kinds = ["FIXED", "FLOATING", "ZERO", "INFLATION LINKED", "STEP CPN", "VARIABLE"]
    rows = [f"QQ{i},2025-02-03,97.5,2032-09-15,{0 if kind == 'ZERO' else 4},{kind}" for i, kind in enumerate(kinds)]
    found = read("\n".join([f"{HEADER},coupon_type", *rows]))
    assert found.column("bond_type") == ["fixed_rate", "floating_rate", "zero_coupon"]
    assert found.quarantine["reason"].to_list() == ["unsupported_instrument"] * 3


def test_how_a_bond_is_paid_back_sets_its_flags_or_refuses_it(read: Reader) -> None:
    kinds = ["AT MATURITY", "CALLABLE", "CONVERTIBLE", "SINKABLE", "PERP/CALL", "PUTABLE"]
    rows = [f"QQ{i},2025-02-03,97.5,2032-09-15,4,{kind}" for i, kind in enumerate(kinds)]
    found = read("\n".join([f"{HEADER},maturity_type", *rows]))
    assert found.bonds.select("bond_id", "callable", "convertible").rows() == [
        ("QQ0", False, False), ("QQ1", True, False), ("QQ2", False, True), ("QQ5", False, False),
    ]  # fmt: skip
    assert found.quarantine["reason"].to_list() == ["unsupported_instrument"] * 2


def test_a_floating_coupon_goes_before_the_kind_of_issuer(read: Reader) -> None:
    found = read(f"{HEADER},bond_type,coupon_type\n{ROW},corporate,floating\nQQ2{ROW[3:]},corporate,fixed\n")
    assert found.column("bond_type") == ["floating_rate", "corporate"]


def test_an_unknown_word_for_coupons_names_the_key(read: Reader) -> None:
    found = read(f"{HEADER},coupon_type\n{ROW},odd\n{ROW.replace('QQ1', 'QQ2')},fixed\n", max_rejected_share=0.5)
    assert found.quarantine["reason"].to_list() == ["unknown_coupon_type"]
    assert "data.values" in found.quarantine["detail"][0]


def test_notes_below_a_table_are_no_faults(read: Reader) -> None:
    found = read(f"{PLAIN}\nTotal: 2,,,,\nSource: the exchange,,,,\n")
    assert prices(found) == EXPECTED
    assert found.quarantine["reason"].to_list() == ["no_observation"] * 2


@pytest.mark.parametrize(
    ("day", "maturity"),
    [("45691", "48472"), ("45691.6875", "48472.0"), ("1738540800", "1978819200"), ("1738540800000", "1978819200000")],
)
def test_dates_may_be_counted(read: Reader, day: str, maturity: str) -> None:
    found = read(f"{HEADER}\nQQ1,{day},97.5,{maturity},4.25\n")
    assert found.column("date") == [date(2025, 2, 3)]
    assert found.column("maturity_date") == [date(2032, 9, 15)]


def test_numbers_of_a_parquet_file_may_count_days(read: Reader) -> None:
    table = pl.DataFrame([[45691, 48472]], schema=["date", "maturity_date"], orient="row").with_columns(
        bond_id=pl.lit("QQ1"), clean_price=97.5, coupon_rate=4.25
    )
    found = read(table.write_parquet, "prices.parquet")
    assert found.column("date") == [date(2025, 2, 3)]


def test_one_column_of_descriptions_serves_for_all(read: Reader) -> None:
    columns = dict.fromkeys(("bond_id", "maturity_date", "coupon_rate", "bond_type"), "name")
    found = read("name,date,clean_price\nT 4 1/4 11/15/34 Govt,2024-12-02,100.5\n", columns=columns)
    assert found.bonds.select("maturity_date", "coupon_rate", "bond_type").row(0) == (
        date(2034, 11, 15),
        0.0425,
        "treasury",
    )


@pytest.mark.parametrize(
    ("text", "price"), [("97-16", 97.5), ("97-16 1/2", 97.515625), ("97-16¾", 97.5234375), ("97-161/8", 97.50390625)]
)
def test_a_32nd_may_have_a_fraction(read: Reader, text: str, price: float) -> None:
    assert read(PLAIN.replace("97.5", text)).column("clean_price")[0] == price


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("30/360 (ISMA)", "30E/360"), ("ISMA-30/360", "30E/360"), ("30/360 (US)", "30/360"), ("A/365", "ACT/365F")],
)
def test_day_counts_as_terminals_write_them(read: Reader, word: str, meaning: str) -> None:
    assert read(f"{HEADER},day_count\n{ROW},{word}\n").column("day_count") == [meaning]


def test_a_row_with_something_in_an_unread_column_alone_is_no_empty_line(read: Reader) -> None:
    lines = PLAIN.rstrip("\n").splitlines()
    text = "\n".join([f"{lines[0]},remark", *(f"{line}," for line in lines[1:]), "", ",,,,,as of noon", ",,,,,"])
    found = read(f"{text}\n")
    assert prices(found) == EXPECTED
    assert found.quarantine["reason"].to_list() == ["no_observation"]
    assert found.quarantine["source_row"].to_list() == [len(lines) + 1]


@pytest.mark.parametrize(
    "day",
    ["3 février 2025", "3. Februar 2025", "3 feb. 2025", "3 de fevereiro de 2025", "03FEB2025:16:30:00", "Feb-03-2025"],
)
def test_months_may_be_named_in_other_languages_and_have_a_time(read: Reader, day: str) -> None:
    assert read(PLAIN.replace("2025-02-03", day)).column("date") == [date(2025, 2, 3)] * 2


def test_a_line_of_units_below_the_header_is_no_fault(read: Reader) -> None:
    found = read(PLAIN.replace(f"{HEADER}\n", f"{HEADER}\n,yyyy-mm-dd,%,yyyy-mm-dd,%\n"))
    assert prices(found) == EXPECTED
    assert found.quarantine["reason"].to_list() == ["no_observation"]


def test_records_may_stand_in_an_object(read: Reader) -> None:
    records = [dict(zip(HEADER.split(","), ROW.split(","), strict=True))]
    assert read(json.dumps({"status": "ok", "data": records}), "prices.json").column("bond_id") == ["QQ1"]


def test_categories_of_an_arrow_file_are_text(read: Reader) -> None:
    table = pl.DataFrame([ROW.split(",")], schema=HEADER.split(","), orient="row").with_columns(
        pl.col("bond_id").cast(pl.Categorical)
    )
    assert read(table.write_ipc, "prices.feather").column("bond_id") == ["QQ1"]


def test_records_of_a_line_each_are_never_read_whole(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl, "read_json", lambda *_, **__: pytest.fail("the file was held whole"))
    records = (dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in PLAIN.split()[1:])
    assert prices(read("\n".join(map(json.dumps, records)), "prices.jsonl")) == EXPECTED
