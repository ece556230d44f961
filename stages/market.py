"""Stage ``market``: curves, spread surface and the matrix fair price of every observation, found without it."""

from stages.pipeline import paths
from stages.pipeline.artifacts import read_parquet, write_json, write_parquet
from stages.pipeline.errors import DataError
from stages.pipeline.params import load
from stages.pipeline.progress import progress
from stages.pipeline.stage import run
from stages.spreads.params import MarketParams
from stages.spreads.valuation import Dated, Valuation, value_market


def main() -> None:
    """Read the converted bonds and the published curve; write curves, valued prints and a summary."""
    params = load(MarketParams, "market")
    try:
        valuation = value_market(read_parquet(paths.BONDS), read_parquet(paths.BENCHMARK_CURVE), params, _bar)
    except ValueError as error:
        raise DataError(f"{paths.BONDS}: {error}; see metrics/convert.json for the reasons") from None
    write_parquet(valuation.curves, paths.CURVES)
    write_parquet(valuation.prints, paths.MARKET)
    write_json(summary(valuation), paths.METRICS / "market.json")


def summary(valuation: Valuation) -> dict[str, object]:
    """Count what was valued, and on which curve."""
    dates = valuation.curves.unique("reference_curve", maintain_order=True)
    benchmark: dict[str, dict[str, int]] = {}
    for currency, source, count in dates.group_by("currency", "source").len().sort("currency", "source").rows():
        benchmark.setdefault(currency, {})[source] = count
    return {
        "rows_valued": valuation.prints.height,
        "rows_set_aside": valuation.set_aside,
        "rows_with_history": int(valuation.prints["has_history"].sum()),
        "benchmark": benchmark,
    }


def _bar(dates: Dated, total: int) -> Dated:
    bar: Dated = progress(dates, total=total, desc="market", unit="date")
    return bar


if __name__ == "__main__":
    run(main)
