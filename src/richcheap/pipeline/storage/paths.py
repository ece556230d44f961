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
INGEST_STATE = TRAINING_DATA / "ingest_state"
BENCHMARK_CURVE = TRAINING_DATA / "benchmark_curve.parquet"
BONDS = TRAINING_DATA / "bonds"
BONDS_MANIFEST = TRAINING_DATA / "bonds_manifest.json"
CURVES = TRAINING_DATA / "curves.parquet"
MARKET = TRAINING_DATA / "market"
MARKET_COUNTS = TRAINING_DATA / "market_counts"
MARKET_STATES = TRAINING_DATA / "market_states"
MARKET_MANIFEST = TRAINING_DATA / "market_manifest.json"
LIVE = TRAINING_DATA / "live"
"""Of the market, what comes after the test block: what is fitted and judged once depends on nothing here."""
LIVE_CURVES = LIVE / "curves.parquet"
LIVE_MARKET = LIVE / "market"
LIVE_COUNTS = LIVE / "market_counts"
KALMAN = TRAINING_DATA / "kalman"
KALMAN_FIT = TRAINING_DATA / "kalman_fit.json"
KALMAN_STATES = TRAINING_DATA / "kalman_states"
KALMAN_MANIFEST = TRAINING_DATA / "kalman_manifest.json"
DATASET = TRAINING_DATA / "dataset"
DATASET_TRAIN = DATASET / "train"
DATASET_VALIDATION = DATASET / "validation"
DATASET_TEST = DATASET / "test"
DATASET_LIVE = DATASET / "live"
FEATURES_STATES = TRAINING_DATA / "features_states"
FEATURES_MANIFEST = TRAINING_DATA / "features_manifest.json"

MODELS = Path("models")
"""Models of prices as they were trained."""
TUNED = Path("tuned")
"""The same models after tuning, changed or not: those that are judged and used."""
MARKET_MODELS = Path("market_models")
"""Models of the market as a whole: factors, regimes, tail risk."""
REGIMES = MARKET_MODELS / "regime_detector" / "regimes.parquet"
PREDICTIONS = Path("predictions") / "test.parquet"
INTERVALS = Path("predictions") / "intervals.npz"
"""Of the best predictor: what the intervals of single rows follow from, and scores of confidence."""
DECOMPOSITION = Path("predictions") / "decomposition.parquet"
LIVE_DECOMPOSITION = Path("predictions") / "live_decomposition.parquet"
RELATIVE_VALUE = Path("predictions") / "relative_value.parquet"
INTERVALS_STATE = Path("predictions") / "intervals_state.npz"
"""What intervals had learned by the end of the test block: those of the live block go on from there."""
LIVE_PREDICTIONS = Path("predictions") / "live.parquet"
LIVE_INTERVALS = Path("predictions") / "live_intervals.npz"
LIVE_RELATIVE_VALUE = Path("predictions") / "live_relative_value.parquet"
LISTS = Path("lists")
"""The morning's list: every live bond as of the last date of the data."""
LISTED_BONDS = LISTS / "bonds.parquet"
LISTED_PEERS = LISTS / "peers.parquet"
LISTED_CASH_FLOWS = LISTS / "cash_flows.parquet"
LISTED_HISTORY = LISTS / "history.parquet"
METRICS = Path("metrics")
HEADLINE = METRICS / "headline.json"
SPLIT = METRICS / "split.json"
CONFIDENCE = METRICS / "confidence.json"
DRIFT = METRICS / "drift.json"
LIVE_METRICS = METRICS / "live.json"
SIGNALS = METRICS / "signals.json"
TUNING = METRICS / "tune"
PLOTS = Path("plots")
REPORT = Path("report") / "report.html"


def model_file(name: str) -> Path:
    """Return where the trained model called `name` lies."""
    return MODELS / name / "model.json"


def training_findings(name: str) -> Path:
    """Return where what training found of model `name` lies."""
    return MODELS / name / "findings.json"


def tuned_model_file(name: str) -> Path:
    """Return where model `name` lies after tuning."""
    return TUNED / name / "model.json"


def market_model_file(name: str) -> Path:
    """Return where the model of the market called `name` lies."""
    return MARKET_MODELS / name / "model.json"


def validation_predictions(name: str) -> Path:
    """Return where the predictions of model `name` for the validation block lie."""
    return MODELS / name / "validation.parquet"


def tuned_predictions(name: str) -> Path:
    """Return where the predictions of model `name` after tuning for the validation block lie."""
    return TUNED / name / "validation.parquet"
