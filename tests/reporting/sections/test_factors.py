"""The page's section on factors."""

from typing import Any

from richcheap.reporting.sections.factors import explained_table, factor_section, loading_table


def shares(**explained: float) -> list[dict[str, Any]]:
    """Return what metrics/factor_model.json holds of the shares explained, in the order of the factors."""
    return [{"factor": name, "share": share} for name, share in explained.items()]


def described(**changes: Any) -> dict[str, Any]:
    blocks = ("train", "validation", "test")
    metrics: dict[str, Any] = {
        "currency": "USD",
        "status": [],
        "factors": ["slope", "level", "curvature", "credit"],
        "curve_factors": ["slope", "level", "curvature"],
        "changes": ["curve_0.25y", "curve_10y", "spread_BBB"],
        "loadings_bp": {
            "curvature": {"curve_0.25y": -0.5, "curve_10y": -0.4, "spread_BBB": 0.0},
            "level": {"curve_0.25y": 4.0, "curve_10y": 5.0, "spread_BBB": 0.0},
            "slope": {"curve_0.25y": -2.0, "curve_10y": 1.0, "spread_BBB": 0.0},
            "credit": {"curve_0.25y": 0.0, "curve_10y": 0.0, "spread_BBB": 6.25},
        },
        "residual_std_bp": {"curve_0.25y": 0.1, "curve_10y": 0.1, "spread_BBB": 2.0},
        "curve": {
            block: {"explained": shares(slope=0.8, level=0.9, curvature=0.95), "max_explained": 0.99}
            for block in blocks
        },
        "spreads": {block: {"explained": shares(credit=0.5), "max_explained": 0.6} for block in blocks},
        "bonds": {
            block: {
                "changes": 1234,
                "explained_analytic": 0.7,
                "explained_fitted": None,
                "residual_variance_ratio": 1.25,
            }
            for block in blocks
        },
    }
    return metrics | changes


def test_shares_add_up_over_the_factors_of_a_kind_with_what_could_be_had_below() -> None:
    rows = explained_table(described()).rows
    assert [cells[0].text for cells, _ in rows] == [
        *("curve: slope", "and level", "and curvature", "as many fitted to the block itself"),
        *("spreads: credit", "as many fitted to the block itself"),
    ]
    assert [cells[1].text for cells, _ in rows] == ["80.0", "90.0", "95.0", "99.0", "50.0", "60.0"]


def test_loadings_on_spreads_stand_beside_what_is_left_over() -> None:
    (only,) = loading_table(described(), ["credit"]).rows
    assert [cell.text for cell in only.cells] == ["BBB", "6.2", "2.0"]


def test_the_section_draws_the_curves_loadings_and_nothing_unknown() -> None:
    section = factor_section(described())
    assert section.plot is not None
    assert section.plot.names == ["slope", "level", "curvature"]
    assert "0.25" in section.plot.svg
    assert section.plot == factor_section(described()).plot
    assert [cell.text for cell in section.bonds.rows[0].cells] == ["training", "1,234", "70.0", "\u2013", "125"]


def test_a_market_without_factors_says_why_and_draws_nothing() -> None:
    nothing: dict[str, Any] = {
        block: {"explained": [], "max_explained": None} for block in ("train", "validation", "test")
    }
    section = factor_section(
        described(factors=[], curve_factors=[], status=["no factors: 9 dates"], curve=nothing, spreads=nothing)
    )
    assert (section.plot, section.loadings, section.explained.rows) == (None, None, [])
    assert section.sentences[-1] == "No factors: 9 dates."
