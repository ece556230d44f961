"""The morning's list: every live bond with its price, terms, peers, cash flows and history.

Frames in, frames out: what a price is stands in `richcheap.pricing`, and where tables lie in the stage.
"""

__all__ = ["bonds", "cash_flows", "history", "peers"]
