"""Who trades when in the simulated market, and at what price."""

__all__ = ["pricing", "prints", "trade_sampling"]
