"""The champion of a run with the market that it prices in, as files: from terms to a price, anywhere.

Nothing is executed of what is read, and nothing is read whose hash is not known.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import polars as pl

from richcheap.evaluation.intervals.blocks import KeptIntervals
from richcheap.evaluation.params import EvaluateParams
from richcheap.features.baselines import LINE
from richcheap.ingestion.lists.bond_list import OWN_PRICES, TERMS
from richcheap.ingestion.schema import INPUT_COLUMNS
from richcheap.pipeline.config.sections import model_names
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import (
    copy_file,
    parse_model,
    read_arrays,
    read_json,
    read_parquet,
    write_parquet,
    write_text,
)
from richcheap.pipeline.storage.tables import TRAINING_ROWS, read_sample
from richcheap.pricer import Pricer, Prices, fitted_line
from richcheap.pricing.price_list import ANSWER, PriceList
from richcheap.pricing.quotes import Model, Quoter
from richcheap.saved.market_files import read_market, write_market

if TYPE_CHECKING:
    from richcheap.reporting.market_card import MarketCard
    from richcheap.reporting.model_card import ModelCard

ABOUT: Final = "champion.json"
MARKET: Final = "market"
MODEL: Final = "model.json"
TRAIN: Final = "train.parquet"
INTERVALS: Final = "intervals.npz"
SCHEMA: Final = "schema.json"
CARD: Final = "card"
NEEDED: Final = ("maturity_date", "coupon_rate")
"""Terms that a bond must have which the data do not know."""


class SavedChampion(Prices):
    """A champion that was saved with the market of a date, to be asked for prices as a project is.

    Parameters
    ----------
    folder : Path
        What `write_champion` has written.
    threads : int
        Changes no price.

    Attributes
    ----------
    folder : Path
    champion : str
        Who prices.
    last_date : date
        Of the market that was saved: prices are as of this date.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder, self._threads = folder, threads
        self._about = read_json(folder / ABOUT)
        self._market = read_market(folder / MARKET, threads)
        super().__init__(self._about["champion"], self._market.as_of, self._market.data)

    def __repr__(self) -> str:
        """Say who prices, and in the market of which date."""
        return f"<richcheap champion: {self.champion}, market of {self.last_date}, in {self.folder}>"

    @property
    def card(self) -> str:
        """The card of the champion, Markdown: what it is for, what it was trained on, how it errs."""
        return (self.folder / f"{CARD}.md").read_text(encoding="utf-8")

    @property
    def schema(self) -> dict[str, Any]:
        """What `price` takes and gives, by column."""
        return read_json(self.folder / SCHEMA)

    @property
    def bonds(self) -> pl.DataFrame:
        """The bonds of the data with their latest terms and last print, sorted by identifier."""
        return self._market.terms.sort("bond_id")

    def answer(self, table: pl.DataFrame, as_of: date) -> pl.DataFrame:
        """Price a list of bonds that is a polars data frame, see `price`.

        Raises
        ------
        ParamsError
            `as_of` is not the date of the market that was saved.
        """
        if as_of != self.last_date:
            raise ParamsError(
                f"as_of: expected {self.last_date}, the date of the market that was saved, got {as_of}; a project that "
                "has run prices as of any date"
            )
        return super().answer(table, as_of)

    @property
    def _in_percent(self) -> bool:
        return self._market.coupons_in_percent

    def _terms(self, as_of: date) -> pl.DataFrame:  # noqa: ARG002  it has one date
        return self._market.terms

    def _price_list(self, as_of: date) -> PriceList:  # noqa: ARG002
        return self._market.price_list(self._quoter)

    @cached_property
    def _quoter(self) -> Quoter:
        evaluate = EvaluateParams.model_validate_json(json.dumps(self._about["evaluate"]), strict=True)
        kept = None
        if (self.folder / INTERVALS).is_file():
            kept = KeptIntervals.of(read_arrays(self.folder / INTERVALS))
        model: Model | None = None
        if (self.folder / MODEL).is_file():
            model = cast(Model, read_model(self.folder / MODEL, self._threads))
        elif (self.folder / TRAIN).is_file():
            model = fitted_line(read_parquet(self.folder / TRAIN), evaluate)
        return Quoter.of(self.champion, model, kept, evaluate, self._about["seed"], self._threads)


def write_champion(pricer: Pricer, card: "ModelCard", folder: Path) -> None:
    """Write the champion of a project, with the market of the last date; the same run gives the same bytes.

    Parameters
    ----------
    pricer : Pricer
        The project, opened.
    card : ModelCard
        Of the champion.
    folder : Path
        Empty.
    """
    evaluate = pricer.evaluate.model_dump(mode="json")
    write_exact({"champion": pricer.champion, "evaluate": evaluate, "seed": pricer.seed}, folder / ABOUT)
    write_market(pricer.day(pricer.last_date), folder / MARKET)
    if pricer.quoter.kept is not None:
        copy_file(pricer.intervals, folder / INTERVALS)
    if pricer.champion in model_names(pricer.folder / paths.PARAMS):
        copy_file(pricer.folder / paths.tuned_model_file(pricer.champion), folder / MODEL)
    elif pricer.champion == LINE:
        write_parquet(read_sample(pricer.folder / paths.DATASET_TRAIN, TRAINING_ROWS), folder / TRAIN)
    write_card(card, folder)
    write_exact(schema(), folder / SCHEMA)


def write_card(card: "ModelCard | MarketCard", folder: Path) -> None:
    """Write a card, for readers and as JSON."""
    write_text(card.markdown(), folder / f"{CARD}.md")
    write_exact(card.content(), folder / f"{CARD}.json")


def write_exact(content: Mapping[str, Any], file: Path) -> None:
    """Write JSON with every bit of its floats."""
    write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", file)


def read_model(file: Path, threads: int) -> Any:
    """Read a model; nothing in it is executed.

    Raises
    ------
    ArtifactError
        It is none, or one of another version.
    """
    model = parse_model(file.read_text(encoding="utf-8"), file)
    if hasattr(model, "set_params"):  # models of the market have no cores to use
        model.set_params(n_jobs=threads)
    return model


def schema() -> dict[str, Any]:
    """Return what prices are asked with, and what an answer holds, by column."""
    asked = {"bond_id", *TERMS, *OWN_PRICES}
    needed = {"bond_id": "always", **dict.fromkeys(NEEDED, "for a bond that the data do not know")}
    takes = {
        one.name: {"kind": one.kind, "needed": needed.get(one.name, "no")} for one in INPUT_COLUMNS if one.name in asked
    }
    return {"takes": takes, "gives": {name: str(kind) for name, kind in ANSWER.items()}}
