"""Prices on request from a project that has run; `richcheap.load` opens one.

Nothing is run and nothing is written; docs/price.md says what each column of an answer means.
"""

import contextlib
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.arguments import checked_date, checked_project
from richcheap.evaluation.baselines import COLUMNS
from richcheap.evaluation.intervals.blocks import KeptIntervals
from richcheap.evaluation.params import EvaluateParams
from richcheap.features.baselines import FILTER, LINE
from richcheap.features.catalogue import feature_names
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.lists.bond_list import TERMS, canonical_list, read_bond_list
from richcheap.ingestion.lists.given import of_pandas, table_of
from richcheap.ingestion.params import DataParams
from richcheap.kalman.fit import Fitted
from richcheap.panel.params import FeaturesParams, KalmanParams, MarketParams
from richcheap.panel.ratings import BUCKETS, bucket_codes
from richcheap.panel.universe import UniverseCounts
from richcheap.pipeline.config.sections import load as load_section
from richcheap.pipeline.config.sections import load_seed, model_names
from richcheap.pipeline.errors import ArtifactError, DataError, LeftOutError, ParamsError
from richcheap.pipeline.resume.continuation import ARRAYS, STATES
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, read_arrays, read_json, read_parquet
from richcheap.pipeline.storage.tables import TRAINING_ROWS, part_paths, read_sample, read_table
from richcheap.pricing.market import Engine, States, advance, price_bounds
from richcheap.pricing.market_day import MarketDay
from richcheap.pricing.price_list import ANSWER, PriceList
from richcheap.pricing.quotes import Model, Quoter
from richcheap.pricing.reasons import Seen
from richcheap.pricing.signals import HISTORY_COLUMNS, own_history
from richcheap.relative_value.params import SignalsParams
from richcheap.surface.valuation import BOND_COLUMNS

BEFORE_DATA = "before_data"
LAST_PRINT = ("price_kind", "clean_price", "side", "volume")
"""What is known of a bond's last print, besides its date."""
KNOWN_COLUMNS = ("bond_id", "date", *TERMS, *LAST_PRINT, "status")
BLOCKS = (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST, paths.DATASET_LIVE)
MARKETS = (paths.MARKET, paths.LIVE_MARKET)
KEPT_DATES = 8
"""Markets of different dates that are held, so that asking again costs the work alone."""


class Known(NamedTuple):
    """Bonds of the data as of a date: their terms, and what has printed by then."""

    terms: pl.DataFrame
    seen: Seen


class Prices:
    """What answers lists of bonds.

    Parameters
    ----------
    champion : str
        Who prices.
    last_date : date
        Of the data.
    data : DataParams
        How lists are read.
    """

    def __init__(self, champion: str, last_date: date, data: DataParams) -> None:
        self.champion, self.last_date = champion, last_date
        self._data = data
        self._lists = lru_cache(KEPT_DATES)(self._price_list)

    def price(self, bonds: Any, as_of: date | str | None = None) -> Any:
        """Price a list of bonds.

        Parameters
        ----------
        bonds : DataFrame or iterable of str
            A frame of polars or pandas, an Arrow table, a series or any other run of identifiers. Identifiers alone for
            bonds of the data, terms for others; a price may stand beside.
        as_of : date or str, optional
            By default the last date of the data.

        Returns
        -------
        DataFrame
            Of pandas for what pandas made, else of polars: a row for each line, in the same order, with the columns of
            docs/price.md.

        Raises
        ------
        DataError
            `bonds` is no list of bonds, there is no column of identifiers, or dates or numbers can be read in two ways.
        ParamsError
            `as_of` is no date.
        """
        day = self.last_date if as_of is None else checked_date(as_of)
        try:
            table = table_of(bonds)
        except InputError as error:
            raise DataError(str(error)) from error
        answer = self.answer(table, day)
        return answer.to_pandas() if of_pandas(bonds) else answer

    def answer(self, table: pl.DataFrame, as_of: date) -> pl.DataFrame:
        """Price a list of bonds that is a polars data frame, see `price`."""
        return self.lines(table, as_of).select([*ANSWER])

    def lines(self, table: pl.DataFrame, as_of: date) -> pl.DataFrame:
        """Return the answer with what its prices were discounted with, see `richcheap.pricing.price_list.LINE`."""
        try:
            read = read_bond_list(table, self._terms(as_of), as_of, self._data, self._in_percent)
        except InputError as error:
            raise DataError(f"list of bonds: {error}") from error
        return self._lists(as_of).lines(read)

    @property
    def _in_percent(self) -> bool:
        """Whether the data's coupons are."""
        raise NotImplementedError

    def _terms(self, as_of: date) -> pl.DataFrame:
        """Return what the data know of bonds on a date."""
        raise NotImplementedError

    def _price_list(self, as_of: date) -> PriceList:
        """Open the market of a date."""
        raise NotImplementedError


class Pricer(Prices):
    """A project that has run, to be asked for prices.

    Parameters
    ----------
    folder : str or Path
        The project's folder.
    threads : int, optional
        By default all cores; changes no price.

    Attributes
    ----------
    folder : Path
        The project's, from the root.
    champion : str
        Who prices: the predictor with the least error on the validation block, or the filter where there is none.
    first_date, last_date : date
        Of the data.
    intervals : Path
        File of the champion's intervals.

    Raises
    ------
    RichcheapError
        The folder is no project, or one that has not run to its end.
    """

    def __init__(self, folder: str | Path = ".", threads: int | None = None) -> None:
        self.folder = checked_project(folder)
        self._threads = threads or available_cores()
        files = [self.folder / file for file in (paths.LIVE_INTERVALS, paths.INTERVALS)]
        self.intervals = next((file for file in files if file.is_file()), files[-1])
        kept: KeptIntervals | None = None
        with contextlib.suppress(LeftOutError):  # too few dates to train and judge models
            kept = KeptIntervals.of(read_arrays(self.intervals))
        self._kept = kept
        self._parts = part_paths(self.folder / paths.BONDS)
        self.first_date: date = read_parquet(self._parts[0], ["date"])["date"].min()  # type: ignore[assignment]
        last_date: date = read_parquet(self._parts[-1], ["date"])["date"].max()  # type: ignore[assignment]
        data = load_section(DataParams, "data", self.folder / paths.PARAMS)
        super().__init__(FILTER if kept is None else kept.predictor, last_date, data)
        self._known = lru_cache(KEPT_DATES)(self._known_by)

    def __repr__(self) -> str:
        """Say who prices, and of which dates the data are."""
        return f"<richcheap: {self.champion}, data of {self.first_date} to {self.last_date}, in {self.folder}>"

    @property
    def bonds(self) -> pl.DataFrame:
        """The bonds of the data with their latest terms and last print, sorted by identifier."""
        return self._known(self.last_date).terms.sort("bond_id")

    def answer(self, table: pl.DataFrame, as_of: date) -> pl.DataFrame:
        """Price a list of bonds that is a polars data frame, see `price`."""
        if as_of >= self.first_date:
            return super().answer(table, as_of)
        try:
            return self._before_data(table, as_of)
        except InputError as error:
            raise DataError(f"list of bonds: {error}") from error

    def day(self, as_of: date) -> MarketDay:
        """Return all that prices of a date come from, but for who prices.

        Raises
        ------
        ArtifactError
            What stages have made is not there, or not of the observations that are.
        """
        known = self._known(as_of)
        self._check_counts(known.terms)
        states, bonds = self._states_before(as_of)
        signals = load_section(SignalsParams, "signals", self.folder / paths.PARAMS)
        folders = [folder for folder in (self.folder / block for block in BLOCKS) if folder.is_dir()]
        if not folders:
            raise ArtifactError(f"{self.folder / BLOCKS[0].parent}: no such table; run `dvc repro` to make it")
        rows = pl.concat(read_table(folder, HISTORY_COLUMNS) for folder in folders)
        return MarketDay(
            as_of=as_of,
            engine=self.engine,
            states=states,
            counts=self._counts,
            printed=bonds.filter(pl.col("date") == as_of),
            terms=known.terms,
            seen=known.seen,
            history=own_history(rows.filter(pl.col("date") < as_of), signals),
            data=self._data,
            signals=signals,
            coupons_in_percent=self._in_percent,
        )

    def _terms(self, as_of: date) -> pl.DataFrame:
        return self._known(as_of).terms

    def _price_list(self, as_of: date) -> PriceList:
        return self.day(as_of).price_list(self.quoter)

    def _before_data(self, table: pl.DataFrame, as_of: date) -> pl.DataFrame:
        lines = canonical_list(table, as_of, self._data).select(line="source_row", bond_id="bond_id")
        reason = f"as_of: expected {self.first_date} or later, the first date of the data, got {as_of}"
        answered = lines.with_columns(
            as_of=pl.lit(as_of), status=pl.lit(BEFORE_DATA), reason=pl.lit(reason), champion=pl.lit(self.champion)
        )
        absent = [pl.lit(None, kind).alias(name) for name, kind in ANSWER.items() if name not in answered.columns]
        return answered.with_columns(absent).select(*(pl.col(name).cast(kind) for name, kind in ANSWER.items()))

    def _check_counts(self, known: pl.DataFrame) -> None:
        """Refuse bonds that the market was not valued with.

        Raises
        ------
        ArtifactError
            The observations are newer than what was made of them.
        """
        strange = known.join(self._counts.bonds, on="bond_id", how="anti")
        if strange.height:
            raise ArtifactError(
                f"{self.folder / paths.MARKET_STATES}: expected all bonds of {paths.BONDS}, got none of "
                f"{strange['bond_id'][0]}; run `dvc repro`"
            )

    def _states_before(self, as_of: date) -> tuple[States, pl.DataFrame]:
        """Return the states before a date, and the observations of the date itself."""
        states, left = self._stored_states(as_of)
        for part in left:
            bonds = read_parquet(part, BOND_COLUMNS)
            before = bonds.filter(pl.col("date") < as_of)
            if before.height:
                _, states = advance(self.engine, states, self._counts, before)
            if before.height < bonds.height:
                return states, bonds.filter(pl.col("date") == as_of)
        return states, read_parquet(self._parts[0], BOND_COLUMNS).clear()

    def _stored_states(self, as_of: date) -> tuple[States, list[Path]]:
        """Return the latest states that stages have kept of dates before a date, and the parts that follow them."""
        parts = [part for part in self._parts if date.fromisoformat(part.stem) <= as_of]
        for place in reversed(range(len(parts))[-STATES - 1 :]):
            states = self._states_after(parts[place], as_of)
            if states is not None:
                return states, parts[place + 1 :]
        return States.none(), parts

    def _states_after(self, part: Path, as_of: date) -> States | None:
        """Return the states that stages have kept after a part; None where they have not, or it ends too late."""
        end = read_parquet(part, ["date"])["date"].max()
        if not isinstance(end, date) or end >= as_of:
            return None
        starts = [one.stem for folder in MARKETS for one in self._stored(folder, "*.parquet")]
        later = max((start for start in starts if date.fromisoformat(start) <= end), default="")
        names = {paths.MARKET_STATES: part.stem, paths.KALMAN_STATES: later, paths.FEATURES_STATES: later}
        files = [self.folder / folder / name / ARRAYS for folder, name in names.items()]
        if not all(file.is_file() for file in files):
            return None
        market, kalman, features = map(read_arrays, files)
        return States(market, kalman, features, self._curves)

    def _stored(self, folder: Path, pattern: str) -> list[Path]:
        return sorted((self.folder / folder).glob(pattern))

    def _known_by(self, as_of: date) -> Known:
        """Read what the data know of bonds on a date; one that prints later has the terms that it prints with first."""
        before, after = [], []
        for part in self._parts:
            rows = read_parquet(part, KNOWN_COLUMNS).filter(pl.col("status") == "ok").drop("status")
            before.append(rows.filter(pl.col("date") <= as_of).unique("bond_id", keep="last", maintain_order=True))
            after.append(rows.filter(pl.col("date") > as_of).unique("bond_id", keep="first", maintain_order=True))
        printed = pl.concat(before).unique("bond_id", keep="last", maintain_order=True)
        later = pl.concat(after).unique("bond_id", keep="first", maintain_order=True)
        later = later.join(printed.select("bond_id"), on="bond_id", how="anti", maintain_order="left")
        terms = pl.concat([printed, later]).rename({"date": "last_print"})
        terms = terms.with_columns(last_print=pl.when(pl.col("last_print") <= as_of).then("last_print"))
        bucket = pl.Series(BUCKETS).gather(bucket_codes(printed))
        longest = printed.group_by("currency").agg(pl.col("maturity_date").max()).rows()
        return Known(
            terms,
            Seen(
                longest=dict(longest),
                buckets=set(zip(printed["currency"].to_list(), bucket.to_list(), strict=True)),
                issuers=set(printed["issuer"].drop_nulls().to_list()),
                until=printed["date"].max(),  # type: ignore[arg-type]
                learned_until=self._learned_until,
            ),
        )

    @cached_property
    def _counts(self) -> UniverseCounts:
        """The bonds of all dates, which stage ``market`` has counted."""
        stored = self._stored(paths.MARKET_STATES, "*/universe_*.parquet")
        newest = {file.stem: read_parquet(file) for file in stored}  # in the order of dates
        return UniverseCounts.restored(newest)

    @cached_property
    def _curves(self) -> pl.DataFrame:
        return pl.concat(read_parquet(self.folder / file) for file in (paths.CURVES, paths.LIVE_CURVES))

    @cached_property
    def engine(self) -> Engine:
        """What the market of a date is made with."""
        file = self.folder / paths.PARAMS
        fitted = Fitted.from_exact(self._field(paths.KALMAN_FIT, "result"))
        return Engine(
            load_section(MarketParams, "market", file),
            load_section(KalmanParams, "kalman", file),
            load_section(FeaturesParams, "features", file),
            fitted.hyperparameters,
            price_bounds(self._data),
            read_parquet(self.folder / paths.BENCHMARK_CURVE),
            self._threads,
        )

    @cached_property
    def quoter(self) -> Quoter:
        """Who prices, and with which intervals."""
        return Quoter.of(self.champion, self._model(), self._kept, self.evaluate, self.seed, self._threads)

    @cached_property
    def evaluate(self) -> EvaluateParams:
        """How models were evaluated."""
        return load_section(EvaluateParams, "evaluate", self.folder / paths.PARAMS)

    @cached_property
    def seed(self) -> int:
        """Of all randomness."""
        return load_seed(self.folder / paths.PARAMS)

    def _model(self) -> Model | None:
        if self.champion in model_names(self.folder / paths.PARAMS):
            model = load_model(self.folder / paths.tuned_model_file(self.champion), self.folder / paths.LOCK)
            model.set_params(n_jobs=self._threads)
            return cast(Model, model)
        if self.champion == LINE:
            return fitted_line(read_sample(self.folder / paths.DATASET_TRAIN, TRAINING_ROWS), self.evaluate)
        if self.champion not in COLUMNS:
            raise ParamsError(
                f"{paths.PARAMS}: models: expected a block for {self.champion}, the champion of the run; run "
                "`dvc repro`, or put it back"
            )
        return None

    @cached_property
    def _in_percent(self) -> bool:
        units = self._field(paths.METRICS / "ingest.json", "units")
        return bool(units.get("coupon_rate", {}).get("unit") == "percent")

    @cached_property
    def _learned_until(self) -> date | None:
        blocks = self._field(paths.SPLIT, "blocks")
        learned = [date.fromisoformat(one["last_date"]) for one in blocks if one["name"] in ("train", "validation")]
        return max(learned, default=None)

    def _field(self, file: Path, name: str) -> Any:
        content = read_json(self.folder / file, even_left_out=True)
        if name not in content:
            raise ArtifactError(f"{self.folder / file}: must have {name}; delete it and run `dvc repro`")
        return content[name]


def fitted_line(train: pl.DataFrame, evaluate: EvaluateParams) -> Model:
    """Return the linear baseline, fitted to the training block."""
    from richcheap.models.ridge import RidgeBaseline  # noqa: PLC0415  it takes a second to import

    return RidgeBaseline(train, feature_names("enhanced"), evaluate.ridge_penalty, evaluate.ridge_clip_share)
