"""What is said at the top of the page."""

from typing import Any

import pytest

from richcheap.ingestion.validation.counters import NOT_FAULTS
from richcheap.reporting.sections.notices import FILTERS, notices
from tests.reporting import examples


def said(**changes: Any) -> list[tuple[str, str]]:
    """Return what is said of a market of which all is as asked, but for the changes, with its section."""
    parts: dict[str, Any] = {
        "ingest": {"rows_read": 200, "rows_accepted": 200, "quarantine_reasons": {}},
        "market": {"rows_set_aside": 0, "benchmark": {"USD": {"fitted": 399, "flat": 1}}},
        "evaluate": examples.evaluation(),
        "train": {"ml_adjuster": {"multiplier": 1.0}},
        "live": {"drift": None, "retrain": False},
    }
    for name, change in changes.items():
        parts[name] = {**parts[name], **change} if isinstance(change, dict) else change
    return [(notice.text, notice.anchor) for notice in notices(**parts)]


def test_where_all_is_as_asked_nothing_is_said_and_the_first_date_is_flat_by_design() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"flat": 1}, "GBP: the curve of the only date is flat at market.risk_free_rate, by design: a date's curve "),
        ({"flat": 11}, "GBP: the curve is flat at market.risk_free_rate on all 11 dates, as there is no published "),
        ({"flat": 3, "fitted": 8}, "GBP: the curve is flat at market.risk_free_rate on 3 of 11 dates, until "),
        ({"given": 8, "fitted": 3}, "GBP: no published curve on 3 of 11 dates; there it is fitted to the governments "),
    ],
)
def test_a_curve_that_is_not_what_it_should_be_is_named_with_its_dates(dates: dict[str, int], words: str) -> None:
    ((text, anchor),) = said(market={"benchmark": {"GBP": dates}})
    assert text.startswith(words)
    assert anchor == "data"


def test_curves_that_are_flat_on_all_dates_are_one_notice() -> None:
    ((text, _),) = said(market={"benchmark": {"ZAR": {"flat": 5}, "CHF": {"flat": 7}, "EUR": {"fitted": 9}}})
    assert text.startswith("CHF, ZAR: the curve is flat at market.risk_free_rate on all of their dates, as ")


def test_what_was_taken_by_convention_is_said_with_its_share_of_the_rows() -> None:
    assumed = {"frequency": {"2": 50}, "settlement_date": {"by the market's lag": 190, "the same day": 10}}
    (taken, _), unrated = said(ingest={"assumed": assumed, "ratings": {"NR": 20, "A": 180}})
    frequency, settlement = taken.removeprefix("Taken by convention, as the file does not say: ").split("; ")
    assert frequency == "coupon frequency for 25.0 % of 200 rows (2 50)"
    assert settlement == "settlement date for 100.0 % of 200 rows (by the market's lag 190, the same day 10)."
    assert unrated == ("Without a rating: 10.0 % of 200 rows; governments go by their type.", "data")


def test_what_filters_leave_out_is_told_apart_from_what_is_refused() -> None:
    refused = {"bad_date": 2, "small_trade": 5, "cancelled": 3}
    assert said(ingest={"rows_read": 210, "quarantine_reasons": refused}) == [
        ("8 prices (3.8 % of 210 rows) left out by filters: too small 5, cancelled 3.", "quarantine"),
        ("2 prices (1.0 % of 210 rows) set aside in quarantine: bad date 2.", "quarantine"),
    ]


def test_every_filter_of_prices_has_its_words() -> None:
    unlike = {"currency_not_selected", "unsupported_instrument", "no_observation"}  # no filters of prices
    assert set(FILTERS) == {*NOT_FAULTS, "decimal_shift", "unconfirmed_jump", "non_par_price"} - unlike


def test_models_that_do_nothing_or_should_be_trained_again_are_named() -> None:
    evaluate = examples.evaluation()
    evaluate["drift"]["models"]["ml_adjuster"]["status"] = "watch"
    (ignored, _), (drift, anchor) = said(evaluate=evaluate, train={"ml_adjuster": {"multiplier": 0.0}})
    assert ignored.startswith("Of ml_adjuster nothing is applied")
    assert (drift, anchor) == ("Drift: watch ml_adjuster.", "drift")
    evaluate["drift"]["models"]["ml_adjuster"]["status"] = "retrain"
    assert said(evaluate=evaluate) == [("Drift: train again, ml_adjuster.", "drift")]
    assert said(evaluate={"best_model": None})[0][0] == "No model was trained: prices are those of kalman."


def test_of_too_few_dates_it_is_said_who_made_the_list() -> None:
    left_out = {"left_out": "1 date"}
    ((text, anchor),) = said(evaluate=left_out, train={}, live=left_out, too_few="1 date, models need 60")
    assert text.startswith("Too few dates to train and judge models (1 date, models need 60): the list is the Kalman ")
    assert anchor == "relative_value"


def test_prices_that_were_accepted_and_are_not_sound_are_counted() -> None:
    ingest = {"repeated_days": [{"date": "2024-01-02"}], "contradictions": {"coupon_rate": {"bonds": 2}}}
    assert [
        text for text, _ in said(ingest=ingest, market={"rows_set_aside": 3, "set_aside_reasons": {"no_price": 3}})
    ] == [
        "Accepted, but not valued: 3 rows (no price 3).",
        "Prices repeat those of the day before on 1 date.",
        "Terms that change from row to row, by number of bonds: coupon rate 2.",
    ]
