"""The market as of a date, which can be asked for what any bond would have got had it printed: its row of the dataset.

The states before the date are taken up by valuer, filter and assembler anew for each call, so that none leaves a trace.
"""

from datetime import date
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.curves.curve_state import curve_state
from richcheap.features.assemble import KALMAN_COLUMNS, PRINT_COLUMNS, Assembler
from richcheap.features.repricing import PriceBounds, Repricer
from richcheap.ingestion.params import DataParams
from richcheap.kalman.fit import MarketFilter
from richcheap.kalman.state_space import HyperParameters, ReferenceCurves
from richcheap.panel.params import FeaturesParams, KalmanParams, MarketParams
from richcheap.panel.snapshot import Snapshot
from richcheap.panel.split import market_states
from richcheap.panel.universe import UNIVERSE_COLUMNS, UniverseCounts
from richcheap.surface.valuation import BOND_COLUMNS, MarketValuer, Valuation

Floats = NDArray[np.float64]

PEER_COUNTS = ("issuer_level_count", "rating_level_count")
"""Effective numbers of peers, columns of a valued print that the dataset does not carry."""


class Engine(NamedTuple):
    """What valuer, filter and assembler are made from.

    Attributes
    ----------
    market, kalman, features
        Their params.
    hyperparameters : HyperParameters
        Of the filter, as they were fitted.
    bounds : PriceBounds
        Of fair prices.
    published : DataFrame
        Published benchmark curves.
    threads : int
        Changes no result.
    """

    market: MarketParams
    kalman: KalmanParams
    features: FeaturesParams
    hyperparameters: HyperParameters
    bounds: PriceBounds
    published: pl.DataFrame
    threads: int = 1


def price_bounds(data: DataParams) -> PriceBounds:
    """Return the clean prices that a bond can have, as the section ``data`` says."""
    return PriceBounds(data.min_price, data.max_price)


class States(NamedTuple):
    """What the dates so far leave for the next ones: of valuer, filter and assembler, and all reference curves."""

    market: Snapshot
    kalman: Snapshot
    features: Snapshot
    curves: pl.DataFrame

    @classmethod
    def none(cls) -> Self:
        """Return the states before the first date."""
        return cls({}, {}, {}, pl.DataFrame())


class Rows(NamedTuple):
    """Rows of the dataset, the effective numbers of their peers, and the curves that they are priced on."""

    dataset: pl.DataFrame
    curves: pl.DataFrame


class _Run:
    """Valuer, filter and assembler that stand where states ended."""

    def __init__(self, engine: Engine, states: States, counts: UniverseCounts) -> None:
        self._engine, self._states, self._universes = engine, states, counts.universes()
        self.valuer = MarketValuer(self._universes, engine.published, engine.market, engine.threads)
        self.valuer.restore(states.market)

    def dataset(self, valuation: Valuation, kalman: pl.DataFrame) -> pl.DataFrame:
        """Assemble the rows of valued prints with what the filter says of them."""
        prints = valuation.prints.select(PRINT_COLUMNS).hstack(kalman.select(KALMAN_COLUMNS).drop("bond_id", "date"))
        return self.assembler.add(prints).hstack(valuation.prints.select(PEER_COUNTS))

    def start(self, curves: pl.DataFrame) -> None:
        """Start filter and assembler, now that the curves are known to the last date."""
        engine, states = self._engine, self._states
        self.curves = curves
        reference = ReferenceCurves.from_frame(curves, engine.kalman.extra_nodes_years)
        names = {currency: one.names for currency, one in self._universes.items()}
        self.filter = MarketFilter(names, reference, engine.hyperparameters, engine.kalman, engine.threads)
        described = curve_state(curves, engine.features.volatility_window_dates)
        described = described.with_columns(market_states(described["curve_volatility_bp"], None))
        bonds = pl.concat(one.bonds for one in names.values()).unique().sort()
        repricer = Repricer.from_frame(curves, engine.threads)
        self.assembler = Assembler(bonds, described, repricer, engine.bounds, engine.features)
        self.filter.restore(states.kalman)
        self.assembler.restore(states.features)

    def after(self) -> States:
        """Return the states after what was valued."""
        return States(self.valuer.snapshot(), self.filter.snapshot(), self.assembler.snapshot(), self.curves)


def advance(engine: Engine, states: States, counts: UniverseCounts, bonds: pl.DataFrame) -> tuple[Rows, States]:
    """Value the prints of the next run of dates, as the pipeline does, bit for bit.

    Parameters
    ----------
    engine : Engine
    states : States
    counts : UniverseCounts
        Of all bonds, those of the run among them.
    bonds : DataFrame
        Converted observations, whole dates.
    """
    run = _Run(engine, states, counts)
    valuation = run.valuer.value(bonds.select(BOND_COLUMNS))
    if not valuation.prints.height:
        return Rows(pl.DataFrame(), states.curves), states
    run.start(_joined(states.curves, valuation.curves))
    dataset = run.dataset(valuation, run.filter.value(valuation.prints))
    return Rows(dataset, run.curves), run.after()


def _joined(curves: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    """Put new curves behind those before them; others that bear their numbers or later ones are not known yet."""
    if curves.is_empty():
        return added
    return pl.concat([curves.filter(pl.col("reference_curve") < added["reference_curve"].min()), added])


class MarketAsOf:
    """The market of a date: its prints, and answers to requests.

    Parameters
    ----------
    engine : Engine
    states : States
        After the last date before.
    counts : UniverseCounts
        Of all bonds that the data know.
    bonds : DataFrame
        Converted observations of the date; none where nothing has printed.
    as_of : date

    Attributes
    ----------
    prints : Rows
        Of the date, as the pipeline has them.
    """

    def __init__(
        self, engine: Engine, states: States, counts: UniverseCounts, bonds: pl.DataFrame, as_of: date
    ) -> None:
        self._engine, self._states, self._counts, self.as_of = engine, states, counts, as_of
        self._bonds = bonds.select(BOND_COLUMNS)
        run = _Run(engine, states, counts)
        valuation = run.valuer.value(self._bonds)
        self._valued = valuation.prints
        self.prints = Rows(pl.DataFrame({"bond_id": []}, schema={"bond_id": pl.String}), states.curves)
        if valuation.prints.height:
            run.start(_joined(states.curves, valuation.curves))
            self.prints = Rows(run.dataset(valuation, run.filter.value(valuation.prints)), run.curves)

    @property
    def currencies(self) -> set[str]:
        """Currencies that have printed by the date."""
        seen = {name.split("/")[0] for name in self._states.market if "/" in name}
        return seen | {str(one) for one in self._bonds["currency"].unique()}

    def ask(self, asked: pl.DataFrame) -> Rows:
        """Return the rows that bonds would have had on the date, each found without itself and all other requests.

        Parameters
        ----------
        asked : DataFrame
            `BOND_COLUMNS` of distinct bonds that have not printed on the date, in `currencies`; prices may be null.

        Returns
        -------
        Rows
            Of the bonds that can be discounted, sorted by bond_id.
        """
        known = self._counts.bonds["bond_id"].unique()
        strangers = asked.filter(~pl.col("bond_id").is_in(known.implode()))
        run = _Run(self._engine, self._states, self._counts.with_strangers(strangers))
        valuation = run.valuer.ask(self._bonds, asked.sort("bond_id"))
        if not valuation.prints.height:
            return Rows(pl.DataFrame(), self._states.curves)
        run.start(_joined(self._states.curves, valuation.curves))
        of_date = valuation.curves.select("currency", "reference_curve").unique()
        prints = pl.DataFrame(schema=valuation.prints.schema)
        if self._valued.height:
            prints = self._valued.drop("reference_curve").join(of_date, on="currency", maintain_order="left")
        return Rows(run.dataset(valuation, run.filter.ask(prints, valuation.prints)), run.curves)


def counted(bonds: pl.DataFrame) -> UniverseCounts:
    """Count a market that is held whole."""
    return UniverseCounts.none().plus(bonds.select(UNIVERSE_COLUMNS))
