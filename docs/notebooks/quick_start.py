# %% [markdown]
# # Quick start
#
# From an empty folder to the bonds that are rich and cheap. All outputs on this page were made when it was built, on
# a small simulated market. You need `pip install richcheap` and git.

# %%
# !richcheap new my-bonds

# %%
# %cd -q my-bonds

# %% [markdown]
# A project is a folder that git and DVC know. Its params say what is read and what is trained. Here they become those
# of a small market, with one of the five models, so that the run takes a minute.

# %%
from pathlib import Path

from ruamel.yaml import YAML

# !python -m richcheap.profile profiles/small.yaml | tail -n 3
yaml = YAML()
params = yaml.load(Path("params.yaml"))
params["models"] = {"ml_adjuster": params["models"]["ml_adjuster"]}
yaml.dump(params, Path("params.yaml"))

# %% [markdown]
# Run it. Every stage leaves a checkpoint: a run that is stopped goes on where it was, and a second run has nothing to
# do.

# %%
# !richcheap run 2>/dev/null | tail -n 8
# !richcheap run 2>/dev/null

# %% [markdown]
# `report/report.html` is the page to read, `lists/bonds.csv` has every live bond. From Python:

# %%
import polars as pl

import richcheap

project = richcheap.load(".")
live = pl.read_parquet("lists/bonds.parquet")
shown = ["bond_id", "issuer", "rating", "fair_clean_price", "last_clean_price", "relative_value_bp", "confidence"]
live.filter(flag="cheap").sort("relative_value_bp", descending=True).select(shown).head()

# %% [markdown]
# One bond, with what its price is made of:

# %%
cheapest = live.filter(flag="cheap").sort("relative_value_bp", descending=True)["bond_id"][0]
project.bond(cheapest)

# %% [markdown]
# Any other bond, by its terms. What cannot be priced gets a reason instead.

# %%
new = pl.DataFrame(
    {
        "bond_id": ["a new issue", "no terms"],
        "maturity_date": ["2031-05-15", None],
        "coupon_rate": [4.5, None],
        "credit_rating": ["BBB", None],
    }
)
project.price(new).select("bond_id", "status", "fair_clean_price", "yield", "spread_bp", "confidence", "reason")

# %% [markdown]
# How good is it? Every model stands beside simple methods, on the same prices, which none of them has seen. A small
# forest on its own does not reach the Kalman filter, and is shown as not reaching it:

# %%
import json

headline = json.loads(Path("metrics/headline.json").read_text())
headline[headline["champion"]]

# %% [markdown]
# Next: [your own file](trader.md), [your own model](quant.md), or [all of it in continuous integration](engineer.md).
