"""How far a session is, as the banner says it: finished, signed off, or changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from desktop import trials
from desktop.export.signatures import Sign, sign_of
from desktop.export.trees import tree_of
from desktop.schemas import SessionRecord
from ui import words


@dataclass(frozen=True, slots=True)
class SessionState:
    """Words, icon and tone. With `short` a tick alone says it in a small window."""

    text: str
    icon: str
    tone: str
    short: bool = False


def session_state(
    record: SessionRecord, people: Mapping[UUID, str], *, signed_here: bool
) -> SessionState | None:
    """Return the state of a session that is finished, None of another; `people` are known by name."""
    signed = record.signed_off_at is not None
    sign = sign_of(tree_of(record), here=signed_here) if signed else Sign.NONE
    if sign is Sign.VALID:
        by = people.get(record.signed_off_by, "") if record.signed_off_by else ""
        text = _tr("Signed off by {name}").format(name=words.isolated(by)) if by else _tr("Signed off")
        return SessionState(text, "shield-check", "ok")
    if sign is Sign.ELSEWHERE:
        by = people.get(record.signed_off_by, "") if record.signed_off_by else ""
        told = _tr("Signed off by {name}, as a file says") if by else _tr("Signed off, as a file says")
        return SessionState(told.format(name=words.isolated(by)), "info", "muted")
    if sign is Sign.BROKEN:
        return SessionState(_tr("Changed since it was signed off"), "triangle-alert", "warn")
    if record.completed_at is None:
        return None
    rated, planned = trials.progress(record)
    if rated < planned:
        return SessionState(words.finished(rated, planned), "flag", "muted")
    return SessionState(words.finished(rated, planned), "check", "ok", short=True)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SessionState", text)
