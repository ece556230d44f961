"""Mutated files of every dialect and source: each row is accepted or refused, whatever is done to them.

Each file is one of a few small ones, of several dialects and of the sources in tests/ingestion/sources/, to which some
things were done: marks put in, pieces taken out, rows doubled, dropped and shuffled, another encoding. It is ingested,
inspected, and ingested as inspection proposes.
"""

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.promises.cases import Case
from benchmarks.promises.inputs.ingested import CHANGES, data_params, ingested, judged, refusal
from benchmarks.sources import INVENTED
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.look import look, params_of
from richcheap.ingestion.inspection.page import page
from richcheap.ingestion.inspection.proposal import propose
from richcheap.ingestion.params import DataParams

COMMAS = """\
bond_id,date,clean_price,maturity_date,coupon_rate,issuer
QQ1,2025-02-03,97.5,2032-09-15,4.25,"Acme, Inc"
QQ2,2025-02-03,101.25,2030-03-15,5,Société
QQ3,2025-02-04,99-16,2030-03-15,N/A,x
"""
SEMICOLONS = """\
Titel;;;;

ISIN;Datum;Kurs;Fälligkeit;Kupon
QQ1;13.02.2025;97,5;15.09.2032;4,25
QQ2;13.02.2025;1.101,25;15.03.2030;5
"""
BARS = """\
bond_id|date|bid_price|ask_price|maturity_date|coupon_rate|volume|status|time|trade_id|original_trade_id
Q|02/03/25|97.5|98|15-Sep-32|4 1/4|1,000,000|T|09:30|1|
Q|02/24/25|97.5|98|15-Sep-32|4 1/4|1,000,000|T|09:30|2|
Q|02/24/25|97.5|98|15-Sep-32|4 1/4|1,000,000|X|09:30|3|2
Q|02/24/25|57.5|58|15-Sep-32|4 1/4|2,000,000|W|10:30|4|1
"""
FIGURES = """\
bond_id,date,clean_price,dirty_price,accrued_interest,yield,modified_duration,spread,maturity_date,coupon_rate
QQ1,2025-02-03,97.5,99.2,1.7,4.6,6.1,55,2032-09-15,4.25
QQ2,2025-02-03,101.25,103.2,1.95,4.7,4.3,75,2030-03-15,5
"""
BONDS = "date\tXY 4 09/15/32\tXY 5 03/15/30\n2025-02-03\t97.5\t101\n2025-02-04\t\t101.1\n"
DATES = "bond_id,maturity_date,coupon_rate,2025-02-03,2025-02-04\nQQ1,2032-09-15,4.25,97.5,97.75\n"
FILES = (COMMAS, SEMICOLONS, BARS, FIGURES, BONDS, DATES)
SOURCES = tuple(
    path.read_text(encoding="cp932" if folder.name == "jsda" else "utf-8-sig")
    for folder in sorted(INVENTED.iterdir())
    for path in sorted(folder.iterdir())
)
JUNK = (
    '"', "'", ",", ";", "\t", "|", "\n", "\r\n", "\r", "\0", "é", "\ufeff", "%", "-", "(", ")", "1", "0", ".", "NaN",
    "perp", "2025", "/", "99999999", "  ", "\u00a0", "€", "[", "]", "{", "Z", "1e308", "-0", "∞", "9" * 40,
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp932")


def mutated(seed: int) -> bytes:
    """Return a file to which some things were done."""
    random = Random(seed)
    text = random.choice(random.choice([FILES, SOURCES]))
    if random.random() < 0.3:
        text = _rows_changed(text, random)
    for _ in range(random.choice([0, 1, 1, 2, 3, 6, 20])):
        at, kind = random.randrange(len(text) + 1), random.random()
        if kind < 0.5:
            text = text[:at] + random.choice(JUNK) + text[at:]
        elif kind < 0.8:
            text = text[:at] + text[at + random.randint(1, 4) :]
        else:
            other = random.randrange(len(text) + 1)
            text = text[:at] + text[min(at, other) : max(at, other)] + text[at:]
    return text.encode(random.choice(ENCODINGS), errors="ignore")


def _rows_changed(text: str, random: Random) -> str:
    header, *rows = text.splitlines()
    for _ in range(random.randint(1, 4)):
        kind = random.random()
        if kind < 0.3:
            random.shuffle(rows)
        elif kind < 0.6:
            rows += random.choices(rows, k=3)
        elif kind < 0.8 and len(rows) > 1:
            del rows[random.randrange(len(rows))]
        else:
            at = random.randrange(len(rows))
            cells = rows[at].split(",")
            random.shuffle(cells)
            rows[at] = ",".join(cells)
    return "\n".join([header, *rows]) + "\n"


def case(name: str, content: bytes) -> Case:
    """Ingest and inspect a file, and ingest it as is proposed."""
    Path("prices.csv").write_bytes(content)
    return judged(name, "prices.csv", _survives)


def _survives() -> str:
    """Say what is wrong with what was read, of the file as it is and as inspection proposes."""
    said, wrong = _ingested(data_params("prices.csv"))
    if said:
        wrong = refusal("", said, "prices.csv").detail
    copies = Path("copies")
    copies.mkdir(exist_ok=True)
    proposal = propose(Path("prices.csv"), copies, None)
    if not page(proposal, look(proposal, CHANGES, copies)):
        return "inspection said nothing"
    said, wrong_then = _ingested(params_of(proposal, CHANGES))
    if said and not wrong:
        raise InputError(said)
    return wrong or wrong_then


def _ingested(params: DataParams) -> tuple[str, str]:
    """Return the refusal of the file, and what is wrong with what was read."""
    try:
        found = ingested(params)
    except InputError as error:
        return str(error), ""
    counted = _counted(Path("prices.csv").read_bytes(), found.facts["source"])
    read = found.facts["rows_read"]
    return "", "" if counted in {None, read} else f"{read} rows were read, Python's csv module counts {counted}"


def _counted(content: bytes, source: Mapping[str, Any]) -> int | None:
    """Return the records below the header in which a cell is filled; None where a cell is a price of its own."""
    if source["layout"] != "long":
        return None
    lines = content.decode(source["encoding"]).removeprefix("\ufeff").split("\n")[max(source["header_row"] - 1, 0) :]
    records = [*csv.reader(StringIO("\n".join(lines), newline=""), delimiter=source["separator"])]
    filled = sum(any(cell.strip() for cell in record) for record in records)
    return filled - int(source["header_row"] > 0)
