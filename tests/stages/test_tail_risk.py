"""Stage ``tail_risk``: files, figures and what a user's mistake looks like."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap.pipeline.errors import DataError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model, read_parquet, write_json, write_parquet
from stages import tail_risk
from tests.features.datasets import write_market
from tests.risk.books import FACTORS, RISK, market


def hold(**changes: Any) -> None:
    """Write params.yaml; JSON is YAML."""
    compute = {"chunk_rows": 10_000, "backend": "loky", "workers": None, "scheduler": None, "checkpoints": None}
    sections = {"seed": 7, "compute": compute, "factor_model": FACTORS.model_dump(), "tail_risk": RISK | changes}
    Path("params.yaml").write_text(json.dumps(sections), encoding="utf-8")


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    found = market()
    write_market(found.valuation.prints, 200)
    write_parquet(found.valuation.curves, paths.CURVES)
    days = found.curves.dates
    write_json({"blocks": [{"name": "test", "first_date": days[19], "last_date": days[23]}]}, paths.SPLIT)
    model = paths.market_model_file("factor_model")
    dump_model(found.model, model)
    digest = hashlib.md5(model.read_bytes()).hexdigest()
    outs = {"stages": {"factor_model": {"outs": [{"path": model.as_posix(), "md5": digest}]}}}
    paths.LOCK.write_text(json.dumps(outs), encoding="utf-8")
    Path(RISK["weights"]).write_text("bond_id,weight\n", encoding="utf-8")
    hold()
    return tmp_path


def figures() -> Any:
    return json.loads(tail_risk.METRICS.read_text(encoding="utf-8"))


def test_every_method_has_its_tails_and_its_backtest():
    tail_risk.main()
    found = figures()
    methods = {"historical", "parametric", "monte_carlo", "filtered_historical"}
    assert (found["status"], found["currency"], found["weights"]) == ("ok", "USD", "equal")
    assert set(found["methods"]) == set(found["backtest"]["results"]) == methods
    for method in methods:
        for level in ("0.9", "0.99"):
            tail = found["methods"][method][level]
            assert 0.0 < tail["var"] <= tail["es"]
            assert tail["var_points"] == pytest.approx(tail["var"] * found["portfolio"]["price"])
    assert found["backtest"]["dates"] == len(found["backtest"]["series"]["pnl"]) == 5
    assert "On 5 dates" in found["backtest"]["note"]


def test_contributions_add_up_to_the_shortfall():
    tail_risk.main()
    found = figures()
    parts = found["contributions"]
    assert sum(parts["factors"].values()) == pytest.approx(parts["es"])
    assert parts["es"] == pytest.approx(found["methods"]["monte_carlo"]["0.99"]["es"])
    assert set(found["methods"]) - {"parametric"} == set(found["second_order_error_bp"])
    assert {entry["bond_id"] for entry in parts["bonds"]} <= set(market().prints.bonds)


def test_scenarios_hold_the_tails_they_are_summed_up_by():
    tail_risk.main()
    scenarios = read_parquet(tail_risk.SCENARIOS)
    counts = dict(scenarios.group_by("method").len().iter_rows())
    assert counts == {"historical": 23, "filtered_historical": 23, "monte_carlo": 2000}
    worst = scenarios.filter(pl.col("method") == "historical")["pnl"].min()
    assert figures()["methods"]["historical"]["0.99"]["var"] == pytest.approx(-float(str(worst)))


def test_running_twice_writes_the_same_bytes():
    files = (tail_risk.METRICS, tail_risk.PORTFOLIO, tail_risk.SCENARIOS)
    tail_risk.main()
    first = [path.read_bytes() for path in files]
    tail_risk.main()
    assert [path.read_bytes() for path in files] == first


def test_weights_come_from_a_file():
    Path("w.csv").write_text("bond_id,weight\nB001,3\nB004,1\n", encoding="utf-8")
    hold(weights="w.csv")
    tail_risk.main()
    table = read_parquet(tail_risk.PORTFOLIO)
    assert table.select("bond_id", "weight").rows() == [("B001", 0.75), ("B004", 0.25)]
    assert figures()["weights"] == "w.csv"


def test_a_file_without_a_row_means_equal_weights():
    Path("w.csv").write_text("bond_id,weight\n", encoding="utf-8")
    hold(weights="w.csv")
    tail_risk.main()
    assert figures()["weights"] == "equal"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "w.csv: no such file; tail_risk.weights must name a CSV file of bond_id,weight, maybe"),
        ("bond_id,weight\nX,1\n", "w.csv: line 2: X is not among the 24 bonds of the portfolio's currency"),
        ("", "w.csv: not a CSV file"),
        ('bond_id,weight\nX 5",1\nY,2\nZ 3",1\n', "w.csv: line 2: a quote inside a field"),
        ("bond_id,weight\nX,1,5\n", "w.csv: line 2: expected 2 fields, as in the header, got 3"),
        ("bond_id,weight,weight\nX,1,2\n", "w.csv: column 'weight': expected once, got 2 columns of that name"),
    ],
)
def test_a_wrong_file_of_weights_ends_in_one_line(text, message):
    if text is not None:
        Path("w.csv").write_text(text, encoding="utf-8")
    hold(weights="w.csv")
    with pytest.raises(DataError) as caught:
        tail_risk.main()
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1


def test_too_few_dates_are_a_status_and_no_failure():
    hold(min_dates=30)
    tail_risk.main()
    found = figures()
    assert found["status"] == "no forecast: 23 moves, tail_risk.min_dates asks for 30"
    assert found["backtest"] is None
    assert found["portfolio"]["bonds"] == read_parquet(tail_risk.PORTFOLIO).height
    assert read_parquet(tail_risk.SCENARIOS).height == 0


def test_a_portfolio_without_a_recent_price_names_the_remedy():
    found = market()
    last = found.valuation.prints["date"].max()
    days = found.valuation.prints.filter((pl.col("bond_id") == "B000") & (pl.col("date") < last))
    assert days["date"].max() != last
    Path("w.csv").write_text("bond_id,weight\nB000,1\n", encoding="utf-8")
    write_market(
        found.valuation.prints.filter((pl.col("bond_id") != "B000") | (pl.col("date") == days["date"].min())), 200
    )
    hold(weights="w.csv", max_mark_age_days=1)
    with pytest.raises(DataError, match=r"no bond of the portfolio has a price of the last 1 days; raise tail_risk\."):
        tail_risk.main()
