from typing import Any

import pytest
from pydantic import ValidationError

from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.params import DataParams

GOOD: dict[str, Any] = {
    "observations": "a.csv",
    "mapping": "richcheap",
    "columns": {},
    "values": {},
    "constants": {},
    "terms": None,
    "terms_columns": {},
    "origins": {},
    "layout": "auto",
    "cells": "clean_price",
    "encoding": "auto",
    "separator": "auto",
    "header_row": None,
    "sheet": None,
    "decimal": "auto",
    "curve": "b.csv",
    "curve_mapping": "richcheap",
    "currencies": (),
    "default_currency": "USD",
    "settlement_lag_days": None,
    "settlement_calendar": None,
    "date_format": "%Y-%m-%d",
    "coupon_unit": "auto",
    "price_unit": "auto",
    "trades": "last",
    "min_trade_size": 0.0,
    "max_price_move": 35.0,
    "yield_unit": "auto",
    "curve_unit": "auto",
    "max_rejected_share": 0.2,
    "min_price": 1.0,
    "max_price": 250.0,
    "max_coupon_rate": 0.3,
    "min_yield": -0.1,
    "max_yield": 1.0,
    "max_years_to_maturity": 100.0,
    "max_settlement_days": 30,
}


def test_good_params_pass() -> None:
    assert DataParams(**GOOD).mapping == "richcheap"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"mapping": "us_tresury"},
            f"must be one of {', '.join(MAPPINGS)}, got 'us_tresury'; nearest is 'us_",
        ),
        (
            {"columns": {"clean_prise": "px"}},
            "'clean_prise' is no column of the data contract; nearest is 'clean_price'",
        ),
        ({"settlement_calendar": "XSIFF"}, "must be null or one of weekdays, .*, got 'XSIFF'; nearest is 'XSIF'"),
        ({"currencies": ("eur",)}, "must be ISO codes of three capitals, got 'eur'"),
        ({"currencies": ("USD", "NAN")}, "must be ISO codes of three capitals, got 'NAN'"),
        ({"default_currency": "INF"}, "must be an ISO code of three capitals, got 'INF'; nearest is 'INR'"),
        ({"default_currency": "usd"}, "must be an ISO code of three capitals, got 'usd'; nearest is 'USD'"),
        ({"date_format": "hello"}, "expected a format with year, month and day such as .*, got 'hello'"),
        ({"date_format": "%Y-%m"}, "expected a format with year, month and day such as .*, got '%Y-%m'"),
        ({"date_format": ""}, "expected a format with year, month and day such as .*, got ''"),
        ({"date_format": "%Q"}, "expected a format such as %Y-%m-%d or %d/%m/%Y, got '%Q'"),
        ({"min_price": 300.0}, "min_price must be below max_price, got 300.0 and 250.0"),
        ({"max_yield": -0.2}, "min_yield must be below max_yield, got -0.1 and -0.2"),
        ({"max_rejected_share": 1.5}, "less than or equal to 1"),
        ({"curves": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DataParams(**{**GOOD, **change})
