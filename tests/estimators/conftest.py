"""Rows to learn from: those of the models."""

from tests.models.conftest import train, validation

__all__ = ["train", "validation"]
