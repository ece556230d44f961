"""Files in the documented layout of each source: the path alone is given, and inspection proposes all else."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from benchmarks.sources import INVENTED, Taken, sources, taken
from richcheap.ingestion.mappings import MAPPINGS

FILES = {name: path for name, path in sources() if path.is_relative_to(INVENTED)}
EXPECTED: Mapping[str, tuple[str, int, Mapping[str, int]]] = {
    "cfets": ("cfets", 3, {}),
    "crsp_treasury": ("crsp_treasury", 6, {"unsupported_instrument": 4}),
    "finra_market_data": ("finra_market_data", 1, {"cancelled": 1, "duplicate": 2, "special_price": 2}),
    "jsda": ("jsda", 4, {"not_quoted": 1, "unsupported_instrument": 1}),
    "msrb_rtrs": ("msrb_rtrs", 3, {"duplicate": 2, "primary_market": 1, "special_price": 1, "when_issued": 1}),
    "terminal_wide": ("richcheap", 10, {"missing_value": 1}),
    "tesouro_direto": ("tesouro_direto", 6, {"unsupported_instrument": 4}),
    "trace_enhanced": (
        "trace",
        9,
        {
            "agency_duplicate": 1, "cancelled": 10, "corrected": 1, "duplicate": 1, "interdealer_duplicate": 1,
            "primary_market": 1, "special_price": 1, "unknown_bond": 1, "unsupported_instrument": 1, "when_issued": 1,
        },
    ),
    "trace_standard": ("trace", 4, {"cancelled": 6, "corrected": 1, "duplicate": 1}),
    "tradeweb_gilts": ("tradeweb_gilts", 5, {"unsupported_instrument": 1}),
}  # fmt: skip
"""By source: mapping, accepted rows, and refused ones by reason."""


def observations(name: str, folder: Path) -> pl.DataFrame:
    """Return what is accepted of a source."""
    taken(name, FILES[name], folder)
    return pl.read_parquet(folder / "training_data/observations/*.parquet")


def test_every_source_is_expected() -> None:
    assert {*FILES} == {*EXPECTED}


@pytest.fixture(scope="module", params=EXPECTED)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """Return what became of a source."""
    return taken(request.param, FILES[request.param], tmp_path_factory.mktemp(request.param))


def test_the_path_alone_reads_it(found: Taken) -> None:
    mapping, accepted, refused = EXPECTED[found.name]
    assert found.proposed["mapping"] == mapping
    assert found.metrics["rows_accepted"] == accepted
    assert found.metrics["quarantine_reasons"] == refused
    assert found.metrics["rows_read"] == accepted + sum(refused.values())


def test_its_own_figures_are_ours(found: Taken) -> None:
    assert all(check["kinds"] == {} for check in found.metrics["cross_check"].values())


def test_the_proposal_is_written_as_plain_values(found: Taken) -> None:
    assert json.loads(json.dumps(found.proposed)) == found.proposed


def prices(name: str, folder: Path) -> dict[tuple[str, str], float]:
    """Return accepted prices by bond and day."""
    rows = observations(name, folder).select("bond_id", pl.col("date").cast(pl.String), "clean_price").rows()
    return {(bond, day): price for bond, day, price in rows}


def test_what_stands_of_enhanced_trace_is_what_was_traded_last(tmp_path: Path) -> None:
    assert prices("trace_enhanced", tmp_path) == {
        ("000AAAAA1", "2011-11-01"): 104.5,  # the correction, and not the cancelled 140.1
        ("000AAAAA1", "2011-11-02"): 104.6,  # and not the reversed 99
        ("000BBBBB2", "2011-11-01"): 101.2,
        ("000BBBBB2", "2011-11-02"): 101.35,
        ("000BBBBB2", "2012-03-05"): 102.0,
        ("000BBBBB2", "2012-03-06"): 102.2,  # corrected by a cancel and a new report
        ("000AAAAA1", "2012-03-05"): 105.1,
        ("000AAAAA1", "2012-03-06"): 105.25,
        ("000DDDDD4", "2012-03-06"): 81.0,
    }


def test_standard_trace_caps_volumes_and_calls_late_reports_otherwise(tmp_path: Path) -> None:
    rows = observations("trace_standard", tmp_path).sort("date", "bond_id")
    assert rows["clean_price"].to_list() == [104.5, 101.2, 104.6, 101.35]
    assert rows["volume"].to_list() == [1e6, 5e6, 250_000.0, 75_000.0]
    assert rows["side"].to_list() == ["buy", "interdealer", "buy", "sell"]


def test_a_municipals_time_and_capped_par_are_read(tmp_path: Path) -> None:
    row = observations("msrb_rtrs", tmp_path).sort("date", "bond_id").row(0, named=True)
    assert (str(row["time"]), row["volume"], row["side"], row["day_count"]) == (
        "15:45:00", 5e6, "interdealer", "30/360",
    )  # fmt: skip


def test_prices_of_tesouro_direto_are_for_a_thousand(tmp_path: Path) -> None:
    rows = observations("tesouro_direto", tmp_path).filter(pl.col("frequency") == 2)
    assert rows["dirty_price"].to_list() == pytest.approx([93.94, 93.975])
    assert rows["coupon_rate"].to_list() == pytest.approx([0.0976177, 0.0976177])


def test_a_terminals_names_tell_coupon_maturity_and_market(tmp_path: Path) -> None:
    rows = observations("terminal_wide", tmp_path).unique("bond_id").sort("bond_id")
    assert rows["bond_type"].to_list() == ["corporate", "treasury", "treasury"]
    assert rows["coupon_rate"].to_list() == [0.05375, 0.0425, 0.04625]


def test_a_file_without_a_header_is_told_by_its_columns(tmp_path: Path) -> None:
    rows = observations("jsda", tmp_path).sort("bond_id")
    assert rows["bond_id"].to_list() == ["000480222", "001650045", "001850069", "003730067"]
    assert rows["bond_type"].to_list() == ["corporate", "treasury", "treasury", "treasury"]
    assert rows["clean_price"].to_list() == [99.01, 99.33, 93.4, 98.75]


def test_names_may_be_written_otherwise() -> None:
    have = ["CUSIP_ID", "Trd Exctn Dt", "trd_exctn_tm", "MSG_SEQ_NB", "TRC_ST", "RPTD_PR", "other"]
    assert MAPPINGS["trace"].holds(have)
    in_yuan = "成交净价\uff08元\uff09"
    assert MAPPINGS["cfets"].names_in(["债券简称", in_yuan, "最新收益率(%)"])["成交净价"] == in_yuan


@pytest.mark.parametrize(
    ("name", "mapping", "accepted", "accrued"),
    [
        ("gilts_close_2023-12-01.csv", "tradeweb_gilts", 203, (60, 62)),
        ("treasury_quotes_clean_2024-12-31.xlsx", "richcheap", 395, (395, 395)),
        ("treasury_quotes_crsp_2024-12-31.xlsx", "crsp_treasury", 395, (395, 395)),
    ],
)
def test_real_files_of_desks_are_read_by_their_paths(
    real_data_dir: Path, tmp_path: Path, name: str, mapping: str, accepted: int, accrued: tuple[int, int]
) -> None:
    found = taken(name, real_data_dir / "desk_files" / name, tmp_path)
    check = found.metrics["cross_check"]["accrued_interest"]
    assert (found.proposed["mapping"], found.metrics["rows_accepted"]) == (mapping, accepted)
    assert (check["agree"], check["rows"]) == accrued
