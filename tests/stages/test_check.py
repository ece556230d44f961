"""Stage ``check`` refuses what a later stage could not use: the key, what is allowed, what came."""

import re
from collections.abc import Mapping

import pytest

from dvc_parallel.system.yaml_source import parse
from richcheap.params import all_sections, model_sections
from richcheap.pipeline.config.params_files import Params, params_texts
from richcheap.pipeline.config.sections import validate
from richcheap.pipeline.errors import ParamsError
from tests.conftest import ROOT

TEXTS = params_texts(ROOT)


def checked(texts: Mapping[str, str]) -> None:
    params = Params(tuple(parse(text, name) for name, text in texts.items()))
    validate(params, all_sections(), optional=model_sections())


def faults(key: str, value: str) -> list[str]:
    """Check the project's own params with another value for the first line that begins with a key."""
    name, line = next(
        (name, line) for name, text in TEXTS.items() for line in text.splitlines() if line.strip().startswith(f"{key}:")
    )
    indent = line[: len(line) - len(line.lstrip())]
    with pytest.raises(ParamsError) as caught:
        checked({**TEXTS, name: TEXTS[name].replace(line, f"{indent}{key}: {value}", 1)})
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "date_format",
            "hello",
            "data.date_format: expected a format with year, month and day such as .*, got 'hello'",
        ),
        ("date_format", '"%Q"', "data.date_format: expected a format such as %Y-%m-%d or %d/%m/%Y, got '%Q'"),
        ("date_format", '"%m/%d"', "data.date_format: expected a format with year, month and day .*, got '%m/%d'"),
        ("date_format", '""', "data.date_format: expected a format with year, month and day .*, got ''"),
        ("start_date", '"9999-12-30"', "simulate: start_date must be 1940-01-01 to 2160-01-01, got 9999-12-30"),
        ("start_date", "1600-01-03", "simulate: start_date must be 1940-01-01 to 2160-01-01, got 1600-01-03"),
        (
            "weights",
            "null",
            r"tail_risk.weights: must be a valid string, got None \(CSV file of bond_id and weight, .*",
        ),
        ("weights", '""', "tail_risk.weights: must be the path of a file .*, got ''"),
        ("observations", "null", "data.observations: must be a valid string, got None .*"),
        ("observations", '" "', "data.observations: must be the path of a file .*, got ' '"),
        ("observations", '"a\\0b"', r"data.observations: must be the path of a file .*, got 'a\\x00b'"),
        ("observations", '"a.csv "', "data.observations: must be the path of a file or folder here, .*, got 'a.csv '"),
        (
            "observations",
            "s3://a/b.csv",
            "data.observations: must be a path here, got 's3://a/b.csv'; .*",
        ),
        ("checkpoints", '""', "compute.checkpoints: must be the path of a file .*, got ''"),
        ("columns", '{clean_price: ""}', "data.columns.clean_price: .* at least 1 character, got '' .*"),
        ("default_currency", "NAN", "data.default_currency: must be an ISO code of three capitals, got 'NAN'.*"),
        (
            "max_set_aside_share",
            "1.5",
            r"market.max_set_aside_share: must be less than or equal to 1, got 1.5 \(Share .*",
        ),
        ("max_yield", ".inf", "data.max_yield: must be .*"),
        ("risk_free_rate", ".nan", "market.risk_free_rate: must be a finite number, got nan .*"),
        ("chunk_rows", "1" + "0" * 200, "compute.chunk_rows: must be .*"),
        ("seed", "1e400", "seed: must be a valid integer, got inf"),
    ],
)
def test_a_value_that_no_stage_could_use_is_refused(key: str, value: str, message: str) -> None:
    (fault,) = faults(key, value)
    assert re.fullmatch(rf"params[\w/]*.yaml:\d+: {message}", fault), fault
    assert len(fault) < 400


def test_shares_that_leave_just_enough_for_the_test_block_are_taken() -> None:
    text = TEXTS["params.yaml"]
    changed = text.replace("train_share: 0.7 ", "train_share: 0.9 ").replace(
        "validation_share: 0.15", "validation_share: 0.05"
    )
    assert text != changed
    checked({**TEXTS, "params.yaml": changed})


def test_keys_in_the_wrong_file_are_told_with_the_right_one_of_all_files_at_once() -> None:
    texts = {
        **TEXTS,
        "params.yaml": TEXTS["params.yaml"] + "\nmarket:\n  peers: 8\n",
        "params/data.yaml": TEXTS["params/data.yaml"] + "  mapping: eu_listed\n",
        "params/more.yaml": "stress: {scenarios: []}\nstres: 1\n",
    }
    with pytest.raises(ParamsError) as caught:
        checked(texts)
    lines = len(TEXTS["params.yaml"].splitlines()), len(TEXTS["params/data.yaml"].splitlines())
    assert str(caught.value).splitlines() == [
        f"params.yaml:{lines[0] + 3}: market.peers: must stand in params/market.yaml",
        f"params/data.yaml:{lines[1] + 1}: data.mapping: must stand in params.yaml",
        "params/more.yaml:1: stress.scenarios: must stand in params/stress.yaml",
        "params/more.yaml:2: stres: unknown key; did you mean stress?",
    ]
