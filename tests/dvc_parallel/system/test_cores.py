import os

import pytest

from dvc_parallel.system.cores import available_cores


@pytest.mark.parametrize(("value", "cores"), [("1", 1), ("3", 3), (" 2 ", 2), ("4,2", 4)])
def test_omp_num_threads_bounds_the_cores(monkeypatch, value, cores):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert available_cores() == cores


@pytest.mark.parametrize("value", ["", "0", "many"])
def test_without_a_bound_there_is_at_least_one_core(monkeypatch, value):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
