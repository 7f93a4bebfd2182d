from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.age import Age, age_on, corrected_age_on, whole_years
from desktop.errors import Invalid

births = st.dates(date(1990, 1, 1), date(2050, 12, 31))
spans = st.integers(0, 30 * 366).map(timedelta)


def months_later(born: date, months: int) -> date:
    """Walk month by month on the calendar, then back from a day that the month does not have."""
    year, month = born.year, born.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    for day in range(born.day, 0, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def test_age_is_completed_years_and_months():
    assert age_on(date(2019, 7, 14), date(2025, 11, 23)) == Age(6, 4)


def test_a_month_is_completed_on_the_same_day_number():
    assert age_on(date(2019, 7, 14), date(2025, 11, 13)) == Age(6, 3)
    assert age_on(date(2019, 7, 14), date(2025, 11, 14)) == Age(6, 4)


def test_on_the_day_of_birth_a_child_is_nothing_old():
    assert age_on(date(2024, 2, 29), date(2024, 2, 29)) == Age(0, 0)


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2025, 2, 27), Age(0, 0)),
        (date(2025, 2, 28), Age(0, 1)),
        (date(2025, 3, 30), Age(0, 1)),
        (date(2025, 3, 31), Age(0, 2)),
        (date(2025, 4, 29), Age(0, 2)),
        (date(2025, 4, 30), Age(0, 3)),
    ],
)
def test_a_child_born_on_the_31st_completes_a_shorter_month_on_its_last_day(day, age):
    assert age_on(date(2025, 1, 31), day) == age


@pytest.mark.parametrize(
    ("day", "years"),
    [
        (date(2025, 2, 27), 0),
        (date(2025, 2, 28), 1),
        (date(2028, 2, 28), 3),
        (date(2028, 2, 29), 4),
        (date(2100, 2, 28), 76),
    ],
)
def test_a_leap_day_birthday_falls_on_28_february_in_common_years(day, years):
    assert age_on(date(2024, 2, 29), day).years == whole_years(date(2024, 2, 29), day) == years


def test_a_date_of_birth_after_the_session_is_refused_in_words():
    with pytest.raises(Invalid, match="date of birth is after this day"):
        age_on(date(2025, 1, 2), date(2025, 1, 1))


def test_ages_order_by_time_lived():
    assert Age(2, 0) > Age(1, 11)
    assert Age(1, 11).total_months == 23


def test_an_age_is_written_as_years_and_months():
    assert str(Age(6, 4)) == "6;4"


@given(births, spans)
@example(date(2024, 2, 29), timedelta(365))
@example(date(2025, 1, 31), timedelta(28))
def test_age_agrees_with_walking_month_by_month(born, span):
    day = born + span
    months = age_on(born, day).total_months
    assert months_later(born, months) <= day < months_later(born, months + 1)


@given(births, spans)
def test_age_never_falls_from_one_day_to_the_next(born, span):
    day = born + span
    assert age_on(born, day) <= age_on(born, day + timedelta(1))


@given(births, spans)
def test_of_two_children_the_one_born_earlier_is_never_younger(born, span):
    day = born + span
    assert age_on(born - timedelta(1), day) >= age_on(born, day)


def test_corrected_age_counts_from_the_expected_date():
    # 32 weeks: expected 56 days after birth, on 26 February
    assert corrected_age_on(date(2025, 1, 1), date(2025, 8, 25), 32) == Age(0, 5)
    assert corrected_age_on(date(2025, 1, 1), date(2025, 8, 26), 32) == Age(0, 6)


def test_a_child_born_at_37_weeks_or_later_is_not_corrected():
    assert corrected_age_on(date(2025, 1, 1), date(2025, 8, 26), 36) == Age(0, 6)
    assert corrected_age_on(date(2025, 1, 1), date(2025, 8, 26), 37) is None


def test_nothing_is_corrected_when_the_weeks_are_unknown():
    assert corrected_age_on(date(2025, 1, 1), date(2025, 8, 26), None) is None


def test_correction_ends_at_24_months_of_chronological_age():
    assert corrected_age_on(date(2023, 1, 1), date(2024, 12, 31), 32) == Age(1, 10)
    assert corrected_age_on(date(2023, 1, 1), date(2025, 1, 1), 32) is None


def test_there_is_no_corrected_age_before_the_expected_date():
    assert corrected_age_on(date(2025, 1, 1), date(2025, 2, 25), 32) is None
    assert corrected_age_on(date(2025, 1, 1), date(2025, 2, 26), 32) == Age(0, 0)


def test_a_corrected_age_before_birth_is_refused_too():
    with pytest.raises(Invalid):
        corrected_age_on(date(2025, 1, 2), date(2025, 1, 1), 32)


@given(births, st.integers(0, 800).map(timedelta), st.integers(22, 36))
def test_corrected_age_is_never_above_chronological_age(born, span, weeks):
    day = born + span
    corrected = corrected_age_on(born, day, weeks)
    assert corrected is None or corrected <= age_on(born, day)
