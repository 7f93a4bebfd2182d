"""The session that is open in the window.

It is held in memory as the assessor sees it: an edit shows at once and is saved in the background, so that what
was entered stays on the screen even when the disk is full. Panels read `record` and redraw on its signals.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop import trials
from desktop.changes import Changes
from desktop.core import Core
from desktop.edits import DeleteSession, Edit, EditTask, RestoreSession, RestoreTask, Stamp, touched
from desktop.errors import AppError, NotFound
from desktop.protocols import Protocol, Task
from desktop.schemas import SessionRecord, TaskRecord
from desktop.services.recording import Opened, load_session
from ui.notify import Notifier
from ui.operations import Operations, Progress


class OpenSession(QObject):
    """The open session, its selected task result, and the edits made to it.

    `switched` comes when another session is shown or none, `changed` when the shown one has other content, and
    `selected` when another task result is chosen; `opening` says that another session is being read, and that it is
    no more. While a run is timed it is `held`: no other session is shown.
    """

    switched = Signal()
    changed = Signal()
    selected = Signal()
    opening = Signal(bool)

    def __init__(self, core: Core, *, actor: UUID, operations: Operations, notifier: Notifier) -> None:
        super().__init__(operations)
        self.record: SessionRecord | None = None
        self.protocol: Protocol | None = None
        self.visit = 0
        self.held = False
        self.actor = actor
        self._core = core
        self._operations = operations
        self._notifier = notifier
        self._task_id: UUID | None = None
        self._awaited: UUID | None = None
        self._undo: list[Edit] = []
        self._redo: list[Edit] = []
        self._unsaved: dict[UUID, Opened] = {}
        self._pending: Counter[UUID] = Counter()
        self._edits: Counter[UUID] = Counter()
        self._stale: set[UUID] = set()

    # What is shown

    @property
    def task(self) -> TaskRecord | None:
        """The selected task result."""
        if self.record is None:
            return None
        return next((task for task in self.record.task_results if task.id == self._task_id), None)

    def spec(self, task: TaskRecord | None) -> Task | None:
        """Return what the protocol says of a task result, None for a free task."""
        return self.protocol.task(task.task_name) if task and self.protocol else None

    def is_opening(self) -> bool:
        """Tell whether another session is being read, to be shown."""
        return self._awaited is not None

    def show(self, session_id: UUID) -> None:
        """Open a session; unsaved edits of it are shown, not what is stored."""
        if not self._may_show(session_id):
            return
        unsaved = self._unsaved.get(session_id)
        if unsaved is not None:
            self._operations.cancel((self, "show"))
            self._opened(unsaved)
        else:
            self._load(session_id)

    def close(self) -> None:
        """Show no session."""
        self._operations.cancel((self, "show"))
        self.record = self.protocol = self._task_id = None
        self.switched.emit()
        self._await(None)

    def select(self, task_id: UUID | None) -> None:
        """Choose a task result."""
        if task_id != self._task_id:
            self._task_id = task_id
            self.selected.emit()

    # What is entered

    def do(self, edit: Edit, *, toast: str = "") -> bool:
        """Show an edit at once and save it; returns False when it was refused and the user was told why.

        With `toast` the user is told what was done and may take it back.
        """
        undo = self._apply(edit)
        if undo is None:
            return False
        self._undo.append(undo)
        self._redo.clear()
        if toast:
            self._notifier.toast(toast, lambda: self._take_back(undo))
        return True

    def edit_task(self, task_id: UUID, **values: Any) -> bool:
        """Change fields of a task result of the open session."""
        return self.record is not None and self.do(EditTask(self.record.id, task_id, values))

    def delete_session(self, session_id: UUID, *, toast: str) -> None:
        """Delete a session at once; the toast and undo bring it back."""
        if self.record is not None and self.record.id == session_id:
            self.close()
        delete = DeleteSession(session_id)
        self._save(delete)
        restore = RestoreSession(session_id)
        self._undo.append(restore)
        self._redo.clear()
        self._notifier.toast(toast, lambda: self._take_back(restore))

    def undo(self) -> None:
        """Take back the last edit."""
        self._swing(self._undo, self._redo)

    def redo(self) -> None:
        """Make again the edit that was taken back last."""
        self._swing(self._redo, self._undo)

    def reload(self) -> None:
        """Read the open session again, as soon as no edit of it waits to be saved, unless another is on its way."""
        if self.record is None or self.is_opening():
            return
        if self.record.id in self._unsaved:
            self._stale.add(self.record.id)
        else:
            self._load(self.record.id)

    def heard(self, batch: Sequence[Changes]) -> None:
        """Take over what others committed; our own edits are shown already."""
        if any(changes.sweeping or changes.actor != self.actor for changes in batch):
            self.reload()

    def unsaved(self) -> tuple[Opened, ...]:
        """Return the sessions that have edits which are not stored yet, as the assessor sees them."""
        return tuple(self._unsaved.values())

    def _is_shown(self, session_id: UUID) -> bool:
        return self.record is not None and self.record.id == session_id

    def _may_show(self, session_id: UUID) -> bool:
        return not self.held or self.record is None or self._is_shown(session_id)

    def _await(self, session_id: UUID | None) -> None:
        before, self._awaited = self._awaited, session_id
        if (before is None) != (session_id is None):
            self.opening.emit(session_id is not None)

    def _load(self, session_id: UUID) -> None:
        self._await(None if self._is_shown(session_id) else session_id)
        edits = self._edits[session_id]

        async def load(_progress: Progress) -> Opened:
            return await load_session(self._core.database, session_id)

        def done(opened: Opened) -> None:
            if edits != self._edits[session_id]:  # what was read is older than what was entered meanwhile
                self._read_again(session_id)
            elif self._may_show(session_id):
                if not self._pending[session_id]:
                    self._stale.discard(session_id)
                self._opened(opened)
            else:
                self._await(None)

        title = self.tr("Open the session")
        self._operations.start(load, title=title, key=(self, "show"), done=done, failed=self._gone)

    def _read_again(self, session_id: UUID) -> None:
        if self._is_shown(session_id):
            self.reload()
        else:
            self.show(session_id)

    def _gone(self, error: AppError) -> None:
        self._notifier.error(self.tr("Open the session"), str(error))
        self._await(None)
        if isinstance(error, NotFound):
            self.close()

    def _opened(self, opened: Opened) -> None:
        same = self.record is not None and self.record.id == opened.record.id
        self.record, self.protocol, self.visit = opened.record, opened.protocol, opened.visit
        if not same:
            self._undo = [edit for edit in self._undo if isinstance(edit, RestoreSession)]
            self._redo.clear()
        if not same or self.task is None:
            first = trials.next_open(opened.record) or next(iter(opened.record.task_results), None)
            self._task_id = first.id if first else None
        (self.changed if same else self.switched).emit()
        self._await(None)

    def _apply(self, edit: Edit) -> Edit | None:
        """Show and save `edit`; returns the edit that takes it back, None when it was refused."""
        before = self.record
        if before is None or before.id != edit.session_id:
            return None
        clock = self._core.clock
        stamp = Stamp(self.actor, clock.now(), clock.utc_offset_minutes())
        try:
            undo = edit.undone(before)
            after = edit.apply(before, stamp)
        except AppError as error:
            self._notifier.error(self.tr("This was not recorded"), str(error))
            return None
        self.record = after
        self._unsaved[after.id] = Opened(after, self.protocol, self.visit)
        self._keep_selection(before)
        self.changed.emit()
        self._save(edit)
        return undo

    def _save(self, edit: Edit) -> None:
        self._edits[edit.session_id] += 1
        self._pending[edit.session_id] += 1

        async def save(_progress: Progress) -> None:
            try:
                await self._core.saver.save(edit, actor=self.actor)
            except AppError:
                raise
            except Exception:
                text = self.tr("Something unexpected went wrong. Please enter it again.")
                self._refused(edit, AppError(text))
                raise
            finally:
                self._settled(edit)

        title = self.tr("Save")
        self._operations.start(save, title=title, failed=lambda error: self._refused(edit, error))

    def _settled(self, edit: Edit) -> None:
        self._edits[edit.session_id] += 1  # what is being read now may be from before it was stored
        self._pending[edit.session_id] -= 1
        if self._pending[edit.session_id]:
            return
        del self._pending[edit.session_id]
        self._unsaved.pop(edit.session_id, None)
        if edit.session_id in self._stale:
            self._stale.discard(edit.session_id)
            if self._is_shown(edit.session_id):
                self.reload()
        if isinstance(edit, RestoreSession):
            self.show(edit.session_id)

    def _refused(self, edit: Edit, error: AppError) -> None:
        """Say why an edit is not stored, and show what is."""
        self._notifier.error(self.tr("This was not recorded"), str(error))
        self._stale.add(edit.session_id)
        if self._is_shown(edit.session_id):
            self.reload()

    def _take_back(self, undo: Edit) -> None:
        """Take back one edit, also when others came after it; what was taken back already stays so.

        Not when the same was recorded again since: that is never overwritten in passing.
        """
        place = next((place for place, edit in enumerate(self._undo) if edit is undo), None)
        if place is None:
            if not self._is_shown(undo.session_id):
                self._stale.add(undo.session_id)
                self._save(undo)
        elif any(touched(edit) & touched(undo) for edit in self._undo[place + 1 :]):
            text = self.tr("Another value was recorded since. Ctrl+Z takes back one step after the other.")
            self._notifier.info(self.tr("This was not taken back"), text)
        else:
            del self._undo[place]
            self._redo.extend(self._reverse(undo))

    def _swing(self, source: list[Edit], target: list[Edit]) -> None:
        if source:
            target.extend(self._reverse(source.pop()))

    def _reverse(self, edit: Edit) -> list[Edit]:
        """Make an edit that undoes or redoes another; returns the edit that takes it back, none when refused."""
        if isinstance(edit, RestoreSession):
            self._save(edit)
            return []
        back = self._apply(edit)
        if back is None:
            return []
        if not self.held and self.record is not None:
            of = edit.task.id if isinstance(edit, RestoreTask) else getattr(edit, "task_id", None)
            if any(task.id == of for task in self.record.task_results):
                self.select(of)  # what was taken back is seen
        return [back]

    def _keep_selection(self, before: SessionRecord) -> None:
        """After a delete the next row is selected."""
        if self.record is None or self.task is not None or self._task_id is None:
            return
        place = next((place for place, task in enumerate(before.task_results) if task.id == self._task_id), 0)
        tasks = self.record.task_results
        self._task_id = tasks[min(place, len(tasks) - 1)].id if tasks else None
