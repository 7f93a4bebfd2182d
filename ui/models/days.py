"""Headings that part a list by days: today, yesterday, earlier this month, then the months."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop.types import microseconds
from ui.models.order import Heading
from ui.words import latin_digits


def day_headings(instants: Sequence[int], today: date, locale: QLocale) -> list[Heading]:
    """Return the headings for falling `instants` (microseconds UTC), by the days of the laptop's time zone."""
    headings: list[Heading] = []
    place = 0
    for since, text in _periods(today, locale):
        if place == len(instants):
            break
        end = bisect_left(instants, 1 - _midnight(since), lo=place, key=_negated)
        if end > place:
            headings.append(Heading(place, text))
            place = end
    return headings


def _periods(today: date, locale: QLocale) -> Iterator[tuple[date, str]]:
    """Give the first day and the name of each period, the latest first, down to the year 1."""
    yield today + timedelta(days=1), _tr("Later")
    yield today, _tr("Today")
    yield today - timedelta(days=1), _tr("Yesterday")
    month = today.replace(day=1)
    yield month, _tr("Earlier this month")
    while month.year > 1:
        month = (month - timedelta(days=1)).replace(day=1)
        this_year = month.year == today.year
        name = locale.toString(QDate(month.year, month.month, 1), "MMMM" if this_year else "MMMM yyyy")
        yield month, latin_digits(name)


def _midnight(day: date) -> int:
    """Return the instant at which `day` begins here, in microseconds UTC."""
    return microseconds(datetime.combine(day, time.min).astimezone())


def _negated(instant: int) -> int:
    return -instant


def _tr(text: str) -> str:
    return QCoreApplication.translate("Days", text)
