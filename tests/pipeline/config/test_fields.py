"""The comment of a param is made of its field alone."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from richcheap.pipeline.config.fields import Section, comment, param


class Fields(Section):
    both: int = param(1, "Both", unit="rows", ge=0, le=100_000_000)
    above: float = param(1.0, "Above", gt=0.0, le=1e6)
    below: float = param(1.0, "Below", ge=1e-6, lt=1.0)
    least: int | None = param(None, "Least; null = none", ge=3)
    most: float = param(1.0, "Most", le=-0.5)
    words: Literal["auto", "decimal"] = param("auto", "Words")
    switch: bool = param(True, "Switch")
    some: tuple[Annotated[float, Field(gt=0.5, lt=1.0)], ...] = param((0.9,), "Some", unit="share", min_length=1)
    three: list[float] = param([1.0, 2.0, 3.0], "Three", min_length=3, max_length=3)
    few: tuple[str, ...] = param((), "Few", max_length=30)
    text: str = param("x", "Text", unit="path", pattern="x")


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("both", "Both; rows, 0 to 100000000"),
        ("above", "Above; above 0 to 1000000"),
        ("below", "Below; 0.000001, below 1"),
        ("least", "Least; null = none; at least 3"),
        ("most", "Most; at most -0.5"),
        ("words", "Words; auto, decimal"),
        ("switch", "Switch; true or false"),
        ("some", "Some; share, above 0.5, below 1, at least 1 of them"),
        ("three", "Three; 3 of them"),
        ("few", "Few; at most 30 of them"),
        ("text", "Text; path"),
    ],
)
def test_meaning_unit_and_range_are_told(name: str, output: str) -> None:
    assert comment(Fields.model_fields[name]) == output
