"""What to write under ``data`` in params for a file, and what it does not tell."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from richcheap.bonds.conventions import CURRENCY_OF
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.dialect import FOUND, is_value
from richcheap.ingestion.files.readers import SUFFIXES, SourceFile, open_source, read_pieces, read_table
from richcheap.ingestion.inspection.governments import is_government, is_government_bond
from richcheap.ingestion.inspection.headers import Named, named_columns
from richcheap.ingestion.mappings import MAPPINGS, SourceMapping
from richcheap.ingestion.mappings.base import OF_TERMS
from richcheap.ingestion.mappings.terms import TERMS_MAPPINGS
from richcheap.ingestion.reading.date_columns import texts_of
from richcheap.ingestion.reading.date_formats import ISO, find_date_formats
from richcheap.ingestion.reading.dates import read_dates
from richcheap.ingestion.reading.descriptions import described, name_their_market
from richcheap.ingestion.reading.wide import find_wide
from richcheap.ingestion.schema import INPUT_NAMES, ISIN, PRICE_COLUMNS, PRICES
from richcheap.ingestion.validation.currencies import CURRENCIES

HEAD_ROWS = 10_000
MOST_DATES = 0.5
"""Share of a column's values above which it is one of dates: there may be words on top of it."""
_SIBLINGS = 20
_VALUES_IN_NO_HEADER = 3
"""Numbers and dates among what should name the columns, from which on it is taken for a row."""
_MAX_BYTES = 1 << 28
_US_TREASURY = r"^912[0-9A-Z]{5}"
_CRSP_TYPES = {
    "1": "treasury", "2": "treasury", "4": "zero_coupon", "5": "treasury", "6": "treasury", "7": "treasury",
    "8": "treasury", "11": "inflation-linked", "12": "inflation-linked", "13": "floating_rate",
}  # fmt: skip
"""ITYPE of CRSP's US Treasury database."""


@dataclass
class Proposal:
    """How a file is to be read.

    Attributes
    ----------
    params : dict
        Keys of ``data`` and their values.
    columns : list of Named
        What columns are, and how sure that is; those of figures to be compared with, too.
    notes : list of str
        What was found, a line each.
    doubts : list of str
        What is not sure, a line each with the key that settles it.
    """

    params: dict[str, Any]
    columns: list[Named] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def column(self, role: str) -> str | None:
        """Return the column of a role."""
        return next((one.column for one in self.columns if one.role == role), None)


def propose(path: Path, folder: Path, terms: Path | None) -> Proposal:
    """Look at a file or folder, and propose how to read it.

    Parameters
    ----------
    path : Path
    folder : Path
        Existing folder for copies of files that cannot be read as they are.
    terms : Path, optional
        File of terms, where the user names one.

    Raises
    ------
    InputError
        The file cannot be opened.
    """
    made = Proposal({"observations": str(path)})
    files, mapping = _opened(path, folder)
    first = files[0]
    names = first.empty.columns
    _say_what_it_is(made, files)
    head = _head(first)
    if mapping is not None:
        _take_mapping(made, mapping, path, head, terms)
        return made
    made.params["mapping"] = "richcheap"
    wide = find_wide(names, "auto", {}, [])
    beside = names if wide is None else list(wide.beside)
    made.columns, others = named_columns(beside)
    if wide is not None:
        what = "bond" if wide.names_are == "bond_id" else "date"
        made.notes.append(f"wide: {len(wide.across)} columns are a {what} each, such as '{wide.across[0]}'")
        made.params["layout"] = "bonds_across" if what == "bond" else "dates_across"
        made.columns = [one for one in made.columns if one.role not in PRICES]
    _by_content(made, head.select([name for name in beside if name in head.columns]))
    _by_description(made, head)
    _trade_date(made)
    _choose_prices(made)
    made.params["columns"] = {one.role: one.column for one in made.columns if one.column != one.role}
    _ignore_namesakes(made, names)
    made.doubts += [
        f"column '{one.column}' is taken for {one.role}; data.columns.{one.role} can name another one, or null"
        for one in made.columns
        if not one.sure
    ]
    made.notes += [f"column '{one.column}' could be {one.role}, too, and is not read" for one in others]
    read = {one.column for one in (*made.columns, *others)}
    if unread := [name for name in beside if name not in read]:
        made.notes.append(f"not read: {', '.join(unread)}")
    _find_terms(made, path, head, terms, has_terms=wide is not None and wide.names_are == "bond_id")
    _tell_market(made, head)
    _tell_types(made, head)
    return made


def _opened(path: Path, folder: Path) -> tuple[list[SourceFile], SourceMapping | None]:
    """Return the files, and the ready mapping that their columns, or their places where nothing names them, tell."""
    files = _sheet_of_bonds(open_source(path, FOUND, folder), path, folder)
    for mapping in MAPPINGS.values():
        if mapping.matches is None and mapping.holds(files[0].empty.columns):
            return files, mapping
    if sum(map(is_value, files[0].header)) < _VALUES_IN_NO_HEADER:
        return files, None
    bare = open_source(path, FOUND._replace(header_row=0), folder)
    for mapping in MAPPINGS.values():
        if mapping.matches is not None and mapping.holds(bare[0].empty.columns):
            rows = _head(bare[0]).select(mapping.matches.fill_null(False).alias("matches"))["matches"]
            if rows.mean() == 1.0:
                return bare, mapping
    return files, None


def _sheet_of_bonds(files: list[SourceFile], path: Path, folder: Path) -> list[SourceFile]:
    """Return a workbook opened at the sheet whose columns say most of a bond: the first of several such."""
    others = files[0].facts.get("other_sheets", [])
    if not others or any(
        mapping.matches is None and mapping.holds(files[0].empty.columns) for mapping in MAPPINGS.values()
    ):
        return files
    opened = [files, *(open_source(path, FOUND._replace(sheet=name), folder) for name in others)]
    return max(opened, key=lambda one: len(named_columns(one[0].empty.columns)[0]))


def _head(file: SourceFile) -> pl.DataFrame:
    columns = [name for name in file.empty.columns if name not in file.faults]
    return next(iter(read_pieces(file, HEAD_ROWS, columns)))


def _take_mapping(made: Proposal, mapping: SourceMapping, path: Path, head: pl.DataFrame, terms: Path | None) -> None:
    made.params |= {"mapping": mapping.name, **mapping.params}
    made.notes.append(f"its columns are those of the mapping {mapping.name}")
    named = {role: one.meta.root_names() for role, one in mapping.expressions.items()}
    theirs = mapping.names_in(head.columns)
    made.columns = [
        Named(theirs[roots[0]], role, sure=True) for role, roots in named.items() if roots and roots[0] in theirs
    ]
    if mapping.needs_terms:
        _find_terms(made, path, head, terms, has_terms=False)


def _say_what_it_is(made: Proposal, files: list[SourceFile]) -> None:
    facts = dict(files[0].facts)
    kind = facts.pop("kind")
    what = ", ".join(f"{name.replace('_', ' ')} {value!r}" for name, value in facts.items() if value not in ([], None))
    made.notes.append(f"{kind}{f', {len(files)} files' if len(files) > 1 else ''}{', ' + what if what else ''}")
    if facts.get("other_sheets"):
        made.doubts.append(
            f"the sheet '{facts['sheet']}' is read, not {', '.join(facts['other_sheets'])}; data.sheet can name another"
        )
    for key in ("encoding", "separator", "header_row", "sheet"):
        if key in facts and facts[key] not in ("utf-8", ",", 1) and len(files) == 1:
            made.params[key] = facts[key]
    if str(facts.get("encoding", "utf")).startswith(("cp", "gb", "big5", "shift", "euc")):
        made.doubts.append(f"the encoding is guessed: {facts['encoding']}; data.encoding can name another")


def _by_content(made: Proposal, head: pl.DataFrame) -> None:
    """Find the columns of dates and of identifiers by their values where no name tells them."""
    if made.column("date") is None and made.column("settlement_date") is None:
        unnamed = [name for name in head.columns if name not in {one.column for one in made.columns if one.sure}]
        dated = next((name for name in unnamed if _are_dates(head[name])), None)
        if dated is not None:
            made.columns = [one for one in made.columns if one.column != dated]
            made.columns.append(Named(dated, "date", sure=False))
    if made.column("bond_id") is not None:
        return
    for name, values in head.select(pl.col(pl.String)).to_dict().items():
        texts = values.drop_nulls().str.strip_chars()
        if len(texts) and texts.str.contains(ISIN).mean() == 1.0:
            made.columns.append(Named(name, "bond_id", sure=True))
            made.notes.append(f"column '{name}' holds ISINs")
            return


def _are_dates(values: pl.Series) -> bool:
    """Say whether nearly all of a column's values are dates."""
    if values.dtype.is_temporal() or values.dtype != pl.String:
        return values.dtype in (pl.Date, pl.Datetime)
    texts = texts_of(values)
    found = find_date_formats({"date": texts}).get("date")
    ways = () if found is None else (found.format, *found.rivals)
    read = read_dates(texts, next((way for way in ways if way is not None), ISO))["date"]
    dates, held = (len(one) - one.null_count() for one in (read, texts))
    return dates > MOST_DATES * held


def _by_description(made: Proposal, head: pl.DataFrame) -> None:
    """Take the terms from descriptions such as T 4 1/2 02/15/36 Govt, where no column gives them."""
    texts = {name: head[name].drop_nulls().str.strip_chars() for name in head.select(pl.col(pl.String)).columns}
    column = next((name for name, values in texts.items() if described(values.to_list())), None)
    if column is None:
        return
    roles = ["bond_id", "maturity_date", "coupon_rate"]
    if name_their_market(texts[column].to_list()):
        roles.append("bond_type")
    taken = [role for role in roles if made.column(role) is None]
    made.columns += [Named(column, role, sure=True) for role in taken]
    if taken:
        made.notes.append(f"column '{column}' describes the bonds, and gives {', '.join(taken)}")


def _trade_date(made: Proposal) -> None:
    """Take the day of settlement for that of the trade where nothing else is a date."""
    settled = made.column("settlement_date")
    if made.column("date") is not None or settled is None:
        return
    made.columns = [
        Named(settled, "date", sure=False) if one.role == "settlement_date" else one for one in made.columns
    ]
    made.params["settlement_lag_days"] = 0
    made.doubts.append(
        f"no column is the day of the trade: that of settlement ('{settled}') is taken for it, with "
        "data.settlement_lag_days: 0; data.columns.date can name another"
    )


def _choose_prices(made: Proposal) -> None:
    """Say what is observed, where a file gives more than one; the others are compared with."""
    given = [name for name in PRICES if made.column(name) is not None]
    if len(given) > 1:
        made.notes.append(
            f"{given[0]} is taken as observed; {', '.join(given[1:])} are compared with what follows from it"
        )
    bid, ask = made.column("bid_price"), made.column("ask_price")
    if not given and bid is not None and ask is None:
        made.doubts.append(
            f"there is a bid ('{bid}') and no ask; data.columns.clean_price: '{bid}' takes the bid itself"
        )


def _ignore_namesakes(made: Proposal, names: list[str]) -> None:
    """Keep a column with a canonical name from being read where another is taken for it, or it is something else."""
    taken = {one.role for one in made.columns}
    for name in names:
        if name in INPUT_NAMES and name not in taken and made.column(name) is None:
            made.params["columns"][name] = None


def _find_terms(made: Proposal, path: Path, head: pl.DataFrame, terms: Path | None, *, has_terms: bool) -> None:
    """Look for the terms of the bonds in a second file, where the prices have none."""
    lacks = [name for name in OF_TERMS if made.column(name) is None]
    if not lacks or (has_terms and terms is None):
        return
    beside = [] if path.is_dir() else sorted(one for one in path.parent.iterdir() if one != path and one.is_file())
    near = [one for one in beside if one.name.lower().endswith(tuple(SUFFIXES)) and one.stat().st_size < _MAX_BYTES]
    key = made.column("bond_id")
    if key is None and terms is None and not has_terms:
        near = []
    for candidate in [terms] if terms is not None else near[:_SIBLINGS]:
        try:
            table = read_table(candidate)
        except InputError:
            if terms is not None:
                raise
            continue
        source = next((one for one in TERMS_MAPPINGS.values() if one.holds(table.columns)), None)
        found, _ = named_columns(table.columns)
        roles = {one.role: one.column for one in found}
        if source is not None:
            key_column = source.names_in(table.columns)[source.expressions["bond_id"].meta.root_names()[0]]
            roles = dict.fromkeys(source.expressions, "") | {"bond_id": key_column}
        if not {"bond_id", *lacks} <= {*roles}:
            continue
        if key is not None and terms is None:
            mine, theirs = (frame[name].cast(pl.String) for frame, name in ((head, key), (table, roles["bond_id"])))
            if not mine.is_in(theirs.implode()).any():
                continue
        made.params["terms"] = str(candidate)
        if source is not None:
            made.notes.append(f"terms come from {candidate}, whose columns are those of the mapping {source.name}")
            return
        made.params["terms_columns"] = {
            role: column
            for role, column in roles.items()
            if role not in ("date", *PRICES) and made.column(role) is None
        } | {"bond_id": roles["bond_id"]}
        made.notes.append(f"terms come from {candidate}: {', '.join(sorted(made.params['terms_columns']))}")
        if "bond_type" not in roles and made.column("bond_type") is None:
            _tell_governments(made, table, roles.get("issuer"))
        return
    made.doubts.append(
        f"no column is {' or '.join(lacks)}: data.columns can name one, or data.terms a file of the bonds' terms "
        "(`richcheap inspect FILE --terms TERMS`)"
    )


def _tell_market(made: Proposal, head: pl.DataFrame) -> None:
    """Tell currency and issuer from the identifiers, where no column does."""
    key = made.column("bond_id")
    if key is None or key not in head.columns:
        return
    ids = head[key].cast(pl.String).drop_nulls().str.strip_chars()
    cusip = next((name for name in head.columns if name.lower() in ("cusip", "tcusip", "cusip_id")), key)
    cusips = head[cusip].cast(pl.String).drop_nulls().str.strip_chars()
    if made.column("bond_type") is None:
        if len(cusips) and cusips.str.contains(_US_TREASURY).mean() == 1.0:
            made.params["constants"] = {"bond_type": "treasury", "issuer": "United States"}
            made.notes.append("all CUSIPs begin with 912: US Treasury securities")
        else:
            _tell_governments(made, head, made.column("issuer"))
    if made.column("currency") is not None:
        return
    named = {code for role in PRICE_COLUMNS for code in re.findall(r"\b[A-Z]{3}\b", made.column(role) or "")}
    if len(codes := named & CURRENCIES) == 1:
        (code,) = codes
        made.params["default_currency"] = code
        made.doubts.append(
            f"the prices are in {code} by the name of their column; data.default_currency can name another"
        )
        return
    countries = ids.filter(ids.str.contains(ISIN)).str.slice(0, 2).unique().to_list()
    currencies = {CURRENCY_OF.get(country) for country in countries}
    if len(currencies) == 1 and (currency := currencies.pop()) is not None:
        made.params["default_currency"] = currency
        made.notes.append(f"no column says the currency; the ISINs are of {', '.join(sorted(countries))}: {currency}")
        if currency != "USD":
            made.doubts.append(f"the currency is taken to be {currency}; data.default_currency can name another")
    else:
        made.doubts.append("no column says the currency, it is data.default_currency for all rows")


def _tell_governments(made: Proposal, table: pl.DataFrame, issuer: str | None) -> None:
    """Take all bonds for governments' where a column names a government, or describes one's bond, in each row."""
    for name, values in table.select(pl.col(pl.String)).to_dict().items():
        test = is_government if name == issuer else is_government_bond
        if len(values) and not values.null_count() and all(map(test, values.unique())):
            made.params["constants"] = {"bond_type": "treasury"}
            made.notes.append(f"all values of '{name}' are governments' or their bonds', such as '{values[0]}'")
            return


def _tell_types(made: Proposal, head: pl.DataFrame) -> None:
    column = made.column("bond_type")
    if column is None:
        if "constants" not in made.params:
            made.doubts.append(
                "no column says what kind of bond a row is: all are taken as fixed_rate; if all are governments', "
                "data.constants can say {bond_type: treasury}"
            )
        return
    if column.upper() == "ITYPE" and "KYTREASNO" in head.columns:
        made.params["values"] = {"bond_type": _CRSP_TYPES}
        made.notes.append("ITYPE holds the codes of CRSP's Treasury database")
