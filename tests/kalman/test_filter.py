"""The Kalman filter on whole markets: who may move what, strange prices, bonds seen for the first time, and the fit."""

import math

import numpy as np
import polars as pl
import pytest

from richcheap.kalman.decomposition import COLUMNS, STATES
from richcheap.kalman.fit import (
    MarketFilter,
    TrainingPrints,
    fit_hyperparameters,
    initial_hyperparameters,
    last_training_dates,
    loss_of,
    warm_up_dates,
)
from richcheap.kalman.state_space import HyperParameters, ReferenceCurves, measure_prints
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import KalmanParams
from richcheap.surface.valuation import Valuation
from tests.surface.markets import KALMAN, small_market, valued, with_prices


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market())


def curves_of(market: Valuation) -> ReferenceCurves:
    return ReferenceCurves.from_frame(market.curves, KALMAN.extra_nodes_years)


def filtered(
    market: Valuation, prints: pl.DataFrame | None = None, dates: int = 1000, params: KalmanParams = KALMAN
) -> pl.DataFrame:
    """Return what the filter says of prints that come some dates at a time."""
    rows = market.prints if prints is None else prints
    kalman = MarketFilter(
        MarketCounts.none().plus(rows).names(), curves_of(market), initial_hyperparameters(params), params
    )
    batches = rows.with_columns(batch=pl.col("date").rle_id() // dates).partition_by("batch", include_key=False)
    return pl.concat([kalman.value(batch) for batch in batches])


def first_error(market: Valuation, prints: pl.DataFrame, params: KalmanParams = KALMAN) -> float:
    """Return the mean absolute error of the first print of each bond among those that column ``new`` marks, bp."""
    found = filtered(market, prints, params=params).with_columns(prints["z_spread_bp", "new"])
    first = found.filter("new").unique("bond_id", keep="first", maintain_order=True)
    return float((first["z_spread_bp"] - first["kalman_spread_bp"]).abs().to_numpy().mean())


def samples_of(market: Valuation) -> list[TrainingPrints]:
    names = MarketCounts.none().plus(market.prints).names()["USD"]
    return [TrainingPrints(names, measure_prints(market.prints, names, curves_of(market)))]


def test_rows_are_those_of_the_prints_in_their_order(market: Valuation) -> None:
    found = filtered(market)
    assert found.columns == ["bond_id", "date", "kalman_spread_bp", "kalman_std_bp", *COLUMNS]
    assert found.select("bond_id", "date").equals(market.prints.select("bond_id", "date"))
    assert found.select(pl.col("kalman_spread_bp", "kalman_std_bp").is_finite().all()).row(0) == (True, True)


def test_dates_may_come_in_any_pieces(market: Valuation) -> None:
    whole = filtered(market)
    assert filtered(market, dates=1).equals(whole)
    assert filtered(market, dates=7).equals(whole)


def test_currencies_do_not_see_each_other() -> None:
    both = valued(small_market(currencies=2))
    dollars = both.prints.filter(pl.col("currency") == "USD")
    alone = filtered(both, dollars)
    assert filtered(both).filter(pl.Series(both.prints["currency"] == "USD")).equals(alone)


def test_it_follows_the_market_more_closely_than_the_last_price_does(market: Valuation) -> None:
    known = market.prints["has_history"].to_numpy()
    error = filtered(market)["kalman_spread_bp"].to_numpy() - market.prints["z_spread_bp"].to_numpy()
    last = 1e4 * market.prints["base_spread"].to_numpy() - market.prints["z_spread_bp"].to_numpy()
    late = known & (market.prints["date"] > market.prints["date"].unique().sort()[8]).to_numpy()
    assert np.abs(error[late]).mean() < np.abs(last[late]).mean()


def test_a_bond_never_seen_is_predicted_from_the_rest_with_an_honest_deviation() -> None:
    bonds = small_market()
    late = pl.col("date") > bonds["date"].unique().sort()[14]
    market = valued(bonds.filter(late | ~pl.col("bond_id").is_in(["B004", "B009", "B014", "B020"])))
    found = filtered(market).with_columns(market.prints["has_history", "z_spread_bp"]).filter(late)
    new_bonds, known = found.filter(~pl.col("has_history")), found.filter("has_history")
    assert new_bonds.height == 4
    std = new_bonds["kalman_std_bp"].to_numpy()
    assert std.min() > 2.0 * np.median(known["kalman_std_bp"].to_numpy())
    error = new_bonds["z_spread_bp"].to_numpy() - new_bonds["kalman_spread_bp"].to_numpy()
    assert (np.abs(error) < 4.0 * std).all()


def test_what_high_coupons_are_worth_is_learned_and_foretells_newcomers() -> None:
    market = valued(small_market())
    late = pl.col("date") > market.prints["date"].unique().sort()[14]
    new_bond = pl.col("bond_id").is_in(["B000", "B009", "B010", "B017", "B018"])
    dearer = pl.col("z_spread_bp") + 800.0 * (pl.col("coupon_rate") - 0.03)
    prints = market.prints.filter(late | ~new_bond).with_columns(z_spread_bp=dearer)

    def error(level: float) -> float:
        params = KALMAN.model_copy(update={"premium_level_bp": level, "premium_move_bp": 1e-6, "option_level_bp": 1e-6})
        return first_error(market, prints.with_columns(new=late & new_bond), params)

    assert error(5.0) < 0.8 * error(1e-6)


@pytest.mark.parametrize("option", ["callable", "convertible"])
def test_what_an_option_adds_is_learned_and_foretells_newcomers(option: str) -> None:
    market = valued(small_market(bonds=48))
    late = pl.col("date") > market.prints["date"].unique().sort()[14]
    has = pl.col("bond_number") % 3 == 0
    new_bond = pl.col("bond_number").is_in([9, 12, 21, 36])
    numbered = market.prints.with_columns(bond_number=pl.col("bond_id").str.slice(1).cast(pl.Int32))
    prints = numbered.filter(late | ~new_bond).with_columns(
        has.alias(option), z_spread_bp=pl.col("z_spread_bp") + pl.when(has).then(60.0).otherwise(0.0)
    )

    def error(level: float) -> float:
        params = KALMAN.model_copy(update={"option_level_bp": level})
        return first_error(market, prints.with_columns(new=late & new_bond), params)

    assert error(30.0) < 0.8 * error(1e-6)


def test_a_grade_with_a_sign_is_foretold_from_between_two_letters() -> None:
    market = valued(small_market(bonds=48, walk_bp=0.5))
    grades, spreads = ["AA", "A+", "A", "A-", "BBB"], [0.0, 40.0, 60.0, 80.0, 120.0]
    corporate = pl.col("bond_type") == "corporate"
    late = pl.col("date") > market.prints["date"].unique().sort()[14]
    graded = market.prints.with_columns(
        grade=(pl.col("bond_id").str.slice(1).cast(pl.Int32) % 5), issuer=pl.lit(None, pl.String)
    ).with_columns(
        credit_rating=pl.when(corporate)
        .then(pl.col("grade").replace_strict(dict(enumerate(grades))))
        .otherwise(pl.lit("NR")),
        z_spread_bp=pl.when(corporate)
        .then(pl.col("grade").replace_strict(dict(enumerate(spreads))) + 1e-3 * pl.col("z_spread_bp"))
        .otherwise(1e-3 * pl.col("z_spread_bp")),
    )
    signed = corporate & pl.col("credit_rating").str.contains("[+-]$")
    prints = graded.with_columns(new=signed).filter(late | ~signed)
    without_signs = prints.with_columns(pl.col("credit_rating").str.strip_chars("+-"))
    assert first_error(market, prints) < 0.5 * first_error(market, without_signs)


def test_one_wrong_price_moves_others_little_on_its_date_and_after() -> None:
    bonds = small_market()
    row = int(np.flatnonzero((bonds["bond_id"] == "B001").to_numpy())[-4])
    clean = bonds["clean_price"].to_numpy().copy()
    clean[row] -= 20.0
    right, wrong = valued(bonds), valued(with_prices(bonds, clean))
    before, after = (
        filtered(right),
        filtered(right, right.prints.with_columns(wrong.prints["dirty_price", "z_spread_bp"])),
    )
    moved = (after["kalman_spread_bp"] - before["kalman_spread_bp"]).abs()
    others = (bonds["bond_id"] != "B001").to_numpy()
    assert moved[row] == 0.0
    wrong_by = wrong.prints["z_spread_bp"][row] - right.prints["z_spread_bp"][row]
    assert moved.to_numpy()[others].max() < 0.03 * wrong_by
    assert moved.to_numpy()[~others].max() < 0.05 * wrong_by


def test_a_side_moves_later_prints_and_others_of_its_date_but_not_its_own_prediction_nor_any_before() -> None:
    market = valued(small_market())
    away = pl.col("side").replace_strict({"buy": -6.0, "sell": 6.0, "interdealer": 0.0})
    prints = market.prints.with_columns(pl.col("z_spread_bp") + away)
    row = int(np.flatnonzero((prints["bond_id"] == "B009").to_numpy())[-4])
    before = filtered(market, prints)
    other = "sell" if prints["side"][row] == "buy" else "buy"
    turned = prints.with_columns(side=pl.Series([other if i == row else s for i, s in enumerate(prints["side"])]))
    after = filtered(market, turned)
    date = prints["date"][row]
    earlier = pl.col("date") < date
    assert after.filter(earlier).equals(before.filter(earlier))
    assert after[row].drop(STATES).equals(before[row].drop(STATES))
    moved = (after["kalman_spread_bp"] - before["kalman_spread_bp"]).abs().to_numpy()
    assert moved[(prints["date"] == date).to_numpy()].max() > 0.0
    assert moved[(prints["date"] > date).to_numpy()].max() > 0.0


def test_a_jump_of_the_whole_market_is_no_outlier() -> None:
    bonds = small_market(chance=0.9)
    days = bonds["date"].unique().sort()
    clean = bonds["clean_price"].to_numpy() - np.where(bonds["date"] >= days[12], 3.0, 0.0)
    market = valued(with_prices(bonds, clean))
    found = filtered(market).with_columns(error=market.prints["z_spread_bp"]).filter(pl.col("date") == days[12])
    error = found["error"] - found["kalman_spread_bp"]
    size = (valued(bonds).prints["z_spread_bp"] - market.prints["z_spread_bp"]).abs().filter(bonds["date"] == days[12])
    assert np.median(np.abs(error.to_numpy())) < 0.25 * np.median(size.to_numpy())


def test_the_fit_lowers_the_loss_within_its_budget_and_is_the_same_again(market: Valuation) -> None:
    runs: list[float] = []

    def counted(hyperparameters: HyperParameters) -> float:
        runs.append(loss_of(hyperparameters, samples_of(market), curves_of(market), KALMAN))
        return runs[-1]

    found = fit_hyperparameters(counted, initial_hyperparameters(KALMAN), 15)
    assert len(runs) == 16
    assert found.loss == min(runs) < found.loss_before == runs[0]
    assert fit_hyperparameters(counted, initial_hyperparameters(KALMAN), 15) == found


def test_a_hyper_parameter_that_changes_nothing_is_tried_in_the_first_round_alone() -> None:
    tried: list[HyperParameters] = []

    def rated(hyperparameters: HyperParameters) -> float:
        tried.append(hyperparameters)
        return 1.0 + 0.01 * abs(math.log2(hyperparameters.node_move / 8.0))

    found = fit_hyperparameters(rated, initial_hyperparameters(KALMAN), 40)
    assert found.hyperparameters.node_move == 8.0
    assert found.evaluations == 40
    first = 3 + 2 * (len(HyperParameters._fields) - 1)
    others = {hyperparameters._replace(node_move=8.0) for hyperparameters in tried[first:]}
    assert others == {found.hyperparameters}


def test_later_rounds_try_half_as_far_what_changes_the_loss_by_more_than_a_ten_thousandth() -> None:
    tried: list[HyperParameters] = []
    initial = initial_hyperparameters(KALMAN)
    slopes = {"node_move": 0.03, "bond_move": 4e-4, "rating_move": 2e-4}

    def rated(hyperparameters: HyperParameters) -> float:
        tried.append(hyperparameters)
        distances = {name: math.log2(getattr(hyperparameters, name) / getattr(initial, name)) for name in slopes}
        return 3.0 + sum(slope * abs(distances[name]) for name, slope in slopes.items())

    first = 1 + 2 * len(HyperParameters._fields)
    found = fit_hyperparameters(rated, initial, first - 1 + 4)
    assert found.hyperparameters == initial
    assert found.loss == found.loss_before == 3.0
    steps = [[new / old for new, old in zip(one, initial, strict=True)] for one in tried]
    assert all(sorted(step, key=lambda factor: abs(factor - 1.0))[-1] in {2.0, 0.5} for step in steps[1:first])
    later = [
        {name: round(new / old, 12) for name, new, old in zip(one._fields, one, initial, strict=True)}
        for one in tried[first:]
    ]
    moved = [{name: factor for name, factor in step.items() if factor != 1.0} for step in later]
    root = math.sqrt(2.0)
    assert moved == [
        {name: pytest.approx(factor)} for name in ("node_move", "bond_move") for factor in (root, 1.0 / root)
    ]


@pytest.mark.parametrize(("gain", "doublings"), [(2e-4, 0), (3e-3, 5)])
def test_the_fit_goes_as_far_from_params_as_the_loss_pays_for(gain: float, doublings: int) -> None:
    initial = initial_hyperparameters(KALMAN)
    found = fit_hyperparameters(
        lambda tried: 1.0 - gain * math.log2(tried.issuer_level / initial.issuer_level), initial, 60
    )
    assert abs(math.log2(found.hyperparameters.issuer_level / initial.issuer_level) - doublings) < 1.0
    assert found.loss <= found.loss_before


def test_without_a_budget_the_values_of_params_are_kept(market: Valuation) -> None:
    found = fit_hyperparameters(
        lambda found: loss_of(found, samples_of(market), curves_of(market), KALMAN), initial_hyperparameters(KALMAN), 0
    )
    assert found.hyperparameters == initial_hyperparameters(KALMAN)
    assert found.loss == found.loss_before


@pytest.mark.parametrize(("dates", "unscored"), [(50, 10), (14, 2), (6, 1), (2, 1), (1, 0)])
def test_a_fifth_of_the_dates_is_not_scored_but_never_all(dates: int, unscored: int) -> None:
    assert warm_up_dates(dates) == unscored


def test_the_fit_reads_the_latest_dates_that_hold_no_more_rows_than_allowed() -> None:
    dates = pl.DataFrame(
        {"date": pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 4), eager=True), "rows": [500, 400, 300, 200]}
    )
    assert last_training_dates(dates, 900)[0] == dates["date"][1]
    assert last_training_dates(dates, 1)[0] == last_training_dates(dates, 1)[1] == dates["date"][3]


def test_the_fit_reads_no_more_dates_of_a_thin_market_than_take_as_long_as_the_rows_allowed() -> None:
    days = pl.date_range(pl.date(2010, 1, 1), pl.date(2020, 1, 1), eager=True)
    dates = pl.DataFrame({"date": days, "rows": pl.repeat(16, days.len(), eager=True)})
    assert last_training_dates(dates, 50_000)[0] == days[-1000]
