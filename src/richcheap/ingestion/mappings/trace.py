"""Trades from FINRA's TRACE, standard and enhanced, as WRDS delivers them; the bonds' terms stand in a second file.

Columns: FINRA's TRACE Enhanced Historical Data File Layout and the Historic Corporate Bond Data layout; what the
codes mean: Dick-Nielsen (2009, 2014). Standard files have ``ascii_rptd_vol_tx`` (capped at 5MM+ and 1MM+) and the
codes of the old system for late reports (H, N cancel; I, O correct; G, M trade); enhanced ones ``entrd_vol_qt``, both
parties and their capacities.
"""

import polars as pl

from richcheap.ingestion.mappings.base import SourceMapping, text

CAPPED = {"5MM+": "5000000", "1MM+": "1000000"}
"""Volumes that are not told, at their least."""

_STATUS, _AS_OF = text("trc_st"), text("asof_cd")
_SIDE, _CONTRA = (
    pl.coalesce(text("rpt_side_cd"), text("side")),
    pl.coalesce(text("cntra_mp_id"), text("contra_party_type")),
)
_CAPACITY = pl.when(_SIDE == "B").then(text("buy_cpcty_cd")).otherwise(text("sell_cpcty_cd"))
_SPECIAL = (text("spcl_trd_fl") == "Y") | (text("spcl_pr_fl") == "Y")
_BETWEEN_DEALERS = _CONTRA == "D"
_TRADE = _STATUS.is_in(["T", "G", "M"]) & ~_AS_OF.is_in(["R", "X"]).fill_null(False)
_YIELD = pl.col("yld_pt").cast(pl.String).str.strip_chars()

MAPPING = SourceMapping(
    name="trace",
    requires=("cusip_id", "trd_exctn_dt", "trd_exctn_tm", "msg_seq_nb", "trc_st", "rptd_pr"),
    optional=(
        "orig_msg_seq_nb", "asof_cd", "wis_fl", "cmsn_trd", "entrd_vol_qt", "ascii_rptd_vol_tx", "yld_sign_cd",
        "yld_pt", "rpt_side_cd", "side", "cntra_mp_id", "contra_party_type", "buy_cpcty_cd", "sell_cpcty_cd",
        "spcl_trd_fl", "spcl_pr_fl", "trdg_mkt_cd", "stlmnt_dt",
    ),
    expressions={
        "bond_id": pl.col("cusip_id"),
        "date": pl.col("trd_exctn_dt"),
        "time": pl.col("trd_exctn_tm"),
        "settlement_date": pl.col("stlmnt_dt"),
        "clean_price": pl.col("rptd_pr"),
        "yield": pl.when(text("yld_sign_cd") == "-").then("-" + _YIELD).otherwise(_YIELD),
        "volume": pl.coalesce(pl.col("entrd_vol_qt").cast(pl.String), text("ascii_rptd_vol_tx").replace(CAPPED)),
        # A late report of the old system that takes a trade of another day back is a trade with an as-of code.
        "status": pl.when(_AS_OF.is_in(["R", "X"])).then(pl.lit("reversal"))
        .when(_STATUS.is_in(["H", "N"])).then(pl.lit("cancel"))
        .when(_STATUS.is_in(["I", "O"])).then(pl.lit("correction"))
        .when(_TRADE & _BETWEEN_DEALERS & (text("rpt_side_cd") == "B")).then(pl.lit("buyer_report"))
        .when(_TRADE).then(pl.lit("trade"))
        .otherwise(_STATUS),
        "trade_id": pl.col("msg_seq_nb"),
        "original_trade_id": pl.col("orig_msg_seq_nb"),
        "condition": pl.when(text("wis_fl") == "Y").then(pl.lit("when_issued"))
        .when(_SPECIAL).then(pl.lit("special_price"))
        .when(text("trdg_mkt_cd").is_in(["P1", "P2"])).then(pl.lit("primary_market"))
        .when((_CONTRA == "C") & (_CAPACITY == "A") & (text("cmsn_trd") == "N")).then(pl.lit("agency_duplicate")),
        # The reporting dealer's side; a customer is on the other one.
        "side": pl.when(_BETWEEN_DEALERS).then(pl.lit("interdealer"))
        .when(_SIDE == "S").then(pl.lit("buy")).when(_SIDE == "B").then(pl.lit("sell")),
        "price_kind": pl.lit("trade"),
    },
    needs_terms=True,
)  # fmt: skip
