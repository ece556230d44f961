from datetime import date

import polars as pl

from richcheap.reporting.layout.embedding import columns_of, packed


def test_columns_are_rounded_by_what_they_show() -> None:
    frame = pl.DataFrame({"spread_bp": [1.23456, -0.001], "yield": [0.03123456, None], "low": [float("nan"), 99.0]})
    assert columns_of(frame) == {"spread_bp": [1.23, 0], "yield": [0.031235, None], "low": [None, 99]}


def test_texts_are_numbered_and_dates_are_days() -> None:
    frame = pl.DataFrame({"flag": ["rich", None, "cheap"], "date": [date(1970, 1, 2), None, date(1970, 1, 1)]})
    assert columns_of(frame) == {"flag": {"texts": ["cheap", "rich"], "codes": [1, None, 0]}, "date": [1, None, 0]}


def test_nothing_packed_can_end_an_element() -> None:
    assert not set("<>&\"'") & set(packed({"bond_id": ["</script><!--", "'\"&"]}))
