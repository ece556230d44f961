"""Issuers that change their name: what is known of one under its first name holds under the next."""

import polars as pl


def first_names(kinds: pl.DataFrame) -> dict[str, str]:
    """Return for each later name of an issuer the one under which it first came.

    A name is a later one if it is new on the date on which a bond that bore another changes to it. If bonds of several
    issuers do so on that date, it is that of the most bonds. A bond that changes to a name which was there before has
    gone over to another issuer. Only dates until then decide, so that no row knows what comes after it.

    Parameters
    ----------
    kinds : DataFrame
        ``bond_id``, ``issuer`` and ``date`` of its first print under that name, in the order of dates; null names do
        not count.

    Examples
    --------
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 3), eager=True)
    >>> kinds = pl.DataFrame({"bond_id": ["b", "b", "c"], "issuer": ["Old plc", "New plc", "New plc"], "date": days})
    >>> first_names(kinds)
    {'New plc': 'Old plc'}
    """
    named = kinds.filter(pl.col("issuer").is_not_null() & pl.col("date").is_not_null())
    changes = (
        named.unique(["bond_id", "issuer"], keep="first", maintain_order=True)
        .with_columns(before=pl.col("issuer").shift(1).over("bond_id"), new=pl.col("date").min().over("issuer"))
        .filter(pl.col("before").is_not_null() & (pl.col("date") == pl.col("new")))
        .group_by("date", "issuer", "before")
        .agg(bonds=pl.len())
        .sort("date", "issuer", "bonds", "before", descending=[False, False, True, False])
        .unique("issuer", keep="first", maintain_order=True)
    )
    found: dict[str, str] = {}
    for name, before in changes.select("issuer", "before").iter_rows():
        found[name] = found.get(before, before)
    return found
