# %% [markdown]
# # A quant who adds a model
#
# You have an idea for a model, and want to know whether it is any good before you build it into the pipeline. This
# goes on in the project of the [quick start](quick_start.md).

# %%
from richcheap import ModelTrainer

train = ModelTrainer(project="my-bonds", progress=False).train_bonds
train.select("date", "bond_id", "clean_price", "base_spread", "target_bp", "f_kalman_gap", "f_rating").tail(3)

# %% [markdown]
# A row is a print. Its features know the bond's own past and other bonds' prices up to the date, never its own price.
# The target is how far the print's spread lies from the bond's last one repriced on today's curve, in bp.
# `f_kalman_gap` is what the Kalman filter expects of it: the baseline that is hard to beat.

# %%
import polars.selectors as cs

X = train.select(cs.starts_with("f_"))
y = train["target_bp"].to_numpy()
dates = train["date"]
weight = train["dv01"].to_numpy()  # points per bp: an error of a long bond costs more

# %% [markdown]
# ## Walk forward
#
# Rows of one date share the market's move, and tomorrow's are like today's. So a date is never divided, a fold is
# tested on dates after those it has learned from, and a date between them is dropped.

# %%
from richcheap.estimators import WalkForward

forward = WalkForward(folds=4, test_dates=8, embargo_dates=1)
for window in forward.windows(dates):
    print(f"train {window.first_train} to {window.last_train}, test {window.first_test} to {window.last_test}")

# %% [markdown]
# ## The idea, and what it must beat
#
# The idea here: bonds behave as their nearest neighbours do. Anything with scikit-learn's `fit` and `predict` will
# do.

# %%
import numpy as np
import polars as pl
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

from richcheap.estimators import RandomForestSpreadRegressor, RidgeSpreadRegressor

idea = make_pipeline(SimpleImputer(keep_empty_features=True), RobustScaler(), KNeighborsRegressor(20))
candidates = {"neighbours": idea, "ridge": RidgeSpreadRegressor(), "forest": RandomForestSpreadRegressor(trees=50)}


def errors(model, target):
    """Return the mean absolute error of each fold, points per 100."""
    found = []
    for past, future in forward.split(X, groups=dates):
        given = {"dates": dates.gather(past)} if hasattr(model, "validation_fraction") else {}
        learned = model.fit(X[past], target[past], **given).predict(X[future])
        found.append(np.average(np.abs(learned - y[future]) * weight[future]))
    return np.array(found)


def baseline(expected):
    """Return the same of what is known without learning."""
    return np.array([np.mean(np.abs(expected - y)[rows] * weight[rows]) for _, rows in forward.split(X, groups=dates)])


scores = {
    "last spread": baseline(np.zeros_like(y)),
    "kalman": baseline(X["f_kalman_gap"].to_numpy()),
    **{name: errors(model, y) for name, model in candidates.items()},
}

# %% [markdown]
# Compare fold by fold with the best baseline: all have the same folds, so their differences say more than their means.

# %%
table = pl.DataFrame(
    [
        {
            "model": name,
            "mean absolute error, points": folds.mean().round(4),
            "against kalman": (folds - scores["kalman"]).mean().round(4),
            "better in folds": int((folds < scores["kalman"]).sum()),
        }
        for name, folds in scores.items()
    ]
)
table

# %% [markdown]
# ## Is there a leak?
#
# A model that learns from a shuffled target must lose its skill. Where it does not, a feature knows the answer.

# %%
shuffled = np.random.default_rng(0).permutation(y)
{name: round(float(errors(model, shuffled).mean()), 4) for name, model in candidates.items() if name != "forest"}

# %% [markdown]
# ## What now
#
# Here no idea beats the filter in any fold, so it stops here: the market is simulated by a process that the
# filter knows well. Choose on the training block alone. The validation block is for the choice between finished
# models, the test block for the last word, once.
#
# An idea that holds up becomes a stage of the pipeline in [four
# steps](../../CONTRIBUTING.md#add-a-model-in-four-steps), and the page, the experiments and the list of baselines
# judge it like all others. scikit-learn's own tools take the models of the pipeline as well
# ([docs/estimators.md](../estimators.md)).
