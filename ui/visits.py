"""The days of a child's visits in words, as a chart names them."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QCoreApplication

from ui.words import written


def visit_labels(days: Sequence[date]) -> list[str]:
    """Return a short name for each day: the month where that tells them apart, else the day, else the year too."""
    if len({day.year for day in days}) > 1:
        return [written(day, "MMM yyyy") for day in days]
    if len({day.month for day in days}) == len(days):
        return [written(day, "MMM") for day in days]
    return [written(day, "d MMM") for day in days]


def since_words(day: date, now: date) -> str:
    """Return when an earlier visit was, as in "more than in March", seen from `now`."""
    if day == now:
        return _tr("earlier that day")
    if day.year != now.year:
        return _tr("in {month}").format(month=written(day, "MMMM yyyy"))
    if day.month != now.month:
        return _tr("in {month}").format(month=written(day, "MMMM"))
    return _tr("on {day}").format(day=written(day, "d MMMM"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("visits", text)
