"""Terms of bonds of China's interbank market as chinamoney.com.cn lists them, by their short names.

Columns: CFETS, bond information: short name, code, type, value date, redemption date, coupon rate (%), coupons a year.
"""

import polars as pl

from richcheap.ingestion.mappings.base import SourceMapping

MAPPING = SourceMapping(
    name="chinamoney",
    requires=("债券简称", "到期兑付日", "票面利率"),
    optional=("起息日", "付息频率"),
    expressions={
        "bond_id": pl.col("债券简称"),
        "maturity_date": pl.col("到期兑付日"),
        "coupon_rate": pl.col("票面利率"),
        "issue_date": pl.col("起息日"),
        "frequency": pl.col("付息频率"),
    },
)
