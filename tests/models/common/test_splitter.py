"""Walk-forward folds: exact dates, and what must hold whatever the dates."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import check_cv, cross_val_score

from richcheap.models.common.splitter import WalkForward

FRIDAY = date(2024, 3, 1)
WEEKDAYS = [day for day in (FRIDAY + timedelta(days=k) for k in range(16)) if day.weekday() < 5]
"""1 to 15 March 2024: eleven weekdays."""


def rows(dates, groups=("A", "B")):
    """Return one row for each date and group."""
    pairs = [(day, group) for day in dates for group in groups]
    return pl.DataFrame(pairs, schema={"date": pl.Date, "issuer": pl.String}, orient="row")


def march(first, last):
    return date(2024, 3, first), date(2024, 3, last)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(
            {"folds": 3, "test_dates": 2},
            [(march(1, 7), march(8, 11)), (march(1, 11), march(12, 13)), (march(1, 13), march(14, 15))],
            id="no gap",
        ),
        pytest.param(
            {"folds": 3, "test_dates": 2, "embargo_dates": 1},
            [(march(1, 6), march(8, 11)), (march(1, 8), march(12, 13)), (march(1, 12), march(14, 15))],
            id="embargo of one date",
        ),
        pytest.param(
            {"folds": 2, "test_dates": 3, "purge_dates": 2, "embargo_dates": 1},
            [(march(1, 4), march(8, 12)), (march(1, 7), march(13, 15))],
            id="target that looks two dates ahead",
        ),
        pytest.param({"folds": 1, "test_dates": 10}, [(march(1, 1), march(4, 15))], id="one date to train on"),
    ],
)
def test_the_windows_are_these_dates(settings, expected):
    frame = rows(WEEKDAYS)
    splitter = WalkForward(**settings)
    windows = splitter.windows(frame["date"])
    assert [(tuple(w[:2]), tuple(w[2:])) for w in windows] == expected
    splits = list(splitter.split(frame))
    assert len(splits) == splitter.get_n_splits() == len(expected)
    for (train, test), (train_dates, test_dates) in zip(splits, expected, strict=True):
        assert frame["date"].gather(train).unique().sort().to_list() == between(*train_dates)
        assert frame["date"].gather(test).unique().sort().to_list() == between(*test_dates)
        assert train.size == 2 * len(between(*train_dates))


def between(first, last):
    return [day for day in WEEKDAYS if first <= day <= last]


def test_a_fold_tests_its_own_issuers_on_which_it_was_not_trained():
    frame = rows(WEEKDAYS[:6], groups=("A", "B", "C", None))
    splits = list(WalkForward(folds=2, test_dates=2).split(frame, issuers=frame["issuer"]))
    held = [({"A", "C"}, {"B", None}), ({"B", None}, {"A", "C"})]  # as large as each other: dealt by name
    for (train, test), (tested, trained) in zip(splits, held, strict=True):
        assert set(frame["issuer"].gather(test)) == tested
        assert set(frame["issuer"].gather(train)) == trained


def test_the_largest_issuers_are_dealt_to_different_folds():
    frame = pl.concat([rows(WEEKDAYS, groups=("small", "tiny")), rows(WEEKDAYS[1:], groups=("big", "large") * 3)])
    tested = [
        set(frame["issuer"].gather(test))
        for _, test in WalkForward(folds=2, test_dates=2).split(frame, issuers=frame["issuer"])
    ]
    assert tested == [{"big", "small"}, {"large", "tiny"}]


@given(
    dates=st.lists(st.integers(0, 400), min_size=12, max_size=60),
    folds=st.integers(1, 3),
    length=st.integers(1, 2),
    purge=st.integers(0, 2),
    embargo=st.integers(0, 2),
)
def test_training_ends_before_the_gap_and_each_late_date_is_tested_once(dates, folds, length, purge, embargo):
    frame = pl.DataFrame({"date": [FRIDAY + timedelta(days=k) for k in dates]})
    days = frame["date"].unique().sort().to_list()
    splitter = WalkForward(folds=folds, test_dates=length, purge_dates=purge, embargo_dates=embargo)
    if len(days) < folds * length + purge + embargo + 1:
        with pytest.raises(ValueError, match=f"^{len(days)} dates are too few: {folds} folds of {length} test dates"):
            list(splitter.split(frame))
        return
    tested = []
    for train, test in splitter.split(frame):
        train_days, test_days = (frame["date"].gather(part).unique().sort().to_list() for part in (train, test))
        assert days.index(test_days[0]) - days.index(train_days[-1]) == 1 + purge + embargo
        assert train_days == days[: len(train_days)]
        assert (np.diff(train) > 0).all()
        assert (np.diff(test) > 0).all()
        tested += test.tolist()
    late = set(days[-folds * length :])
    assert sorted(tested) == [k for k, day in enumerate(frame["date"]) if day in late]


def test_scikit_learn_takes_it_for_a_splitter():
    frame = rows(WEEKDAYS)
    splitter = WalkForward(folds=3, test_dates=2)
    assert check_cv(splitter) is splitter
    scores = cross_val_score(
        DummyRegressor(), frame, np.arange(22.0), cv=splitter, scoring="neg_mean_absolute_error", error_score="raise"
    )
    assert scores.tolist() == [-7.0, -9.0, -11.0]


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [("folds", 0, 1), ("test_dates", 0, 1), ("purge_dates", -1, 0), ("embargo_dates", -2, 0)],
)
def test_a_setting_below_its_least_is_refused(name, value, least):
    with pytest.raises(ValueError, match=f"^{name} of WalkForward must be at least {least}, got {value}$"):
        WalkForward(**{"folds": 2, "test_dates": 2, name: value})


def test_fewer_issuers_than_folds_are_refused():
    frame = rows(WEEKDAYS)
    with pytest.raises(ValueError, match=r"^2 issuers are too few for 3 folds; each must test one at least$"):
        list(WalkForward(folds=3, test_dates=2).split(frame, issuers=frame["issuer"]))


def test_dates_may_be_given_beside_a_matrix_in_any_kind_that_can_be_sorted():
    dates = np.array(["2024-03-05", "2024-03-01", "2024-03-04", "2024-03-05"], dtype="datetime64[ns]")
    matrix = np.zeros((4, 1))
    for kind in (dates, dates.astype("datetime64[D]").tolist(), pl.Series(dates), dates.astype(str)):
        ((train, test),) = WalkForward(folds=1, test_dates=1, embargo_dates=1).split(matrix, groups=kind)
        assert (train.tolist(), test.tolist()) == ([1], [0, 3])
    ((train, test),) = WalkForward(folds=1, test_dates=1).split(matrix)  # each row a later date
    assert (train.tolist(), test.tolist()) == ([0, 1, 2], [3])


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ([FRIDAY, None], r"^dates must be known for every row, missing in 1 of 2$"),
        (pl.Series([None, FRIDAY]), r"^dates must be known for every row, missing in 1 of 2$"),
        (np.array(["2024-03-01", "NaT"], dtype="datetime64[D]"), r"missing in 1 of 2$"),
        ([FRIDAY, 3], r"^dates must be of one kind"),
        ([[FRIDAY], [FRIDAY]], r"^dates must be a sequence with one for each row, got the shape \(2, 1\)$"),
    ],
)
def test_rows_without_a_date_are_refused(dates, message):
    with pytest.raises(ValueError, match=message):
        list(WalkForward(folds=1, test_dates=1).split(np.zeros((2, 1)), groups=dates))
