"""Value every print of a market: one run of dates after another, each currency on its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.benchmark import CURVE_SCHEMA, GivenCurves, count_sources
from richcheap.curves.pricing import curve_prices
from richcheap.numerics.elementwise import divided
from richcheap.panel.counts import MarketCounts
from richcheap.panel.panel import build_panel
from richcheap.panel.params import MarketParams
from richcheap.panel.peer_groups import PEER_GROUPS
from richcheap.panel.snapshot import Snapshot, nested, part_of
from richcheap.panel.universe import Universe
from richcheap.surface.prints import WIDEST_SPREAD_BP, DateResult
from richcheap.surface.surface import Surface

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


_TALLIES = {"kind": pl.String, "name": pl.String, "count": pl.Int64}
NO_SPREAD = f"no_spread_within_{WIDEST_SPREAD_BP:.0f}_bp"
"""Why a row with figures is set aside."""

BOND_COLUMNS: tuple[str, ...] = (
    *("bond_id", "date", "source_row", "currency", "bond_type", "credit_rating", "issuer", "price_kind", "callable"),
    "convertible",
    *("side", "volume", "years_to_maturity", "clean_price", "dirty_price", "accrued_interest", "status"),
    *("settlement_date", "maturity_date", "coupon_rate", "quoted_margin", "frequency", "day_count", "issue_date"),
    "first_coupon_date",
)
"""What is read of a converted observation, and all but its status handed on."""


class Valuation(NamedTuple):
    """A run of dates, valued.

    Attributes
    ----------
    prints : DataFrame
        The rows that have a usable spread, with the columns of docs/features.md, sorted by (date, bond_id).
    curves : DataFrame
        Reference curves in the form of `CURVE_SCHEMA`, numbered in the order of (date, currency).
    dates : int
        Distinct dates of the run, valued or not.
    set_aside : int
        Rows without a usable spread.
    reasons : dict of str to int
        The same by their status where this is not ``ok``, else by `NO_SPREAD`.
    """

    prints: pl.DataFrame
    curves: pl.DataFrame
    dates: int
    set_aside: int
    reasons: Mapping[str, int] = MappingProxyType({})


class ValuationTotals:
    """What a market's valuation adds up to, run by run: its counts, its curves, and what was set aside and why.

    Parameters
    ----------
    last : date, optional
        What comes later is counted apart, as `live`.
    """

    def __init__(self, last: date | None = None) -> None:
        self._last = last or date.max
        self.counts, self.live = MarketCounts.none(), MarketCounts.none()
        self.rows: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._curves = [pl.DataFrame(schema=CURVE_SCHEMA)]

    def add(self, run: Valuation) -> None:
        """Add the next run of dates."""
        prints = run.prints
        self.reasons.update(run.reasons)
        self.rows.update(dates=run.dates, rows_set_aside=run.set_aside)
        if prints.height:
            early, late = self.cut(prints)
            self.counts = self.counts.plus(early) if early.height else self.counts
            self.live = self.live.plus(late) if late.height else self.live
            self._curves.append(run.curves)
            self.rows.update(
                dates_valued=prints["date"].n_unique(),
                rows_valued=prints.height,
                rows_with_history=int(prints["has_history"].sum()),
            )

    def cut(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the rows up to the last date, and those after it."""
        early = pl.col("date") <= self._last
        return frame.filter(early), frame.filter(~early)

    @property
    def curves(self) -> pl.DataFrame:
        """All reference curves."""
        return pl.concat(self._curves)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return all of it as tables, for `restore`."""
        tallies = [("rows", *one) for one in sorted(self.rows.items())] + [
            ("reasons", *one) for one in sorted(self.reasons.items())
        ]
        return {
            "curves": self.curves,
            "tallies": pl.DataFrame(tallies, schema=_TALLIES, orient="row"),
            **{f"counts_{name}": frame for name, frame in self.counts._asdict().items()},
            **{f"live_{name}": frame for name, frame in self.live._asdict().items()},
        }

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Go on where the totals ended that `frames` has returned; without a table they stay at nothing."""
        if not frames:
            return
        self._curves = [frames["curves"]]
        for kind, counter in (("rows", self.rows), ("reasons", self.reasons)):
            counter.update(dict(frames["tallies"].filter(pl.col("kind") == kind).select("name", "count").iter_rows()))
        self.counts, self.live = (
            MarketCounts(**{name: frames[f"{start}_{name}"] for name in MarketCounts._fields})
            for start in ("counts", "live")
        )

    def set_aside(self) -> tuple[float, str]:
        """Return the share of the rows that were set aside, and how many they are and why, in words."""
        rows, aside = self.rows, self.rows["rows_set_aside"]
        total, lost = aside + rows["rows_valued"], rows["dates"] - rows["dates_valued"]
        by_number = sorted(self.reasons.items(), key=lambda one: (-one[1], one[0]))
        share = aside / max(total, 1)
        return share, (
            f"{aside:,} of {total:,} rows ({share:.2%}) set aside, with all rows of {lost:,} of {rows['dates']:,} "
            f"dates: {', '.join(f'{name} {count:,}' for name, count in by_number)}"
        )

    def figures(self) -> dict[str, Any]:
        """Return the figures of metrics/market.json."""
        return {**self.rows, "set_aside_reasons": dict(self.reasons), "benchmark": count_sources(self.curves)}


class MarketValuer:
    """Values a market run by run, without any print's own price.

    Each currency is a market of its own: its own curve, surface and peers. What is remembered between runs follows from
    the bonds, not from the rows.

    Parameters
    ----------
    universes : dict of str to Universe
        Of every currency, see `richcheap.panel.universe`.
    curve : DataFrame
        Published benchmark curves: ``currency``, ``date``, ``tenor_years``, ``rate``, ``kind``; may be empty.
    params : MarketParams
    threads : int
        Does not affect the result.
    """

    def __init__(
        self, universes: dict[str, Universe], curve: pl.DataFrame, params: MarketParams, threads: int = 1
    ) -> None:
        self._universes, self._params, self._threads = universes, params, threads
        self._surfaces = {
            currency: Surface(
                universe,
                GivenCurves(curve.filter(pl.col("currency") == currency), params.curve_nodes_years),
                params,
                threads,
            )
            for currency, universe in universes.items()
        }
        self._curves = 0

    def value(self, bonds: pl.DataFrame) -> Valuation:
        """Value the next run of dates.

        Parameters
        ----------
        bonds : DataFrame
            Converted observations of whole dates, later than those before, sorted by (date, bond_id): the columns
            `BOND_COLUMNS`.
        """
        statuses, dates = Counter(bonds["status"].to_list()), bonds["date"].n_unique()
        sound = self._sound(bonds).with_row_index("row")
        rows: list[NDArray[np.int64]] = []
        results: list[DateResult] = []
        currencies: list[str] = []
        for currency, surface in self._surfaces.items():
            frame = sound.filter(pl.col("currency") == currency)
            if frame.height:
                own = frame["row"].to_numpy().astype(np.int64)
                for result in surface.dates(build_panel(frame, self._universes[currency])):
                    rows.append(own[result.rows])
                    results.append(result)
                    currencies.append(currency)
        valuation = self._valuation(sound, rows, results, currencies)
        set_aside, reasons = bonds.height - valuation.prints.height, _reasons(statuses, valuation.prints.height)
        return valuation._replace(dates=dates, set_aside=set_aside, reasons=reasons)

    def ask(self, bonds: pl.DataFrame, asked: pl.DataFrame) -> Valuation:
        """Value bonds that are asked for on the next date, after which this valuer cannot go on.

        Parameters
        ----------
        bonds : DataFrame
            The converted observations of that date, as for `value`; without a row where nothing has printed.
        asked : DataFrame
            The columns `BOND_COLUMNS` of at least one bond, sorted by bond_id; none has printed on the date, and prices
            may be null.

        Returns
        -------
        Valuation
            Of the bonds that can be discounted, see `richcheap.surface.surface.Surface.ask`, and the curves of their
            currencies.
        """
        sound, wanted = self._sound(bonds), self._named(asked).with_row_index("row")
        rows: list[NDArray[np.int64]] = []
        results: list[DateResult] = []
        currencies = wanted["currency"].unique().sort().to_list()
        for currency in currencies:
            printed, own = (frame.filter(pl.col("currency") == currency) for frame in (sound, wanted))
            panel = build_panel(printed, self._universes[currency]) if printed.height else None
            result = self._surfaces[currency].ask(panel, build_panel(own, self._universes[currency]))
            rows.append(own["row"].to_numpy().astype(np.int64)[result.rows])
            results.append(result)
        return self._valuation(wanted, rows, results, currencies)

    def _sound(self, bonds: pl.DataFrame) -> pl.DataFrame:
        return self._named(bonds.filter(pl.col("status") == "ok"))

    def _named(self, bonds: pl.DataFrame) -> pl.DataFrame:
        """Return what is read of observations, each issuer under the first of its names."""
        named = bonds.select(BOND_COLUMNS).drop("status")
        for currency, universe in self._universes.items():
            if universe.first_names:
                issuer = pl.col("issuer")
                first = pl.when(pl.col("currency") == currency).then(issuer.replace(universe.first_names))
                named = named.with_columns(issuer=first.otherwise(issuer))
        return named

    def _valuation(
        self, rows: pl.DataFrame, places: list[NDArray[np.int64]], results: list[DateResult], currencies: list[str]
    ) -> Valuation:
        """Put the results of dates and currencies together, in the order of the rows; `places` says whose they are."""
        order = sorted(range(len(results)), key=lambda k: (results[k].day, currencies[k]))
        results = [results[k] for k in order]
        if not results:
            return Valuation(rows.drop("row").clear(), pl.DataFrame(schema=CURVE_SCHEMA), 0, 0)
        curves = _curve_table(results, [currencies[k] for k in order], self._curves, self._params.curve_nodes_years)
        where = np.concatenate([places[k] for k in order])
        back = np.argsort(where, kind="stable")
        local = np.repeat(np.arange(len(results), dtype=np.int32), [result.rows.size for result in results])[back]
        prints = rows[where[back]].drop("row").hstack(_print_columns(results, back))
        prints = prints.with_columns(pl.Series("reference_curve", local + np.int32(self._curves)))
        self._curves += len(results)
        rates = np.stack([result.reference_rates for result in results])
        return Valuation(self._with_prices(prints, local, rates), curves, 0, 0)

    def snapshot(self) -> Snapshot:
        """Return what the runs so far leave for the next one, see `richcheap.panel.snapshot`."""
        found: Snapshot = {"curves": np.array(self._curves)}
        for currency, surface in self._surfaces.items():
            found |= nested(currency, surface.snapshot())
        return found

    def restore(self, snapshot: Snapshot) -> None:
        """Go on where the runs of a snapshot ended, be it empty; its bonds must be among those of the universes."""
        self._curves = int(snapshot.get("curves", 0))
        for currency, surface in self._surfaces.items():
            surface.restore(part_of(snapshot, currency))

    def _with_prices(self, prints: pl.DataFrame, curve: Ints, rates: Floats) -> pl.DataFrame:
        """Add the matrix spread, the base spread and the fair price, none of which knows the own price."""
        matrix = pl.col("surface_bp") + pl.col("peer_level_bp")
        own = pl.col("move_surface_bp") + pl.col("last_residual_bp")
        spreads = prints.with_columns(
            has_history=pl.col("last_residual_bp").is_not_null(),
            matrix_spread=divided(matrix, BP),
            base_spread=divided(pl.coalesce(own, matrix), BP),
        )
        dirty = curve_prices(
            terms_from_frame(spreads),
            self._params.curve_nodes_years,
            rates,
            curve,
            spreads["matrix_spread"].to_numpy()[:, None],
            self._threads,
        )
        return spreads.with_columns(pl.Series("fair_price", dirty[:, 0] - spreads["accrued_interest"].to_numpy()))


def _reasons(statuses: Counter[str], valued: int) -> dict[str, int]:
    """Count the rows that are set aside, by reason."""
    reasons = statuses + Counter({NO_SPREAD: statuses["ok"] - valued})
    return {name: rows for name, rows in sorted(reasons.items()) if name != "ok"}


def _curve_table(
    results: list[DateResult], currencies: list[str], first: int, nodes_years: Sequence[float]
) -> pl.DataFrame:
    nodes = len(nodes_years)
    return pl.DataFrame(
        {
            "reference_curve": np.repeat(np.arange(first, first + len(results)), nodes),
            "currency": np.repeat(currencies, nodes).tolist(),
            "date": np.repeat(np.array([result.day for result in results], dtype=np.int32), nodes),
            "source": np.repeat([result.source for result in results], nodes).tolist(),
            "tenor_years": np.tile(nodes_years, len(results)),
            "zero_rate": np.concatenate([result.reference_rates for result in results]),
            "zero_rate_at_close": np.concatenate([result.close_rates for result in results]),
        }
    ).cast(CURVE_SCHEMA)  # type: ignore[arg-type]


def _print_columns(results: list[DateResult], order: NDArray[np.int64]) -> pl.DataFrame:
    def column(name: str) -> Floats:
        return np.concatenate([getattr(result, name) for result in results])[order]

    def group(name: str, position: int) -> Floats:
        return np.concatenate([getattr(result.peers, name)[:, position] for result in results])[order]

    columns = {
        "z_spread_bp": column("spread"),
        "surface_bp": column("surface"),
        "move_surface_bp": column("move_surface"),
        "last_level_bp": column("last_level"),
        "last_residual_bp": column("last_residual"),
        "level_residual_bp": column("level_residual"),
        "move_residual_bp": column("move_residual"),
        "move_since_last_bp": column("move_since_last"),
        "move_today_bp": column("move_today"),
        "peer_move_bp": column("peer_move"),
        "peer_level_bp": column("peer_level"),
        "noise_bp": column("noise"),
    }
    for position, name in enumerate(PEER_GROUPS):
        columns[f"{name}_move_bp"] = group("move", position)
        columns[f"{name}_move_count"] = group("move_count", position)
        columns[f"{name}_level_bp"] = group("level", position)
        columns[f"{name}_level_count"] = group("level_count", position)
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
