"""The session that is open in the window.

It is held in memory as the assessor sees it: an edit shows at once and is saved in the background, so that what
was entered stays on the screen even when the disk is full. Panels read `record` and redraw on its signals.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from desktop import trials
from desktop.changes import Changes
from desktop.core import Core
from desktop.crud import local_day
from desktop.edits import WHOLE, DeleteSession, Edit, EditTask, Stamp
from desktop.errors import AppError, DatabaseUnavailable, NotFound, SignedOff
from desktop.protocols import Protocol, Task
from desktop.saving import Act
from desktop.schemas import SessionRecord, TaskRecord
from desktop.services.auditing import enter as enter_act
from desktop.services.auditing import enter_opening
from desktop.services.recording import Opened, load_session
from desktop.services.signing import UNSIGNED
from desktop.services.undoing import Redo, TakenBack, Undo
from desktop.steps import NewStep
from ui import words
from ui.drafts import Drafts
from ui.notify import Notifier
from ui.operations import Operations, Progress

T = TypeVar("T")
LONG_AGO = timedelta(hours=1)
TELL_AGAIN_MS = 500
log = logging.getLogger(__name__)


class OpenSession(QObject):
    """The open session, its selected task result, and the edits made to it.

    `switched` comes when another session is shown or none, `changed` when the shown one has other content, and
    `selected` when another task result is chosen; `opening` says that another session is being read, and that it is
    no more. While a run is timed it is `held`: no other session is shown. `reason_wanted` comes with a function that
    takes the reason for which a signed-off session is changed. `drafts` are what is typed and not recorded yet.
    """

    switched = Signal()
    changed = Signal()
    selected = Signal()
    opening = Signal(bool)
    reason_wanted = Signal(object)

    def __init__(self, core: Core, *, actor: UUID, operations: Operations, notifier: Notifier) -> None:
        super().__init__(operations)
        self.record: SessionRecord | None = None
        self.protocol: Protocol | None = None
        self.visit = 0
        self.signed_here = False
        self.held = False
        self.actor = actor
        self.drafts = Drafts(core.database, actor=actor, operations=operations, saver=core.saver)
        self._untold: list[tuple[str, UUID | None]] = []  # what the trail does not have yet
        core.saver.subscribe(self._tell_trail)
        self._telling = QTimer(self, singleShot=True, interval=TELL_AGAIN_MS)
        self._telling.timeout.connect(self._tell_trail)
        self._core = core
        self._operations = operations
        self._notifier = notifier
        self._task_id: UUID | None = None
        self._awaited: UUID | None = None
        self._wanted_task: UUID | None = None
        self._unsaved: dict[UUID, Opened] = {}
        self._pending: Counter[UUID | None] = Counter()
        self._edits: Counter[UUID | None] = Counter()
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

    def do(self, edit: Edit, *, toast: str = "", reason: str = "") -> bool:
        """Show an edit at once and save it; returns False when it was refused and the user was told why.

        With `toast` the user is told what was done and may take it back. A signed-off session is changed once the
        user has given a reason.
        """
        if self.is_signed() and not reason:
            self.ask_reason(lambda given: self.do(edit, toast=toast, reason=given))
            return False
        step = self._apply(edit, reason)
        if step is not None and toast:
            self._notifier.toast(toast, lambda: self._take_back(Undo(edit.session_id, step)))
        return step is not None

    def do_whole(
        self,
        act: Act[None],
        session_id: UUID,
        *,
        toast: str = "",
        reason: str = "",
        done: Callable[[], None] | None = None,
    ) -> None:
        """Do what concerns a session as a whole, or its past: it shows when it is stored."""
        step = NewStep(self._core.clock.new_id(), session_id, whole=isinstance(act, WHOLE))

        def stored(_written: None) -> None:
            self._read_anew({session_id})
            if toast:
                self._notifier.toast(toast, lambda: self._take_back(Undo(session_id, step.id)))
            if done is not None:
                done()

        self._save(act, session_id, step=step, reason=reason, done=stored)

    def edit_task(self, task_id: UUID, *, reason: str = "", **values: Any) -> bool:
        """Change fields of a task result of the open session."""
        return self.record is not None and self.do(EditTask(self.record.id, task_id, values), reason=reason)

    def delete_session(self, session_id: UUID, *, toast: str, reason: str = "") -> None:
        """Delete a session at once; the toast and undo bring it back."""
        if self._is_shown(session_id):
            if self.is_signed() and not reason:
                self.ask_reason(lambda given: self.delete_session(session_id, toast=toast, reason=given))
                return
            self.close()
        self.do_whole(DeleteSession(session_id), session_id, toast=toast, reason=reason)

    def is_signed(self) -> bool:
        """Tell whether the open session is signed off."""
        return self.record is not None and self.record.signed_off_at is not None

    def ask_reason(self, go_on: Callable[[str], object]) -> None:
        """Ask why a signed-off session is changed, and go on with the reason."""
        if not self.held:
            self.reason_wanted.emit(go_on)

    def undo(self) -> None:
        """Take back the last edit of the open session, or what was done to a session as a whole."""
        self._take_back(Undo(self.record.id if self.record else None))

    def redo(self) -> None:
        """Make again what was taken back last."""
        self._take_back(Redo(self.record.id if self.record else None))

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
        before = self.record
        same = before is not None and before.id == opened.record.id
        self.record, self.protocol, self.visit = opened.record, opened.protocol, opened.visit
        self.signed_here = opened.signed_here
        if same and before is not None:
            self._keep_selection(before)
            self._show_wanted()
        else:
            self._enter_opening(opened.record.id)
            first = trials.next_open(opened.record) or next(iter(opened.record.task_results), None)
            self._task_id = first.id if first else None
        (self.changed if same else self.switched).emit()
        self._await(None)

    def _enter_opening(self, session_id: UUID) -> None:
        """Have the trail say who looks at the session, as soon as it can be written."""
        self._untold.append(("open", session_id))
        self._tell_trail()

    def note(self, action: str) -> None:
        """Have the trail say what was done with the vault, as soon as it can be written."""
        self._untold.append((action, None))
        self._tell_trail()

    def _tell_trail(self) -> None:
        if not shiboken6.isValid(self) or self._core.saver.waiting or not self._untold:
            return
        untold, self._untold = self._untold, []

        async def enter(_progress: Progress) -> None:
            try:
                for action, session_id in untold:
                    if session_id is None:
                        await enter_act(self._core.database, actor=self.actor, action=action)
                    else:
                        await enter_opening(self._core.database, actor=self.actor, of=[session_id])
            except DatabaseUnavailable as error:  # the records may be looked at all the same
                log.info("An opening is not in the trail yet: %s", error.kind)
                self._untold = [*untold, *self._untold]
                self._telling.start()

        self._operations.start(enter, title=self.tr("Write the trail"))

    def _apply(self, edit: Edit, reason: str) -> UUID | None:
        """Show and save `edit`; returns the step that can be taken back, None when it was refused."""
        before = self.record
        if before is None or before.id != edit.session_id:
            return None
        clock = self._core.clock
        stamp = Stamp(self.actor, clock.now(), clock.utc_offset_minutes())
        try:
            after = edit.apply(before, stamp)
        except AppError as error:
            self._notifier.error(self.tr("This was not recorded"), str(error))
            return None
        self.record = after.model_copy(update=dict(UNSIGNED)) if self.is_signed() else after
        self._unsaved[after.id] = Opened(self.record, self.protocol, self.visit, self.signed_here)
        self._keep_selection(before)
        self.changed.emit()
        step = NewStep(clock.new_id(), edit.session_id)
        self._save(edit, edit.session_id, step=step, reason=reason)
        return step.id

    def _save(
        self,
        act: Act[T],
        session_id: UUID | None,
        *,
        step: NewStep | None = None,
        reason: str = "",
        done: Callable[[T], None] | None = None,
    ) -> None:
        self._edits[session_id] += 1
        self._pending[session_id] += 1

        async def save(_progress: Progress) -> T:
            try:
                return await self._core.saver.save(act, actor=self.actor, step=step, reason=reason)
            except AppError:
                raise
            except Exception:
                text = self.tr("Something unexpected went wrong. Please enter it again.")
                self._refused(session_id, AppError(text))
                raise
            finally:
                self._settled(session_id)

        def failed(error: AppError) -> None:
            if isinstance(error, SignedOff) and not reason:
                self.ask_reason(lambda given: self._save(act, session_id, step=step, reason=given, done=done))
            else:
                self._refused(session_id, error)

        self._operations.start(save, title=self.tr("Save"), done=done, failed=failed)

    def _settled(self, session_id: UUID | None) -> None:
        self._edits[session_id] += 1  # what is being read now may be from before it was stored
        self._pending[session_id] -= 1
        if self._pending[session_id]:
            return
        del self._pending[session_id]
        if session_id is not None:
            self._unsaved.pop(session_id, None)
            if session_id in self._stale:
                self._read_anew({session_id})

    def _refused(self, session_id: UUID | None, error: AppError) -> None:
        """Say why an edit is not stored, and show what is."""
        self._notifier.error(self.tr("This was not recorded"), str(error))
        if session_id is not None:
            self._read_anew({session_id})

    def _read_anew(self, sessions: Iterable[UUID]) -> None:
        """Show what is stored of these sessions, now or when they are shown next."""
        for session_id in sessions:
            self._stale.add(session_id)
            if self._is_shown(session_id):
                self._stale.discard(session_id)
                self.reload()

    # What is taken back

    def _take_back(self, act: Undo | Redo) -> None:
        """Take back a step, or make it again, when all that was entered before is stored."""
        if self._core.saver.trouble is not None:
            text = self.tr("Changes cannot be saved now. It can be taken back as soon as they are.")
            self._notifier.info(self.tr("This was not taken back"), text)
            return
        self._save(act, act.session_id, done=partial(self._taken_back, act))

    def _taken_back(self, act: Undo | Redo, taken: TakenBack | None) -> None:
        if taken is None:
            return
        if taken.refused:
            text = self.tr("Another value was recorded since. The history of the record shows both.")
            self._notifier.info(self.tr("This was not taken back"), text)
            return
        if self._core.clock.now() - taken.at > LONG_AGO:
            self._tell_of_old(act, taken)
        if self.record is not None and self.record.id in taken.hidden:
            self.close()
        self._wanted_task = taken.task_id
        self._read_anew(taken.sessions)
        if taken.whole and not taken.hidden and len(taken.sessions) == 1:
            self.show(next(iter(taken.sessions)))

    def _tell_of_old(self, act: Undo | Redo, taken: TakenBack) -> None:
        """Say of when it was, since nobody remembers; perhaps it was not meant."""
        offset = self._core.clock.utc_offset_minutes()
        when = words.isolated(
            f"{words.day(local_day(taken.at, offset))}, {words.clock_time(taken.at, offset)}"
        )
        if isinstance(act, Undo):
            self._notifier.toast(self.tr("A change of {when} was taken back").format(when=when), self.redo)
        else:
            self._notifier.toast(self.tr("A change of {when} was made again").format(when=when), self.undo)

    def _show_wanted(self) -> None:
        """Select the task in which something was taken back, so that it is seen."""
        wanted, self._wanted_task = self._wanted_task, None
        if self.held or self.record is None or wanted is None:
            return
        if any(task.id == wanted for task in self.record.task_results):
            self.select(wanted)

    def _keep_selection(self, before: SessionRecord) -> None:
        """After a delete the next row is selected."""
        if self.record is None or self.task is not None or self._task_id is None:
            return
        place = next((place for place, task in enumerate(before.task_results) if task.id == self._task_id), 0)
        tasks = self.record.task_results
        self._task_id = tasks[min(place, len(tasks) - 1)].id if tasks else None
