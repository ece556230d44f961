"""The field's words: none of the private names that this project once had stands in code, docs, params or results.

A list of names holds for all text, one of words for identifiers alone (in prose they are plain English), one of phrases
for all text, and one of keys for what is stored. A failure names the place and the field's word.
"""

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
    "without_doubts": "downweighted_matrix",
    "full_trust": "unit_weights",
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
    "doubted": "downweighted",
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
    r"(?:had|have|has) no say": "not used, held out",
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

SPOKEN = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b")
READ = (".py", ".md", ".html", ".css", ".yaml", ".yml", ".json", ".toml")
FOLDERS = ("src", "stages", "tests", "benchmarks", "docs", "profiles", "params", "metrics")
UNREAD = {Path(__file__).resolve()}


def paths() -> Iterator[Path]:
    """Yield the project's own text files; the history (CHANGELOG.md) may name what was."""
    for folder in FOLDERS:
        yield from sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in READ)
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "dvc.yaml", "params.yaml", "pyproject.toml"))


TEXTS = {path: path.read_text(encoding="utf-8") for path in paths() if path.resolve() not in UNREAD}


IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
QUOTED = re.compile(r'("""|\'\'\')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|#[^\n]*')


def identifiers(text: str) -> set[str]:
    """Return the identifiers of a module: what stands outside of strings and comments. A test's name is a sentence."""
    return {name for name in IDENTIFIER.findall(QUOTED.sub("", text)) if not name.startswith("test_")}


def words(name: str) -> set[str]:
    """Return the private words that an identifier is made of."""
    return set() if name in DEVIATIONS else set(name.lower().split("_")) & WORDS.keys()


def place(path: Path, word: str, say: str) -> str:
    """Return where a word stands first, and the field's word for it."""
    at = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", TEXTS[path], re.IGNORECASE)
    line = TEXTS[path].count("\n", 0, at.start()) + 1 if at else 0
    return f"{path.relative_to(ROOT)}:{line}: {word!r}; the field's word: {say}"


def phrases(text: str) -> set[str]:
    """Return the private phrases of a text."""
    return set(SPOKEN.findall(text.lower()))


def keys(value: Any) -> Iterator[str]:
    """Yield the keys of nested mappings and lists."""
    if isinstance(value, dict):
        yield from (str(key) for key in value)
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from keys(one)


def test_no_private_name_is_left() -> None:
    found = [
        place(path, name, NAMES[name])
        for path, text in TEXTS.items()
        for name in sorted(set(IDENTIFIER.findall(text)) & NAMES.keys())
    ]
    assert found == []


def test_no_private_phrase_is_left() -> None:
    found = []
    for path, text in TEXTS.items():
        for phrase in sorted(phrases(text)):
            say = next(word for old, word in PHRASES.items() if re.fullmatch(old, phrase))
            found.append(place(path, phrase, say))
    assert found == []


def test_no_identifier_is_made_of_a_private_word() -> None:
    found = [
        place(path, name, "; ".join(WORDS[word] for word in sorted(words(name))))
        for path, text in TEXTS.items()
        if path.suffix == ".py"
        for name in sorted(identifiers(text))
        if words(name)
    ]
    assert found == []


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
    assert identifiers('def told(sight):  # heard\n    return sight.cut + "listens"') == {
        "def",
        "told",
        "sight",
        "return",
        "cut",
    }
    assert words("_full_trust") == {"trust"}
    assert words("trustworthy") == words("deviation_bp") == set()
    assert phrases("Weighted by Price risk; no entrance, surprisingly") == {"price risk"}
    assert list(keys({"a": [{"leaning": 1}]})) == ["a", "leaning"]
