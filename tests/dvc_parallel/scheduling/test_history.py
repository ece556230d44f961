"""How long stages took: remembered, and never in the way."""

from dvc_parallel.scheduling.history import REMEMBERED, History


def test_the_median_of_the_latest_runs_is_expected(tmp_path):
    history = History(tmp_path / "seconds.json")
    for seconds in [100.0] * 3 + [1.0, 2.0, 3.0, 4.0, 5.0]:
        history.add("train@automl", seconds)
    assert REMEMBERED == 5
    assert History(tmp_path / "seconds.json").expected() == {"train@automl": 3.0}


def test_a_broken_file_counts_as_empty(tmp_path):
    (tmp_path / "seconds.json").write_text('{"a": 3')
    assert History(tmp_path / "seconds.json").expected() == {}
    (tmp_path / "seconds.json").write_text("[1]")
    assert History(tmp_path / "seconds.json").expected() == {}


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    history = History(tmp_path / "file" / "seconds.json")
    history.add("a", 1.0)
    assert history.expected() == {"a": 1.0}
