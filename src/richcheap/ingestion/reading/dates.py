"""Dates and times of day in text: as `data.date_format` says, or written so that they can be read in one way only."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import polars as pl
from polars.exceptions import PolarsError

from richcheap.ingestion.errors import InputError

SAMPLES = (datetime(2011, 3, 4, 13, 14, 15, tzinfo=UTC), datetime(2024, 12, 31, 9, 8, 7, tzinfo=UTC))
"""Moments that a format must give back; the parts of the first are all different, and its month may be a day."""

SECOND = 1_000_000_000
"""Nanoseconds."""

_DATE = r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})"
_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?\s*(?:([AaPp])\.?[Mm](?:\.|\b))?"
_ZONE = r"(?:Z|z|([+-])([0-9]{2})(?::?([0-9]{2}))?|[A-Za-z]{3,5}|[A-Za-z]+/[A-Za-z_/]+)?(?:\[[A-Za-z_/]+\])?"
MOMENT = rf"^{_DATE}(?:(?:[Tt]|\s+){_CLOCK}\s*{_ZONE})?$"
TIME = rf"^(?:{_DATE}(?:[Tt]|\s+))?{_CLOCK}\s*{_ZONE}$"
_NAMED_MONTH = (
    r"(?i)^((?:[0-9]{1,2}[-/.,\s]*\p{L}{3,10}[-/.,\s]*[0-9]{4}|\p{L}{3,10}[-/.,\s]*[0-9]{1,2}[-/.,\s]+[0-9]{4}"
    r"|[0-9]{4}[-/.,\s]*\p{L}{3,10}[-/.,\s]*[0-9]{1,2}))(?:(?:[Tt:]|\s+)([0-9]{1,2}:[0-9]{2}.*))?$"
)
_MONTHS = {
    "Jan": "januar janvier janv gennaio gen enero ene janeiro januari", "Feb": "februar fevrier fevr fev febbraio "
    "febrero fevereiro februari", "Mar": "marz maerz mrz mars marzo marco mrt maart",
    "Apr": "avril avr aprile abril abr", "May": "mai maggio mag mayo maio mei",
    "Jun": "juni juin giugno giu junio junho", "Jul": "juli juillet juil luglio lug julio julho",
    "Aug": "august aout agosto ago augustus", "Sep": "sept septembre settembre set septiembre setembro",
    "Oct": "oktober okt octobre ottobre ott octubre outubro out", "Nov": "novembre noviembre novembro",
    "Dec": "dezember dez decembre dicembre dic diciembre dezembro",
}  # fmt: skip
"""Months in German, French, Italian, Spanish, Portuguese and Dutch, without accents, where English differs."""
_ENGLISH = {word: month for month, words in _MONTHS.items() for word in words.split()}
_ACCENTS = dict(zip("áàâãäçéèêëíìîïóòôõöúùûü", "aaaaaceeeeiiiiooooouuuu", strict=True))
_PARTS = ("date", "hour", "minute", "second", "fraction", "half", "sign", "zone_hours", "zone_minutes")


class Counted(NamedTuple):
    """A way of writing moments as a number.

    Attributes
    ----------
    name : str
        As ``data.date_format`` has it.
    pattern : str
        What such a number looks like.
    origin : datetime
        What is counted from.
    nanoseconds : int
        What is counted.
    """

    name: str
    pattern: str
    origin: datetime
    nanoseconds: int

    def moments(self, texts: pl.Series) -> pl.Series:
        """Return the moments; null where there is no such number."""
        number = pl.col("text").str.extract(self.pattern, 1)
        whole = number.str.extract(r"^(\d+)", 1).cast(pl.Int64)
        part = number.str.extract(r"(\.\d+)$", 1).cast(pl.Float64).fill_null(0.0)
        since = whole * (self.nanoseconds // 1000) + (part * self.nanoseconds / 1e9).round() * 1_000_000
        moment = (pl.lit(self.origin.replace(tzinfo=None)) + since.cast(pl.Duration("us"))).cast(pl.Datetime("us"))
        return texts.to_frame("text").select(moment.alias("moment"))["moment"]


COUNTED = {
    one.name: one
    for one in (
        Counted("excel", r"^(\d{5}(?:\.\d+)?)$", datetime(1899, 12, 30, tzinfo=UTC), 86_400 * SECOND),
        Counted("unix", r"^(\d{9,10}(?:\.\d+)?)$", datetime(1970, 1, 1, tzinfo=UTC), SECOND),
        Counted("unix_ms", r"^(\d{12,13})(?:\.0+)?$", datetime(1970, 1, 1, tzinfo=UTC), SECOND // 1000),
    )
}
"""Days as a workbook counts them, and seconds and milliseconds since 1970 in UTC, by name."""


class DateFormat(NamedTuple):
    """What a format reads.

    Attributes
    ----------
    text : str
        As strftime writes it.
    example : str
        A date in it.
    timed : bool
        Whether it reads a time of day as well.
    iso, digits : bool
        Whether ISO dates, and dates of eight digits such as 20240301, may be read beside it: not where the format
        gives texts of the same form another meaning.
    """

    text: str
    example: str
    timed: bool
    iso: bool
    digits: bool


@lru_cache(maxsize=16)
def date_format(text: str) -> DateFormat:
    """Look at a format.

    Raises
    ------
    InputError
        It is none, or it does not say year, month and day.

    Examples
    --------
    >>> date_format("%d%m%Y").example, date_format("%d%m%Y").digits
    ('04032011', False)
    """
    if text in COUNTED:
        one = COUNTED[text]
        since = (SAMPLES[0] - one.origin).total_seconds() * SECOND / one.nanoseconds
        return DateFormat(text, f"{int(since)}", timed=True, iso=True, digits=True)
    moments = pl.Series(SAMPLES)
    try:
        written = moments.dt.to_string(text)
        days = written.str.to_date(text, strict=False)
        midnight = moments.dt.truncate("1d").dt.to_string(text)
    except PolarsError:
        raise InputError(f"expected a format such as %Y-%m-%d or %d/%m/%Y, got '{text}'") from None
    if days.to_list() != [moment.date() for moment in SAMPLES]:
        raise InputError(f"expected a format with year, month and day such as %Y-%m-%d or %d/%m/%Y, got '{text}'")
    example, sample = written[0], SAMPLES[0].date()
    iso = not _has(example, r"^\d{4}-\d{2}-\d{2}") or example.startswith(sample.isoformat())
    digits = not _has(example, r"^\d{8}(\D|$)") or example.startswith(f"{sample:%Y%m%d}")
    return DateFormat(text, example, bool((written != midnight).any()), iso, digits)


def date_format_hint(text: str) -> str:
    """Return the end of a message about a date that cannot be read: the key that says how dates are written."""
    return f"; data.date_format is '{text}', such as '{date_format(text).example}'"


def _has(text: str, pattern: str) -> bool:
    return bool(pl.Series([text]).str.contains(pattern)[0])


def read_dates(texts: pl.Series, wanted: str) -> pl.DataFrame:
    """Read dates, and the times of day beside them.

    Parameters
    ----------
    texts : Series of String
        Stripped; null is none.
    wanted : str
        The format, which comes first. What it does not read may be an ISO date, with a time or without, or eight digits
        of which the first four are the year: where the format is not one that gives such a text another meaning.

    Returns
    -------
    DataFrame
        ``date`` (null where it cannot be read) and ``time``, see `read_times`.

    Examples
    --------
    >>> read_dates(pl.Series(["04/03/2024", "2024-03-04T16:00", "20240304", "March"]), "%d/%m/%Y")["date"].null_count()
    1
    """
    form = date_format(wanted)
    if form.text in COUNTED:
        moments = COUNTED[form.text].moments(texts)
        days = moments.dt.date()
    else:
        days = texts.str.to_date(form.text, strict=False)
        moments = texts.str.to_datetime(form.text, strict=False) if form.timed else days
    times = clock(moments, days) if form.timed else _no_times(texts)
    frame = pl.DataFrame({"date": days, "time": times})
    left = frame.select(pl.when(pl.col("date").is_null()).then(texts))[:, 0]
    if left.null_count() == len(left):
        return frame
    others = unambiguous(left, form)
    return frame.select(pl.coalesce(pl.col(name), others[name]).alias(name) for name in ("date", "time"))


def unambiguous(texts: pl.Series, form: DateFormat) -> pl.DataFrame:
    """Read dates that can be read in one way only; as `read_dates`."""
    whole = texts.str.replace(r"^([0-9]{8})\.0*$", "$1")  # an integer in a column that had to hold fractions
    parts = _parts(whole, MOMENT)
    is_iso = pl.col("date").str.contains("-", literal=True)
    date = pl.coalesce(
        pl.when(is_iso & form.iso).then("date").str.to_date("%Y-%m-%d", strict=False),
        pl.when(~is_iso & form.digits).then("date").str.to_date("%Y%m%d", strict=False),
    )
    # A time that is none spoils the date, too.
    sound = pl.col("hour").is_null() | pl.col("time").is_not_null()
    read = parts.select(pl.when(sound).then(date).alias("date"), _unless_midnight().alias("time"))
    left = pl.select(pl.when(read["date"].is_null()).then(texts)).to_series()
    if not left.str.contains(r"\p{L}{3}").any():
        return read
    named = _with_named_month(left)
    return read.select(pl.coalesce(pl.col(name), named[name]).alias(name) for name in ("date", "time"))


def _with_named_month(texts: pl.Series) -> pl.DataFrame:
    """Read dates that name their month, such as 4 March 2024, Mar-04-2024, 04MAR2024:16:00 or 4 de marzo de 2024."""
    bare = texts.str.to_lowercase().str.replace_many(_ACCENTS).str.replace_all(r"\b(?:de|del|di)\b", " ")
    words = bare.str.extract(_NAMED_MONTH, 1).str.replace_all(r"([a-z])([0-9])|([0-9])([a-z])", "$1$3 $2$4")
    spaced = words.str.replace_all(r"[-/.,\s]+", " ").str.strip_chars()
    month = spaced.str.extract(r"([a-z]+)", 1)
    english = pl.select(month.replace_strict(_ENGLISH, default=month, return_dtype=pl.String)).to_series()
    frame = pl.DataFrame({"text": spaced, "month": english})
    before, after = (pl.col("text").str.extract(pattern, 1) for pattern in (r"^([^a-z]*)", r"([^a-z]*)$"))
    plain = frame.select(pl.concat_str(before, "month", after).str.strip_chars())[:, 0]
    orders = [plain.str.to_date(order, strict=False) for order in ("%d %B %Y", "%B %d %Y", "%Y %B %d")]
    clock = bare.str.extract(_NAMED_MONTH, 2)
    times = read_times(clock)
    sound = clock.is_null() | times["readable"]  # a time that is none spoils the date, too
    dates = pl.select(pl.when(sound).then(pl.coalesce(orders))).to_series()
    return pl.DataFrame({"date": dates, "time": times["time"]})


def read_times(texts: pl.Series) -> pl.DataFrame:
    """Read times of day.

    Parameters
    ----------
    texts : Series of String
        Such as ``16:00``, ``09:31:07.250``, ``4:00 PM``, ``16:00:00-05:00`` or an ISO date with a time; stripped.

    Returns
    -------
    DataFrame
        ``time``, nanoseconds since midnight, those of UTC where the text has an offset from it, and ``readable``.
        Midnight is readable, and null: files write it where they do not know the time.

    Examples
    --------
    >>> read_times(pl.Series(["00:00:01", "4:00 PM", "00:00", "25:00"]))["time"].to_list()
    [1000000000, 57600000000000, None, None]
    """
    parts = _parts(texts, TIME)
    return parts.select(_unless_midnight().alias("time"), pl.col("time").is_not_null().alias("readable"))


def clock(moments: pl.Series, days: pl.Series) -> pl.Series:
    """Return how long after the midnight of their days moments are, nanoseconds; null at midnight, and for dates."""
    if not isinstance(moments.dtype, pl.Datetime):
        return _no_times(moments)
    frame = pl.DataFrame({"moment": moments, "day": days})
    if moments.dtype.time_zone is not None:
        frame = frame.with_columns(pl.col("moment").dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    midnight = pl.col("day").cast(pl.Datetime(moments.dtype.time_unit), strict=False)
    after = (pl.col("moment") - midnight).dt.total_nanoseconds()
    return frame.select(pl.when(after != 0).then(after).alias("time"))["time"]


def _no_times(values: pl.Series) -> pl.Series:
    return pl.repeat(None, len(values), dtype=pl.Int64, eager=True)


def _parts(texts: pl.Series, pattern: str) -> pl.DataFrame:
    """Take texts apart, and work out the ``time`` of each; null where there is none or it cannot be."""
    groups = texts.str.extract_groups(pattern).struct.rename_fields(_PARTS).struct.unnest()
    number = {name: pl.col(name).cast(pl.Int64) for name in ("hour", "minute", "zone_hours")}
    number |= {name: pl.col(name).cast(pl.Int64).fill_null(0) for name in ("second", "zone_minutes")}
    half = pl.col("half").str.to_lowercase()
    of_twelve = number["hour"] % 12 + pl.when(half == "p").then(12).otherwise(0)
    hour = pl.when(half.is_null()).then(number["hour"]).otherwise(of_twelve)
    fraction = pl.col("fraction").str.slice(0, 9).str.pad_end(9, "0").cast(pl.Int64).fill_null(0)
    second = (hour * 60 + number["minute"]) * 60 + number["second"]
    offset = (number["zone_hours"] * 60 + number["zone_minutes"]) * 60
    offset = pl.when(pl.col("sign") == "-").then(-offset).otherwise(offset).fill_null(0)
    sound = (hour < 24) & (number["minute"] < 60) & (number["second"] <= 60)  # 60 is a leap second
    sound &= half.is_null() | number["hour"].is_between(1, 12)
    written = second * SECOND + fraction
    return groups.with_columns(
        pl.when(sound).then(written - offset * SECOND).alias("time"), (written == 0).alias("midnight")
    )


def _unless_midnight() -> pl.Expr:
    return pl.when(~pl.col("midnight")).then("time")
