"""What is asked when a fact about the child is edited."""

from collections.abc import Callable
from datetime import date
from typing import Literal

from PySide6.QtCore import QCoreApplication

from desktop.age import Age, age_on
from desktop.days import parse_day
from desktop.decimals import parse_decimal
from desktop.plausibility import Doubt, odd_height, odd_weight
from desktop.schemas import SessionRecord
from desktop.services.visits import Measured, Visits
from ui import words
from ui.dialogs.entries import checked, day_text
from ui.panels.entry import Question

Field = Literal[
    "child_name",
    "child_age",
    "child_date_of_birth",
    "child_height_cm",
    "child_weight_kg",
    "assessor",
    "notes",
]


def question(field: Field, record: SessionRecord, visits: Visits) -> Question:
    """Return the question about a field that is typed in one line; KeyError for one that is not."""
    ask: dict[str, Callable[[SessionRecord, Visits], Question]] = {
        "child_name": _name,
        "child_age": _age,
        "child_date_of_birth": _born,
        "child_height_cm": _height,
        "child_weight_kg": _weight,
    }
    return ask[field](record, visits)


def field_label(field: Field) -> str:
    """Return what a field is called."""
    return {
        "child_name": _tr("Name"),
        "child_age": _tr("Age"),
        "child_date_of_birth": _tr("Born"),
        "child_height_cm": _tr("Height"),
        "child_weight_kg": _tr("Weight"),
        "assessor": _tr("Assessor"),
        "notes": _tr("Notes"),
    }[field]


def _name(record: SessionRecord, visits: Visits) -> Question:
    return Question(
        name=field_label("child_name"),
        read=lambda text: checked("child_name", text),
        echo=lambda _name: "",
        text=record.child_name,
        hint=_everywhere(visits),
    )


def _born(record: SessionRecord, visits: Visits) -> Question:
    def read(text: str) -> date | None:
        if not text.strip():
            return None
        born = parse_day(text)
        age_on(born, words.session_day(record))
        return born

    def echo(born: date | None) -> str:
        if born is None:
            return ""
        age = words.age(age_on(born, words.session_day(record)))
        return words.SEPARATOR.join((words.day(born), age))

    born = record.child_date_of_birth
    return Question(
        name=field_label("child_date_of_birth"),
        read=read,
        echo=echo,
        text=day_text(born) if born else "",
        hint=_everywhere(visits) or _tr("For example 14.7.2019"),
    )


def _age(record: SessionRecord, visits: Visits) -> Question:
    def read(text: str) -> object:
        years = parse_decimal(text)
        return checked("child_age", int(years) if years.is_integer() else years)

    return Question(
        name=field_label("child_age"),
        read=read,
        echo=lambda years: _tr("{years} y").format(years=years),
        text=str(record.child_age),
        unit_text=_tr("y"),
        hint=_tr("Whole years. With a date of birth it is counted."),
    )


def _height(record: SessionRecord, visits: Visits) -> Question:
    def doubt(cm: float | None) -> Doubt | None:
        last = visits.height_cm
        return None if cm is None else odd_height(cm, age=_age_of(record), last=last.value if last else None)

    return _measure("child_height_cm", record.child_height_cm, "cm", last=visits.height_cm, doubt=doubt)


def _weight(record: SessionRecord, visits: Visits) -> Question:
    def doubt(kg: float | None) -> Doubt | None:
        last = visits.weight_kg
        return None if kg is None else odd_weight(kg, age=_age_of(record), last=last.value if last else None)

    return _measure("child_weight_kg", record.child_weight_kg, "kg", last=visits.weight_kg, doubt=doubt)


def _measure(
    field: Field,
    value: float | None,
    unit: str,
    *,
    last: Measured | None,
    doubt: Callable[[float | None], Doubt | None],
) -> Question:
    def read(text: str) -> object:
        return checked(field, parse_decimal(text)) if text.strip() else None

    before = words.isolated(words.measured(last.value, unit)) if last else ""
    return Question(
        name=field_label(field),
        read=read,
        echo=lambda number: "" if number is None else words.measured(number, unit),
        doubt=doubt,
        text="" if value is None else words.number(value),
        unit=unit,
        unit_text=unit,
        hint=f"{words.day(last.day)}: {before}" if last else "",
    )


def _age_of(record: SessionRecord) -> Age:
    if record.child_date_of_birth is None:
        return Age(record.child_age, 0)
    return age_on(record.child_date_of_birth, words.session_day(record))


def _everywhere(visits: Visits) -> str:
    if visits.count <= 1:
        return ""
    return _tr("This changes all {count} visits of the child.").format(count=visits.count)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChildBanner", text)
