"""A list of bonds in, a price for each line out, or the reason why there is none."""

from datetime import date
from typing import Final, NamedTuple

import polars as pl

from richcheap.bonds.conversion import convert_frame
from richcheap.decomposition.points import CORRECTION, FAIR, START
from richcheap.features.assemble import PARTS
from richcheap.ingestion.lists.bond_list import ASSUMED_PRICE, TERMS, BondList
from richcheap.pricing.market import MarketAsOf, Rows
from richcheap.pricing.quotes import Quoter
from richcheap.pricing.reasons import Seen, with_reasons
from richcheap.pricing.signals import VALUE, with_signals
from richcheap.relative_value.params import SignalsParams
from richcheap.surface.valuation import BOND_COLUMNS

PRICED: Final = "priced"
_PARTS: Final = [*(name.removeprefix("kalman_").removesuffix("_bp") for name in PARTS), CORRECTION]
ANSWER: Final[dict[str, pl.DataType]] = {
    "line": pl.Int64(),
    "bond_id": pl.String(),
    "as_of": pl.Date(),
    "status": pl.String(),
    "reason": pl.String(),
    FAIR: pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "yield": pl.Float64(),
    "spread_bp": pl.Float64(),
    "dv01": pl.Float64(),
    "own_clean_price": pl.Float64(),
    "innovation_bp": pl.Float64(),
    "innovation_share": pl.Float64(),
    "relative_value_bp": pl.Float64(),
    "relative_value_std_bp": pl.Float64(),
    "own_zscore": pl.Float64(),
    "peer_zscore": pl.Float64(),
    "flag": pl.String(),
    "confidence": pl.Int64(),
    "confidence_reasons": pl.String(),
    **{f"{name}_bp": pl.Float64() for name in _PARTS},
    START: pl.Float64(),
    **{f"{name}_points": pl.Float64() for name in _PARTS},
    "bid_ask_bp": pl.Float64(),
    "bid_ask_points": pl.Float64(),
    "champion": pl.String(),
    "information_until": pl.Date(),
}
"""Columns of an answer; docs/price.md says what each means."""
LINE: Final[dict[str, pl.DataType]] = {
    **ANSWER,
    "settlement_date": pl.Date(),
    "accrued_interest": pl.Float64(),
    "node_years": pl.List(pl.Float64()),
    "node_rates": pl.List(pl.Float64()),
}
"""An answer, and what its price was discounted with: the nodes are those of the line's reference curve."""
_OWN: Final = ("own_clean_price", "own_status", "when_issued")
_NO_MARKET: Final = "no_market"
_NOT_PRICED: Final = "not_priced"


class PriceList(NamedTuple):
    """What answers lists of bonds as of a date.

    Attributes
    ----------
    market : MarketAsOf
    quoter : Quoter
    seen : Seen
    history : DataFrame
        Of `richcheap.pricing.signals.own_history`, of the prints before the date.
    signals : SignalsParams
    printed : DataFrame
        Quotes of the date's own prints.
    """

    market: MarketAsOf
    quoter: Quoter
    seen: Seen
    history: pl.DataFrame
    signals: SignalsParams
    printed: pl.DataFrame

    @classmethod
    def of(
        cls, market: MarketAsOf, quoter: Quoter, seen: Seen, history: pl.DataFrame, signals: SignalsParams
    ) -> "PriceList":
        """Quote the prints of the date once, for all lists."""
        rows = market.prints
        printed = rows.dataset
        if printed.height:
            printed = _shown(quoter.quotes(rows, _day(market.as_of), together=True), rows.curves, printed=True)
        return cls(market, quoter, seen, history, signals, printed)

    def answer(self, bond_list: BondList) -> pl.DataFrame:
        """Return a row for each line of a list, in its order: the columns `ANSWER`."""
        return self.lines(bond_list).select([*ANSWER])

    def lines(self, bond_list: BondList) -> pl.DataFrame:
        """Return a row for each line of a list, in its order: the columns `LINE`."""
        bonds = self._with_keys(_converted(self._settled(bond_list.bonds), self.quoter.threads))
        lines = bond_list.lines
        quotes = self._quotes(bonds)
        lines = lines.join(
            bonds.select("key", *_OWN, "currency", line="source_row"), on="line", how="left", maintain_order="left"
        ).join(quotes.drop("bond_id", "currency"), on="key", how="left", maintain_order="left")
        return self._explained(lines).select(*(pl.col(name).cast(kind) for name, kind in LINE.items()))

    def _settled(self, bonds: pl.DataFrame) -> pl.DataFrame:
        """Let a bond that has printed on the date settle as its print does."""
        if not self.printed.height:
            return bonds
        settled = self.printed.select("bond_id", settles="settlement_date")
        joined = bonds.join(settled, on="bond_id", how="left", maintain_order="left")
        return joined.with_columns(settlement_date=pl.coalesce("settles", "settlement_date")).drop("settles")

    def _with_keys(self, bonds: pl.DataFrame) -> pl.DataFrame:
        """Name each bond: by its identifier, and strangers that share one by their terms besides."""
        terms = ["bond_id", *(name for name in TERMS if name in bonds.columns)]
        numbered = bonds.select(terms).unique(maintain_order=True)
        numbered = numbered.with_columns(number=pl.int_range(pl.len()).over("bond_id"))
        joined = bonds.join(numbered, on=terms, how="left", nulls_equal=True, maintain_order="left")
        other = pl.format("{}\0{}", "bond_id", "number")
        return joined.with_columns(key=pl.when(pl.col("number") > 0).then(other).otherwise("bond_id"))

    def _quotes(self, bonds: pl.DataFrame) -> pl.DataFrame:
        """Return a quote for each key that can be priced."""
        printed = self.printed.filter(pl.col("bond_id").is_in(bonds["key"].implode()))
        asked = bonds.filter(
            ~pl.col("key").is_in(self.printed["bond_id"].implode()),
            pl.col("currency").is_in(sorted(self.market.currencies)),
        )
        # Of lines with the same bond the first with a price says what the state would be with it.
        first = asked.sort(pl.col("own_clean_price").is_null(), "source_row").unique(
            "key", keep="first", maintain_order=True
        )
        wanted = first.with_columns(bond_id="key").select(BOND_COLUMNS).sort("bond_id")
        rows = self.market.ask(wanted) if wanted.height else Rows(pl.DataFrame(), pl.DataFrame())
        pieces = [printed] if printed.height else []
        if rows.dataset.height:
            quoted = self.quoter.quotes(rows, _day(self.market.as_of), together=False)
            pieces.append(_shown(quoted, rows.curves, printed=False))
        if not pieces:
            return pl.DataFrame(schema={"key": pl.String, "bond_id": pl.String, "currency": pl.String})
        quotes = with_signals(pl.concat(pieces, how="vertical"), self.printed, self.history, self.signals)
        median = self.quoter.median_half_width
        return with_reasons(quotes, self.seen, self.market.as_of, median).with_columns(key="bond_id")

    def _explained(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Add what follows from a line's own price, and the status and reason of each line."""
        if FAIR not in lines.columns:
            missing = {name: kind for name, kind in LINE.items() if name not in lines.columns}
            lines = lines.with_columns(pl.lit(None, kind).alias(name) for name, kind in missing.items())
            lines = lines.with_columns(
                pl.lit(None, pl.Float64).alias(name) for name in ("half_width", "print_price", "base_dv01")
            )
            lines = lines.with_columns(days_since_last=pl.lit(None, pl.Int32), printed=pl.lit(None, pl.Boolean))
        own = pl.coalesce("own_clean_price", "print_price")
        has_value = pl.col("days_since_last").is_not_null() | pl.col("printed") | own.is_not_null()
        status = (
            pl.when(pl.col("status").is_not_null())
            .then("status")
            .when(pl.col(FAIR).is_not_null())
            .then(pl.lit(PRICED))
            .when(~pl.col("currency").is_in(sorted(self.market.currencies)))
            .then(pl.lit(_NO_MARKET))
            .otherwise(pl.lit(_NOT_PRICED))
        )
        times = pl.len().over("key")
        notes = pl.concat_str(
            pl.when(pl.col("key").is_not_null() & (times > 1)).then(pl.format("listed {} times", times)),
            pl.when("when_issued").then(pl.lit("settles on its issue date")),
            pl.when(pl.col("own_status").is_not_null()).then(
                pl.format("its own price gives no figures ({}) and is left out", "own_status")
            ),
            separator="; ",
            ignore_nulls=True,
        )
        reason = (
            pl.when(pl.col("status").is_not_null())
            .then("reason")
            .when(status == _NO_MARKET)
            .then(
                pl.format(
                    "currency: expected one that has printed by {}, got {}", pl.lit(self.market.as_of), "currency"
                )
            )
            .when(status == _NOT_PRICED)
            .then(pl.lit("its cash flows cannot be discounted on the curve of the date"))
            .otherwise(pl.when(notes != "").then(notes))
        )
        valued = {name: pl.when(has_value).then(name) for name in _OF_VALUE}
        return lines.with_columns(
            as_of=pl.lit(self.market.as_of),
            champion=pl.lit(self.quoter.champion.name),
            information_until=pl.lit(self.seen.until),
            own_clean_price=own,
            innovation_bp=(pl.col(FAIR) - own) / pl.col("base_dv01"),
            innovation_share=(pl.col(FAIR) - own) / pl.col("half_width"),
            status=status,
            reason=reason,
            **valued,
        )


_OF_VALUE: Final = ("relative_value_bp", "relative_value_std_bp", "own_zscore", "peer_zscore", "flag")
"""What is said of a bond that has ever had a price."""


def _day(as_of: date) -> int:
    return (as_of - date(1970, 1, 1)).days


def _converted(bonds: pl.DataFrame, threads: int) -> pl.DataFrame:
    """Work out accrued interest and the price beside each bond, null where there is none or it gives no figures."""
    priced = pl.col("observed").is_not_null()
    assumed = bonds.with_columns(
        unpriced=~priced,
        observed=pl.coalesce("observed", pl.lit("clean_price")),
        clean_price=pl.when(priced).then("clean_price").otherwise(pl.lit(ASSUMED_PRICE)),
    ).rename({"status": "trade_status"})
    found = convert_frame(assumed, threads)
    bad = pl.when(~pl.col("unpriced") & (pl.col("status") != "ok")).then("status")
    without = pl.col("unpriced") | (pl.col("status") != "ok")
    return found.with_columns(
        *(pl.when(~without).then(name).alias(name) for name in ("clean_price", "dirty_price")),
        own_status=bad,
        when_issued=(pl.col("issue_date") == pl.col("settlement_date")) & (pl.col("issue_date") > pl.col("date")),
        own_clean_price=pl.when(~without).then("clean_price"),
    )


def _shown(quotes: pl.DataFrame, curves: pl.DataFrame, *, printed: bool) -> pl.DataFrame:
    """Name what an answer shows of quotes, and add the nodes of each curve and where it comes from."""
    used = curves.filter(pl.col("reference_curve").is_in(quotes["reference_curve"].unique().implode()))
    described = (
        used.sort("reference_curve", "tenor_years")
        .group_by("reference_curve", maintain_order=True)
        .agg(pl.col("source").first(), node_years="tenor_years", node_rates="zero_rate")
    )
    return quotes.join(described, on="reference_curve", how="left", maintain_order="left").with_columns(
        pl.col("bond_spread_bp").alias(VALUE),
        relative_value_std_bp="bond_spread_std_bp",
        base_dv01="dv01",
        dv01="price_dv01",
        printed=pl.lit(printed),
        print_price=pl.when(pl.lit(printed)).then("clean_price"),
    )
