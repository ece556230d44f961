"""The section on rich and cheap bonds, on the scores of a planted market."""

import copy
import functools
from typing import Any

import numpy as np
import polars as pl

from richcheap.evaluation.params import EvaluateParams
from richcheap.relative_value.score import score_block, score_quarters
from richcheap.relative_value.table import SIGNALS, WRITTEN_COLUMNS, kept
from richcheap.reporting.layout.formats import NOTHING
from richcheap.reporting.layout.tables import Table
from richcheap.reporting.sections.relative_value import relative_value_section, signals_table, with_interval
from tests.relative_value.planted import PARAMS, planted, table


@functools.cache
def judged() -> pl.DataFrame:
    rows = table(kept(planted(bonds=45, dates=110), PARAMS))
    return rows.with_columns(
        block=pl.lit("test"),
        carry_points=pl.lit(0.12),
        roll_down_points=pl.lit(-0.03),
        innovation_bp=pl.col("gap_bp") - pl.col("kalman_bond_bp"),
    )


def written() -> pl.DataFrame:
    """Return what predictions/relative_value.parquet holds."""
    return judged().select(WRITTEN_COLUMNS)


@functools.cache
def _scores() -> dict[str, Any]:
    params = EvaluateParams(bootstrap_resamples=100)
    return {
        "champion": "ml_adjuster",
        "confidence": 0.95,
        "half_life_days": {"USD": 8.2},
        "params": PARAMS.model_dump(),
        "quarters": without_nan(score_quarters(judged(), params, 1)),
        "signals": {signal.name: signal.meaning for signal in SIGNALS},
        "spans": {"validation_and_test": without_nan(score_block(judged(), params, 1))},
    }


def scores() -> dict[str, Any]:
    """Return what metrics/signals.json holds."""
    return copy.deepcopy(_scores())


def without_nan(value: Any) -> Any:
    """Return metrics as they are read again: null for what is not finite."""
    if isinstance(value, dict):
        return {key: without_nan(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_nan(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def texts(shown: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in shown.rows]


def test_the_list_is_of_the_latest_date_by_relative_value() -> None:
    found = relative_value_section(written(), scores())
    latest = written().filter(pl.col("date") == written()["date"].max()).sort("relative_value_bp")
    assert found.day == str(latest["date"][0])
    assert texts(found.richest)[0][0] == latest["bond_id"][0]
    assert texts(found.cheapest)[0][0] == latest["bond_id"][-1]
    assert len(texts(found.richest)) + len(texts(found.cheapest)) <= latest.height


def test_both_signals_stand_side_by_side() -> None:
    found = relative_value_section(written(), scores())
    titles = [column.title for column in found.cheapest.columns]
    assert titles.index("Relative value") < titles.index("Innovation")
    names = [cells[0] for cells in texts(found.signals)]
    assert names[0] == "relative_value"
    assert "innovation" in names


def test_every_row_has_a_cell_for_each_column() -> None:
    found = relative_value_section(written(), scores())
    outcomes = (found.quarters, found.deciles, found.flags, found.signals, *found.cuts)
    for shown in (found.cheapest, found.richest, *outcomes):
        assert {len(row.cells) for row in shown.rows} == {len(shown.columns)}
    assert len(found.deciles.rows) == 10


def test_the_latest_quarter_stands_first_and_all_dates_last_with_the_share_of_calls_that_were_right() -> None:
    given = scores()
    rows = texts(relative_value_section(written(), given).quarters)
    quarters = [entry["quarter"] for entry in given["quarters"]]
    assert list(dict.fromkeys(row[0] for row in rows)) == [*reversed(quarters), "all 110 dates"]
    assert [row[1] for row in rows[:4]] == ["flagged rich", "flagged cheap", "richest tenth", "cheapest tenth"]
    (cheap,) = (
        one for one in given["spans"]["validation_and_test"]["horizons"]["5"]["flags"] if one["cell"] == "cheap"
    )
    hits = cheap["hit_rate"]
    assert rows[-3][2:4] == [
        f"{cheap['rows']:,}",
        f"{100 * hits['value']:.0f} [{100 * hits['low']:.0f}, {100 * hits['high']:.0f}]",
    ]


def test_a_signal_that_loses_is_marked_so() -> None:
    given = scores()
    for cell in given["spans"]["validation_and_test"]["horizons"]["20"]["signals"]:
        cell["verdict"] = "loses" if cell["cell"] == "matrix" else "pays"
    (row,) = (row for row in signals_table(given).rows if row.cells[0].text == "matrix")
    assert ("loses", "bad") in [(cell.text, cell.mark) for cell in row.cells]


def test_without_a_truth_there_are_no_columns_of_it() -> None:
    given = scores()
    del given["spans"]["validation_and_test"]["truth"]
    assert len(signals_table(scores()).columns) - len(signals_table(given).columns) == 2


def test_a_short_span_is_shown_after_fewer_dates() -> None:
    given = scores()
    given["spans"]["validation_and_test"]["shown_horizon"] = "5"
    found = relative_value_section(written(), given)
    assert {column.unit for column in found.deciles.columns if column.title == "Prints"} == {"after 5 dates"}


def test_prices_that_were_left_out_are_named() -> None:
    given = scores()
    given["params"]["leave_out"] = ("reference",)
    assert "Left out: reference prices." in relative_value_section(written(), given).sentences


def test_an_estimate_without_an_interval_is_a_figure_alone() -> None:
    assert with_interval({"value": 2.06, "low": -1.0, "high": 3.0}) == "+2.1 [\u22121.0, +3.0]"
    assert with_interval({"value": 2.06, "low": None, "high": None}) == "+2.1"
    assert with_interval({"value": None, "low": None, "high": None}) == NOTHING
