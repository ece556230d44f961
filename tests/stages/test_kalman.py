"""Stage ``kalman``: parts beside those of the market, and a fit that sees training dates alone."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, write_parquet
from richcheap.pipeline.storage.tables import part_paths, read_table
from richcheap.surface.valuation import Valuation
from stages import kalman
from tests.features.datasets import write_market
from tests.surface.markets import KALMAN, SPLIT, small_market, valued


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market())


@pytest.fixture(autouse=True)
def workspace(market: Valuation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_market(market.prints, 40)
    write_parquet(market.curves, paths.CURVES)
    # JSON is YAML.
    compute = {"chunk_rows": 10_000, "backend": "loky", "workers": None, "scheduler": None, "checkpoints": None}
    section = KALMAN.model_dump(mode="json") | {"fit_evaluations": 6}
    params = {"compute": compute, "kalman": section, "split": SPLIT.model_dump(mode="json")}
    Path("params.yaml").write_text(json.dumps(params), encoding="utf-8")


def again() -> None:
    """Run the stage with nothing kept of an earlier fit."""
    paths.KALMAN_FIT.unlink()
    kalman.main()


def made() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (*part_paths(paths.KALMAN), paths.METRICS / "kalman.json")}


def test_each_part_of_the_market_gets_a_part_with_its_rows(market: Valuation) -> None:
    kalman.main()
    assert [path.name for path in part_paths(paths.KALMAN)] == [path.name for path in part_paths(paths.MARKET)]
    keys = ["bond_id", "date"]
    assert read_table(paths.KALMAN).select(keys).equals(market.prints.select(keys))


def test_running_twice_writes_the_same_bytes() -> None:
    kalman.main()
    once = made()
    kalman.main()
    assert made() == once


@pytest.mark.parametrize("change", [lambda _: "", lambda _: "[]", lambda text: text.replace("0x1.", "0x2.")])
def test_a_fit_whose_file_has_changed_is_made_anew(change: Callable[[str], str]) -> None:
    kalman.main()
    once, text = made(), paths.KALMAN_FIT.read_text(encoding="utf-8")
    assert change(text) != text
    paths.KALMAN_FIT.write_text(change(text), encoding="utf-8")
    kalman.main()
    assert made() == once
    assert paths.KALMAN_FIT.read_text(encoding="utf-8") == text


def test_values_do_not_depend_on_how_the_market_is_cut_into_parts(market: Valuation) -> None:
    kalman.main()
    once = read_table(paths.KALMAN)
    write_market(market.prints, 100)
    kalman.main()
    assert read_table(paths.KALMAN).equals(once)


def test_validation_and_test_rows_leave_the_fit_and_all_earlier_values_as_they_were(market: Valuation) -> None:
    """Change every price after the training block: hyper-parameters and the values before keep their bits."""
    kalman.main()
    figures, values = (paths.METRICS / "kalman.json").read_bytes(), read_table(paths.KALMAN)
    dates = market.prints["date"].unique().sort()
    last = dates[round(dates.len() * SPLIT.train_share) - 1]
    later = pl.col("date") > last
    spread = pl.when(later).then(pl.col("z_spread_bp") + 50.0).otherwise("z_spread_bp").alias("z_spread_bp")
    write_market(market.prints.with_columns(spread), 40)
    kalman.main()
    assert (paths.METRICS / "kalman.json").read_bytes() == figures
    assert read_table(paths.KALMAN).filter(~later).equals(values.filter(~later))
    assert not read_table(paths.KALMAN).equals(values)


def test_too_few_dates_for_a_fit_leave_the_filter_as_params_say(
    market: Valuation, capsys: pytest.CaptureFixture[str]
) -> None:
    few = market.prints.filter(pl.col("date") < pl.date(2024, 1, 8))
    write_market(few)
    kalman.main()
    assert "not fitted, goes by params: 5 dates are too few" in capsys.readouterr().err
    figures = read_json(paths.METRICS / "kalman.json")
    assert figures["evaluations"] == 0
    assert figures["training_mae_points"] == {"fitted": None, "params": None}
    assert figures["hyper_parameters"]["bond_level"] == read_params().values["kalman"]["bond_level_bp"]
    assert read_table(paths.KALMAN)["kalman_spread_bp"].is_finite().all()
    assert read_table(paths.KALMAN).height == few.height


def test_a_fit_goes_on_where_it_was_and_a_larger_budget_continues_it() -> None:
    kalman.main()
    without = made()
    folder = Path("kept") / "kalman"
    with_checkpoints("kept", evaluations=6)
    again()
    assert made() == without
    runs = sorted(path.name for path in folder.iterdir())
    assert len(runs) == 7
    for name in runs[:3]:
        (folder / name).unlink()
    again()
    assert made() == without
    assert sorted(path.name for path in folder.iterdir()) == runs
    with_checkpoints("kept", evaluations=9)
    kalman.main()
    assert len(list(folder.iterdir())) == 10


def with_checkpoints(folder: str, evaluations: int) -> None:
    """Set where the checkpoints are kept, and the budget."""
    params = json.loads(Path("params.yaml").read_text(encoding="utf-8"))
    params["compute"]["checkpoints"] = folder
    params["kalman"]["fit_evaluations"] = evaluations
    Path("params.yaml").write_text(json.dumps(params), encoding="utf-8")
