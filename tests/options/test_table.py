"""A list of callable bonds: what is said of each, and why there is nothing."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from richcheap.bonds.units import BP
from richcheap.options import table, tree
from richcheap.options.params import OptionsParams
from richcheap.options.table import COLUMNS, Valued, option_table
from richcheap.pipeline.execution.map_tasks import map_here
from tests.options.bonds import STEEP

PARAMS = OptionsParams(tree_steps_per_year=4)
SCHEMA = {
    **dict.fromkeys(("settlement_date", "maturity_date", "issue_date", "first_coupon_date"), pl.Date),
    **dict.fromkeys(("quoted_margin", "fair_clean_price", "own_clean_price"), pl.Float64),
    "call_schedule": pl.String,
}


def bond(name="A", **changes):
    """Return a row of a list."""
    return {
        "bond_id": name,
        "settlement_date": date(2024, 3, 4),
        "maturity_date": date(2032, 3, 15),
        "coupon_rate": 0.06,
        "quoted_margin": None,
        "frequency": 2,
        "day_count": "30/360",
        "issue_date": None,
        "first_coupon_date": None,
        "bond_type": "corporate",
        "currency": "USD",
        "callable": True,
        "convertible": False,
        "call_schedule": "2027-03-15@102;2028-03-15@100",
        "fair_clean_price": 101.0,
        "own_clean_price": None,
        "accrued_interest": 2.8,
        "node_years": STEEP.years.tolist(),
        "node_rates": STEEP.rates.tolist(),
        **changes,
    }


def valued(*bonds, params=PARAMS):
    return option_table(pl.DataFrame(bonds, schema_overrides=SCHEMA), params, map_here)


def test_a_callable_bond_has_spreads_at_its_fair_and_at_its_own_price() -> None:
    found = valued(bond("A", own_clean_price=104.0), bond("B", fair_clean_price=104.0))
    assert found.drop("bond_id").schema == pl.Schema(COLUMNS)
    first, second = found.rows(named=True)
    assert first["oas_status"] == "ok"
    assert first["oas_bp"] < first["spread_to_worst_bp"]
    assert first["call_points"] > 0.5
    assert first["own_oas_bp"] == second["oas_bp"] < first["oas_bp"]
    assert first["own_spread_to_worst_bp"] == second["spread_to_worst_bp"]
    assert second["own_oas_bp"] is second["own_spread_to_worst_bp"] is None


def test_the_call_is_what_a_bond_without_it_would_cost_more() -> None:
    (called,) = valued(bond()).rows(named=True)
    straight = bond(call_schedule="2032-03-15@100", fair_clean_price=101.0 + called["call_points"])
    (free,) = valued(straight).rows(named=True)
    assert free["oas_bp"] == pytest.approx(called["oas_bp"], abs=2e-4)
    assert free["oas_bp"] == pytest.approx(free["spread_to_worst_bp"], abs=1e-4)
    assert free["call_points"] == pytest.approx(0.0, abs=1e-5)


def test_a_call_is_worth_more_where_rates_move_more() -> None:
    points = [
        valued(bond(), params=PARAMS.model_copy(update={"short_rate_volatility_bp": one}))["call_points"][0]
        for one in (0.01, 50.0, 100.0, 200.0)
    ]
    assert points == sorted(points)
    assert points[-1] > points[0] + 1.0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"call_schedule": None}, "no_schedule"),
        ({"convertible": True}, "convertible"),
        ({"bond_type": "floating_rate"}, "floating_rate"),
        ({"fair_clean_price": None, "settlement_date": None, "accrued_interest": None}, "not_priced"),
        ({"day_count": "BUS/252", "currency": "BRL"}, "convention"),
        ({"fair_clean_price": -200.0}, "no_spread"),
    ],
)
def test_a_bond_that_has_none_says_why(changes: dict[str, object], status: str) -> None:
    found = valued(bond("A"), bond("B", **changes))
    assert found["oas_status"].to_list() == ["ok", status]
    assert found.row(1)[2:] == (None,) * len(Valued._fields)


def test_where_nothing_is_to_be_valued_there_is_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_quantlib", lambda: pytest.fail("QuantLib was asked for"))
    assert valued(bond(callable=False, call_schedule=None)).is_empty()
    assert valued(bond(call_schedule=None))["oas_status"].to_list() == ["no_schedule"]
    assert valued(bond(call_schedule="2033-01-01@100"))["oas_status"].to_list() == ["ok"]


def test_no_figure_depends_on_how_the_work_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    bonds = [bond(str(coupon), coupon_rate=coupon / BP) for coupon in (200, 400, 600, 800)]
    whole = valued(*bonds)
    monkeypatch.setattr(table, "BONDS_PER_TASK", 1)
    assert_frame_equal(valued(*bonds), whole, check_exact=True)
    assert_frame_equal(valued(*reversed(bonds)).reverse(), whole, check_exact=True)
