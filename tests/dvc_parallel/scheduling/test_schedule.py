"""Who goes next, on how many cores, and how long the rest takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dvc_parallel.scheduling.schedule import Step, affected, assumed, chains, cores_of_next, downstream, time_left


def steps(**upstream: str) -> list[Step]:
    return [Step(name, frozenset(above.split())) for name, above in upstream.items()]


DIAMOND = steps(top="", left="top", right="top", bottom="left right", apart="")
SECONDS = {"top": 1.0, "left": 5.0, "right": 2.0, "bottom": 3.0, "apart": 4.0}


def test_what_follows_from_a_stage_is_all_that_needs_it_directly_or_not():
    assert downstream(DIAMOND, "top") == ["left", "right", "bottom"]
    assert downstream(DIAMOND, "right") == ["bottom"]
    assert downstream(DIAMOND, "apart") == []


def test_a_stale_stage_affects_itself_and_what_follows():
    assert affected(DIAMOND, {"right"}) == {"right", "bottom"}
    assert affected(DIAMOND, set()) == set()


def test_a_chain_is_the_longest_way_to_the_end():
    assert chains(DIAMOND, SECONDS) == {"top": 9.0, "left": 8.0, "right": 5.0, "bottom": 3.0, "apart": 4.0}


def test_a_stage_that_never_ran_is_assumed_to_take_the_mean_of_the_others():
    assert assumed(["a", "b", "c"], {"a": 1.0, "b": 3.0}) == {"a": 1.0, "b": 3.0, "c": 2.0}
    assert assumed(["a"], {}) is None


@pytest.mark.parametrize(
    ("free", "starts", "cores"),
    [(2, 1, 2), (2, 2, 1), (1, 1, 1), (8, 3, 2), (0, 1, 1), (-3, 2, 1)],
)
def test_cores_are_shared_out_among_what_starts(free, starts, cores):
    assert cores_of_next(free, starts) == cores


@given(cores=st.integers(1, 128), data=st.data())
def test_no_more_cores_are_given_out_than_there_are_while_jobs_do_not_outnumber_them(cores, data):
    jobs = data.draw(st.integers(1, cores))
    given_out: list[int] = []
    while len(given_out) < jobs:
        ready = data.draw(st.integers(1, jobs - len(given_out)))
        given_out.append(cores_of_next(cores - sum(given_out), ready))
        if sum(given_out) == cores:  # nothing is left for what becomes ready later
            break
    assert sum(given_out) <= cores


def test_one_after_another_the_time_left_is_the_sum():
    assert time_left(DIAMOND, SECONDS, {}, (), jobs=1) == pytest.approx(15.0)


def test_side_by_side_the_time_left_is_that_of_the_plan():
    # top and apart begin; at 1 left begins beside apart, at 4 right, at 6 both are done, bottom ends at 9.
    assert time_left(DIAMOND, SECONDS, {}, (), jobs=2) == pytest.approx(9.0)


def test_what_is_done_and_what_has_passed_does_not_count():
    assert time_left(DIAMOND, SECONDS, {"left": 4.0, "right": 1.5}, {"top", "apart"}, jobs=2) == pytest.approx(4.0)
    assert time_left(DIAMOND, SECONDS, {"bottom": 30.0}, {"top", "apart", "left", "right"}, jobs=2) == 0.0
    assert time_left(DIAMOND, SECONDS, {}, set(SECONDS), jobs=2) == 0.0


@given(jobs=st.integers(1, 6), data=st.data())
def test_the_time_left_is_between_the_longest_chain_and_one_after_another(jobs, data):
    names = [f"s{number}" for number in range(data.draw(st.integers(1, 8)))]
    plan = [Step(name, frozenset(data.draw(st.sets(st.sampled_from(names[:place]))) if place else ()))
            for place, name in enumerate(names)]  # fmt: skip
    seconds = {name: data.draw(st.floats(0.0, 100.0)) for name in names}
    left = time_left(plan, seconds, {}, (), jobs)
    longest = max(chains(plan, seconds).values())
    assert longest - 1e-6 <= left <= sum(seconds.values()) + 1e-6
