"""The champion as files: prices are those of the project, wherever it is loaded."""

import json
import subprocess
import sys

import polars as pl
import pytest

from richcheap import load_champion
from richcheap.features.baselines import FILTER, LINE
from richcheap.pipeline.errors import ParamsError
from richcheap.pricer import Pricer
from richcheap.saved.cards import model_card
from richcheap.saved.champion import SavedChampion, write_champion
from tests.pricing.projects import BONDS, DAYS

LAST = DAYS[-1]
NEW = {"bond_id": "NEW", "maturity_date": "2031-05-15", "coupon_rate": "4.5", "credit_rating": "BBB", "issuer": "any"}


def asked() -> pl.DataFrame:
    """Return bonds of the data, and one that they do not know."""
    known = BONDS["bond_id"].unique().sort()[:12]
    return pl.concat([pl.DataFrame({"bond_id": known}), pl.DataFrame([NEW])], how="diagonal")


def test_prices_are_those_of_the_project_to_the_last_bit(saved, pricer):
    champion = load_champion(saved.folder, sha256=saved.sha256)
    expected = pricer.price(asked())
    assert champion.price(asked()).equals(expected)
    assert expected.filter(pl.col("status") == "priced").height > 10
    assert (champion.champion, champion.last_date) == (pricer.champion, LAST)
    assert champion.bonds.equals(pricer.bonds)
    assert champion.price(["nobody"])["status"].to_list() == ["unknown_bond"]
    assert repr(champion).startswith(f"<richcheap champion: {pricer.champion}, market of {LAST}")


def test_no_project_is_needed_where_it_is_loaded(saved, pricer, copy, tmp_path):
    code = (
        "import sys, richcheap\n"
        f"champion = richcheap.load_champion({str(copy)!r}, sha256={saved.sha256!r})\n"
        f"answer = champion.price({asked()['bond_id'].to_list()!r})\n"
        "answer.write_parquet('answer.parquet')\n"
        "print({'arch', 'dvc', 'optuna'} & set(sys.modules))\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run([sys.executable, "-c", code], cwd=elsewhere, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "set()"), done.stderr
    assert pl.read_parquet(elsewhere / "answer.parquet").equals(pricer.price(asked()["bond_id"].to_list()))


def test_the_champion_is_said_to_be_so_with_its_card_and_what_it_takes(saved, pricer):
    assert saved.champion == pricer.champion
    champion = saved.load_champion()
    assert champion.card.startswith(f"# {pricer.champion}\n\nThe champion of its run")
    takes, gives = champion.schema["takes"], champion.schema["gives"]
    assert takes["bond_id"] == {"kind": "text", "needed": "always"}
    assert takes["maturity_date"] == {"kind": "date", "needed": "for a bond that the data do not know"}
    assert list(pricer.price(asked()).columns) == sorted(gives, key=list(pricer.price(asked()).columns).index)
    card = json.loads((saved.folder / "champion" / "card.json").read_text(encoding="utf-8"))
    assert card["champion"] is True
    assert [one["name"] for one in card["blocks"]] == ["train", "validation", "test"]
    assert card["metrics"]["mae"] > 0.0


def test_another_date_is_refused_and_so_is_a_list_without_identifiers(saved):
    champion = saved.load_champion()
    assert champion.price(asked(), LAST).equals(champion.price(asked()))
    with pytest.raises(ParamsError, match=rf"^as_of: expected {LAST}, the date of the market that was saved, got 2020"):
        champion.price(asked(), "2020-01-02")


@pytest.mark.parametrize("name", ["ml_adjuster", LINE, FILTER, "peers"])
def test_whoever_is_the_champion_prices_the_same_where_it_is_loaded(project, tmp_path, name):
    pricer = Pricer(project)
    pricer.champion = name
    write_champion(pricer, model_card(project, name), tmp_path)
    answer = SavedChampion(tmp_path, 1).price(asked())
    assert answer.equals(pricer.price(asked()))
    assert answer["champion"].unique().to_list() == [name]


def test_without_intervals_the_filter_prices_alone(project, tmp_path):
    pricer = Pricer(project)
    pricer.champion, pricer._kept = FILTER, None
    write_champion(pricer, model_card(project, FILTER), tmp_path)
    assert not (tmp_path / "intervals.npz").exists()
    answer = SavedChampion(tmp_path, 1).price(asked())
    assert answer.equals(pricer.price(asked()))
    assert answer["low"].null_count() == answer.height
