"""What a stage starts is held to its cores."""

from dvc_parallel.processes.environment import POOLS, thread_limits


def test_every_pool_is_held_to_the_cores():
    assert thread_limits(3, {}) == dict.fromkeys(POOLS, "3")


def test_a_user_may_set_fewer_but_not_more():
    limits = thread_limits(4, {"OMP_NUM_THREADS": "2", "POLARS_MAX_THREADS": "16", "NUMBA_NUM_THREADS": "all"})
    assert (limits["OMP_NUM_THREADS"], limits["POLARS_MAX_THREADS"], limits["NUMBA_NUM_THREADS"]) == ("2", "4", "4")
