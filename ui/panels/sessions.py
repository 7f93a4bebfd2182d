"""The panel of all sessions, at the left of the window."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QProgressBar, QStackedWidget, QWidget

from desktop.changes import Change, Changes
from desktop.core import Core
from desktop.listing import session_count
from ui import words
from ui.models.sessions import SessionsModel
from ui.opened import OpenSession
from ui.operations import Operations, Progress, Running
from ui.panels.session_list import SessionList
from ui.theme import look
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.label import Label, label
from ui.widgets.layout import hbox, vbox

WIDTH = 288
GROWS = 0.7  # with the text, but less: the tasks need room too
SEARCH_SHOWN = 200  # pixels of a search that found nothing
_SHOWN = frozenset({"sessions", "task_results"})
_ORDERED_BY = frozenset({"started_at", "deleted"})
_SEARCHED = frozenset({"child_name", "child_identifier", "notes"})


class SessionsPanel(QFrame):
    """All sessions, newest first, or those that a search finds.

    `chosen` comes when a session is picked, which also opens it; `counted` says how many sessions there are in
    all; `search_cleared` that the search is to be ended.
    """

    chosen = Signal(UUID)
    counted = Signal(int)
    search_cleared = Signal()

    def __init__(self, *, core: Core, operations: Operations, opened: OpenSession) -> None:
        super().__init__()
        self.setProperty("pane", "side")
        self.setAccessibleName(self.tr("Sessions"))
        self.setMinimumWidth(WIDTH)
        self._core, self._operations, self._opened = core, operations, opened
        self._search = ""
        self._total: int | None = None
        self._title = self.tr("Read the sessions")
        self.model = SessionsModel(
            core.database, operations, clock=core.clock, title=self._title, parent=self
        )
        self.list = SessionList(self.model, name=self.tr("Sessions"))
        self._count = label(role="caption", tone="muted")
        self._opening = self._opening_bar()
        self._pages = QStackedWidget()
        self._empty = self._empty_page()
        self._no_match, self._not_found = self._no_match_page()
        for page in (self.list, self._empty, self._no_match):
            self._pages.addWidget(page)
        title = hbox(label(self.tr("Sessions"), "title"), self._count, None, margins=(20, 20, 16, 10))
        self.setLayout(vbox(title, self._opening, (self._pages, 1), spacing=0))
        self._at_midnight = QTimer(self, singleShot=True)
        self._connect()

    def sizeHint(self) -> QSize:
        wider = 1 + (look().text_scale - 1) * GROWS
        return QSize(round(WIDTH * wider), super().sizeHint().height())

    def reload(self) -> None:
        """Read the list again; what is open and current stays so."""
        if self._total is None:
            self.model.show(self._search)
        else:
            self.model.reload()
        if self._search:
            self._recount()

    def heard(self, batch: Sequence[Changes]) -> None:
        """Show what was committed, reading again no more than was touched."""
        rows = [change for changes in batch for change in changes.rows]
        touched = {self._touched(change) for change in rows if change.table in _SHOWN}
        if any(changes.sweeping for changes in batch) or any(map(self._moves_row, rows)) or None in touched:
            self.reload()
        else:
            self.model.refresh_rows(key for key in touched if key)

    def set_search(self, text: str) -> None:
        """Show the sessions that `text` finds, all of them when it is empty."""
        search = " ".join(text.split())
        if search != self._search:
            self._search = search
            self.model.show(search)

    def select(self, session_id: UUID | None) -> None:
        """Mark a session as the open one; None marks none."""
        self.list.select(session_id)

    def newest(self) -> UUID | None:
        """Return the session at the top of the list, None when it is empty."""
        ids = (self.model.id_at(row) for row in range(min(2, self.model.rowCount())))
        return next((key for key in ids if key is not None), None)

    def is_empty(self) -> bool:
        """Tell whether there is no session at all, once that is known."""
        return self._total == 0

    def delete_current(self) -> None:
        """Delete the session in the current row at once; a toast brings it back."""
        session_id = self.list.current()
        if session_id is None or not self.isEnabled():
            return
        line = self.model.row_at(self.list.currentIndex().row())
        text = self.tr("Session deleted")
        if line is not None:
            text = self.tr("Session of {child} deleted").format(child=words.isolated(line.child_name))
        self._opened.delete_session(session_id, toast=text)

    def focus_list(self) -> None:
        """Put the keyboard focus into the list."""
        self.list.take_focus()

    def set_recording(self, running: bool) -> None:
        """While a run is recorded no other session can be opened."""
        self.setEnabled(not running)

    def _connect(self) -> None:
        self.list.chosen.connect(self._opened.show)
        self.list.chosen.connect(self.chosen)
        self.model.loaded.connect(self._loaded)
        self._opened.switched.connect(self._switched)
        self._operations.running_changed.connect(self._show_opening)
        self._at_midnight.timeout.connect(self.reload)

    def _switched(self) -> None:
        self.select(self._opened.record.id if self._opened.record else None)

    def _loaded(self) -> None:
        if not self._search:
            self._take_total(self.model.count)
        elif self._total is None:
            self._recount()
        self._show_state()
        if self._search:
            found = self.tr("{count} found").format(count=self.model.count)
            announce(self.list, found if self.model.count else self._not_found.text())
        self._at_midnight.start(self._until_midnight())

    def _take_total(self, total: int) -> None:
        self._total = total
        self.counted.emit(total)
        self._show_state()

    def _show_state(self) -> None:
        if self.model.count:
            self._pages.setCurrentWidget(self.list)
        elif self._search:
            shown = QFontMetrics(self._not_found.font()).elidedText(
                self._search, Qt.TextElideMode.ElideRight, SEARCH_SHOWN
            )
            self._not_found.setText(self.tr("No match for “{search}”.").format(search=words.isolated(shown)))
            self._pages.setCurrentWidget(self._no_match)
        else:
            self._pages.setCurrentWidget(self._empty)
        found, total = self.model.count, self._total or 0
        whole = self.tr("{found} of {total}").format(found=found, total=total)
        self._count.setText(whole if self._search else str(total or ""))

    def _recount(self) -> None:
        async def count(_progress: Progress) -> int:
            return await session_count(self._core.database)

        self._operations.start(count, title=self._title, key=(self, "count"), done=self._take_total)

    def _moves_row(self, change: Change) -> bool:
        if change.table == "sessions":
            searched = bool(self._search and _SEARCHED & change.after.keys())
            return change.before is None or searched or bool(_ORDERED_BY & change.after.keys())
        return change.table == "task_results" and bool(self._search) and "notes" in change.after

    def _touched(self, change: Change) -> UUID | None:
        """Return the session whose row shows something of `change`, None when the change does not tell."""
        if change.table == "sessions":
            return change.id
        record = self._opened.record
        if record is not None and any(task.id == change.id for task in record.task_results):
            return record.id
        session_id = change.after.get("session_id")
        return session_id if isinstance(session_id, UUID) else None

    def _show_opening(self, running: Sequence[Running]) -> None:
        self._opening.setVisible(any(run.title == self._title for run in running))

    def _until_midnight(self) -> int:
        """Return the milliseconds until "Today" is another day."""
        now = self._core.clock.now() + timedelta(minutes=self._core.clock.utc_offset_minutes())
        midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
        return (midnight - now) // timedelta(milliseconds=1) + 1000

    def _opening_bar(self) -> QWidget:
        bar = QProgressBar(maximum=0, textVisible=False)
        bar.setAccessibleName(self.tr("Opening records…"))
        made = QWidget()
        said = label(self.tr("Opening records…"), "caption", "muted")
        made.setLayout(vbox(said, bar, spacing=6, margins=(20, 4, 20, 8)))
        made.hide()
        return made

    def _empty_page(self) -> QWidget:
        said = label(self.tr("No sessions yet."), tone="muted", align=Qt.AlignmentFlag.AlignCenter)
        more = label(
            self.tr("New sessions appear here, newest first."),
            "caption",
            "muted",
            wrap=True,
            align=Qt.AlignmentFlag.AlignCenter,
        )
        made = QWidget()
        made.setLayout(vbox(said, more, None, spacing=4, margins=(16, 16, 16, 16)))
        return made

    def _no_match_page(self) -> tuple[QWidget, Label]:
        said = label(tone="muted", wrap=True, align=Qt.AlignmentFlag.AlignCenter)
        clear = Button(self.tr("Clear search"), kind="link", role="caption_strong")
        clear.clicked.connect(self.search_cleared)
        made = QWidget()
        made.setLayout(vbox(said, hbox(None, clear, None), None, spacing=4, margins=(16, 16, 16, 16)))
        return made, said
