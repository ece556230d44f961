"""Train a rival, or let it predict, in an environment of its own: ``python -m benchmarks.automl.rivals NAME WORK ...``.

Every rival learns from the training block and may look at the validation block: to stop early, to choose, and to weigh
members. It uses one core. What it saves is what predicts later, in a process of its own.
"""

import argparse
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.automl.blocks import CHOSEN_ON, JUDGED_ON, LEARNED, Block, Floats, read_block, write_predictions

Predict = Callable[[Floats], Floats]
SEED: Final = 1
FOLDS: Final = 5
TARGET, WEIGHT, FOLD = "target", "weight", "fold"
LEFT_OUT: Final = ["RF", "XT", "KNN", "NN_TORCH", "FASTAI"]
"""AutoGluon's forests, which spend the whole budget, neighbours, and networks, for which torch is not installed."""
SAVED: Final = "model"


class Given(NamedTuple):
    """What a rival learns from.

    Attributes
    ----------
    train, validation : Block
    seconds : int
        Time limit.
    folder : Path
        Where it saves itself.
    """

    train: Block
    validation: Block
    seconds: int
    folder: Path


class Rival(NamedTuple):
    """A rival.

    Attributes
    ----------
    package : str
        On the package index; the environment of its name is made from the file of that name in this folder.
    fit, load : callable
        How it is trained, and how what was saved is made to predict.
    times : int
        Its CPU, in multiples of what the others get.
    in_points : bool
        Whether it learns the distance in price, unweighted, rather than in multiples of the noise, weighted by that.
    """

    package: str
    fit: Callable[[Given], None]
    load: Callable[[Path], Predict]
    times: int = 1
    in_points: bool = False


def fit_lightgbm(given: Given) -> None:
    """LightGBM as it comes, with the absolute error as its loss; the time limit and the validation block are unused."""
    import lightgbm  # noqa: PLC0415  each rival's environment has its own package alone

    model = lightgbm.LGBMRegressor(objective="mae", n_jobs=1, random_state=SEED, verbose=-1)
    model.fit(given.train.matrix, given.train.target, sample_weight=given.train.weight)
    model.booster_.save_model(given.folder / SAVED)


def load_lightgbm(folder: Path) -> Predict:
    """Load LightGBM's trees."""
    import lightgbm  # noqa: PLC0415

    booster = lightgbm.Booster(model_file=folder / SAVED)
    return lambda matrix: np.asarray(booster.predict(matrix, num_threads=1))


def fit_autogluon(given: Given) -> None:
    """AutoGluon without bagging: its usual families, and a greedy ensemble weighed on the validation block."""
    _fit_autogluon(given, {})


def fit_autogluon_bagged(given: Given) -> None:
    """AutoGluon with bagging over blocks of dates and its portfolio of settings, weighed on the validation block."""
    further = {"num_bag_folds": FOLDS, "num_stack_levels": 0, "use_bag_holdout": True, "hyperparameters": "zeroshot"}
    _fit_autogluon(given, further)


def _fit_autogluon(given: Given, further: dict[str, Any]) -> None:
    from autogluon.tabular import TabularPredictor  # noqa: PLC0415

    fold = np.unique(given.train.day, return_inverse=True)[1]
    fold = fold * FOLDS // (fold.max() + 1)  # whole dates, each fold a stretch of them: their prints share a move
    train = _frame(given.train)
    predictor = TabularPredictor(
        label=TARGET,
        problem_type="regression",
        eval_metric="mean_absolute_error",
        path=str(given.folder / SAVED),
        sample_weight=WEIGHT,
        weight_evaluation=True,
        verbosity=1,
        **({"groups": FOLD} if further else {}),
    )
    predictor.fit(
        train.assign(**{FOLD: fold}) if further else train,
        tuning_data=_frame(given.validation),
        time_limit=given.seconds,
        num_cpus=1,
        num_gpus=0,
        dynamic_stacking=False,
        excluded_model_types=LEFT_OUT,
        **further,
    )
    predictor.delete_models(models_to_keep="best", dry_run=False)
    predictor.save_space()


def load_autogluon(folder: Path) -> Predict:
    """Load AutoGluon's best model, held in memory."""
    from autogluon.tabular import TabularPredictor  # noqa: PLC0415

    predictor = TabularPredictor.load(str(folder / SAVED), verbosity=0)
    predictor.persist()
    return lambda matrix: np.asarray(predictor.predict(_table(matrix)))


def fit_flaml(given: Given) -> None:
    """FLAML: its search over families and settings, judged on the validation block."""
    from flaml import AutoML  # noqa: PLC0415

    search = AutoML()
    search.fit(
        X_train=_table(given.train.matrix),
        y_train=given.train.target,
        sample_weight=given.train.weight,
        X_val=_table(given.validation.matrix),
        y_val=given.validation.target,
        sample_weight_val=given.validation.weight,
        task="regression",
        metric="mae",
        eval_method="holdout",
        split_type="time",
        retrain_full=False,
        time_budget=given.seconds,
        n_jobs=1,
        seed=SEED,
        verbose=0,
    )
    search.pickle(str(given.folder / SAVED))


def load_flaml(folder: Path) -> Predict:
    """Load what FLAML found; the file was written by this benchmark a moment ago."""
    from flaml import AutoML  # noqa: PLC0415

    search = AutoML.load_pickle(str(folder / SAVED))
    return lambda matrix: np.asarray(search.predict(_table(matrix)))


def fit_mljar(given: Given) -> None:
    """MLJAR in its mode for use in production: tuned families and a greedy ensemble, on the validation block."""
    from supervised.automl import AutoML  # noqa: PLC0415

    both = [np.concatenate(pair) for pair in zip(given.train, given.validation, strict=True)]
    rows = np.arange(len(both[0]))
    automl = AutoML(
        results_path=str(given.folder),
        mode="Perform",
        ml_task="regression",
        eval_metric="mae",
        total_time_limit=given.seconds,
        validation_strategy={"validation_type": "custom"},
        explain_level=0,
        n_jobs=1,
        random_state=SEED,
        verbose=0,
    )
    matrix, _, target, weight = both
    split = [(rows[: len(given.train.day)], rows[len(given.train.day) :])]
    automl.fit(_table(matrix), target, sample_weight=weight, cv=split)


def load_mljar(folder: Path) -> Predict:
    """Load MLJAR's best model."""
    from supervised.automl import AutoML  # noqa: PLC0415

    automl = AutoML(results_path=str(folder), verbose=0)
    return lambda matrix: np.asarray(automl.predict(_table(matrix)))


RIVALS: Final[dict[str, Rival]] = {
    "LightGBM": Rival("lightgbm", fit_lightgbm, load_lightgbm),
    "LightGBM, in points": Rival("lightgbm", fit_lightgbm, load_lightgbm, in_points=True),
    "FLAML": Rival("flaml", fit_flaml, load_flaml),
    "MLJAR": Rival("mljar-supervised", fit_mljar, load_mljar),
    "AutoGluon": Rival("autogluon.tabular", fit_autogluon, load_autogluon),
    "AutoGluon, in points": Rival("autogluon.tabular", fit_autogluon, load_autogluon, in_points=True),
    "AutoGluon, bagged": Rival("autogluon.tabular", fit_autogluon_bagged, load_autogluon, times=5),
    "AutoGluon, bagged, in points": Rival("autogluon.tabular", fit_autogluon_bagged, load_autogluon, 5, in_points=True),
}


def in_points(block: Block) -> Block:
    """Return rows whose target is a distance in price, in multiples of what one noise costs on average."""
    return block._replace(target=block.target * block.weight, weight=np.ones_like(block.weight))


def _table(matrix: Floats) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame(matrix, columns=[f"x{place}" for place in range(matrix.shape[1])])


def _frame(block: Block) -> Any:
    return _table(block.matrix).assign(**{TARGET: block.target, WEIGHT: block.weight})


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=RIVALS)
    works = parser.add_subparsers(dest="work", required=True)
    fit, predict = works.add_parser("fit"), works.add_parser("predict")
    for one in (fit, predict):
        one.add_argument("blocks", type=Path, help="folder of the blocks")
        one.add_argument("saved", type=Path, help="folder of what is trained")
    fit.add_argument("seconds", type=int, help="time limit")
    predict.add_argument("predictions", type=Path, help="file of the predictions")
    chosen = parser.parse_args()
    rival = RIVALS[chosen.name]
    train, validation, test = (read_block(name, chosen.blocks) for name in (LEARNED, CHOSEN_ON, JUDGED_ON))
    if chosen.work == "fit":
        if rival.in_points:
            train, validation = in_points(train), in_points(validation)
        rival.fit(Given(train, validation, chosen.seconds, chosen.saved))
        return
    matrix, model = np.vstack([validation.matrix, test.matrix]), rival.load(chosen.saved)
    weight = np.concatenate([validation.weight, test.weight])
    unit = weight if rival.in_points else np.ones_like(weight)
    sizes = len(validation.day), len(test.day)
    write_predictions(lambda rows: model(matrix[rows]) / unit[rows], *sizes, chosen.predictions, version(rival.package))


if __name__ == "__main__":
    main()
