"""Saying values in the language of a report."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from desktop.age import Age
from desktop.clock import wall_time
from desktop.decimals import format_decimal, format_duration
from desktop.export.forms import Language
from desktop.export.report.texts import words, written_day
from desktop.protocols import Protocol, Task, label, with_unit

Content = dict[str, Any]
_ENDLESS = re.compile(r"\S{14}")  # the narrowest cell has room for as many
LEFT_TO_RIGHT, RIGHT_TO_LEFT, END = "\u2066", "\u2067", "\u2069"
# With one of these a name would leave its isolate and turn round what stands behind it.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Writer:
    """Says things in one language."""

    def __init__(self, language: Language, people: Mapping[str, str]) -> None:
        self.language, self.words, self.people = language, words(language), people

    def say(self, key: str, **values: object) -> str:
        """Return the words of `key`, filled in."""
        return self.words[key].format(**values)

    def number(self, value: float, unit: str | None = None) -> str:
        """Return a number with its unit, all its digits."""
        return self.upright(with_unit(format_decimal(value, decimals=None, sign="."), unit))

    def time(self, seconds: float) -> str:
        """Return a duration as minutes and seconds, all its digits."""
        return self.upright(format_duration(seconds, None, sign="."))

    def upright(self, text: str) -> str:
        """Return figures and units so that they run from left to right in every language."""
        return f"{LEFT_TO_RIGHT}{text}{END}" if self.language == "ar" else text

    def apart(self, text: str) -> str:
        """Return what was typed so that it runs its own way and does not disturb the words around it."""
        if not text:
            return ""
        begin = LEFT_TO_RIGHT if _direction(text) == "ltr" else RIGHT_TO_LEFT
        return f"{begin}{breakable(text.translate(_TURNING))}{END}"

    def day(self, value: date) -> str:
        return written_day(value, self.language)

    def moment(self, instant: datetime, utc_offset_minutes: int = 0) -> str:
        """Return a day and a time of day where it was recorded."""
        there = wall_time(instant, utc_offset_minutes)
        return f"{self.day(there.date())}{self.words['comma']}{there:%H:%M}"

    def age(self, months: int, *, exact: bool) -> str:
        """Return an age in years and months, or in whole years where the birth is not known."""
        age = Age(*divmod(months, 12))
        if exact:
            return self.say("years_months", age=self.upright(str(age)))
        return self.say("years", years=age.years)

    def visit(self, visit: int) -> str:
        """Return which visit it is."""
        return self.words["first_visit"] if visit <= 1 else self.say("follow_up", number=visit - 1)

    def side(self, side: str) -> str:
        """Return the side of the body, empty for none."""
        return "" if side == "none" else self.words[side]

    def protocol(self, protocol: Protocol | None, name: str) -> str:
        """Return the title of a protocol, its name where it is not known here."""
        return label(protocol.title, self.language, name) if protocol else name

    def task(self, protocol: Protocol | None, name: str) -> str:
        """Return a task's label, its own name where it is a free one."""
        spec = protocol.task(name) if protocol else None
        return label(spec.labels, self.language, name) if spec else self.apart(name)

    def metric(self, task: Task | None, name: str) -> str:
        """Return a metric's label, its key in plain letters where it is a free one."""
        spec = task.metric(name) if task else None
        plain = name.replace("_", " ")
        return label(spec.labels, self.language, name) if spec else plain[:1].upper() + plain[1:]

    def person(self, person_id: str | None) -> str:
        return self.apart(self.people.get(person_id or "", ""))


def breakable(text: str) -> str:
    """Return what was typed so that even a word without an end goes on in the next line."""
    return _ENDLESS.sub("\\g<0>\u200b", text)


def typed(text: str) -> Content | None:
    """Return what somebody typed with the direction in which it runs, None when there is nothing."""
    if not text.strip():
        return None
    return {"text": breakable(text), "direction": _direction(text)}


def _direction(text: str) -> str:
    """Return where text runs to, by its first letter that has a direction."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"
