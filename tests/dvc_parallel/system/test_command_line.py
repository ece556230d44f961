import argparse

import pytest

from dvc_parallel.system.command_line import Parser, count, did_you_mean


def test_a_mistake_is_one_line(capsys):
    with pytest.raises(SystemExit, match=r"^2$"):
        Parser("Does things.", "tool do").parse_args(["--bogus"])
    assert capsys.readouterr().err == (
        "error: unrecognized arguments: --bogus; `tool do --help` says what is understood\n"
    )


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", ""])
def test_a_count_is_at_least_one(text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"must be a whole number of at least 1, got"):
        count(text)


def test_a_count_is_a_number():
    assert count("12") == 12


@pytest.mark.parametrize(("word", "said"), [("statsu", ", did you mean 'status'"), ("xyzzy", "")])
def test_the_nearest_name_is_asked_for(word, said):
    assert did_you_mean(word, ["run", "status"]) == said
