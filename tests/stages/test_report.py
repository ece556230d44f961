import pytest

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet, write_text
from richcheap.pipeline.storage.tables import new_table
from stages import report
from tests.reporting import examples


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """Return a folder in which every stage before the report has run."""
    monkeypatch.chdir(tmp_path)
    report_data = examples.report_data()
    for name in ("evaluate", "split", "ingest", "convert", "market", "drift"):
        write_json(getattr(report_data, name), paths.METRICS / f"{name}.json")
    for name in ("factor_model", "regime_detector", "tail_risk", "stress", "signals", "live"):
        write_json(getattr(report_data, name), paths.METRICS / f"{name}.json")
    write_parquet(report_data.regimes, paths.REGIMES)
    write_json(report_data.train["ml_adjuster"], paths.training_findings("ml_adjuster"))
    write_json(report_data.tune["ml_adjuster"], paths.TUNING / "ml_adjuster.json")
    write_parquet(report_data.predictions, paths.PREDICTIONS)
    write_parquet(report_data.relative_value, paths.RELATIVE_VALUE)
    write_parquet(report_data.relative_value.clear(), paths.LIVE_RELATIVE_VALUE)
    for name in ("bonds", "peers", "cash_flows", "history"):
        write_parquet(getattr(report_data.lists, name), paths.LISTS / f"{name}.parquet")
    write_parquet(report_data.lists.curves, paths.CURVES)
    write_parquet(report_data.lists.curves.clear(), paths.LIVE_CURVES)
    with new_table(paths.QUARANTINE) as table:
        table.write("1", report_data.quarantine[:2])
        table.write("2", report_data.quarantine[2:])
    write_text("seed: 7\nmodels:\n  ml_adjuster:\n    trees: 200\n", paths.PARAMS)
    return tmp_path


def test_report_writes_one_page(finished):
    report.main()
    assert [path.name for path in (finished / "report").iterdir()] == ["report.html"]
    page = paths.REPORT.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "models.ml_adjuster.trees" in page
    assert "2022.csv" in page
    assert "bond_id: expected text, got nothing" in page


def test_report_twice_gives_the_same_bytes(finished):
    report.main()
    first = paths.REPORT.read_bytes()
    report.main()
    assert paths.REPORT.read_bytes() == first


def test_a_comment_in_params_does_not_change_the_page(finished):
    report.main()
    first = paths.REPORT.read_bytes()
    paths.PARAMS.write_text("# a comment\n" + paths.PARAMS.read_text(encoding="utf-8"), encoding="utf-8")
    report.main()
    assert paths.REPORT.read_bytes() == first


def test_a_missing_input_is_named_and_nothing_is_written(finished):
    (finished / "metrics" / "evaluate.json").unlink()
    with pytest.raises(ArtifactError, match=r"evaluate\.json: no such file; run `dvc repro` to make it"):
        report.main()
    assert not paths.REPORT.exists()
