"""What happened to a record, in the user's words: one line for each value that was changed."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from desktop.crud import local_day
from desktop.protocols import Protocol
from desktop.services.auditing import Event
from desktop.services.past import Past, Subject
from ui import words
from ui.theme import STATUS, status_word

NOTHING = "–"
_STAMPS = frozenset({"created_at", "updated_at", "created_by", "updated_by", "utc_offset_minutes"})
_UNTOLD = _STAMPS | {
    "id",
    "session_id",
    "task_id",
    "child_id",
    "app_version",
    "signed_off_by",
    "signed_off_hash",
}
_SIGNED = "signed_off_at"
_BACK = re.compile(r"(?P<what>Undo|Redo) of entry (?P<seq>\d+)(: (?P<reason>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line: when, who, which record, what became of it, and why; `seq` is its entry of the trail.

    `back` says that the earlier value can be put back.
    """

    seq: int
    when: str
    who: str
    subject: str
    what: str
    before: str
    after: str
    why: str
    back: bool
    record_id: UUID | None

    @property
    def sentence(self) -> str:
        """The line as it is read out."""
        change = f"{self.before} → {self.after}" if self.before or self.after else ""
        return ", ".join(
            part for part in (self.when, self.who, self.subject, self.what, change, self.why) if part
        )


def happened(past: Past, protocol: Protocol | None, *, offset_minutes: int) -> list[Happened]:
    """Return the lines of a session's history, the newest first; times as this laptop's clock shows them."""
    teller = _Teller(past, protocol, offset_minutes)
    return [line for event in reversed(past.events) for line in teller.lines(event)]


def subject_words(subject: Subject | None, protocol: Protocol | None) -> str:
    """Return how a task result or a metric is called, "Session" for what is none."""
    if subject is None:
        return tr("Session")
    parts = [
        words.task_label(protocol, subject.task_name),
        words.side(subject.side),
        tr("trial {number}").format(number=subject.trial) if subject.trial > 1 else "",
    ]
    if subject.metric_name:
        parts.append(words.metric_label(protocol, subject.task_name, subject.metric_name))
    return words.SEPARATOR.join(filter(None, parts))


def moment(instant: datetime, offset_minutes: int) -> str:
    """Return an instant as "23 Nov 2025 09:40"."""
    return f"{words.day(local_day(instant, offset_minutes))} {words.clock_time(instant, offset_minutes)}"


def tr(text: str) -> str:
    """Translate in this module's context."""
    return QCoreApplication.translate("happened", text)


class _Teller:
    def __init__(self, past: Past, protocol: Protocol | None, offset_minutes: int) -> None:
        self._past, self._protocol, self._offset = past, protocol, offset_minutes

    def lines(self, event: Event) -> Iterator[Happened]:
        """Tell one entry: what was made or looked at in one line, what was changed in one for each value."""
        if event.action != "update":
            yield self._line(event, _action(event.action), "", "", back=False)
            return
        before, after = event.before, event.after
        if "deleted" in after:
            deleted = bool(after["deleted"])
            yield self._line(event, tr("Deleted") if deleted else tr("Brought back"), "", "", back=True)
        if _SIGNED in after:
            signed = after[_SIGNED] is not None
            yield self._line(
                event, tr("Signed off") if signed else tr("Sign-off taken away"), "", "", back=False
            )
        for name in after:
            if name not in _UNTOLD and name not in {"deleted", _SIGNED}:
                yield self._line(
                    event,
                    field_words(name),
                    self._value(name, before.get(name)),
                    self._value(name, after[name]),
                )

    def _line(self, event: Event, what: str, before: str, after: str, *, back: bool = True) -> Happened:
        subject = self._past.subjects.get(event.entity_id) if event.entity_id else None
        return Happened(
            seq=event.seq,
            when=moment(event.at, self._offset),
            who=event.actor_name,
            subject=subject_words(subject, self._protocol),
            what=what,
            before=before,
            after=after,
            why=_reason(event.reason),
            back=back,
            record_id=event.entity_id,
        )

    def _value(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return NOTHING
        named: dict[str, Callable[[Any], str]] = {
            "status": lambda key: status_word(key) if key in STATUS else str(key),
            "side": lambda key: words.side(key) or NOTHING,
            "duration_seconds": lambda seconds: words.duration(seconds, 2),
        }
        if name in named:
            return named[name](value)
        typed: dict[type, Callable[[Any], str]] = {
            UUID: lambda person: self._past.people.get(person, str(person)),
            datetime: lambda instant: moment(instant, self._offset),
            date: words.day,
            bool: lambda yes: tr("Yes") if yes else tr("No"),
            float: words.number,
        }
        return typed.get(type(value), lambda text: _choice(str(text)))(value)


def _reason(reason: str) -> str:
    """Return why, in the user's language where the program itself said it."""
    back = _BACK.fullmatch(reason)
    if back is None:
        return reason
    said = tr("Taken back") if back["what"] == "Undo" else tr("Made again")
    return f"{said}: {back['reason']}" if back["reason"] else said


def _action(action: str) -> str:
    return {
        "insert": tr("Recorded"),
        "open": tr("Opened"),
        "export": tr("Exported"),
        "print": tr("Printed"),
        "copy": tr("Copied as a picture"),
        "erase": tr("Erased"),
    }.get(action, action)


def _choice(value: str) -> str:
    """Return a word of the records in the user's language, and any other text as it is."""
    return {
        "female": tr("Female"),
        "male": tr("Male"),
        "other": tr("Other"),
        "unknown": tr("Unknown"),
        "left": tr("Left"),
        "right": tr("Right"),
        "mixed": tr("Mixed"),
        "not_established": tr("Not established"),
        "initial": tr("First visit"),
        "follow_up": tr("Follow-up"),
        "given": tr("Given"),
        "refused": tr("Refused"),
        "withdrawn": tr("Withdrawn"),
    }.get(value, value)


def field_words(name: str) -> str:
    """Return what a field of a record is called."""
    fields: Mapping[str, str] = {
        "child_name": tr("Name"),
        "child_identifier": tr("Identifier"),
        "child_code": tr("Code"),
        "child_age": tr("Age"),
        "child_date_of_birth": tr("Born"),
        "child_sex": tr("Sex"),
        "gestational_weeks": tr("Weeks of pregnancy"),
        "handedness": tr("Handedness"),
        "child_height_cm": tr("Height"),
        "child_weight_kg": tr("Weight"),
        "session_type": tr("Visit"),
        "assessor": tr("Assessor"),
        "site": tr("Site"),
        "consent": tr("Consent"),
        "consent_at": tr("Consent given"),
        "notes": tr("Notes"),
        "remark": tr("Reason of an odd value"),
        "started_at": tr("Started"),
        "completed_at": tr("Finished"),
        "position": tr("Place"),
        "task_name": tr("Task"),
        "side": tr("Side"),
        "trial": tr("Trial"),
        "practice": tr("Practice"),
        "status": tr("Result"),
        "duration_seconds": tr("Time"),
        "deviation": tr("Given differently"),
        "metric_name": tr("Metric"),
        "metric_value": tr("Value"),
        "unit": tr("Unit"),
        "source": tr("Source"),
    }
    return fields.get(name, name.replace("_", " "))
