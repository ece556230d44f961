"""Signals judged as a desk would: by decile and flag, what part of the gap closes, and what trading on it earns.

A position is opened at the bond's next print after the signal and closed at a later one. Cheap bonds are bought and
rich ones sold; earnings are the narrowing of the gap to peers, bp of spread, before and after the half-spreads of both
trades. Carry is not part of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.cells import (
    MATURITY_CELLS,
    STALENESS_CELLS,
    Cut,
    column_cut,
    maturity_codes,
    row_staleness_days,
    staleness_codes,
)
from richcheap.evaluation.params import EvaluateParams
from richcheap.relative_value.date_sums import DateSums, Estimate
from richcheap.relative_value.outcomes import NONE, Market, Outcome, outcome_after
from richcheap.relative_value.table import CHEAP, FAIR, RICH, SIGNALS, Signal

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DECILES: Final = 10
HORIZONS: Final[dict[str, int | None]] = {"next": None, "5": 5, "20": 20, "60": 60}
"""Dates after which outcomes are measured; ``next`` is the bond's next print."""
SHOWN: Final = ("20", "5")
"""Horizons of which one is shown and cut by rating and the like: the first that the span is long enough for."""
PAYS, LOSES, UNCLEAR, TOO_FEW = "pays", "loses", "not distinguishable", "too few dates"
SIMULATED: Final = "true_bond_bp"


class Group(NamedTuple):
    """Sums of the outcomes of some rows, by their numbers in `DateSums`."""

    rows: int
    gap: int
    left: int
    earned: int
    net: int
    matrix: int
    hits: int
    net_hits: int


def deciles(rows: pl.DataFrame, column: str) -> NDArray[np.int64]:
    """Return the decile of a signal among the bonds of the date and currency, 1 (richest) to 10; 0 without a signal."""
    place = (pl.col(column).rank("average") - 0.5) / pl.col(column).count()
    code = (place.over("date", "currency") * DECILES).floor().clip(0, DECILES - 1) + 1
    return rows.select(code.fill_null(0).cast(pl.Int64)).to_series().to_numpy()


def score_block(rows: pl.DataFrame, params: EvaluateParams, seed: int, with_cuts: bool = True) -> dict[str, Any]:
    """Judge the signals of a span of dates by what happened within it.

    Parameters
    ----------
    rows : DataFrame
        The table of signals (`richcheap.relative_value.table.signal_table`), sorted by (date, bond_id).
    params : EvaluateParams
        Of the bootstrap. A block of dates is not shorter than the horizon; spans of fewer than five blocks have no
        interval and no verdict.
    seed : int
    with_cuts : bool
        Whether the extreme deciles are judged by rating, maturity and the like, too.

    Returns
    -------
    dict
        For each of `HORIZONS` ``deciles``, ``flags`` and ``cuts`` (extreme deciles) of relative value, and ``signals``:
        each one's extreme deciles, on the rows that have all of them. On a simulated market ``truth``.
    """
    market = Market.of(rows)
    known = [one for one in SIGNALS if one.column in rows.columns and (rows[one.column].count() or not rows.height)]
    decile = {signal.name: deciles(rows, signal.column) for signal in known}
    common = np.all([rows[one.column].is_not_null().to_numpy() for one in known], axis=0)
    on_common = {
        one.name: deciles(rows.with_columns(pl.when(pl.Series(common)).then(one.column).alias(one.column)), one.column)
        for one in known
    }
    result: dict[str, Any] = {
        "rows": rows.height,
        "dates": market.dates,
        "first_date": str(rows["date"][0]) if rows.height else None,
        "last_date": str(rows["date"][-1]) if rows.height else None,
        "common_rows": int(common.sum()),
        "shown_horizon": shown_horizon(market),
        "horizons": {},
    }
    for horizon, dates in HORIZONS.items():
        outcome = outcome_after(rows, market, dates)
        blocks = max(params.bootstrap_block_dates, dates or 0)
        sums = DateSums(market.day, market.dates, blocks, params, seed)
        own = decile["relative_value"]
        groups = add_calls(sums, outcome, rows, own)
        if with_cuts and horizon == result["shown_horizon"]:
            groups |= {
                ("cuts", cut.name, cell): add_group(sums, outcome, mask, own)
                for cut in desk_cuts(rows)
                for code, cell in enumerate(cut.cells)
                for mask in [extreme(own) & (cut.code == code)]
                if mask.any()
            }
        ranks = {}
        for name, code in on_common.items():
            groups["signals", name] = add_group(sums, outcome, extreme(code), code)
            column = next(one.column for one in known if one.name == name)
            ranks[name] = add_rank_correlation(sums, market, rows[column].to_numpy(), outcome.closed)
        found: dict[str, Any] = {"deciles": [], "flags": [], "signals": [], "cuts": {}}
        for (kind, *cut, cell), group in groups.items():
            place = found["cuts"].setdefault(cut[0], []) if cut else found[kind]
            place.append({"cell": cell, **described(sums, group, horizon)})
        judged = groups["signals", "relative_value"]
        for figures in found["signals"]:
            name = figures["cell"]
            figures["rank_correlation"] = sums.ratio(*ranks[name])._asdict()
            if dates is not None and name != "relative_value":
                other = groups["signals", name]
                ahead = sums.difference((judged.net, judged.rows), (other.net, other.rows))
                figures["relative_value_ahead_bp"] = ahead._asdict()
        result["horizons"][horizon] = found
    if SIMULATED in rows.columns:
        result["truth"] = truth_scores(rows, market, known, decile, params, seed)
    return result


def score_quarters(rows: pl.DataFrame, params: EvaluateParams, seed: int) -> list[dict[str, Any]]:
    """Judge the calls of each calendar quarter, by what happened until the end of the rows.

    Parameters
    ----------
    rows, params, seed
        As for `score_block`.

    Returns
    -------
    list of dict
        In the order of time: ``quarter`` (``2023 Q2``), ``first_date``, ``last_date``, ``dates``, and in ``horizons``
        for each of `SHOWN` the ``deciles`` and ``flags`` of relative value. The calls are the quarter's, their outcomes
        may be later.
    """
    market, own = Market.of(rows), deciles(rows, "relative_value_bp")
    names = rows.select(pl.format("{} Q{}", pl.col("date").dt.year(), pl.col("date").dt.quarter())).to_series()
    outcomes = {horizon: outcome_after(rows, market, HORIZONS[horizon]) for horizon in SHOWN}
    found = []
    for name in names.unique(maintain_order=True):
        inside = (names == name).to_numpy()
        calls, day = rows.filter(inside), market.day[inside]
        dates = int(day[-1] - day[0]) + 1
        horizons: dict[str, Any] = {}
        for horizon, outcome in outcomes.items():
            blocks = max(params.bootstrap_block_dates, HORIZONS[horizon] or 0)
            sums = DateSums(day - day[0], dates, blocks, params, seed)
            groups = add_calls(sums, Outcome(*(column[inside] for column in outcome)), calls, own[inside])
            horizons[horizon] = {"deciles": [], "flags": []}
            for (kind, cell), group in groups.items():
                horizons[horizon][kind].append({"cell": cell, **described(sums, group, horizon)})
        first, last = str(calls["date"][0]), str(calls["date"][-1])
        found.append({"quarter": name, "first_date": first, "last_date": last, "dates": dates, "horizons": horizons})
    return found


def shown_horizon(market: Market) -> str:
    """Return the first of `SHOWN` after which a bond of the span prints again, or the first of all."""
    again = (name for name in SHOWN if (market.prints_after(HORIZONS[name] or 0) != NONE).any())
    return next(again, SHOWN[0])


def extreme(decile: NDArray[np.int64]) -> Mask:
    """Return whether rows are in the richest or in the cheapest decile."""
    return np.isin(decile, (1, DECILES))


def flag_masks(rows: pl.DataFrame) -> dict[str, Mask]:
    """Return which rows are flagged how; ``gain above cost`` ones expect more than both half-spreads."""
    flag = rows["flag"].fill_null("").to_numpy()
    enough = (rows["gain_over_cost"].abs() > 1.0).fill_null(value=False).to_numpy()
    masks = {name: flag == name for name in (RICH, FAIR, CHEAP)}
    return masks | {f"{name}, gain above cost": masks[name] & enough for name in (RICH, CHEAP)}


def desk_cuts(rows: pl.DataFrame) -> list[Cut]:
    """Return the cuts in which the extreme deciles are judged apart."""
    size = pl.Series("size", np.where(rows["mark"] == "retail", "retail", "larger"))
    size = size.set(rows["volume"].is_null(), "unknown")
    return [
        column_cut("rating_bucket", rows["rating_bucket"]),
        Cut("maturity", MATURITY_CELLS, maturity_codes(rows["years_to_maturity"].to_numpy())),
        Cut("staleness", STALENESS_CELLS, staleness_codes(row_staleness_days(rows))),
        column_cut("size", size),
        column_cut("price_kind", rows["price_kind"].cast(pl.String)),
    ]


def add_calls(
    sums: DateSums, outcome: Outcome, rows: pl.DataFrame, decile: NDArray[np.int64]
) -> dict[tuple[str, ...], Group]:
    """Add up the outcomes of each decile and each flag of relative value."""
    masks = {("deciles", str(code)): decile == code for code in range(1, DECILES + 1)}
    masks |= {("flags", name): mask for name, mask in flag_masks(rows).items()}
    return {key: add_group(sums, outcome, mask, decile) for key, mask in masks.items()}


def add_group(sums: DateSums, outcome: Outcome, mask: Mask, decile: NDArray[np.int64]) -> Group:
    """Add up the outcomes of some rows, folded so that a gap which the signal points to is positive."""
    sign = np.where(mask & (decile > 0) & np.isfinite(outcome.later), np.where(2 * decile > DECILES, 1.0, -1.0), 0.0)
    earned = np.where(sign == 0.0, np.nan, sign * outcome.closed)
    net = earned - outcome.cost
    return Group(
        rows=sums.add(np.abs(sign)),
        gap=sums.add(sign * outcome.gap),
        left=sums.add(np.where(sign == 0.0, 0.0, sign * outcome.later)),
        earned=sums.add(earned),
        net=sums.add(net),
        matrix=sums.add(np.where(sign == 0.0, np.nan, sign * outcome.matrix_closed)),
        hits=sums.add((earned > 0.0).astype(np.float64)),
        net_hits=sums.add((net > 0.0).astype(np.float64)),
    )


def described(sums: DateSums, group: Group, horizon: str) -> dict[str, Any]:
    """Return the figures of a group: its gap, the share of it that closed, and what it earned."""
    rows, left = int(sums.total(group.rows)), sums.ratio(group.left, group.gap)
    found: dict[str, Any] = {
        "rows": rows,
        "gap_bp": sums.ratio(group.gap, group.rows).value,
        "closed": Estimate(1.0 - left.value, 1.0 - left.high, 1.0 - left.low)._asdict(),
    }
    if HORIZONS[horizon] is None:
        return found
    net, net_hits = sums.ratio(group.net, group.rows), sums.ratio(group.net_hits, group.rows)
    return found | {
        "earned_bp": sums.ratio(group.earned, group.rows)._asdict(),
        "net_bp": net._asdict(),
        "matrix_earned_bp": sums.ratio(group.matrix, group.rows)._asdict(),
        "hit_rate": sums.ratio(group.hits, group.rows)._asdict(),
        "net_hit_rate": net_hits.value,
        "net_hit_rate_interval": [net_hits.low, net_hits.high],
        "verdict": verdict(net),
    }


def verdict(net: Estimate) -> str:
    """Say whether what is left after half-spreads is above or below zero."""
    if np.isnan(net.low):
        return TOO_FEW
    return PAYS if net.low > 0.0 else LOSES if net.high < 0.0 else UNCLEAR


def add_rank_correlation(sums: DateSums, market: Market, signal: Floats, other: Floats) -> tuple[int, int]:
    """Add Spearman's rank correlation of each date, weighted by its rows; return its numerator and denominator."""
    frame = pl.DataFrame({"day": market.day, "a": signal, "b": other}).fill_nan(None)
    both = pl.col("a").is_not_null() & pl.col("b").is_not_null()
    ranked = frame.with_columns(pl.when(both).then(name).alias(name) for name in ("a", "b")).with_columns(
        (pl.col(name).rank("average") - (pl.col(name).count() + 1) / 2).over("day").alias(name) for name in ("a", "b")
    )
    a, b = (ranked[name].fill_null(0.0).to_numpy() for name in ("a", "b"))
    day, dates = market.day, market.dates
    size = np.sqrt(np.bincount(day, a * a, dates) * np.bincount(day, b * b, dates))
    rows = np.bincount(day, ranked["a"].is_not_null().to_numpy(), dates)
    scale = np.divide(rows, size, out=np.zeros(dates), where=size > 0.0)
    counted = ranked["a"].is_not_null().to_numpy() & (size > 0.0)[day]
    return sums.add(a * b * scale[day]), sums.add(counted.astype(np.float64))


def truth_scores(
    rows: pl.DataFrame,
    market: Market,
    known: Sequence[Signal],
    decile: Mapping[str, NDArray[np.int64]],
    params: EvaluateParams,
    seed: int,
) -> dict[str, Any]:
    """Return how well each signal finds the truly rich and cheap bonds of each date.

    Returns
    -------
    dict
        For each signal ``rank_correlation`` with the bond's true residual, and ``found``: the share of the bonds in
        the true extreme deciles of the date that are in the same decile of the signal; a tenth is chance.
    """
    sums = DateSums(market.day, market.dates, params.bootstrap_block_dates, params, seed)
    true = deciles(rows, SIMULATED)
    asked = {}
    for signal in known:
        code = decile[signal.name]
        among = extreme(true) & (code > 0)
        found = sums.add((among & (code == true)).astype(np.float64)), sums.add(among.astype(np.float64))
        correlation = add_rank_correlation(sums, market, rows[signal.column].to_numpy(), rows[SIMULATED].to_numpy())
        asked[signal.name] = {"rank_correlation": correlation, "found": found}
    return {
        name: {key: sums.ratio(*columns)._asdict() for key, columns in figures.items()}
        for name, figures in asked.items()
    }
