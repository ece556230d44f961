# %% [markdown]
# # A trader with a file
#
# You have a file of today's prices and want to know what is cheap. One date is enough for that; models and scores
# need more ([how many](../relative_value.md#one-date-is-enough)).
#
# The file here is invented: 60 bonds, dates and decimals as Europeans write them, and one bond at two points below
# what it should cost.

# %%
import numpy as np
import polars as pl

rng = np.random.default_rng(7)
years, coupon = rng.integers(1, 15, 60), rng.integers(8, 24, 60) / 4
rating = rng.choice(["AAA", "A", "BBB", "BB"], 60)
spread = np.array([{"AAA": 0.4, "A": 0.9, "BBB": 1.6, "BB": 3.2}[one] for one in rating])
rate = 0.01 * (2.5 + 0.1 * years + spread + rng.normal(0.0, 0.05, 60))
price = 100.0 * (1 + rate) ** -years + coupon * (1 - (1 + rate) ** -years) / rate
price[11] -= 2.0
quotes = pl.DataFrame(
    {
        "Trade Date": "14.06.2024",
        "ISIN": [f"XS{number:09d}7" for number in range(60)],
        "Coupon": coupon,
        "Maturity": [f"17.06.{2024 + term}" for term in years],
        "Rating": rating,
        "Issuer": [f"Company {number % 15}" for number in range(60)],
        "Price": price.round(3),
    }
)
quotes.write_csv("quotes.csv", separator=";", decimal_comma=True)

# %% [markdown]
# Make a project, and look at the file before anything is read. `inspect` says which column it takes for what, shows
# rows as they would be read, and lists what it is not sure of, each with the key that settles it. `--write` puts that
# into the params.

# %%
# !richcheap new desk | head -n 1

# %%
# %cd -q desk

# %%
# !richcheap inspect ../quotes.csv --write 2>&1

# %% [markdown]
# It asks for the currency, so say it: `EUR`. Of the five models one is left, which a single date cannot train anyway.

# %%
from pathlib import Path

from ruamel.yaml import YAML

yaml = YAML()
for file, change in {
    "params.yaml": lambda params: params.update(models={"ml_adjuster": params["models"]["ml_adjuster"]}),
    "params/data.yaml": lambda params: params["data"].update(default_currency="EUR"),
}.items():
    params = yaml.load(Path(file))
    change(params)
    yaml.dump(params, Path(file))

# !richcheap run 2>/dev/null | tail -n 1

# %% [markdown]
# The list, with `report/report.html` beside it. Each price is what the *other* bonds say: a bond's own print is left
# out.

# %%
bonds = pl.read_parquet("lists/bonds.parquet")
shown = ["bond_id", "rating", "last_clean_price", "fair_clean_price", "relative_value_bp", "flag", "confidence"]
bonds.filter(flag="cheap").sort("relative_value_bp", descending=True).select(shown)

# %% [markdown]
# `XS0000000117` stands first: it is the one that was marked down. The confidence is low, and says why:

# %%
bonds.filter(bond_id="XS0000000117")["confidence_reasons"][0]

# %% [markdown]
# Tomorrow's file goes into a folder beside today's (`data.observations: quotes/`). With some weeks of them the models
# train, prices get intervals, and the page tells whether such calls have paid; then [each new day](../next_day.md) is
# one command.
