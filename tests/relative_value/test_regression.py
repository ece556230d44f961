import numpy as np
import polars as pl

from richcheap.bonds.units import BP
from richcheap.relative_value.regression import regression_residuals
from tests.relative_value.planted import planted


def spreads(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(mid_spread_bp=pl.col("target_bp") + BP * pl.col("base_spread"))


def test_residuals_are_those_of_the_regression_without_the_bond() -> None:
    rows = spreads(planted(bonds=40, dates=3, chance=0.9))
    found = regression_residuals(rows).to_numpy()
    for day in rows["date"].unique():
        on_date = np.flatnonzero((rows["date"] == day).to_numpy())
        own = rows[on_date.tolist()]
        years = own["years_to_maturity"].to_numpy()
        dummies = [(own["rating_bucket"] == name).to_numpy() for name in ("A", "BBB", "BB")]
        design = np.column_stack([*dummies, years, np.log1p(years), own["coupon_rate"].to_numpy()]).astype(float)
        y = own["mid_spread_bp"].to_numpy()
        for k in range(0, len(y), 7):
            others = np.arange(len(y)) != k
            fit = np.linalg.lstsq(design[others], y[others], rcond=None)[0]
            np.testing.assert_allclose(found[on_date[k]], y[k] - design[k] @ fit, rtol=1e-4, atol=1e-3)


def test_the_only_bond_of_a_rating_has_no_peers() -> None:
    rows = spreads(planted(bonds=40, dates=1, chance=1.0))
    rows = rows.with_columns(
        rating_bucket=pl.when(pl.col("bond_id") == "B005").then(pl.lit("CCC")).otherwise("rating_bucket")
    )
    found = regression_residuals(rows)
    assert found.is_null().to_list() == (rows["bond_id"] == "B005").to_list()


def test_a_date_of_one_bond_is_no_error() -> None:
    assert regression_residuals(spreads(planted(bonds=1, dates=4, chance=1.0))).null_count() == 4
