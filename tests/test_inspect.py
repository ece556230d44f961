"""The command `richcheap inspect`: what it says of a file, and what it writes."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from dvc_parallel.system.yaml_source import read
from richcheap import inspect
from richcheap.ingestion.inspection.page import written
from richcheap.ingestion.params import DataParams
from richcheap.pipeline.config.params_files import params_texts
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError, ParamsError
from richcheap.profile import differing_lines

GILTS = (
    '\ufeff"Gilt","Close of Business Date","ISIN","Type","Coupon","Maturity","Clean Price","Dirty Price",'
    '"Accrued Interest"\r\n'
    '"A","30/11/2023","GB00QQ000014","Conventional","6","07/12/2030","99.000000","98.901639","-0.098361"\r\n'
    '"B","30/11/2023","GB00QQ000022","Bills","N/A","15/01/2024","99.350000","N/A","N/A"\r\n'
    '"C","30/11/2023","GB00QQ000030","Index-linked","0.5","22/03/2034","98.100000","120.1","0.12"\r\n'
)
TRADES = "cusip_id,trd_exctn_dt,rptd_pr,status\nQQ0000001,02/03/2025,97.5,T\nQQ0000001,02/04/2025,97.6,T\n"
TERMS = "identifier,maturity,coupon,interest_frequency\nQQ0000001,2032-09-15,4.25,2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project_root: Path) -> Path:
    shutil.copy(project_root / "params.yaml", tmp_path)
    shutil.copytree(project_root / "params", tmp_path / "params")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    inspect.main(arguments)
    return capsys.readouterr().out


def test_a_file_is_described_and_written_into_params(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gilts.csv").write_text(GILTS, encoding="utf-8", newline="")
    before = params_texts(folder)
    text = said(capsys, "gilts.csv", "--write")
    for line in (
        "%d/%m/%Y (its values)",
        "rows: 3 read, 2 accepted, 1 not",
        "unsupported_instrument",
        "the ISINs are of GB: GBP",
        "accrued_interest  1     1",
    ):
        assert line in text
    params = load(DataParams, "data")
    assert params.columns["date"] == "Close of Business Date"
    assert (params.observations, params.default_currency) == ("gilts.csv", "GBP")
    after = params_texts(folder)
    changed = {
        (name, new.split(":")[0].strip())
        for name, text in before.items()
        for _, _, new in differing_lines(text, after[name])
    }
    assert changed == {
        ("params.yaml", "observations"), ("params.yaml", "columns"), ("params/data.yaml", "default_currency"),
    }  # fmt: skip


def test_params_of_the_file_before_do_not_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gilts.csv").write_text(GILTS, encoding="utf-8")
    (folder / "plain.csv").write_text(
        "bond_id,date,clean_price,maturity_date,coupon_rate\nQ,2025-02-03,97.5,2032-09-15,4.25\n"
    )
    said(capsys, "gilts.csv", "--write")
    said(capsys, "plain.csv", "--write")
    params = load(DataParams, "data")
    assert (params.observations, dict(params.columns), params.default_currency) == ("plain.csv", {}, "USD")


def test_terms_beside_the_prices_are_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "trades.csv").write_text(TRADES)
    (folder / "terms.csv").write_text(TERMS)
    text = said(capsys, "trades.csv", "--write")
    assert "rows: 2 read, 2 accepted, 0 not" in text
    assert load(DataParams, "data").terms_columns["bond_id"] == "identifier"


def test_prices_without_terms_say_what_is_missing(folder: Path) -> None:
    (folder / "trades.csv").write_text(TRADES)
    with pytest.raises(DataError, match=r"no column is maturity_date or coupon_rate: data.columns .* --terms TERMS"):
        inspect.main(["trades.csv"])
    assert yaml.safe_load((folder / "params.yaml").read_text())["data"]["columns"] == {}


def test_what_cannot_be_told_is_listed_with_its_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.csv").write_text(
        "ISIN;Datum;Kurs;Fälligkeit;Kupon\nX;04/03/2025;97,5;05/06/2032;4,25\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="no row would be accepted"):
        inspect.main(["a.csv"])
    assert "column 'date': day and month could change places" in capsys.readouterr().out


def test_settlement_is_told_by_the_file_s_own_accrued_interest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"QQ{i},2025-02-0{3 + i % 5},99,2032-08-15,4,treasury,{4 * (172 + i % 5) / 184 / 2:.9f}" for i in range(10)]
    text = "\n".join(["bond_id,date,price,maturity,coupon,type,accrued", *rows])
    (folder / "a.csv").write_text(text)
    assert "settled 0 business days after the trade" in said(capsys, "a.csv", "--write")
    assert load(DataParams, "data").settlement_lag_days == 0


def test_a_section_that_lacks_a_key_gets_it_and_comments_stay() -> None:
    above, below = "seed: 1\ndata:\n  # where\n", "  # then\n  sheet: null\n"
    names = "  columns:  # names\n    bond_id: x\n    date: y\n"
    text = f"{above}  observations: a.csv\n{names}{below}\nother: 2\n"
    changed = inspect.with_data(
        text, {"observations": "b.csv", "columns": {"bond_id": "A b"}, "decimal": ","}, "params.yaml"
    )
    written_names = '  columns: {bond_id: "A b"}\n'
    assert changed == f'{above}  observations: b.csv\n{written_names}{below}  decimal: ","\n\nother: 2\n'


def test_params_without_the_section_are_refused() -> None:
    with pytest.raises(ParamsError, match="data: must be a mapping"):
        inspect.with_data("seed: 1\n", {}, "params.yaml")


@pytest.mark.parametrize(
    "value", ["no", "1", "1.5", "a b", "x: y", None, {"a": {"1": "é"}}, ["EUR"], "2024-01-01", "a.csv"]
)
def test_values_are_read_back_as_they_were(value: Any, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"value: {written(value)}\n", encoding="utf-8")
    assert str(read(tmp_path / "a.yaml").values["value"]) == str(value)


def test_an_address_is_sent_to_the_command_that_fetches_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        inspect.main(["s3://desk/prices.csv"])
    assert "expected a path here, got 's3://desk/prices.csv'; `richcheap fetch` copies it" in capsys.readouterr().err
