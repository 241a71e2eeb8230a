"""Warnings before a deadline, and when the rest will be done."""

from datetime import date, timedelta

import pytest
from hocba_core.rules import deadlines, pace
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 6, 20)


def test_warnings_are_a_list_of_days():
    assert deadlines.warning_days("14,7; 3 1") == (14, 7, 3, 1)
    for wrong in ("", None, "two weeks", "-1", "7,400"):
        with pytest.raises(ValueError):
            deadlines.warning_days(wrong)


@pytest.mark.parametrize(("left", "reached"), [(15, None), (14, 14), (8, 14), (7, 7), (2, 3), (1, 1), (0, 1), (-1, -1)])
def test_the_smallest_warning_that_was_reached_counts(left, reached):
    assert deadlines.warning_reached(left, (14, 7, 3, 1)) == reached


def test_the_pace_is_measured_from_the_first_day_of_work():
    assert pace.rate({}, TODAY, 7) is None
    assert pace.rate({TODAY - timedelta(days=7): 500}, TODAY, 7) is None, "outside the window"
    assert pace.rate({TODAY: 30}, TODAY, 7) == 30
    assert pace.rate({TODAY - timedelta(days=3): 30, TODAY: 10}, TODAY, 7) == 10


def test_without_a_pace_no_day_is_named():
    assert pace.finish(10, None, TODAY) is None
    assert pace.finish(0, None, TODAY) == TODAY
    assert pace.finish(25, 10, TODAY) == TODAY + timedelta(days=3)
    assert pace.projected([(0, None), (10, 5)], TODAY) == TODAY + timedelta(days=2)
    assert pace.projected([(1, None), (10, 5)], TODAY) is None


@given(st.dictionaries(st.integers(0, 30), st.integers(1, 2000), max_size=10), st.integers(1, 5000), st.integers(1, 31))
def test_the_named_day_is_reached_at_the_measured_pace(done, remaining, window):
    measured = pace.rate({TODAY - timedelta(days=ago): count for ago, count in done.items()}, TODAY, window)
    end = pace.finish(remaining, measured, TODAY)
    if measured is None:
        assert end is None
    else:
        days = (end - TODAY).days
        assert days * measured >= remaining - 1e-6 * remaining
        assert (days - 1) * measured < remaining
