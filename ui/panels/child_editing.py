"""Editing a fact about the child: one at a time, recorded when it can be taken, kept when it cannot."""

from dataclasses import dataclass, field, replace
from typing import Any, get_args
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop.edits import EditSession
from desktop.schemas import PersonRecord, SessionRecord
from desktop.services.drafts import Content
from desktop.services.visits import Visits
from ui.drafts import Place, typed
from ui.opened import OpenSession
from ui.panels.assessor_entry import AssessorEntry
from ui.panels.child_questions import Field, field_label, question
from ui.panels.entry import Entry
from ui.panels.notes_entry import NotesEntry

Editor = Entry | NotesEntry | AssessorEntry
MEASURES = ("child_height_cm", "child_weight_kg")


@dataclass(frozen=True)
class Known:
    """What is read beside a session: the child's other visits, and who may have assessed it."""

    visits: Visits = field(default_factory=Visits)
    people: tuple[PersonRecord, ...] = ()


class ChildEditing(QObject):
    """The fact that is being edited. `begun` brings its field and editor, `ended` comes when it is a fact again."""

    begun = Signal(str, object)
    ended = Signal(str, object)

    def __init__(self, opened: OpenSession, parent: QObject) -> None:
        super().__init__(parent)
        self.known = Known()
        self.editor: Editor | None = None
        self._field: Field = "child_name"
        self._session_id: UUID | None = None
        self._opened = opened

    def edit(self, name: Field) -> None:
        """Make a fact its editor. One that cannot be left yet keeps the keyboard instead."""
        record = self._opened.record
        if record is None:
            return
        if not self.finish():
            if self.editor is not None:
                self.editor.line.setFocus()
            return
        self._begin(name, record)
        if self.editor is not None:
            self.editor.line.setFocus()

    def finish(self) -> bool:
        """Record what is typed and end; False when it cannot be taken, and its reason is shown."""
        if self.editor is not None and self.editor.settle() and self.editor is not None:
            self._end()
        return self.editor is None

    def leave(self) -> None:
        """Another session is shown: what is typed is kept for its own."""
        if self.editor is not None:
            self._keep()
            self._close()
        record = self._opened.record
        draft = self._opened.drafts.get(_place(record.id)) if record is not None else None
        name = next((known for known in get_args(Field) if known == typed(draft, "field")), None)
        if record is not None and name is not None:
            self._begin(name, record, draft)
            if (
                self.editor is not None
                and not isinstance(self.editor, AssessorEntry)
                and not self.editor.is_edited()
            ):
                self._end()  # it was recorded after all

    def _begin(self, name: Field, record: SessionRecord, draft: Content | None = None) -> None:
        editor = self._make(name, record)
        self.editor, self._field, self._session_id = editor, name, record.id
        editor.entered.connect(self._entered)
        editor.passed.connect(lambda _step: self._end())
        editor.cancelled.connect(self._end)
        self.begun.emit(name, editor)
        if isinstance(editor, AssessorEntry):
            return
        if draft:
            editor.type_text(typed(draft, "text"), typed(draft, "reason"))
        editor.edited.connect(self._keep)

    def _make(self, name: Field, record: SessionRecord) -> Editor:
        if name == "notes":
            return NotesEntry(record.notes)
        if name == "assessor":
            return AssessorEntry(self.known.people, record.assessor, name=field_label("assessor"))
        asked = question(name, record, self.known.visits)
        if name in MEASURES:
            asked = replace(asked, reason=_reason(record, field_label(name)))
        return Entry(asked, self)

    def _entered(self, value: object, reason: str, _step: int) -> None:
        record = self._opened.record
        if record is None or record.id != self._session_id:
            return
        values: dict[str, Any] = {self._field: value}
        if self._field in MEASURES:
            values |= _remark(record, field_label(self._field), reason)
        self._close()
        changed = any(getattr(record, name) != new for name, new in values.items())
        if not changed or self._opened.do(EditSession(record.id, values)):
            self._opened.drafts.forget(_place(record.id))

    def _keep(self) -> None:
        """Keep what is typed, so that it comes back with its session."""
        editor, session_id = self.editor, self._session_id
        if editor is None or isinstance(editor, AssessorEntry) or session_id is None:
            return
        if editor.is_edited():
            content = {"field": self._field, "text": editor.text(), "reason": editor.reason()}
            self._opened.drafts.keep(_place(session_id), content, session=session_id)
        else:
            self._opened.drafts.forget(_place(session_id))

    def _end(self) -> None:
        if self._session_id is not None:
            self._opened.drafts.forget(_place(self._session_id))
        self._close()

    def _close(self) -> None:
        editor, self.editor = self.editor, None
        if editor is not None:
            self.ended.emit(self._field, editor)
            if isinstance(editor, Entry):
                editor.deleteLater()


def _place(session_id: UUID) -> Place:
    return Place("fact", session_id)


def _reason(record: SessionRecord, name: str) -> str:
    """Return why the value of a fact was kept, empty where nothing is said."""
    said = (line for line in (record.remark or "").splitlines() if line.startswith(f"{name}: "))
    return next(said, "").removeprefix(f"{name}: ")


def _remark(record: SessionRecord, name: str, reason: str) -> dict[str, str | None]:
    """Return the session's remark with this reason in the place of an earlier one for the same fact."""
    others = [line for line in (record.remark or "").splitlines() if not line.startswith(f"{name}: ")]
    lines = [*others, f"{name}: {reason}"] if reason else others
    remark = "\n".join(lines) or None
    return {} if remark == record.remark else {"remark": remark}
