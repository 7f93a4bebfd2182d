"""Recorded values as words in the window's language."""

from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import QLocale

from tests.helpers.records import a_session
from ui import words


@pytest.fixture(params=["en_GB", "de_DE", "ar_EG", "fa_IR"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


def test_dates_have_latin_digits_in_every_language(language: str) -> None:
    assert "2025" in words.day(date(2025, 11, 23))
    assert "23" in words.short_day(date(2025, 11, 23))


def test_numbers_have_a_comma_or_a_point_and_latin_digits(language: str) -> None:
    assert words.number(1.5) in {"1.5", "1,5"}
    assert words.duration(62.5) in {"01:02.5", "01:02,5"}


def test_a_session_from_before_the_birth_has_the_age_that_was_recorded() -> None:
    # As when a deleted session comes back after the date of birth was changed.
    session = a_session(child_date_of_birth=date(2026, 5, 1), gestational_weeks=30)
    assert words.age_in(session) == "8 y"
    assert words.corrected_age_in(session) is None
