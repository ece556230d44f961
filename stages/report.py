"""Stage ``report``: everything that was measured, on one self-contained page."""

import polars as pl

from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, read_parquet, write_text
from richcheap.pipeline.storage.tables import part_paths
from richcheap.reporting.page import ReportData, render
from richcheap.reporting.sections.data import first_of_each_reason


def main() -> None:
    """Read metrics, predictions, quarantine and params; write the page."""
    params = read_params().values
    report_data = ReportData(
        evaluate=read_json(paths.METRICS / "evaluate.json"),
        split=read_json(paths.SPLIT),
        ingest=read_json(paths.METRICS / "ingest.json"),
        convert=read_json(paths.METRICS / "convert.json"),
        market=read_json(paths.METRICS / "market.json"),
        drift=read_json(paths.DRIFT),
        train={name: read_json(paths.training_findings(name)) for name in params["models"]},
        tune={name: read_json(paths.TUNING / f"{name}.json") for name in params["models"]},
        factor_model=read_json(paths.METRICS / "factor_model.json"),
        regime_detector=read_json(paths.METRICS / "regime_detector.json"),
        tail_risk=read_json(paths.METRICS / "tail_risk.json"),
        stress=read_json(paths.METRICS / "stress.json"),
        signals=read_json(paths.SIGNALS),
        live=read_json(paths.LIVE_METRICS),
        regimes=read_parquet(paths.REGIMES),
        predictions=read_parquet(paths.PREDICTIONS),
        relative_value=pl.concat([read_parquet(paths.RELATIVE_VALUE), read_parquet(paths.LIVE_RELATIVE_VALUE)]),
        quarantine=first_of_each_reason(read_parquet(path) for path in part_paths(paths.QUARANTINE)),
        params=params,
    )
    write_text(render(report_data), paths.REPORT)


if __name__ == "__main__":
    run(main, __doc__)
