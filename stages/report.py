"""Stage ``report``: everything that was measured, on one self-contained page."""

from functools import partial

import polars as pl

from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import LEFT_OUT, read_json, read_parquet, write_text
from richcheap.pipeline.storage.tables import part_paths
from richcheap.reporting.page import ReportData, render
from richcheap.reporting.sections.data import first_of_each_reason
from richcheap.reporting.sections.innovations import quarantined_bonds
from richcheap.reporting.trader.embedded import CURVE_COLUMNS, Lists


def main() -> None:
    """Read metrics, predictions, lists, quarantine and params; write the page."""
    params = read_params().values
    read = partial(read_json, even_left_out=True)
    split, live = read(paths.SPLIT), read(paths.LIVE_METRICS)
    is_live = LEFT_OUT not in live
    signals = [paths.RELATIVE_VALUE, *([paths.LIVE_RELATIVE_VALUE] if is_live else [])]
    curves = [paths.CURVES, *([paths.LIVE_CURVES] if is_live else [])]
    report_data = ReportData(
        evaluate=read(paths.METRICS / "evaluate.json"),
        split=split,
        ingest=read(paths.METRICS / "ingest.json"),
        convert=read(paths.METRICS / "convert.json"),
        market=read(paths.METRICS / "market.json"),
        drift=read(paths.DRIFT),
        train={name: read(paths.training_findings(name)) for name in params["models"]},
        tune={name: read(paths.TUNING / f"{name}.json") for name in params["models"]},
        factor_model=read(paths.METRICS / "factor_model.json"),
        regime_detector=read(paths.METRICS / "regime_detector.json"),
        tail_risk=read(paths.METRICS / "tail_risk.json"),
        stress=read(paths.METRICS / "stress.json"),
        signals=read(paths.SIGNALS),
        live=live,
        regimes=read_parquet(paths.REGIMES),
        predictions=read_parquet(paths.PREDICTIONS),
        relative_value=pl.concat([read_parquet(path) for path in signals]),
        quarantined=quarantined_bonds(read_parquet(path) for path in part_paths(paths.QUARANTINE)),
        quarantine=first_of_each_reason(read_parquet(path) for path in part_paths(paths.QUARANTINE)),
        lists=Lists(
            bonds=read_parquet(paths.LISTED_BONDS),
            peers=read_parquet(paths.LISTED_PEERS),
            cash_flows=read_parquet(paths.LISTED_CASH_FLOWS),
            history=read_parquet(paths.LISTED_HISTORY),
            curves=pl.concat([read_parquet(path, CURVE_COLUMNS) for path in curves]),
        ),
        params=params,
        too_few=split.get(LEFT_OUT),
    )
    write_text(render(report_data), paths.REPORT)


if __name__ == "__main__":
    run(main, __doc__)
