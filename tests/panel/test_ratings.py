"""Rating buckets."""

import polars as pl
import pytest

from richcheap.panel.ratings import BUCKETS, bucket_codes, bucket_of, neighbour_codes


@pytest.mark.parametrize(
    ("bond_type", "rating", "bucket"),
    [
        ("corporate", "AAA", "AAA"),
        ("corporate", "AA-", "AA"),
        ("high_yield", "CC", "CCC"),
        ("high_yield", "D", "CCC"),
        ("fixed_rate", "NR", "NR"),
        ("treasury", "NR", "GOV"),
        ("treasury", "AA+", "GOV"),
        ("treasury", "A+", "A"),
    ],
)
def test_bucket_follows_type_and_rating(bond_type: str, rating: str, bucket: str) -> None:
    assert bucket_of(bond_type, rating) == bucket


def test_codes_keep_the_order_of_the_rows() -> None:
    frame = pl.DataFrame({"bond_type": ["corporate", "treasury", "corporate"], "credit_rating": ["B", "NR", "B+"]})
    assert [BUCKETS[code] for code in bucket_codes(frame)] == ["B", "GOV", "B"]


def test_a_rating_off_the_scale_is_refused() -> None:
    frame = pl.DataFrame({"bond_type": ["corporate"], "credit_rating": ["Baa1"]})
    with pytest.raises(ValueError, match=r"AAA \.\.\. D or NR on the S&P scale, got 'Baa1'"):
        bucket_codes(frame)


@pytest.mark.parametrize(
    ("bond_type", "rating", "neighbour"),
    [
        ("corporate", "A+", "AA"),
        ("corporate", "A", "A"),
        ("corporate", "A-", "BBB"),
        ("corporate", "AAA", "AAA"),
        ("corporate", "AA+", "AAA"),
        ("high_yield", "B-", "CCC"),
        ("high_yield", "CCC+", "B"),
        ("high_yield", "CCC-", "CCC"),
        ("high_yield", "CC", "CCC"),
        ("corporate", "NR", "NR"),
        ("treasury", "AA+", "GOV"),
        ("treasury", "BBB+", "BBB"),
        ("foreign_sovereign", "A-", "A"),
        ("supranational", "AA+", "AAA"),
    ],
)
def test_a_grade_with_a_sign_leans_to_the_letter_on_its_side(bond_type: str, rating: str, neighbour: str) -> None:
    frame = pl.DataFrame({"bond_type": [bond_type], "credit_rating": [rating]})
    assert BUCKETS[neighbour_codes(frame, bucket_codes(frame))[0]] == neighbour
