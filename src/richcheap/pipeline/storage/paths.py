"""Where each artifact lies, relative to the project's root, from which every stage runs."""

from pathlib import Path

PARAMS = Path("params.yaml")
PARAMS_FOLDER = Path("params")
LOCK = Path("dvc.lock")

TRAINING_DATA = Path("training_data")
PARAMS_CHECKED = TRAINING_DATA / "params_checked.txt"
SIMULATED_OBSERVATIONS = TRAINING_DATA / "simulated" / "observations.parquet"
SIMULATED_TRUTH = TRAINING_DATA / "simulated" / "truth.parquet"
SIMULATED_OPTIMAL_FILTER = TRAINING_DATA / "simulated" / "optimal_filter.parquet"
FETCHED = TRAINING_DATA / "fetched"
OBSERVATIONS = TRAINING_DATA / "observations"
QUARANTINE = TRAINING_DATA / "quarantine"
BENCHMARK_CURVE = TRAINING_DATA / "benchmark_curve.parquet"
BONDS = TRAINING_DATA / "bonds"
BONDS_MANIFEST = TRAINING_DATA / "bonds_manifest.json"
CURVES = TRAINING_DATA / "curves.parquet"
MARKET = TRAINING_DATA / "market"
MARKET_COUNTS = TRAINING_DATA / "market_counts"
KALMAN = TRAINING_DATA / "kalman"
DATASET = TRAINING_DATA / "dataset"
DATASET_TRAIN = DATASET / "train"
DATASET_VALIDATION = DATASET / "validation"
DATASET_TEST = DATASET / "test"

MODELS = Path("models")
"""Models of prices as they were trained."""
TUNED = Path("tuned")
"""The same models after tuning, changed or not: those that are judged and used."""
MARKET_MODELS = Path("market_models")
"""Models of the market as a whole: factors, regimes, tail risk."""
REGIMES = MARKET_MODELS / "regime_detector" / "regimes.parquet"
PREDICTIONS = Path("predictions") / "test.parquet"
DECOMPOSITION = Path("predictions") / "decomposition.parquet"
RELATIVE_VALUE = Path("predictions") / "relative_value.parquet"
METRICS = Path("metrics")
HEADLINE = METRICS / "headline.json"
SPLIT = METRICS / "split.json"
DRIFT = METRICS / "drift.json"
SIGNALS = METRICS / "signals.json"
TUNING = METRICS / "tune"
PLOTS = Path("plots")
REPORT = Path("report") / "report.html"


def model_file(name: str) -> Path:
    """Return where the trained model called `name` lies."""
    return MODELS / name / "model.joblib"


def training_findings(name: str) -> Path:
    """Return where what training found of model `name` lies."""
    return MODELS / name / "findings.json"


def tuned_model_file(name: str) -> Path:
    """Return where model `name` lies after tuning."""
    return TUNED / name / "model.joblib"


def market_model_file(name: str) -> Path:
    """Return where the model of the market called `name` lies."""
    return MARKET_MODELS / name / "model.joblib"


def validation_predictions(name: str) -> Path:
    """Return where the predictions of model `name` for the validation block lie."""
    return MODELS / name / "validation.parquet"


def tuned_predictions(name: str) -> Path:
    """Return where the predictions of model `name` after tuning for the validation block lie."""
    return TUNED / name / "validation.parquet"
