# %% [markdown]
# # An engineer who runs it in CI
#
# The pipeline is to run every night and for each pull request, and a worse result is to be refused. This goes on in
# the project of the [quick start](quick_start.md). `.github/workflows/richcheap.yml` there is the workflow that does
# all of this; here are its steps one by one.

# %%
# %cd -q my-bonds

# %%
# !git add -A && git -c user.name=me -c user.email=me@example.org commit -q -m "First result"
# !git log --oneline --no-decorate

# %% [markdown]
# ## Is anything stale?
#
# `richcheap status` ends with exit code 0 when all is up to date, 1 when a stage would run, 2 after a mistake.

# %%
# !richcheap status; echo "exit code $?"

# %% [markdown]
# A pull request changes a param. What does it reach, and how long will that take?

# %%
# !sed -i 's/trees: 8/trees: 1/' params.yaml
# !richcheap status | head -n 6
# !richcheap run --dry-run evaluate

# %% [markdown]
# A param that cannot be is refused before anything runs, with the key, what is allowed and what was given:

# %%
# !cp params.yaml kept.yaml && sed -i 's/trees: 1/trees: 0/' params.yaml
# !richcheap run check > log.txt 2>&1; echo "exit code $?"; grep "error: " log.txt; rm log.txt
# !mv kept.yaml params.yaml

# %% [markdown]
# ## Run, and read the result by machine

# %%
# !richcheap run evaluate --json 2>/dev/null > run.json

# %%
import json
from pathlib import Path

run = json.loads(Path("run.json").read_text())
Path("run.json").unlink()
{stage["stage"]: stage["outcome"] for stage in run["stages"] if stage["outcome"] != "unchanged"}

# %% [markdown]
# ## Refuse what got worse
#
# `richcheap compare REV` prints what belongs into the pull request, and ends with exit code 1 when the champion's error
# rose by more than `compare.max_worse_percent`, which is 1 here.

# %%
# !richcheap compare HEAD; echo "exit code $?"

# %% [markdown]
# A change that is no gain is undone by `git checkout params.yaml` and another run; what DVC's cache has of the earlier
# result is not computed again. With a DVC remote, `dvc push --run-cache` after a run and `richcheap run --pull` before
# one share results between machines ([Continuous integration](../ci.md)).
