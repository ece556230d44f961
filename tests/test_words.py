"""The field's words: none of the private names that this project once had stands in code, docs, params or results.

A list of names holds for all text, one of words for identifiers alone (in prose they are plain English), one of phrases
for all text, and one of keys for what is stored. A failure names the place and the field's word.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import ROOT

NAMES = {
    # columns
    "price_risk": "dv01",
    "points_per_bp": "dv01",
    "f_price_risk": "f_dv01",
    "residual_deviation_bp": "residual_std_bp",
    "noise_deviation_bp": "noise_std_bp",
    "own_deviation_bp": "own_std_bp",
    "kalman_deviation_bp": "kalman_std_bp",
    "f_kalman_deviation": "f_kalman_std",
    "f_residual_deviation": "f_residual_std",
    "f_last_surprise": "f_last_target",
    "f_surprise_before": "f_second_last_target",
    "attainable_clean_price": "optimal_filter_clean_price",
    "attainable_deviation": "optimal_filter_std",
    # keys of metrics
    "attainable_share_of_move": "optimal_filter_share_of_move",
    "mae_deviation": "mae_std",
    "expected_stay_dates": "expected_duration_dates",
    "mean_stay_dates": "mean_duration_dates",
    "times_not_read": "unparsed_times",
    "volatility_thirds": "volatility_terciles",
    # params
    "noise_price_risk": "noise_dv01",
    "clip_deviations": "clip_std",
    "mark_clip_deviations": "mark_clip_std",
    "doubt_deviations": "outlier_threshold_std",
    "huber_deviations": "huber_threshold_std",
    "listening_rows": "feature_reliance_rows",
    "false_discoveries": "false_discovery_rate",
    "choice_share": "selection_share",
    "least_gain": "min_gain",
    "fewest_dates": "min_dates",
    "minimum_observations": "min_observations",
    "opening_bp": "initial_node_bp",
    "stay_prior_dates": "self_transition_prior_dates",
    "interval_memory_dates": "interval_half_life_dates",
    "interval_level_dates": "interval_level_half_life_dates",
    # code
    "belief_": "shrinkage_",
    "bonds_ledger": "bonds_manifest",
    "take_in": "update",
    "take_census": "count_market",
    "take_roster": "build_universe",
    "worth_it": "accept",
    "without_doubts": "downweight_outliers",
    "full_trust": "full_weights",
    "write_beside": "write_atomic",
}
"""In all text, as a whole name."""

WORDS = {
    "believe": "fit_shrinkage",
    "belief": "robust_weight, or shrinkage",
    "beliefs": "filter_state",
    "census": "counts",
    "circle": "peer_group",
    "circles": "peer_groups",
    "deviation": "std",
    "deviations": "std",
    "doubted": "outliers",
    "fewest": "min",
    "foretell": "predict",
    "foretold": "predicted",
    "habits": "bond_types",
    "heard": "reliance",
    "leaning": "unthresholded_score",
    "ledger": "manifest",
    "lefts": "remainders",
    "listening": "feature_reliance",
    "listens": "feature_reliance",
    "newcomer": "new_bond",
    "newcomers": "new_bonds",
    "roster": "universe",
    "rosters": "universes",
    "sight": "measurement",
    "sighting": "measurement",
    "surprise": "innovation",
    "surprises": "innovations",
    "told": "predicted, known, reported: what was done",
    "trust": "robust_weights",
    "untold": "undetermined",
    "welcome": "initialise_new",
    "yardstick": "predictive_score",
}
"""In the identifiers of Python: alone, or between underscores."""

DEVIATIONS = {"deviation_bp", "deviation"}
"""Of a price from the consensus, or of a measurement from its prior mean: no standard deviation."""

PHRASES = {
    r"price risk": "DV01",
    r"(?:prior|predicted|training|stationary) deviations?": "standard deviation",
    r"pull(?:s|ed)? in(?: to its)?": "winsorised (at its)",
    r"listen(?:s|ed)? to": "relies on",
    r"foretells?|foretold": "predict, predicted",
    r"surprises?": "innovation",
    r"newcomers?": "bonds seen for the first time",
    r"rosters?": "universe",
    r"census": "counts",
    r"sightings?": "measurement",
    r"yardsticks?": "score",
    r"beliefs?": "shrinkage, filter state, robust weight",
    r"kept back": "held out",
    r"(?:cannot|can|could not) be told": "be determined, be distinguished",
    r"told apart": "distinguished",
    r"changes no bit": "does not affect the result",
    r"(?:had|have|has) no say": "held out",
    r"one who knows": "the optimal filter",
}
"""In all text: sentences that nobody would say to a colleague."""

KEYS = {
    "attainable": "optimal_filter, or max_explained",
    "beyond first order": "higher order",
    "bonds' own": "idiosyncratic",
    "choosing": "selection",
    "confirming": "confirmation",
    "deviation": "std",
    "effort": "budget_multiplier",
    "leaning": "unthresholded_score",
    "left_out": "excluded",
    "listens": "feature_reliance",
    "looks": "evaluation_points",
    "not in the factors": "unexplained",
    "old_price": "stale_price",
    "picks": "ensemble_size",
    "pull": "weight_shrinkage",
    "quotes": "tick_rounded",
    "reached": "empirical",
}
"""In params and in the keys of metrics/*.json: plain English elsewhere."""

READ = (".py", ".md", ".html", ".css", ".yaml", ".yml", ".json", ".toml")
FOLDERS = ("src", "stages", "tests", "benchmarks", "docs", "profiles", "params", "metrics")
UNREAD = {Path(__file__).resolve()}


def paths() -> Iterator[Path]:
    """Yield the project's own text files; the history (CHANGELOG.md) may name what was."""
    for folder in FOLDERS:
        yield from sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in READ)
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "dvc.yaml", "params.yaml", "pyproject.toml"))


TEXTS = {path: path.read_text(encoding="utf-8") for path in paths() if path.resolve() not in UNREAD}


def whole(words: dict[str, str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the words, none of them as a part of a longer one."""
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(words)})(?![A-Za-z0-9_])", re.IGNORECASE)


def places(words: dict[str, str], remedy: dict[str, str]) -> list[str]:
    """Return where a word stands, and the field's word for it."""
    wanted = whole(words)
    found = []
    for path, text in TEXTS.items():
        for match in wanted.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            say = next(word for old, word in remedy.items() if re.fullmatch(old, match[0], re.IGNORECASE))
            found.append(f"{path.relative_to(ROOT)}:{line}: {match[0]!r}; the field's word: {say}")
    return found


def identifiers(text: str) -> Iterator[tuple[str, int]]:
    """Yield each identifier that a module defines or reads, with its line."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if not name.startswith("test_"):  # a sentence
                    yield name, node.lineno


def keys(value: Any) -> Iterator[str]:
    """Yield the keys of nested mappings and lists."""
    if isinstance(value, dict):
        yield from (str(key) for key in value)
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from keys(one)


def test_no_private_name_is_left() -> None:
    assert places(NAMES, NAMES) == []


def test_no_private_phrase_is_left() -> None:
    assert places(PHRASES, PHRASES) == []


def test_no_identifier_is_made_of_a_private_word() -> None:
    part = re.compile(rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
    found = set()
    for path, text in TEXTS.items():
        if path.suffix == ".py" and part.search(text):
            for name, line in identifiers(text):
                words = set(re.split(r"_+", name.lower())) & WORDS.keys()
                if words and name not in DEVIATIONS:
                    say = "; ".join(WORDS[word] for word in sorted(words))
                    found.add(f"{path.relative_to(ROOT)}:{line}: {name}; the field's word: {say}")
    assert sorted(found) == []


def test_no_key_that_is_stored_has_a_private_name() -> None:
    found = []
    for path, text in TEXTS.items():
        if path.suffix == ".json" and path.is_relative_to(ROOT / "metrics"):
            stored = set(keys(json.loads(text)))
        elif path.name == "params.yaml" or path.parent.name in {"params", "profiles"}:
            stored = set(keys(YAML(typ="safe").load(text)))
        else:
            continue
        found += [
            f"{path.relative_to(ROOT)}: {key}; the field's word: {KEYS[key]}" for key in sorted(stored & KEYS.keys())
        ]
    assert found == []


def test_the_lists_find_what_they_are_for() -> None:
    assert whole(NAMES).search("rows['price_risk']")
    assert whole(NAMES).search("my_price_risk_of") is None
    assert whole(PHRASES).search("weighted by price risk,")
    assert dict(identifiers("def told(sight):\n    return sight.heard")) == {"told": 1, "sight": 2, "heard": 2}
    assert list(keys({"a": [{"leaning": 1}]})) == ["a", "leaning"]
