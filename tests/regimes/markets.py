"""Made-up dates whose regimes are known."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from richcheap.regimes.params import RegimeParams

PARAMS = RegimeParams(
    max_states=3,
    dates_per_state=20,
    criterion="bic",
    starts=3,
    self_transition_prior_dates=10.0,
    variance_prior_dates=5.0,
    volatility_half_life_dates=5.0,
)
CURVE_FACTORS = ["level", "slope"]
BLOCKS = {"train": slice(0, 200), "validation": slice(200, 250), "test": slice(250, 300)}


def switching(dates: int = 300, wide: float = 4.0, stay: int = 30, seed: int = 3) -> tuple[pl.DataFrame, np.ndarray]:
    """Return a market table and the regime of each date: calm (0) and stressed (1), `stay` dates each in turn.

    In a stressed regime changes are `wide` times as wide and spreads half as wide again.
    """
    rng = np.random.default_rng(seed)
    regime = (np.arange(dates) // stay) % 2
    size = np.where(regime == 1, wide, 1.0)
    level, slope, credit = rng.normal(size=(3, dates)) * size
    spreads = {"BBB": 3.0, "BB": 8.0}
    block = pl.Series("block", [None] * dates, dtype=pl.String)
    for name, span in BLOCKS.items():
        block[list(range(*span.indices(dates)))] = name
    columns = {
        "date": [date(2024, 1, 1) + timedelta(days=k) for k in range(dates)],
        "level": level,
        "slope": slope,
        "curve_1y": 5.0 * level - slope,
        "curve_10y": 5.0 * level + slope,
        "curve_level_pct": np.full(dates, 3.0),
    }
    columns |= {f"spread_{name}": bp * (credit + 0.3 * rng.normal(size=dates)) for name, bp in spreads.items()}
    wider = np.where((regime == 1) & (wide != 1.0), 1.5, 1.0) * np.exp(0.05 * rng.normal(size=dates))
    columns |= {f"matrix_{name}": 40.0 * bp * wider for name, bp in spreads.items()}
    return pl.DataFrame(columns).with_columns(block), regime
