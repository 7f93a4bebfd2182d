import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.age import Age
from desktop.plausibility import Doubt, odd_duration, odd_height, odd_metric, odd_weight
from desktop.protocols import MetricSpec, Range

SIX = Age(6, 4)
ANGLE = MetricSpec(name="angle", labels={}, unit="deg", possible=Range(low=0, high=200), direction="none")

# Whole years, median height and weight of boys: WHO 2006 and 2007; weight from 12 years on CDC 2000.
MEDIANS = [
    (1, 75.7, 9.6),
    (2, 87.1, 12.2),
    (3, 96.1, 14.3),
    (4, 103.3, 16.3),
    (5, 109.7, 18.3),
    (6, 116.0, 20.5),
    (8, 127.3, 25.4),
    (10, 137.8, 31.2),
    (12, 149.1, 40.5),
    (14, 163.2, 51.0),
    (16, 172.9, 60.9),
    (18, 176.1, 67.2),
    (40, 176.1, 80.0),
]


def test_a_slipped_decimal_sign_is_asked_about_beside_the_last_weight():
    assert odd_weight(208, age=SIX, last=20.5) == Doubt("last_time", 20.5, "kg", fix=20.8)


def test_a_slipped_decimal_sign_is_asked_about_at_a_first_visit():
    assert odd_weight(208, age=SIX) == Doubt("unusual_at_age", fix=20.8)


def test_the_value_that_was_meant_needs_no_question():
    assert odd_weight(20.8, age=SIX, last=20.5) is None
    assert odd_height(116.0, age=SIX, last=115.0) is None


def test_the_example_session_needs_no_question():
    assert odd_height(130.5, age=Age(8, 0)) is None
    assert odd_weight(28.0, age=Age(8, 0)) is None


@pytest.mark.parametrize("typed", [1.16, 11.6, 1160.0, 11600.0])
def test_a_height_in_metres_or_with_a_lost_sign_is_understood(typed):
    assert odd_height(typed, age=SIX, last=115.0) == Doubt("last_time", 115.0, "cm", fix=116.0)


def test_a_weight_in_grams_is_understood():
    assert odd_weight(3500, age=Age(0, 0)) == Doubt("unusual_at_age", fix=3.5)


def test_a_child_who_shrank_is_asked_about_without_a_guess():
    assert odd_height(105, age=SIX, last=115.0) == Doubt("last_time", 115.0, "cm", fix=None)


def test_measuring_a_little_shorter_is_no_reason_to_ask():
    assert odd_height(114, age=SIX, last=115.0) is None


def test_infants_may_grow_fast_between_visits():
    assert odd_height(75, age=Age(1, 0), last=50) is None
    assert odd_weight(10, age=Age(1, 0), last=3.5) is None


def test_a_preterm_newborn_needs_no_question():
    assert odd_height(32, age=Age(0, 0)) is None
    assert odd_weight(0.8, age=Age(0, 0)) is None


def test_who_was_unusual_last_time_and_is_still_needs_no_second_question():
    assert odd_weight(84, age=SIX) is not None
    assert odd_weight(84, age=SIX, last=83) is None


def test_becoming_unusual_is_asked_about():
    assert odd_weight(84, age=SIX, last=80) == Doubt("last_time", 80, "kg", fix=None)


@pytest.mark.parametrize(("years", "cm", "kg"), MEDIANS)
def test_an_average_child_needs_no_question(years, cm, kg):
    assert odd_height(cm, age=Age(years, 0)) is None
    assert odd_weight(kg, age=Age(years, 0)) is None


@pytest.mark.parametrize("shift", [10, 0.1])
@pytest.mark.parametrize(("years", "cm", "kg"), MEDIANS)
def test_a_slip_by_one_place_is_found_at_every_age(years, cm, kg, shift):
    height = odd_height(round(cm * shift, 3), age=Age(years, 0))
    weight = odd_weight(round(kg * shift, 3), age=Age(years, 0))
    assert height is not None
    assert weight is not None
    assert (height.fix, weight.fix) == (cm, kg)


@given(st.integers(0, 120), st.integers(0, 11), st.floats(0.01, 300), st.none() | st.floats(0.3, 300))
def test_what_is_offered_instead_needs_no_question_itself(years, months, kg, last):
    doubt = odd_weight(kg, age=Age(years, months), last=last)
    if doubt is not None and doubt.fix is not None:
        assert odd_weight(doubt.fix, age=Age(years, months), last=last) is None


@given(st.integers(0, 120), st.floats(20, 250))
def test_the_same_height_as_last_time_needs_no_question(years, cm):
    assert odd_height(cm, age=Age(years, 0), last=cm) is None


@pytest.mark.parametrize(
    ("value", "doubt"), [(-1, Doubt("below", 0, "deg")), (200.5, Doubt("above", 200, "deg"))]
)
def test_a_metric_outside_its_possible_range_is_asked_about(value, doubt):
    assert odd_metric(ANGLE, value) == doubt


@pytest.mark.parametrize("value", [0, 165.5, 200])
def test_a_metric_inside_its_possible_range_needs_no_question(value):
    assert odd_metric(ANGLE, value) is None


def test_a_task_over_its_time_limit_is_asked_about():
    assert odd_duration(35, 30) == Doubt("over_time_limit", 30, "s")


def test_a_clock_that_stopped_at_the_limit_needs_no_question():
    assert odd_duration(30.04, 30) is None


def test_a_clock_left_running_is_asked_about():
    assert odd_duration(1801) == Doubt("left_running", 30, "min")
    assert odd_duration(1800) is None
