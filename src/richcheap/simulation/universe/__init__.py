"""The simulated bonds and their issuers."""

__all__ = ["bonds", "calls", "issuers", "slots"]
