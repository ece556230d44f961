"""What was assumed, left out or done otherwise than asked: a line for each, for the top of the page."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from richcheap.reporting.layout.formats import count, percent, plural
from richcheap.reporting.sections.data import listed

FILTERS = {
    "when_issued": "when issued",
    "special_price": "special price",
    "primary_market": "primary market",
    "agency_duplicate": "agency, reported twice",
    "non_par_price": "not at the market's price",
    "cancelled": "cancelled",
    "corrected": "corrected",
    "interdealer_duplicate": "reported by both dealers",
    "small_trade": "too small",
    "decimal_shift": "decimal point shifted",
    "unconfirmed_jump": "jump that no print confirms",
    "duplicate": "further print of the day",
    "folded": "made part of the day's price",
}
"""Reasons for which filters leave out prints (docs/filters/); other reasons are faults of the file or choices."""
TERMS = {
    "bond_type": "kind of bond",
    "currency": "currency",
    "day_count": "day count",
    "frequency": "coupon frequency",
    "settlement_date": "settlement date",
}
"""What is taken by convention where the file does not say."""

Content = Mapping[str, Any]


class Notice(NamedTuple):
    """A line at the top of the page.

    Attributes
    ----------
    text : str
        A sentence with its counts.
    anchor : str
        The section that says more.
    mark : str
        ``bad`` when figures of the page must not be taken as they stand, else ``even``.
    """

    text: str
    anchor: str
    mark: str = "even"


def notices(
    ingest: Content,
    market: Content,
    evaluate: Content,
    train: Mapping[str, Content],
    live: Content,
    too_few: str | None = None,
) -> list[Notice]:
    """Return what a reader should know before the first figure; nothing where all is as asked.

    Parameters
    ----------
    ingest, market, evaluate, live : mapping
        Content of the file of that name in metrics/.
    train : mapping
        Content of models/NAME/findings.json for each model.
    too_few : str, optional
        Why nothing could be trained and judged; then `evaluate`, `train` and `live` are not looked at.
    """
    return [
        *(_too_few(too_few) if too_few else _models(evaluate, train, live)),
        *_curves(market["benchmark"]),
        *_terms(ingest),
        *_left_out(ingest),
        *_prices(ingest, market),
    ]


def _too_few(why: str) -> Iterator[Notice]:
    yield Notice(
        f"Too few dates to train and judge models ({why}): the list is the Kalman filter's, by the parameters of "
        "params/kalman.yaml as they stand, and no interval or risk is shown.",
        "relative_value",
        "bad",
    )


def _models(evaluate: Content, train: Mapping[str, Content], live: Content) -> Iterator[Notice]:
    if not evaluate["best_model"]:
        yield Notice(f"No model was trained: prices are those of {evaluate['best_baseline']}.", "results", "bad")
    gone = sorted(set(train) - set(evaluate["predictors"]))
    if gone:
        yield Notice(f"Left out of the results: {', '.join(gone)}.", "training", "bad")
    ignored = [name for name, found in train.items() if found.get("multiplier") == 0.0]
    if ignored:
        yield Notice(
            f"Of {', '.join(ignored)} nothing is applied: on the validation block the base price was better alone.",
            "training",
        )
    if evaluate.get("skill_note"):
        yield Notice(f"Too few dates: {evaluate['skill_note']}.", "results")
    drift = live.get("drift") or evaluate["drift"]
    by_status = {
        status: sorted(name for name, found in drift["models"].items() if found["status"] == status)
        for status in ("retrain", "watch", "unknown")
    }
    if live.get("retrain") or by_status["retrain"]:
        names = ", ".join(by_status["retrain"]) or "the champion"
        yield Notice(f"Drift: train again, {names}.", "drift", "bad")
    elif by_status["watch"]:
        yield Notice(f"Drift: watch {', '.join(by_status['watch'])}.", "drift")
    elif by_status["unknown"]:
        yield Notice("Drift: no verdict, there are too few dates to tell.", "drift")


def _curves(benchmark: Mapping[str, Mapping[str, int]]) -> Iterator[Notice]:
    totals = {currency: sum(dates.values()) for currency, dates in sorted(benchmark.items())}
    flat = [currency for currency, total in totals.items() if benchmark[currency].get("flat", 0) == total]
    new = [currency for currency in flat if totals[currency] == 1]
    if new:
        yield Notice(
            f"{', '.join(new)}: the curve of the only date is flat at market.risk_free_rate, by design: a date's curve "
            "comes from the governments of earlier dates.",
            "data",
        )
    always = [currency for currency in flat if currency not in new]
    if always:
        dates_of = {totals[currency] for currency in always}
        which = f"all {count(dates_of.pop())} dates" if len(dates_of) == 1 else "all of their dates"
        yield Notice(
            f"{', '.join(always)}: the curve is flat at market.risk_free_rate on {which}, as there is no published one "
            "and governments are too few to fit one: spreads, carry and roll-down rest on that rate.",
            "data",
            "bad",
        )
    for currency, dates in sorted(benchmark.items()):
        total = count(totals[currency])
        if 1 < dates.get("flat", 0) < totals[currency]:
            yield Notice(
                f"{currency}: the curve is flat at market.risk_free_rate on {count(dates['flat'])} of {total} dates, "
                "until governments enough had printed.",
                "data",
            )
        if dates.get("given") and dates.get("fitted"):
            yield Notice(
                f"{currency}: no published curve on {count(dates['fitted'])} of {total} dates; there it is fitted to "
                "the governments of the dates before.",
                "data",
            )


def _terms(ingest: Content) -> Iterator[Notice]:
    accepted = ingest["rows_accepted"]
    assumed = ingest.get("assumed") or {}
    if assumed:
        said = [
            f"{TERMS[name]} for {percent(sum(found.values()) / accepted)} % of {count(accepted)} rows ({listed(found)})"
            for name, found in sorted(assumed.items())
        ]
        yield Notice(f"Taken by convention, as the file does not say: {'; '.join(said)}.", "data")
    unrated = (ingest.get("ratings") or {}).get("NR", 0)
    if unrated:
        share = f"{percent(unrated / accepted)} % of {count(accepted)} rows"
        yield Notice(f"Without a rating: {share}; governments go by their type.", "data")
    unread = ingest.get("unparsed_values") or {}
    if unread:
        yield Notice(f"Values that cannot be read count as missing: {listed(unread)}.", "data")


def _left_out(ingest: Content) -> Iterator[Notice]:
    """Return prices that filters have left out, and apart from them what the quarantine holds besides."""
    reasons, read = ingest["quarantine_reasons"], ingest["rows_read"]
    filtered = {FILTERS[name]: rows for name, rows in reasons.items() if name in FILTERS}
    others = {name.replace("_", " "): rows for name, rows in reasons.items() if name not in FILTERS}
    for found, what in ((filtered, "left out by filters"), (others, "set aside in quarantine")):
        if found:
            rows = sum(found.values())
            share = f"{percent(rows / read)} % of {count(read)} rows"
            yield Notice(f"{plural(rows, 'price')} ({share}) {what}: {listed(found)}.", "quarantine")


def _prices(ingest: Content, market: Content) -> Iterator[Notice]:
    if market["rows_set_aside"]:
        why = listed({name.replace("_", " "): rows for name, rows in (market.get("set_aside_reasons") or {}).items()})
        yield Notice(f"Accepted, but not valued: {plural(market['rows_set_aside'], 'row')} ({why}).", "data")
    repeated = ingest.get("repeated_days") or []
    if repeated:
        yield Notice(f"Prices repeat those of the day before on {plural(len(repeated), 'date')}.", "data")
    changing = ingest.get("contradictions") or {}
    if changing:
        found = {name.replace("_", " "): entry["bonds"] for name, entry in changing.items()}
        yield Notice(f"Terms that change from row to row, by number of bonds: {listed(found)}.", "data")
