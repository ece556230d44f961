"""All that prices of one date come from, but for who prices."""

from datetime import date
from typing import NamedTuple

import polars as pl

from richcheap.ingestion.params import DataParams
from richcheap.panel.universe import UniverseCounts
from richcheap.pricing.market import Engine, MarketAsOf, States
from richcheap.pricing.price_list import PriceList
from richcheap.pricing.quotes import Quoter
from richcheap.pricing.reasons import Seen
from richcheap.relative_value.params import SignalsParams


class MarketDay(NamedTuple):
    """The market of a date.

    Attributes
    ----------
    as_of : date
    engine : Engine
    states : States
        After the last date before.
    counts : UniverseCounts
        Of all bonds of the data.
    printed : DataFrame
        Converted observations of the date.
    terms : DataFrame
        The bonds of the data: their terms and last print.
    seen : Seen
    history : DataFrame
        Of `richcheap.pricing.signals.own_history`, of the prints before the date.
    data : DataParams
        How lists of bonds are read.
    signals : SignalsParams
    coupons_in_percent : bool
        Whether the data's coupons are.
    """

    as_of: date
    engine: Engine
    states: States
    counts: UniverseCounts
    printed: pl.DataFrame
    terms: pl.DataFrame
    seen: Seen
    history: pl.DataFrame
    data: DataParams
    signals: SignalsParams
    coupons_in_percent: bool

    def price_list(self, quoter: Quoter) -> PriceList:
        """Open the market, to answer lists of bonds."""
        market = MarketAsOf(self.engine, self.states, self.counts, self.printed, self.as_of)
        return PriceList.of(market, quoter, self.seen, self.history, self.signals)
