"""Pictures as Vega-Lite specs, which the page, notebooks and others give their data."""

__all__ = ["day", "notebook", "one_bond"]
