"""Days that people type: the day stands before the month, and no year is guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.days import parse_day
from desktop.errors import Invalid


@pytest.mark.parametrize(
    "typed",
    [
        "14.7.2019",
        "14.07.2019",
        "14/7/2019",
        "14-7-2019",
        "14 7 2019",
        "14. 7. 2019",
        "2019-07-14",
        "14 Jul 2019",
        "14 july 2019",
        " 14  JUL  2019 ",
        "١٤.٧.٢٠١٩",
    ],
)
def test_a_day_may_be_written_in_many_ways(typed: str) -> None:
    assert parse_day(typed) == date(2019, 7, 14)


@pytest.mark.parametrize(
    "typed", ["", "14.7.19", "14 Juglio 2019", "July 2019", "2019", "14.7.2019.", "soon", "1" * 300]
)
def test_what_could_be_misread_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="Please"):
        parse_day(typed)


@pytest.mark.parametrize(
    "typed",
    ["29.2.2019", "31.4.2020", "7/14/2019", "0.1.2019", "14 Foo 2019", "14 marching 2019", "1.1.0000"],
)
def test_a_day_that_is_not_in_the_calendar_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="no such day"):
        parse_day(typed)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_back_as_it_is_written(day: date) -> None:
    assert parse_day(f"{day:%d.%m.%Y}") == parse_day(day.isoformat()) == day
