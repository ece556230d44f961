"""A run that is killed at any moment, and the run that takes it up."""

import pytest

from benchmarks.kills import VICTIMS, kills


@pytest.mark.slow
def test_after_any_kill_the_next_run_ends_as_if_nothing_had_happened():
    trials = list(kills(len(VICTIMS), seed=20241126))
    assert [trial.victim for trial in trials] == list(VICTIMS)
    assert [trial for trial in trials if trial.faults] == []
