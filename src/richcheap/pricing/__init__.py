"""Prices on request: any bond, as of any date, from what the market had shown by then.

Requests are rows without weight: nothing here moves a print, a state or another request. Nothing is trained or fitted,
and no path of an artifact is known.
"""

__all__ = ["market", "market_day", "price_list", "quotes", "reasons", "signals"]
