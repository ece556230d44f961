"""Whether forecasts of value at risk and expected shortfall were right."""

__all__ = ["backtest"]
