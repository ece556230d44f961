"""The sections of the page, one module each."""

__all__ = ["data"]  # the others are for the page, which lists them
