import pytest

from richcheap.command_line import parsers
from richcheap.ingestion import params


def test_what_may_be_fetched_is_what_the_params_know():
    assert parsers.ORIGINS == params.ORIGINS


def test_an_address_is_no_path_of_this_machine(capsys):
    with pytest.raises(SystemExit, match=r"^2$"):
        parsers.inspect().parse_args(["s3://desk/prices.csv"])
    (line,) = capsys.readouterr().err.splitlines()
    assert "expected a path here, got 's3://desk/prices.csv'; `richcheap fetch` copies it to here first" in line
