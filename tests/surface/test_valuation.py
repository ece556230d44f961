"""The valued market: curves, surface, fair prices."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from richcheap.curves.benchmark import CURVE_SCHEMA
from richcheap.features.repricing import Repricer
from richcheap.panel.params import MarketParams
from richcheap.panel.universe import UNIVERSE_COLUMNS, build_universe
from richcheap.surface.valuation import NO_SPREAD, MarketValuer, Valuation, ValuationTotals
from tests.surface.markets import MARKET, NODES, no_curve, small_market, true_rates, valued, with_prices


def published(bonds: pl.DataFrame, rate: float = 0.03) -> pl.DataFrame:
    dates = bonds["date"].unique().sort()
    return pl.DataFrame(
        {
            "currency": ["USD"] * (2 * dates.len()),
            "date": [day for day in dates for _ in range(2)],
            "tenor_years": [1.0, 30.0] * dates.len(),
            "rate": [rate] * (2 * dates.len()),
            "kind": ["zero_continuous"] * (2 * dates.len()),
        }
    )


def error(valuation: Valuation, spread: str) -> float:
    rows = valuation.prints.filter(pl.col("has_history"), pl.col("date") > date(2024, 1, 12))
    price = Repricer.from_frame(valuation.curves).clean_price(rows, rows[spread].to_numpy())
    return float(np.abs(price - rows["clean_price"].to_numpy()).mean())


def test_every_row_is_valued_or_counted() -> None:
    bonds = small_market()
    lost = bonds.with_columns(status=pl.when(pl.col("source_row") % 7 == 0).then(pl.lit("matured")).otherwise("status"))
    valuation = valued(lost)
    assert valuation.prints.height + valuation.set_aside == bonds.height
    assert valuation.set_aside == (bonds["source_row"] % 7 == 0).sum()


def test_an_absurd_spread_is_set_aside() -> None:
    bonds = small_market()
    clean = bonds["clean_price"].to_numpy().copy()
    clean[5] = 0.01
    assert valued(with_prices(bonds, clean)).set_aside == 1


def test_without_a_published_curve_the_first_date_is_flat_and_the_rest_are_fitted() -> None:
    curves = valued(small_market()).curves
    assert curves.schema == CURVE_SCHEMA
    by_date = curves.unique("reference_curve").sort("reference_curve")
    assert by_date["source"].to_list() == ["flat"] + ["fitted"] * (by_date.height - 1)
    np.testing.assert_array_equal(curves.filter(pl.col("source") == "flat")["zero_rate"].to_numpy(), 0.03)


def test_a_fitted_curve_serves_from_the_next_date_on() -> None:
    curves = valued(small_market()).curves
    close = curves["zero_rate_at_close"].to_numpy().reshape(-1, 6)
    reference = curves["zero_rate"].to_numpy().reshape(-1, 6)
    np.testing.assert_array_equal(reference[1:], close[:-1])


def test_a_published_curve_goes_first() -> None:
    bonds = small_market()
    curves = valued(bonds, published(bonds)).curves
    assert curves["source"].unique().to_list() == ["given"]
    np.testing.assert_allclose(curves["zero_rate"].to_numpy(), 0.03)


def test_without_governments_the_curve_stays_flat() -> None:
    curves = valued(small_market().filter(pl.col("bond_type") != "treasury")).curves
    assert curves["source"].unique().to_list() == ["flat"]


def test_fitted_curve_recovers_the_curve_that_made_the_prices() -> None:
    curves = valued(small_market(bonds=60, chance=0.9, walk_bp=0.0)).curves
    close = curves["zero_rate_at_close"].to_numpy().reshape(-1, NODES.size)
    truth = true_rates(close.shape[0], np.random.default_rng(1))
    # The shortest bond has a year left: the node before is only extrapolated.
    np.testing.assert_allclose(close[2:, 1:], truth[2:, 1:], atol=6e-4)
    np.testing.assert_allclose(close[2:, 0], truth[2:, 0], atol=5e-3)


def test_the_base_spread_beats_the_matrix_and_the_matrix_beats_nothing() -> None:
    valuation = valued(small_market(bonds=48, chance=0.8))
    zero = valuation._replace(prints=valuation.prints.with_columns(no_spread=pl.lit(0.0)))
    assert error(valuation, "base_spread") < error(valuation, "matrix_spread") < 0.5 * error(zero, "no_spread")


def test_the_choice_of_reference_curve_hardly_matters() -> None:
    """Quotes do not depend on it, so a flat published curve must value the market as well as a fitted one."""
    bonds = small_market(bonds=48, chance=0.8)
    fitted, flat = valued(bonds), valued(bonds, published(bonds))
    assert error(flat, "base_spread") == pytest.approx(error(fitted, "base_spread"), rel=0.05)


def test_a_published_curve_that_starts_late_does_not_throw_the_surface_off() -> None:
    """Where the reference curve was flat before, its jump to the published one is no move of the market."""
    bonds = small_market(bonds=48, chance=0.8).filter(pl.col("bond_type") != "treasury")
    first = bonds["date"].unique().sort()[14]
    late = valued(bonds, published(bonds, rate=0.05).filter(pl.col("date") >= first))
    assert late.curves["source"].unique(maintain_order=True).to_list() == ["flat", "given"]
    assert error(late, "base_spread") == pytest.approx(error(valued(bonds), "base_spread"), rel=0.01)


def test_a_bond_never_seen_has_the_matrix_spread_as_base() -> None:
    prints = valued(small_market()).prints
    first = prints.filter(~pl.col("has_history"))
    assert first.height == prints["bond_id"].n_unique()
    np.testing.assert_array_equal(first["base_spread"].to_numpy(), first["matrix_spread"].to_numpy())


def test_a_peer_never_seen_before_weighs_as_much_as_its_noise_allows() -> None:
    """Before it has had an innovation, its noise is its bucket's, not next to nothing."""
    bonds = small_market(bonds=16, chance=1.0, dates=6)
    last = bonds["date"].max()
    bonds = bonds.filter((pl.col("bond_id") != "B005") | (pl.col("date") == last))
    noisy = MARKET.model_copy(update={"spread_noise_bp": 50.0})
    prints = valued(bonds, params=noisy).prints
    assert (prints.filter(pl.col("date") == last)["all_level_count"] > 3.0).all()


def rated(bonds: pl.DataFrame, rating: str, instead: str) -> pl.DataFrame:
    """Return the market with one rating in place of another."""
    return bonds.with_columns(credit_rating=pl.col("credit_rating").replace(rating, instead))


def test_a_grade_with_a_sign_is_first_valued_between_its_letter_and_the_next() -> None:
    bonds = small_market(bonds=48, chance=0.9, walk_bp=0.0)
    last = bonds["date"].max()
    new_bond = pl.col("bond_id") == "B005"  # of the bonds that are rated BBB
    bonds = bonds.filter(~new_bond | (pl.col("date") == last))
    found = {}
    for rating in ("BBB", "BBB-", "BB+", "BB"):
        prints = valued(
            bonds.with_columns(credit_rating=pl.when(new_bond).then(pl.lit(rating)).otherwise("credit_rating"))
        )
        found[rating] = float(prints.prints.filter(new_bond, pl.col("date") == last)["surface_bp"][0])
    assert found["BBB"] < found["BBB-"] < found["BB+"] < found["BB"]
    step = (found["BB"] - found["BBB"]) / 3.0
    assert found["BBB-"] - found["BBB"] == pytest.approx(step, rel=1e-6)
    assert found["BB"] - found["BB+"] == pytest.approx(step, rel=1e-6)


def test_peers_are_measured_on_the_fit_that_the_bond_is_not_in() -> None:
    """The residual of the one peer that an issuer has is what it is in a market without the bond's print."""
    bonds = small_market(bonds=40, dates=10)
    last = bonds["date"].max()
    pair = bonds.filter(pl.col("date") == last, pl.col("credit_rating").str.contains("[+-]"))["bond_id"][:2]
    assert pair.len() == 2
    of_pair = pl.col("bond_id").is_in(pair.implode())
    bonds = bonds.with_columns(issuer=pl.when(of_pair).then(pl.lit("the two")).otherwise("issuer"))
    one, other = ((pl.col("bond_id") == bond) & (pl.col("date") == last) for bond in pair)
    found = valued(bonds).prints.filter(one)["issuer_level_bp"][0]
    alone = valued(bonds.filter(~one)).prints.filter(other)["level_residual_bp"][0]
    assert found == pytest.approx(alone, abs=1e-9)


def test_a_grade_leans_to_no_bucket_before_its_first_print() -> None:
    """A surface without A bonds knows no level of A: grades next to it have the level of their own letter."""
    bonds = small_market(bonds=32).filter(pl.col("credit_rating") != "A-")
    last = bonds["date"].unique().sort()[-1]
    signed = rated(bonds, "BBB", "BBB+")
    assert valued(signed).prints.drop("credit_rating").equals(valued(bonds).prints.drop("credit_rating"))
    with_a = signed.with_columns(
        credit_rating=pl.when((pl.col("credit_rating") == "AA") & (pl.col("date") == last))
        .then(pl.lit("A"))
        .otherwise("credit_rating")
    )
    before = pl.col("date") < last
    assert valued(with_a).prints.filter(before).equals(valued(signed).prints.filter(before))
    assert not valued(with_a).prints["surface_bp"].equals(valued(signed).prints["surface_bp"])


def test_valuing_twice_gives_the_same_bits() -> None:
    bonds = small_market()
    assert valued(bonds).prints.equals(valued(bonds).prints, null_equal=True)


def test_runs_of_dates_of_any_length_give_the_same_bits() -> None:
    bonds = small_market(currencies=2)
    whole = valued(bonds)
    days = bonds["date"].unique().sort()
    valuer = MarketValuer(build_universe([bonds.select(UNIVERSE_COLUMNS)]), no_curve(), MARKET, threads=2)
    runs = [
        valuer.value(bonds.filter(pl.col("date").is_in(days[k : k + 5].implode()))) for k in range(0, days.len(), 5)
    ]
    assert pl.concat([run.prints for run in runs]).equals(whole.prints, null_equal=True)
    assert pl.concat([run.curves for run in runs]).equals(whole.curves, null_equal=True)


def test_curves_are_numbered_by_date_and_currency() -> None:
    curves = valued(small_market(currencies=2)).curves.unique("reference_curve").sort("reference_curve")
    assert curves["reference_curve"].to_list() == list(range(curves.height))
    assert curves.select("date", "currency").rows() == sorted(curves.select("date", "currency").rows())


def mean_miss(prints: pl.DataFrame) -> float:
    return float(np.abs(prints["z_spread_bp"].to_numpy() - 1e4 * prints["base_spread"].to_numpy()).mean())


def test_one_wrong_price_hardly_moves_the_value_of_other_bonds() -> None:
    bonds = small_market(bonds=48, chance=0.9)
    row = bonds.height - 20
    clean = bonds["clean_price"].to_numpy().copy()
    clean[row] = 20.0
    wrong = with_prices(bonds, clean)
    careless = MARKET.model_copy(update={"outlier_threshold_std": 1e6})

    def error(params: MarketParams) -> float:
        prints = valued(wrong, params=params).prints
        others = prints.filter(pl.col("date") == bonds["date"][row], pl.col("bond_id") != bonds["bond_id"][row])
        return mean_miss(others)

    right = valued(bonds).prints.filter(pl.col("date") == bonds["date"][row])
    usual = mean_miss(right)
    assert error(careless) > 10.0 * usual
    assert error(MARKET) < 1.5 * usual


def test_a_jump_of_the_whole_market_is_followed() -> None:
    bonds = small_market(bonds=48, chance=0.9)
    last = bonds["date"].max()
    jumped = bonds["clean_price"].to_numpy() - 5.0 * (bonds["date"] == last).to_numpy()
    prints = valued(with_prices(bonds, jumped)).prints.filter(pl.col("date") == last)
    left = prints.select(
        moved=(pl.col("z_spread_bp") - pl.col("last_residual_bp") - pl.col("move_surface_bp")).abs().mean(),
        before=(pl.col("z_spread_bp") - pl.col("last_residual_bp")).abs().mean(),
    ).row(0, named=True)
    assert left["moved"] < 0.5 * left["before"]


def test_totals_count_dates_rows_and_reasons_and_go_on_where_they_ended() -> None:
    bonds = small_market(bonds=16, dates=6)
    days = bonds["date"].unique().sort()
    unknown = pl.when(pl.col("source_row") % 10 == 0).then(pl.lit("bad_terms")).otherwise("status")
    universes = build_universe([bonds.select(UNIVERSE_COLUMNS)])
    valuer = MarketValuer(universes, no_curve(), MARKET)
    early, late = (
        valuer.value(bonds.with_columns(status=unknown).filter(when))
        for when in (pl.col("date") <= days[2], pl.col("date") > days[2])
    )
    whole, first, then = (ValuationTotals(days[3]) for _ in range(3))
    whole.restore({})
    whole.add(early)
    whole.add(late)
    first.add(early)
    then.restore(first.frames())
    then.add(late)
    assert then.figures() == whole.figures()
    assert all(frame.equals(whole.frames()[name]) for name, frame in then.frames().items())
    bad = int((bonds["source_row"] % 10 == 0).sum())
    assert (whole.reasons, whole.rows["rows_set_aside"]) == ({"bad_terms": bad}, bad)
    assert whole.rows["rows_valued"] == bonds.height - bad
    assert whole.rows["dates"] == whole.rows["dates_valued"] == 6
    printed = pl.concat([early.prints["bond_id"], late.prints["bond_id"]])
    assert whole.rows["rows_with_history"] == printed.len() - printed.n_unique()
    share, said = whole.set_aside()
    assert share == bad / bonds.height
    assert said.endswith(f"with all rows of 0 of 6 dates: bad_terms {bad}")
    assert [part["date"].unique().sort().to_list() for part in whole.cut(late.prints)] == [
        [days[3]],
        [days[4], days[5]],
    ]
    assert ValuationTotals().set_aside()[0] == 0.0
    one = ValuationTotals()
    one.add(Valuation(early.prints.clear(), early.curves.clear(), 1, 1, {"matured": 1}))
    share, said = one.set_aside()
    assert (share, said.partition(" of")[0]) == (1.0, "1")
    assert said.endswith("1 of 1 dates: matured 1")


def test_rows_without_a_spread_are_set_aside_for_it() -> None:
    bonds = small_market(bonds=16, dates=4)
    clean = bonds["clean_price"].to_numpy().copy()
    clean[-1] = 1e-9
    run = valued(with_prices(bonds, clean))
    assert (run.set_aside, run.reasons) == (1, {NO_SPREAD: 1})


def test_an_issuer_that_changes_its_name_is_valued_as_if_it_had_not() -> None:
    market = small_market(currencies=2)
    issuer = market.filter(pl.col("issuer").is_not_null() & (pl.col("currency") == "USD"))["issuer"].mode().min()
    renamed = market.with_columns(
        issuer=pl.when((pl.col("issuer") == issuer) & (pl.col("date") > date(2024, 1, 12)))
        .then(pl.lit("A new name"))
        .otherwise("issuer")
    )
    assert renamed.filter(pl.col("issuer") == "A new name")["bond_id"].n_unique() > 1
    assert valued(renamed).prints.equals(valued(market).prints)
