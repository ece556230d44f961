import pytest

from dvc_parallel.system.cores import available_cores
from dvc_parallel.system.environment_variables import variable


@pytest.mark.parametrize(("given", "means"), [(None, ""), ("", ""), ("  ", ""), (" node7:8786 ", "node7:8786")])
def test_a_variable_that_is_empty_says_nothing(monkeypatch, given, means):
    monkeypatch.delenv("SCHEDULER", raising=False)
    if given is not None:
        monkeypatch.setenv("SCHEDULER", given)
    assert variable("SCHEDULER") == means


def test_an_empty_number_of_threads_is_none(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    monkeypatch.setenv("OMP_NUM_THREADS", "")
    assert available_cores() == cores
