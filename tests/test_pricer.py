"""Prices on request from a project that has run: every kind of request, and what `evaluate` recorded, bit for bit."""

import hashlib
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import richcheap
from richcheap import price
from richcheap.cli import command
from richcheap.pipeline.errors import ArtifactError, DataError, ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import part_paths
from richcheap.pricer import BLOCKS, Pricer
from richcheap.pricing.price_list import ANSWER
from tests.pricing.projects import BONDS, DAYS, make_project, project_in

PARTS = ("curve", "rating", "coupon", "option", "issuer", "bond", "correction")
LAST = DAYS[-1]
NEW = {
    "bond_id": "NEW",
    "maturity_date": "2031-05-15",
    "coupon_rate": "4.5",
    "credit_rating": "BBB",
    "issuer": "issuer 1",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_in(tmp_path_factory.mktemp("priced"))


@pytest.fixture(scope="module")
def pricer(folder: Path) -> Pricer:
    return richcheap.load(folder)


def known() -> list[str]:
    return BONDS["bond_id"].unique().sort().to_list()


def priced(answer: pl.DataFrame) -> pl.DataFrame:
    return answer.filter(status="priced")


def content(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@pytest.mark.parametrize("place", [-11, -5, -1])
def test_a_print_of_the_test_block_has_what_evaluate_recorded(pricer: Pricer, folder: Path, place: int) -> None:
    day, champion = DAYS[place], pricer.champion
    recorded = pl.read_parquet(folder / paths.PREDICTIONS).filter(date=day)
    answer = pricer.price(recorded.select("bond_id"), day)
    assert answer["champion"].unique().to_list() == [champion]
    for name, column in {"fair_clean_price": champion, "low": f"{champion}_low", "high": f"{champion}_high"}.items():
        assert answer[name].equals(recorded[column]), name


def test_parts_add_up_to_the_price_and_to_the_spread(pricer: Pricer) -> None:
    answer = priced(pricer.price([*known()]))
    points = answer.select(
        pl.sum_horizontal("reference_curve_price", *(f"{name}_points" for name in PARTS))
    ).to_series()
    spread = answer.select(pl.sum_horizontal(f"{name}_bp" for name in PARTS)).to_series()
    np.testing.assert_allclose(points, answer["fair_clean_price"], rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(spread, answer["spread_bp"], rtol=0.0, atol=1e-9)


def test_a_line_depends_on_no_other_and_asking_changes_nothing(pricer: Pricer, folder: Path) -> None:
    before = content(folder)
    table = pl.concat([pl.DataFrame({"bond_id": known()}), pl.DataFrame([NEW])], how="diagonal")
    whole = pricer.price(table).drop("line")
    for part in (table[::-1], table[5:6], table[::3], table[-1:]):
        alone = pricer.price(part).drop("line")
        expected = whole.filter(pl.col("bond_id").is_in(part["bond_id"].implode()))
        assert alone.sort("bond_id").equals(expected.sort("bond_id"), null_equal=True)
    assert Pricer(folder, threads=1).price(table).drop("line").equals(whole, null_equal=True)
    assert content(folder) == before


def test_an_own_price_moves_signals_alone(pricer: Pricer) -> None:
    table = pl.DataFrame({"bond_id": known()})
    bare = pricer.price(table)
    offered = table.with_columns(clean_price=bare["fair_clean_price"].fill_null(100.0) - 1.0)
    answer = pricer.price(offered)
    signals = ["own_clean_price", "innovation_bp", "innovation_share", "relative_value_bp", "relative_value_std_bp",
               "own_zscore", "peer_zscore", "flag"]  # fmt: skip
    assert answer.drop(signals).equals(bare.drop(signals), null_equal=True)
    found = priced(answer)
    assert (found["innovation_bp"] > 0.0).all()
    half_width = (found["high"] - found["low"]) / 2.0
    np.testing.assert_allclose(found["innovation_share"], 1.0 / half_width, rtol=1e-9)


def test_prices_yields_and_dirty_prices_say_the_same(pricer: Pricer) -> None:
    wanted = priced(pricer.price([*known()])).head(6)
    as_yield = pricer.price(wanted.select("bond_id", "yield"))
    np.testing.assert_allclose(as_yield["innovation_bp"], 0.0, atol=1e-6)
    assert as_yield["own_clean_price"].to_numpy() == pytest.approx(wanted["fair_clean_price"].to_numpy(), abs=1e-8)


def test_every_kind_of_line_is_answered_in_its_place(pricer: Pricer) -> None:
    short = BONDS.sort("maturity_date")["bond_id"][0]
    rows = [
        {"bond_id": known()[2]},
        NEW,
        {"bond_id": "NOBODY"},
        {"bond_id": None},
        {**NEW, "bond_id": "OLD", "maturity_date": "2020-01-01"},
        {**NEW, "bond_id": "DEAR", "coupon_rate": "450"},
        {**NEW, "bond_id": "ODD", "clean_price": "cheap"},
        {**NEW, "bond_id": "LONG", "maturity_date": "2090-01-01", "credit_rating": "AAA"},
        {**NEW, "bond_id": "FAR", "currency": "JPY"},
        {"bond_id": known()[2], "clean_price": "99"},
        {"bond_id": short},
    ]
    answer = pricer.price(pl.DataFrame(rows, infer_schema_length=None))
    assert answer.columns == list(ANSWER)
    assert answer["line"].to_list() == list(range(1, len(rows) + 1))
    assert answer["status"].to_list()[:9] == [
        *("priced", "priced", "unknown_bond", "missing_value", "matured", "implausible_coupon", "not_a_number"),
        *("priced", "no_market"),
    ]
    refused = answer.filter(pl.col("status") != "priced")
    assert refused["reason"].null_count() == 0
    assert refused["fair_clean_price"].null_count() == refused.height
    assert answer["reason"][0] == answer["reason"][9] == "listed 2 times"
    assert answer["confidence"][7] <= 3
    assert "extrapolated" in answer["confidence_reasons"][7]
    assert "no print before" in answer["confidence_reasons"][1]
    assert answer["relative_value_bp"][1] is None


def test_strangers_that_share_a_name_are_distinguished_by_their_terms(pricer: Pricer) -> None:
    answer = pricer.price(pl.DataFrame([NEW, {**NEW, "coupon_rate": "2.5"}, NEW]))
    first, second, third = answer["fair_clean_price"]
    assert first == third
    assert first > second


def test_a_new_issue_is_priced_for_its_issue_date(pricer: Pricer) -> None:
    issued = str(LAST + timedelta(days=12))
    first, usual = pricer.price(
        pl.DataFrame([{**NEW, "issue_date": issued}, {**NEW, "bond_id": "OTHER"}]).cast(pl.String)
    ).rows(named=True)
    assert first["status"] == "priced"
    assert first["reason"] == "settles on its issue date"
    assert first["fair_clean_price"] == pytest.approx(usual["fair_clean_price"], abs=0.5)
    assert usual["reason"] is None


def test_nothing_is_answered_with_nothing(pricer: Pricer) -> None:
    assert pricer.price(pl.DataFrame({"isin": []}, schema={"isin": pl.String})).height == 0
    assert pricer.price([]).columns == list(ANSWER)


def test_before_the_data_there_is_no_price(pricer: Pricer) -> None:
    answer = pricer.price(known()[:3], DAYS[0] - timedelta(days=1))
    assert answer["status"].to_list() == ["before_data"] * 3
    assert "the first date of the data" in answer["reason"][0]


def test_on_the_first_date_prints_alone_are_known(pricer: Pricer) -> None:
    answer = pricer.price([*known()], DAYS[0])
    assert priced(answer).height == len(known())
    assert (answer["information_until"] == DAYS[0]).all()


def test_long_after_the_data_intervals_are_wider_and_the_age_is_said(pricer: Pricer) -> None:
    later = LAST + timedelta(days=90)
    soon, late = pricer.price([*known()]), pricer.price([*known()], later)
    both = priced(soon).join(priced(late), on="bond_id", suffix="_late")
    wider = (both["high_late"] - both["low_late"]) > (both["high"] - both["low"])
    assert wider.mean() > 0.8  # type: ignore[operator]
    assert (late["information_until"] == LAST).all()
    assert all("no price of the date" in reason for reason in priced(late)["confidence_reasons"])


def test_what_is_known_on_a_date_is_what_had_printed_by_then(folder: Path, pricer: Pricer, tmp_path: Path) -> None:
    """Prices of a date do not depend on what came later."""
    day = DAYS[-8]
    answer = pricer.price([*known()], day)
    shorter = tmp_path / "shorter"
    shorter.mkdir()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(shorter)
        make_project(monkeypatch, BONDS.filter(pl.col("date") <= day))
    parts = ["curve_bp", "rating_bp", "coupon_bp", "option_bp", "issuer_bp", "bond_bp", "information_until"]
    other = Pricer(shorter).price([*known()], day)
    # The filter's variances are params here, so that its parts do not hang on where blocks end.
    assert priced(other).select("bond_id", *parts).equals(priced(answer).select("bond_id", *parts), null_equal=True)


def test_pandas_in_pandas_out(pricer: Pricer) -> None:
    pandas: Any = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"ISIN": known()[:4]})
    answer = pricer.price(frame)
    assert isinstance(answer, pandas.DataFrame)
    assert answer["fair_clean_price"].tolist() == pricer.price(known()[:4])["fair_clean_price"].to_list()


def test_mistakes_are_one_line(pricer: Pricer, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="as_of: must be a date such as 2024-03-01, got 'soon'"):
        pricer.price(known(), "soon")
    with pytest.raises(ParamsError, match="as_of: must be a date"):
        pricer.price(known(), pytest.importorskip("pandas").NaT)
    with pytest.raises(DataError, match=r"^bonds: expected a data frame, or a list of identifiers as text, got 'US1'$"):
        pricer.price("US1")
    with pytest.raises(DataError, match="expected a column of identifiers"):
        pricer.price(pl.DataFrame({"price": [100.0]}))
    with pytest.raises(ParamsError, match="project: expected the folder of a richcheap project"):
        richcheap.load(tmp_path)


def test_a_model_that_is_not_the_recorded_one_is_not_loaded(folder: Path) -> None:
    file = folder / paths.tuned_model_file("ml_adjuster")
    whole = file.read_bytes()
    file.write_bytes(whole + b"x")
    try:
        with pytest.raises(ArtifactError, match="not loaded"):
            Pricer(folder).price(known())
    finally:
        file.write_bytes(whole)


@pytest.mark.parametrize("file", [paths.KALMAN_FIT, paths.METRICS / "ingest.json", paths.SPLIT])
def test_a_record_without_its_field_is_one_line(folder: Path, file: Path) -> None:
    whole = (folder / file).read_bytes()
    (folder / file).write_text("{}", encoding="utf-8")
    try:
        with pytest.raises(ArtifactError, match=r": must have \w+; delete it and run `dvc repro`$"):
            Pricer(folder).price(known())
    finally:
        (folder / file).write_bytes(whole)


def test_a_project_without_its_dataset_is_one_line(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    for block in BLOCKS:
        shutil.rmtree(tmp_path / "copy" / block, ignore_errors=True)
    with pytest.raises(ArtifactError, match=r"dataset: no such table; run `dvc repro` to make it$"):
        Pricer(tmp_path / "copy").price(known())


def test_bonds_that_the_market_was_not_valued_with_are_refused(folder: Path) -> None:
    part = part_paths(folder / paths.BONDS)[-1]
    whole = part.read_bytes()
    rows = pl.read_parquet(part)
    rows.with_columns(
        bond_id=pl.when(date=rows["date"].max()).then(pl.lit("LATE ") + pl.col("bond_id")).otherwise("bond_id")
    ).write_parquet(part)
    try:
        with pytest.raises(ArtifactError, match=r"got none of LATE .*; run `dvc repro`"):
            Pricer(folder).price(known())
    finally:
        part.write_bytes(whole)


@pytest.mark.parametrize("place", [-1, -9])
def test_stored_states_give_what_going_through_all_dates_gives(
    folder: Path, pricer: Pricer, tmp_path: Path, place: int
) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / paths.KALMAN_STATES)
    slow = Pricer(tmp_path / "copy").price(known(), DAYS[place])
    assert slow.equals(pricer.price(known(), DAYS[place]), null_equal=True)


def test_it_says_what_it_is(pricer: Pricer) -> None:
    assert f"{pricer.champion}, data of {DAYS[0]} to {LAST}" in repr(pricer)
    assert pricer.bonds["bond_id"].to_list() == known()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow", ".json"])
def test_the_command_writes_what_python_gives(
    folder: Path, pricer: Pricer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    listed, out = tmp_path / "bonds.csv", tmp_path / f"prices{suffix}"
    pl.DataFrame({"cusip": known()}).write_csv(listed)
    monkeypatch.chdir(folder)
    assert command(["price", str(listed), "--as-of", str(DAYS[-3]), "-o", str(out)]) == 0
    readers: dict[str, Any] = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".arrow": pl.read_ipc}
    read = readers.get(suffix, pl.read_json)
    expected = pricer.price([*known()], DAYS[-3])
    assert read(out)["fair_clean_price"].to_list() == expected["fair_clean_price"].to_list()


def test_the_command_shows_a_table(folder: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    listed = tmp_path / "bonds.json"
    listed.write_text(json.dumps([{"isin": known()[0]}, {"isin": "NOBODY"}]), encoding="utf-8")
    monkeypatch.chdir(folder)
    assert command(["price", str(listed)]) == 0
    shown = capsys.readouterr()
    header, _, first, second = shown.out.splitlines()
    assert "fair" in header
    assert known()[0] in first
    assert "expected a bond of the data" in second
    assert "1 of 2 lines priced" in shown.err


@pytest.mark.parametrize("words", [["missing.csv"], ["missing.csv", "-o", "x.doc"], ["missing.csv", "--as-of", "x"]])
def test_the_command_ends_with_one_line(folder: Path, monkeypatch, capsys, words: list[str]) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit, match="1"):
        command(["price", *words])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")


def test_ten_thousand_mixed_lines(pricer: Pricer) -> None:
    new = [{**NEW, "bond_id": f"N{k}", "coupon_rate": str(1 + k % 7), "issuer": f"i{k % 9}"} for k in range(5000)]
    table = pl.concat([pl.DataFrame(new), pl.DataFrame({"bond_id": known() * 160})[:5000]], how="diagonal")
    answer = pricer.price(table)
    assert answer.height == 10_000
    assert answer["line"].is_sorted()
    assert set(price.SHOWN) - {"bond_id", "said"} <= set(answer.columns)


def test_dates_are_read_as_dates_or_text(pricer: Pricer) -> None:
    same = [pricer.price(known()[:2], day) for day in (LAST, str(LAST), None)]
    assert same[0].equals(same[1], null_equal=True)
    assert same[0].equals(same[2], null_equal=True)
    assert same[0]["as_of"][0] == date.fromisoformat(str(LAST))
