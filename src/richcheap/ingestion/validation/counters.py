"""What is counted of accepted and refused rows while they pass, in memory that does not grow with their number."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from richcheap.ingestion.observations import NO_OBSERVATION, Checked
from richcheap.ingestion.schema import OBSERVATION_SCHEMA, PRICES
from richcheap.ingestion.validation.validation_rules import CONDITIONS_REFUSED

STATIC = (
    "maturity_date",
    "coupon_rate",
    "quoted_margin",
    "frequency",
    "day_count",
    "issue_date",
    "first_coupon_date",
    "bond_type",
    "issuer",
    "currency",
    "callable",
    "convertible",
    "face_value",
)
"""Columns that one bond should not change; ratings and calls may."""

COUNTED = ("currency", "observed", "price_kind", "bond_type", "credit_rating")
"""Columns of few values whose rows are counted."""

REPEAT_MIN_BONDS = 10
"""Bonds that two days must share before equal prices look like a copy."""

ONE_BOND_IN = 16
"""Share of the bonds, by a hash of their names, at which each day is looked at first."""

NOT_FAULTS = (
    "currency_not_selected", "unsupported_instrument", *CONDITIONS_REFUSED, "cancelled", "corrected",
    "interdealer_duplicate", "small_trade", "duplicate", "folded", NO_OBSERVATION,
)  # fmt: skip
"""Reasons that are no faults: what the user did not ask for, bonds of another kind, reports of trades that do not stand
or were not at the market's price, further trades of a day, notes around the table. They do not count against the share
of rejected rows."""


_REFUSED = {"reason": pl.String, "rows": pl.Int64, "row": pl.Int64, "detail": pl.String}
_TALLIES = {"kind": pl.String, "name": pl.String, "value": pl.String, "rows": pl.Int64}


class RefusedCounts:
    """Counts refused rows by reason, and keeps the first of each.

    Attributes
    ----------
    counts : Counter of str
        Rows by reason.
    first : dict of str to (int, str)
        Source row and detail of the first of them.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, tuple[int, str]] = {}

    def add(self, refused: pl.DataFrame) -> None:
        """Count refused rows, in any order."""
        for reason in refused["reason"].unique().sort():
            rows = refused.filter(pl.col("reason") == reason)
            place = rows.row(rows["source_row"].arg_min() or 0, named=True)
            self.counts[reason] += rows.height
            first = (place["source_row"], place["detail"])
            self.first[reason] = min(first, self.first.get(reason, first))

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return all of it as a table, for `restore`."""
        rows = [(reason, self.counts[reason], *self.first[reason]) for reason in sorted(self.first)]
        return {"refused": pl.DataFrame(rows, schema=_REFUSED, orient="row")}

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Go on where the counts ended that `frames` has returned."""
        for reason, count, row, detail in frames["refused"].iter_rows():
            self.counts[reason], self.first[reason] = count, (row, detail)

    @property
    def rows(self) -> int:
        """All refused rows."""
        return self.counts.total()

    @property
    def faults(self) -> int:
        """Rows refused for a reason that the user did not ask for."""
        return self.rows - sum(self.counts[reason] for reason in NOT_FAULTS)


class CheckCounts:
    """Counts what checking found besides: replaced currencies, and what could not be read.

    Attributes
    ----------
    rows : int
        Rows read.
    replaced_currencies : Counter of str
        Rows by the currency that the euro has replaced.
    unparsed : Counter of str
        Values of optional columns that could not be read, by column.
    assumed : Counter of (str, str)
        Accepted rows for which the file does not say something, by column and by what was taken for it.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.assumed: Counter[tuple[str, str]] = Counter()
        self._given_twice: list[tuple[pl.DataFrame, pl.DataFrame]] = []
        self.unparsed: Counter[str] = Counter()
        self.replaced_currencies: Counter[str] = Counter()
        self._readable: set[str] = set()
        self._unreadable: set[str] = set()

    def add(self, checked: Checked) -> None:
        """Count some rows."""
        self.rows += checked.accepted.height + checked.refused.height
        self.unparsed.update(checked.unparsed)
        self.assumed.update(checked.assumed)
        self._given_twice.append(checked.given_twice)
        self.replaced_currencies.update(checked.replaced_currencies)
        self._readable |= checked.readable
        self._unreadable |= checked.unreadable

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return all of it as tables, for `restore`."""
        tallies = [
            ("rows", "", "", self.rows),
            *(("assumed", name, value, count) for (name, value), count in sorted(self.assumed.items())),
            *(("unparsed", name, "", count) for name, count in sorted(self.unparsed.items())),
            *(("replaced", name, "", count) for name, count in sorted(self.replaced_currencies.items())),
            *(("readable", name, "", 0) for name in sorted(self._readable)),
            *(("unreadable", name, "", 0) for name in sorted(self._unreadable)),
        ]
        twice = zip(("ours", "theirs"), zip(*self._given_twice, strict=True), strict=False)
        return {
            "checked": pl.DataFrame(tallies, schema=_TALLIES, orient="row"),
            **{f"given_twice_{whose}": pl.concat(frames) for whose, frames in twice},
        }

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Go on where the counts ended that `frames` has returned."""
        for kind, name, value, count in frames["checked"].iter_rows():
            match kind:
                case "rows":
                    self.rows = count
                case "assumed":
                    self.assumed[name, value] = count
                case "unparsed":
                    self.unparsed[name] = count
                case "replaced":
                    self.replaced_currencies[name] = count
                case "readable":
                    self._readable.add(name)
                case "unreadable":
                    self._unreadable.add(name)
        self._given_twice = [(frames["given_twice_ours"], frames["given_twice_theirs"])]

    def given_twice(self) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Return rows that give more than one price or yield, as what follows from the first, and what they give."""
        rows = [rows for rows, _ in self._given_twice if rows.height]
        if not rows:
            return None
        from richcheap.bonds.conversion import convert_frame  # noqa: PLC0415  most files need no kernels here

        return convert_frame(pl.concat(rows)), pl.concat([given for _, given in self._given_twice])

    @property
    def unreadable(self) -> list[str]:
        """Columns of numbers or dates in which there is something, and not one value could be read."""
        return [name for name in OBSERVATION_SCHEMA if name in self._unreadable - self._readable]


_SPAN = {"rows": pl.Int64, "dates": pl.Int64, "first_date": pl.Date, "last_date": pl.Date}
_REPEATED = {"date": pl.String, "bonds": pl.Int64, "same_as": pl.String}


class AcceptedCounts:
    """Counts accepted observations as they come in the order of their dates, whole dates at a time.

    Attributes
    ----------
    rows, dates : int
    first_date, last_date : date or None
    counts : dict of str to Counter
        Rows by value, for each column of `COUNTED`.
    terms : DataFrame
        ``bond_id`` and `STATIC`: every combination that occurs, once.
    repeated_days : list of dict
        Days whose observations all equal those of the day before: probably a copy of it.
    several : Counter of str
        Days of bonds that had several rows, by what was kept.
    """

    def __init__(self) -> None:
        self.rows = self.dates = 0
        self.several: Counter[str] = Counter()
        self.first_date: Any = None
        self.last_date: Any = None
        self.counts: Mapping[str, Counter[str | None]] = {name: Counter() for name in COUNTED}
        self.terms = _terms(pl.DataFrame(schema=OBSERVATION_SCHEMA))
        self._known = self.terms.hash_rows()
        self.repeated_days: list[dict[str, Any]] = []
        self._day_before = _values(pl.DataFrame(schema=OBSERVATION_SCHEMA))

    def add(self, accepted: pl.DataFrame) -> None:
        """Count observations of dates that all follow those before."""
        if accepted.is_empty():
            return
        dates = accepted["date"].unique().sort()
        self.rows += accepted.height
        self.dates += len(dates)
        self.first_date, self.last_date = self.first_date or dates[0], dates[-1]
        for name, counter in self.counts.items():
            counter.update(dict(_pairs(accepted[name].alias("value").value_counts())))
        self._add_terms(_terms(accepted))
        values = _values(accepted)
        self.repeated_days += repeated_days(pl.concat([self._day_before, values]))
        self._day_before = values.filter(pl.col("date") == dates[-1])

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return all of it as tables, for `restore`."""
        tallies = [
            *(("days", name, None, count) for name, count in sorted(self.several.items())),
            *(
                ("rows", name, value, count)
                for name, counter in self.counts.items()
                for value, count in _in_order(counter)
            ),
        ]
        span = (self.rows, self.dates, self.first_date, self.last_date)
        return {
            "accepted": pl.DataFrame([span], schema=_SPAN, orient="row"),
            "accepted_tallies": pl.DataFrame(tallies, schema=_TALLIES, orient="row"),
            "terms": self.terms.sort(self.terms.columns),
            "repeated_days": pl.DataFrame(self.repeated_days, schema=_REPEATED),
            "day_before": self._day_before,
        }

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Go on where the counts ended that `frames` has returned."""
        self.rows, self.dates, self.first_date, self.last_date = frames["accepted"].row(0)
        for kind, name, value, count in frames["accepted_tallies"].iter_rows():
            if kind == "days":
                self.several[name] = count
            else:
                self.counts[name][value] = count
        self.terms, self._day_before = frames["terms"], frames["day_before"]
        self._known = self.terms.hash_rows()
        self.repeated_days = frames["repeated_days"].to_dicts()

    def _add_terms(self, terms: pl.DataFrame) -> None:
        """Keep what is new. Rows are distinguished by 64-bit hashes: a sixth of the cost of comparing thirteen
        columns.
        """
        hashes = terms.hash_rows()
        new = terms.filter(~hashes.is_in(self._known.implode())).unique()
        self.terms = pl.concat([self.terms, new])
        self._known = pl.concat([self._known, new.hash_rows()])


def _in_order(counter: Counter[str | None]) -> list[tuple[str | None, int]]:
    return sorted(counter.items(), key=lambda one: (one[0] is not None, one[0] or ""))


def _pairs(frame: pl.DataFrame) -> Iterable[tuple[Any, int]]:
    return frame.iter_rows()


def _terms(accepted: pl.DataFrame) -> pl.DataFrame:
    """Return each row's static data; the coupon of a floating-rate bond may change, so it is none."""
    coupon = pl.when(pl.col("bond_type") != "floating_rate").then("coupon_rate").alias("coupon_rate")
    return accepted.select("bond_id", *(coupon if name == "coupon_rate" else pl.col(name) for name in STATIC))


def _values(accepted: pl.DataFrame) -> pl.DataFrame:
    return accepted.select("date", "bond_id", pl.coalesce(PRICES).alias("value"))


def repeated_days(values: pl.DataFrame) -> list[dict[str, Any]]:
    """Find dates whose values all equal those of the date before.

    Parameters
    ----------
    values : DataFrame
        ``date``, ``bond_id`` and ``value``; a bond once for each date. Only bonds that are seen on both dates
        count, and there must be `REPEAT_MIN_BONDS` of them.
    """
    days = values.select(pl.col("date").unique().sort()).with_row_index("day")
    numbered = values.join(days, on="date")
    # A few bonds tell that most days are no copy; only the others are looked at whole.
    few = _with_previous_day(numbered.filter(pl.col("bond_id").hash() % ONE_BOND_IN == 0))
    moved = few.filter(~pl.col("same"))["day"].implode()
    ambiguous = numbered.filter(~pl.col("day").is_in(moved) | ~(pl.col("day") + 1).is_in(moved))
    copies = _with_previous_day(ambiguous).filter(
        ~pl.col("day").is_in(moved), pl.col("same"), pl.col("bonds") >= REPEAT_MIN_BONDS
    )
    return [
        {"date": str(days["date"][day]), "bonds": bonds, "same_as": str(days["date"][day - 1])}
        for day, bonds in copies.sort("day").select("day", "bonds").iter_rows()
    ]


def _with_previous_day(values: pl.DataFrame) -> pl.DataFrame:
    """Return for each day the bonds that are seen the day before, too, and whether all have the same value."""
    before = values.select("bond_id", pl.col("day") + 1, pl.col("value").alias("value_before"))
    pairs = values.join(before, on=["day", "bond_id"])
    same = pl.col("value") == pl.col("value_before")
    return pairs.group_by("day").agg(pl.len().alias("bonds"), same.all().alias("same"))
