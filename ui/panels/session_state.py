"""How far a session is, as the banner says it: finished, signed off, or changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from desktop import trials
from desktop.schemas import SessionRecord
from desktop.services.signing import Sign, sign_of
from ui import words


@dataclass(frozen=True, slots=True)
class SessionState:
    """Words, icon and tone. With `short` a tick alone says it in a small window."""

    text: str
    icon: str
    tone: str
    short: bool = False


def session_state(record: SessionRecord, people: Mapping[UUID, str]) -> SessionState | None:
    """Return the state of a session that is finished, None of another; `people` are known by name."""
    sign = sign_of(record)
    if sign is Sign.VALID:
        by = people.get(record.signed_off_by, "") if record.signed_off_by else ""
        text = _tr("Signed off by {name}").format(name=words.isolated(by)) if by else _tr("Signed off")
        return SessionState(text, "shield-check", "ok")
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
