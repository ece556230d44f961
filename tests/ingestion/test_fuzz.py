"""Mutated files of every dialect: no traceback, no lost row, whatever is done to them."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.look import look
from richcheap.ingestion.inspection.page import page
from richcheap.ingestion.inspection.proposal import propose
from richcheap.ingestion.params import DataParams
from stages import ingest as stage
from tests.ingestion.test_params import GOOD

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
bond_id|date|bid_price|ask_price|maturity_date|coupon_rate|volume|status|time
Q|02/03/25|97.5|98|15-Sep-32|4 1/4|1,000,000|T|09:30
Q|02/24/25|97.5|98|15-Sep-32|4 1/4|1,000,000|X|09:30
"""
BONDS = "date\tXY 4 09/15/32\tXY 5 03/15/30\n2025-02-03\t97.5\t101\n2025-02-04\t\t101.1\n"
DATES = "bond_id,maturity_date,coupon_rate,2025-02-03,2025-02-04\nQQ1,2032-09-15,4.25,97.5,97.75\n"
FILES = (COMMAS, SEMICOLONS, BARS, BONDS, DATES)
JUNK = (
    '"', "'", ",", ";", "\t", "|", "\n", "\r\n", "\r", "\0", "é", "\ufeff", "%", "-", "(", ")", "1", "0", ".", "NaN",
    "perp", "2025", "/", "99999999", "  ", "\u00a0", "€", "[", "]", "{", "Z",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252")


def mutated(seed: int) -> bytes:
    """Return a file to which some things were done."""
    random = Random(seed)
    text = random.choice(FILES)
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


def survives(content: bytes, folder: Path) -> None:
    """Ingest and inspect a file; the stage itself asserts that rows read are accepted or quarantined."""
    (folder / "curve.csv").write_text("date,tenor_years,rate,kind\n")
    (folder / "prices.csv").write_bytes(content)
    copies = folder / "copies"
    copies.mkdir(exist_ok=True)
    changes = {"observations": "prices.csv", "curve": "curve.csv", "date_format": "auto", "max_rejected_share": 1.0}
    refusals = []
    try:
        stage.ingest(DataParams(**{**GOOD, **changes}), 10_000)
    except InputError as error:
        refusals.append(str(error))
    try:
        proposal = propose(Path("prices.csv"), copies, None)
        assert page(proposal, look(proposal, {**GOOD, "curve": "curve.csv"}, copies))
    except InputError as error:
        refusals.append(str(error))
    assert all("prices.csv" in refusal for refusal in refusals)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_no_mutation_of_a_file_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("fuzz")
        patch.chdir(folder)
        survives(mutated(seed), folder)


@pytest.mark.slow
def test_a_thousand_mutations_end_in_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(1000):
        survives(mutated(seed), tmp_path)
