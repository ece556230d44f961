"""Ingest and inspect mutated files of every dialect and source: no traceback, no lost row, whatever is done to them.

    python -m benchmarks.fuzz --files 5000

Each file is one of a few small ones, of several dialects and of the sources in tests/ingestion/sources/, to which some
things were done: marks put in, pieces taken out, rows doubled, dropped and shuffled, another encoding. A
fault is printed with the seed that makes it again.
"""

import argparse
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random

import polars as pl

from benchmarks.sources import INVENTED
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.look import look, params_of
from richcheap.ingestion.inspection.page import page
from richcheap.ingestion.inspection.proposal import propose
from richcheap.ingestion.params import DataParams
from stages import ingest as stage

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


def survives(content: bytes, folder: Path) -> None:
    """Ingest and inspect a file, which lies alone in the working folder; ingest it as is proposed, too.

    Raises
    ------
    AssertionError
        A row was lost, or a refusal does not name the file.
    """
    (folder / "curve.csv").write_text("date,tenor_years,rate,kind\n", encoding="utf-8")
    (folder / "prices.csv").write_bytes(content)
    copies = folder / "copies"
    copies.mkdir(exist_ok=True)
    plain = DataParams(observations="prices.csv", curve="curve.csv", terms=None, max_rejected_share=1.0)
    refusals = [*_ingested(plain)]
    try:
        proposal = propose(Path("prices.csv"), copies, None)
        base = {"curve": "curve.csv", "max_rejected_share": 1.0}
        if not page(proposal, look(proposal, base, copies)):
            raise AssertionError("inspection said nothing")
        refusals += _ingested(params_of(proposal, base))
    except InputError as error:
        refusals.append(str(error))
    if not all("prices.csv" in refusal for refusal in refusals):
        raise AssertionError(f"a refusal does not name the file: {refusals}")


def _ingested(params: DataParams) -> list[str]:
    """Ingest; return the refusal where there is one."""
    try:
        stage.ingest(params, 10_000)
    except InputError as error:
        return [str(error)]
    tables = (pl.read_parquet(f"training_data/{name}/*.parquet") for name in ("observations", "quarantine"))
    rows = pl.concat([table["source_row"] for table in tables])
    read = json.loads(Path("metrics/ingest.json").read_text(encoding="utf-8"))["rows_read"]
    if len(rows) != read or rows.n_unique() != read:
        raise AssertionError("a row is neither accepted nor quarantined, or both")
    return []


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000, help="how many (default: 5000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first (default: 0)")
    arguments = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        os.chdir(folder)
        loud, sys.stderr = sys.stderr, nowhere
        for seed in range(arguments.seed, arguments.seed + arguments.files):
            try:
                survives(mutated(seed), Path(folder))
            except BaseException:  # noqa: BLE001  polars' panics are no Exception
                faults += 1
                print(f"seed {seed}: {traceback.format_exc()}", flush=True)
        sys.stderr = loud
        os.chdir("/")
    print(f"{arguments.files:,} files, {faults:,} with a fault")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
