from datetime import date
from typing import Any

import polars as pl
import pytest

from richcheap.reporting.layout.formats import MINUS
from richcheap.reporting.sections.innovations import (
    SHOWN,
    doubtful_section,
    innovations,
    latest_innovations,
    quarantined_bonds,
)
from tests.reporting import examples

DAY = date(2024, 3, 1)


def bonds(**changes):
    """Return three bonds on the last date, one rich, one cheap, one fair, and one on an earlier date."""
    columns = {
        "bond_id": ["rich", "cheap", "fair", "earlier"],
        "date": [DAY, DAY, DAY, date(2024, 2, 29)],
        "clean_price": [101.0, 97.0, 100.1, 150.0],
        "rating_bucket": ["A", "BB", None, "A"],
        "years_to_maturity": [5.0, 10.0, 1.0, 2.0],
        "days_since_last": [1.0, None, 3.0, 1.0],
        "dv01": [0.05, 0.08, 0.01, 0.02],
        "m": [100.0, 100.0, 100.0, 100.0],
        "m_low": [99.0, 99.0, 99.0, 99.0],
        "m_high": [100.5, 101.0, 101.0, 101.0],
    }
    return pl.DataFrame({**columns, **changes})


def texts(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_only_the_last_date_counts():
    assert latest_innovations(bonds(), "m")["bond_id"].to_list() == ["rich", "fair", "cheap"]


def test_points_are_observed_minus_predicted_and_yield_goes_the_other_way():
    found = latest_innovations(bonds(), "m")
    assert found["points"].to_list() == pytest.approx([1.0, 0.1, -3.0])
    assert found["yield_bp"].to_list() == pytest.approx([-20.0, -10.0, 37.5])


def test_distance_is_measured_by_the_arm_on_the_bonds_side():
    assert latest_innovations(bonds(), "m")["distance"].to_list() == pytest.approx([2.0, 0.1, -3.0])


def test_a_bond_beyond_its_interval_is_flagged():
    found = innovations(bonds(), "m", 0.9)
    assert found is not None
    rich, fair = texts(found.above)
    assert (rich[0], rich[-1]) == ("rich", "0.500")
    assert (fair[0], fair[-1]) == ("fair", "within")
    (cheap,) = texts(found.below)
    assert (cheap[0], cheap[-1]) == ("cheap", "2.000")


def test_note_compares_with_chance():
    found = innovations(bonds(), "m", 0.9)
    assert found is not None
    assert found.note == "Outside the interval: 2 of 3 bonds (66.7 %); 10 % are expected by chance."


def test_no_interval_no_signal():
    assert innovations(bonds(m_low=[None] * 4, m_high=[None] * 4), "m", 0.9) is None


def test_an_interval_of_no_width_is_left_out():
    found = latest_innovations(bonds(m_low=[100.0] * 4, m_high=[100.0] * 4), "m")
    assert found.height == 0


def test_lists_are_of_bounded_length_and_in_order():
    found = innovations(examples.predictions(3000, 2), "peers", 0.9)
    assert found is not None
    assert len(found.above.rows) == len(found.below.rows) == SHOWN
    for table in (found.above, found.below):
        figures = [
            [float(word) for word in (row[6].replace(MINUS, "-"), *row[8].split(" to "))] for row in texts(table)
        ]
        shares = [abs(difference) / (high - low) for difference, low, high in figures]
        assert shares == pytest.approx(sorted(shares, reverse=True), abs=1e-3)


def test_equal_distances_are_ordered_by_name():
    found = latest_innovations(bonds(clean_price=[100.5, 101.0, 101.0, 0.0], m_high=[100.5, 101.0, 101.0, 101.0]), "m")
    assert found["bond_id"].to_list() == ["cheap", "fair", "rich"]


def listed(**changes: Any) -> pl.DataFrame:
    """Return what is read of lists/bonds.parquet: of a sound bond, and of three that give reasons to doubt."""
    columns: dict[str, Any] = {
        "bond_id": ["sound", "outside", "stale", "unpriced"],
        "as_of": [date(2024, 5, 31)] * 4,
        "last_print": [date(2024, 5, 31), date(2024, 5, 31), date(2024, 1, 2), None],
        "last_price_kind": ["trade", "reference", "trade", None],
        "last_clean_price": [100.0, 103.0, 90.0, None],
        "own_clean_price": [100.0, 103.0, None, None],
        "fair_clean_price": [100.1, 101.0, 91.0, None],
        "low": [99.5, 100.0, 90.0, None],
        "high": [100.7, 102.0, 92.0, None],
        "innovation_share": [-0.2, -2.0, None, None],
        "confidence": [9, 6, 2, None],
    }
    return pl.DataFrame(columns | changes)


def quarantine(*rows: tuple[str | None, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"bond_id": pl.String, "reason": pl.String}, orient="row")


def test_prices_not_to_trust_stand_with_every_reason_the_furthest_outside_first():
    found = doubtful_section(listed(), quarantined_bonds([quarantine(("stale", "bad_date"))]))
    assert found.sentence == "Of 4 live bonds 3 give a reason not to trust a price."
    rows = texts(found.bonds)
    assert [row[0] for row in rows] == ["outside", "stale", "unpriced"]
    assert rows[0][1:] == [
        *("2024-05-31", "reference", "103.000", "101.000", "1.000"),
        "the last price outside its interval; a reference price last, which is no trade",
    ]
    assert (
        rows[1][-1] == "confidence 3 or less of 10; no print for more than 30 days; in quarantine, rows: 1 (bad date)"
    )
    assert rows[2][-1] == "no fair price"


def test_a_reason_that_all_bonds_give_is_said_once():
    found = doubtful_section(listed(confidence=[1] * 4), quarantined_bonds([quarantine()]))
    assert found.sentence == "What all 4 live bonds have: confidence 3 or less of 10. 3 give another reason."
    assert texts(found.bonds)[1][-1] == "no print for more than 30 days"


def test_of_the_quarantine_only_what_speaks_of_a_bond_s_prices_counts_over_all_parts():
    parts = [
        quarantine(("a", "decimal_shift"), ("a", "duplicate"), (None, "bad_date")),
        quarantine(("a", "implausible_price"), ("b", "small_trade"), ("a", "decimal_shift")),
    ]
    assert quarantined_bonds(parts).rows() == [("a", 3, "decimal shift, implausible price")]
