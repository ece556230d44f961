"""How far a stage is, read from what it prints."""

import io

import pytest
from tqdm import tqdm

from dvc_parallel.views.tqdm_log import last_lines, latest_bar


def test_the_bar_that_tqdm_draws_is_read(tmp_path):
    stream = io.StringIO()
    with tqdm(total=20, desc="train automl, trials", file=stream, mininterval=0, unit="trial") as bar:
        bar.update(9)
        bar.refresh()
        log = tmp_path / "log"
        log.write_text(stream.getvalue())
    found = latest_bar(log)
    assert found is not None
    assert (found.desc, found.share, found.count) == ("train automl, trials", 0.45, "9/20")


def test_the_latest_of_several_bars_counts(tmp_path):
    log = tmp_path / "log"
    log.write_text("first: 100%|####| 3/3 [00:01<00:00, 2it/s]\nsecond:  50%|##  | 1.5k/3k [00:02<00:02, 1it/s]")
    found = latest_bar(log)
    assert found is not None
    assert (found.desc, found.count) == ("second", "1.5k/3k")


@pytest.mark.parametrize("text", ["", "reading\n", "50% of the rows | 3/4\n"])
def test_what_is_no_bar_is_none(tmp_path, text):
    log = tmp_path / "log"
    log.write_text(text)
    assert latest_bar(log) is None


def test_a_log_that_is_not_there_has_no_bar_and_no_lines(tmp_path):
    assert latest_bar(tmp_path / "none") is None
    assert last_lines(tmp_path / "none", 3) == []


def test_the_last_lines_show_each_bar_once(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"begin\r\nbar: 10%\rbar: 20%\rbar: 30%\n\nerror: no such column\n")
    assert last_lines(log, 2) == ["bar: 30%", "error: no such column"]
    assert last_lines(log, 20) == ["begin", "bar: 30%", "error: no such column"]
