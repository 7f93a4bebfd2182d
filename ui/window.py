"""The main page: lays out the panels and connects them to the actions; what they do is theirs."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.core import Core
from desktop.schemas import PersonRecord
from desktop.services.drafts import StoredDraft
from desktop.settings import Settings
from desktop.trials import SIDES
from ui.actions import Actions
from ui.dialogs.opening import Dialogs
from ui.feed import FeedBridge
from ui.focus import has_focus, step_pane
from ui.menu import open_menu
from ui.notify import Notifier
from ui.opened import OpenSession
from ui.operations import Operations
from ui.panels.centre import CentrePanel
from ui.panels.child_banner import ChildBanner
from ui.panels.empty import EmptyPanel
from ui.panels.footer import Footer
from ui.panels.header import Header
from ui.panels.messages import MessagesPanel
from ui.panels.metrics import MetricsPanel
from ui.panels.sessions import SessionsPanel
from ui.panes import Panes
from ui.people import People
from ui.recorder import Recorder
from ui.rescue import Rescue
from ui.samples import Samples
from ui.saving import SavingWatch
from ui.widgets.layout import vbox
from ui.widgets.outcome_keys import OUTCOMES

# Whoever measures the start listens here.
ready_log = logging.getLogger("kinelog.ready")


class MainPage(QWidget):
    """Everything that is seen while working, from `begin` to `end`."""

    settings_changed = Signal(object)
    folder_wanted = Signal()
    quit_wanted = Signal()
    lock_wanted = Signal()

    def __init__(
        self,
        core: Core,
        *,
        settings: Settings,
        people: list[PersonRecord],
        drafts: Iterable[StoredDraft] = (),
        operations: Operations,
        notifier: Notifier,
    ) -> None:
        super().__init__()
        if settings.assessor is None:
            raise ValueError("Nobody records here yet")
        self._core, self._operations = core, operations
        self._begun = False
        self.opened = OpenSession(core, actor=settings.assessor, operations=operations, notifier=notifier)
        self.opened.drafts.take(drafts)
        self.recorder = Recorder(self.opened, clock=core.clock, notifier=notifier)
        self.feed = FeedBridge(core.database.feed, self)
        self._saving = SavingWatch(core.saver, clock=core.clock, notifier=notifier, parent=self)
        self._samples = Samples(core, actor=self.opened.actor, operations=operations, parent=self)
        self._people = People(core, operations, people, parent=self)
        self.rescue = Rescue(
            self, core, opened=self.opened, people=self._people, operations=operations, notifier=notifier
        )
        self._actions = Actions(self)
        self._dialogs = Dialogs(
            self,
            core,
            settings=settings,
            opened=self.opened,
            operations=operations,
            actions=self._actions,
            notifier=notifier,
        )
        self._build(notifier)
        self._connect()
        self._connect_actions()

    def begin(self, session: str = "") -> None:
        """Read the list; the session of this id is opened, else where something was being typed, else the newest.

        Until then no single key does anything.
        """
        first = UUID(session) if session else self.opened.drafts.session()
        self._sessions.model.loaded.connect(self._first_loaded)
        self.opened.switched.connect(self._tell_ready)
        self._centre.focus_tasks()  # or else Qt gives the keyboard to the search
        self._hold_keys()
        self._sessions.reload()
        if first is not None:
            self.opened.show(first)

    def lock_key(self) -> QKeySequence:
        """Return the key that locks."""
        return self._actions.action("window.lock").shortcut()

    def finish_entries(self) -> bool:
        """Record what is being typed; False when something cannot be taken, its field stays open and says why."""
        self._metrics.finish_edit()
        self._centre.tasks.note_entry.leave()
        timed = self._centre.tasks.time_entry.finish()
        return self._banner.finish_edit() and timed

    def end(self) -> None:
        """Record what is being typed, then hear and do nothing more."""
        self.finish_entries()
        self.opened.drafts.freeze()
        self.feed.close()
        self.setEnabled(False)

    # Building

    def _build(self, notifier: Notifier) -> None:
        core, operations, opened = self._core, self._operations, self.opened
        self._header = Header()
        self._sessions = SessionsPanel(core=core, operations=operations, opened=opened)
        self._banner = ChildBanner(opened=opened, operations=operations, core=core)
        self._centre = CentrePanel(
            opened=opened, recorder=self.recorder, clock=core.clock, notifier=notifier, banner=self._banner
        )
        self._metrics = MetricsPanel(opened=opened, operations=operations, database=core.database)
        self._empty = EmptyPanel()
        self._middle = QStackedWidget()
        self._middle.addWidget(self._centre)
        self._middle.addWidget(self._empty)
        self._panes = Panes(sessions=self._sessions, centre=self._middle, metrics=self._metrics)
        self._footer = Footer(folder=str(core.paths.data))
        self.setLayout(vbox(self._header, MessagesPanel(notifier), (self._panes, 1), self._footer, spacing=0))
        self._show_content()

    def _connect(self) -> None:
        for hears in (self.opened, self._sessions, self._people):
            self.feed.changed.connect(hears.heard)
        self._people.changed.connect(self._banner.read_known)
        self.opened.opening.connect(lambda _opening: self._hold_keys())
        self.opened.switched.connect(self._show_content)
        self.recorder.running_changed.connect(self._show_running)
        self._header.search_changed.connect(self._search)
        self._header.search_left.connect(self._back_to_tasks)
        self._header.list_wanted.connect(self._sessions.focus_list)
        self._header.sessions_toggled.connect(self._panes.toggle_sessions)
        self._header.new_session.connect(self._dialogs.new_session)
        self._header.lock_wanted.connect(self.lock_wanted)
        self._header.menu_button.clicked.connect(self._actions.action("window.menu").trigger)
        self._sessions.chosen.connect(lambda _session_id: self._back_to_tasks())
        self._sessions.counted.connect(self._counted)
        self._sessions.search_cleared.connect(self._header.clear_search)
        self._banner.follow_up_wanted.connect(self._dialogs.follow_up)
        self._banner.delete_wanted.connect(self._delete_open)
        self._banner.export_wanted.connect(self._dialogs.export)
        self._banner.progress_wanted.connect(self._dialogs.progress)
        self._centre.toast.dismissed.connect(self._show_empty)
        self._empty.new_session.connect(self._dialogs.new_session)
        self._empty.sample_wanted.connect(self._samples.fill)
        self._panes.compact_changed.connect(self._set_compact)
        self._dialogs.begun.connect(self._started)
        self._dialogs.settings_changed.connect(self.settings_changed)
        self._saving.changed.connect(self._footer.show_state)
        self._saving.copy_wanted.connect(self.rescue.ask)
        self._footer.copy_wanted.connect(self.rescue.ask)
        self._footer.retry_wanted.connect(self._core.saver.try_again)
        self._footer.folder_wanted.connect(self.folder_wanted)

    def _connect_actions(self) -> None:
        recorder, tasks = self.recorder, self._centre.tasks
        handlers: dict[str, Callable[[], object]] = {
            "run.toggle": recorder.toggle,
            "run.discard": self._escape,
            "task.next": partial(tasks.step_task, 1),
            "task.previous": partial(tasks.step_task, -1),
            "task.add": tasks.add_task,
            "task.repeat": recorder.new_trial,
            "task.side": tasks.change_side,
            "task.note": tasks.edit_note,
            "task.delete": self._delete_focused,
            "field.edit": self._edit_focused,
            "edit.undo": self._centre.undo,
            "edit.redo": self.opened.redo,
            **self._dialogs.handlers(),
            "session.delete": self._delete_open,
            "session.sign_off": self._banner.sign_off,
            "session.search": self._header.focus_search,
            "session.leave_search": self._header.clear_search,
            "pane.next": partial(self._next_pane, 1),
            "pane.previous": partial(self._next_pane, -1),
            "pane.sessions": self._panes.toggle_sessions,
            "pane.metrics": self._panes.toggle_metrics,
            "window.menu": partial(open_menu, self._actions, self._header.menu_button),
            "window.lock": self.lock_wanted.emit,
            "window.quit": self.quit_wanted.emit,
        }
        handlers |= {f"rate.{status}": partial(recorder.rate, status) for status in OUTCOMES}
        handlers |= {f"side.{side}": partial(recorder.choose_side, side) for side in SIDES}
        for name, handler in handlers.items():
            self._actions.connect_to(name, handler)

    # Showing

    def _first_loaded(self) -> None:
        self._sessions.model.loaded.disconnect(self._first_loaded)
        if self._sessions.newest() is None:
            self._tell_ready()
        elif not self.opened.is_opening():
            self._open_newest()

    def _tell_ready(self) -> None:
        if self._begun:
            return
        self._begun = True
        ready_log.info("Ready")
        self._hold_keys()
        for asks_again in (
            self._dialogs.resume_beginning,
            self._centre.tasks.resume_adding,
            self._metrics.resume_adding,
        ):
            asks_again()

    def _hold_keys(self) -> None:
        """A key typed while a session is being opened is not meant for the one before, nor known to be for it."""
        self._actions.hold(not self._begun or self.opened.is_opening())

    def _counted(self, total: int) -> None:
        if total == 0:
            self._show_empty()
        elif self._middle.currentWidget() is self._empty:
            self._open_newest()  # never after a delete: the next key would reach another child

    def _show_empty(self) -> None:
        """Offer the first session, but not while a toast still offers a deleted one."""
        if self._sessions.is_empty() and self.opened.record is None and self._centre.toast.isHidden():
            self._middle.setCurrentWidget(self._empty)
            self._empty.focus_first()
            self._show_content()

    def _open_newest(self) -> None:
        newest = self._sessions.newest()
        if newest is not None:
            self.opened.show(newest)

    def _show_content(self) -> None:
        shown = self.opened.record is not None
        if shown and self._middle.currentWidget() is not self._centre:
            self._middle.setCurrentWidget(self._centre)
            self._centre.focus_tasks()
        self._panes.allow_metrics(shown)
        self._header.set_primary(self._middle.currentWidget() is not self._empty)

    def _show_running(self, running: bool) -> None:
        self._header.set_recording(running)
        self._sessions.set_recording(running)
        self._actions.set_recording(running)

    def _set_compact(self, compact: bool) -> None:
        for part in (self._header, self._banner, self._centre, self._metrics):
            part.set_compact(compact)

    def _search(self, text: str) -> None:
        self._panes.show_drawer(True)
        self._sessions.set_search(text)

    # Doing what depends on where the focus is

    def _delete_focused(self) -> None:
        if has_focus(self._sessions):
            self._sessions.delete_current()
        elif has_focus(self._metrics):
            self._metrics.delete_current()
        elif not has_focus(self._banner):
            self.recorder.delete()

    def _edit_focused(self) -> None:
        if has_focus(self._metrics):
            self._metrics.edit_current()
        elif has_focus(self._banner):
            self._banner.edit_current()
        elif not has_focus(self._sessions):
            self._centre.tasks.edit_current()

    def _escape(self) -> None:
        if self.recorder.running is not None:
            self.recorder.discard()
        elif has_focus(self._sessions) or self._panes.compact:
            self._back_to_tasks()

    def _back_to_tasks(self) -> None:
        """Lead the keyboard where the child is seen, so that Delete and arrows mean its tasks."""
        self._panes.show_drawer(False)
        self._centre.focus_tasks()

    def _next_pane(self, step: int) -> None:
        panes = (
            (self._sessions, self._sessions.focus_list),
            (self._banner, self._banner.focus_first),
            (self._centre, self._centre.focus_tasks),
            (self._metrics, self._metrics.focus_list),
        )
        step_pane(panes, step)

    # The menu, and sessions as a whole

    def _started(self, session_id: UUID) -> None:
        self.opened.show(session_id)
        self._centre.focus_tasks()

    def _delete_open(self) -> None:
        record = self.opened.record
        if record is not None and self.recorder.running is None:
            self.opened.delete_session(record.id, toast=self.tr("Session deleted"))
