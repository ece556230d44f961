"""Trade history as FINRA's market data centre exports it, a bond or more of them; terms stand in a second file.

Columns: FINRA, Fixed Income Data, "Trade Activity"; its glossary says what the codes mean. Cancels and corrections
carry no number of the trade. ``Special`` Y is a special price; modifiers W and the like are average prices. A
quantity may be capped.
"""

import polars as pl

from richcheap.ingestion.mappings.base import SourceMapping, text
from richcheap.ingestion.mappings.trace import CAPPED

_SIDE = text("Side")

MAPPING = SourceMapping(
    name="finra_market_data",
    requires=("Date", "Time", "Settlement", "Status", "Quantity", "Price", "Side", "Contra Party Type", "CUSIP"),
    optional=("Yield", "Modifier", "2nd Modifier", "Special"),
    expressions={
        "bond_id": pl.col("CUSIP"),
        "date": pl.col("Date"),
        "time": pl.col("Time"),
        "settlement_date": pl.col("Settlement"),
        "clean_price": pl.col("Price"),
        "yield": pl.col("Yield"),
        "volume": text("Quantity").replace(CAPPED),
        "status": pl.col("Status"),
        "condition": pl.when(text("Special") == "Y").then(pl.lit("special_price"))
        .when((text("Modifier") == "W") | (text("2nd Modifier") == "W")).then(pl.lit("special_price")),
        "side": pl.when(text("Contra Party Type") == "D").then(pl.lit("interdealer"))
        .when(_SIDE == "S").then(pl.lit("buy")).when(_SIDE == "B").then(pl.lit("sell")),
        "price_kind": pl.lit("trade"),
    },
    needs_terms=True,
)  # fmt: skip
