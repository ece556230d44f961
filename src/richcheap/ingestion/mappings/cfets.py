"""Closes of China's interbank bond market: CFETS (chinamoney.com.cn), cash bonds by day; terms stand in a second file.

Columns: CFETS, market data, cash bond trades: short name, net price (yuan), latest yield (%), change, weighted yield,
volume (100 million yuan). The day stands in the name of the file unless a column has it. Net prices are clean; bonds
of the Ministry of Finance accrue actual days of the coupon period.
"""

import polars as pl

from richcheap.ingestion.mappings.base import SourceMapping

_NAME = pl.col("债券简称").cast(pl.String).str.strip_chars()
_GOVERNMENT = _NAME.str.contains("附息国债|贴现国债|特别国债")

MAPPING = SourceMapping(
    name="cfets",
    requires=("债券简称", "成交净价", "最新收益率"),
    optional=("交易量",),
    expressions={
        "bond_id": _NAME,
        "clean_price": pl.col("成交净价"),
        "yield": pl.col("最新收益率"),
        "bond_type": pl.when(_GOVERNMENT).then(pl.lit("treasury")).otherwise(pl.lit("fixed_rate")),
        "sector": pl.when(_GOVERNMENT).then(pl.lit("government")),
        "currency": pl.lit("CNY"),
        "volume": pl.col("交易量").cast(pl.Float64, strict=False) * 1e8,
        "price_kind": pl.lit("trade"),
    },
    needs_terms=True,
)
