"""What was deleted, and the way back for each of it."""

from typing import cast

from PySide6.QtWidgets import QDialog, QWidget

from desktop.core import Core
from desktop.crud import local_day
from desktop.edits import Restore, Table
from desktop.services.past import Deleted, read_deleted
from ui import words
from ui.dialogs.paper import close_button, lay_out
from ui.happened import moment, subject_words
from ui.opened import OpenSession
from ui.operations import Operations, Progress
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.plain_table import PlainTable

SIZE = 1040, 680


class DeletedDialog(QDialog):
    """Deleted sessions, tasks and metrics, the newest first; what comes back can be taken away again by undo."""

    def __init__(
        self, parent: QWidget | None, *, core: Core, opened: OpenSession, operations: Operations
    ) -> None:
        super().__init__(parent)
        self._core, self._opened, self._operations = core, opened, operations
        self._found: list[Deleted] = []
        headings = [self.tr("Deleted"), self.tr("By"), self.tr("Child"), self.tr("Visit"), self.tr("What")]
        samples = ["28 Sep 2025 00:00", "Lena Okafor-Mai", "Maximilian Okafor", "28 Sep 2025", ""]
        self.table = PlainTable(headings, name=self.tr("Deleted records"), wide=4, samples=samples)
        self.chosen_words = label(role="body", wrap=True)
        self.restore = Button(self.tr("Bring back"), kind="primary", height=HEIGHT.dialog_primary)
        self.restore.setAutoDefault(False)
        lay_out(
            self,
            title=self.tr("Deleted records"),
            about=self.tr("Nothing that was recorded is ever removed. What was deleted can be brought back."),
            middle=self.table,
            chosen=vbox(self.chosen_words),
            buttons=hbox(None, self.restore, close_button(self), spacing=12),
            size=SIZE,
        )
        self.table.chosen.connect(self._show_chosen)
        self.table.taken.connect(self._bring_back)
        self.restore.clicked.connect(lambda _checked: self._bring_back())
        self._show_chosen(-1)
        self.table.setFocus()
        self.read()

    def read(self) -> None:
        """Read the list anew."""

        async def read(_progress: Progress) -> list[Deleted]:
            return await read_deleted(self._core.database)

        title = self.tr("Read what was deleted")
        self._operations.start(read, title=title, key=(self, "read"), done=self._arrived)

    def done(self, result: int) -> None:
        self._operations.cancel((self, "read"))
        super().done(result)

    def _arrived(self, found: list[Deleted]) -> None:
        self._found = found
        rows = [self._row(deleted) for deleted in found]
        self.table.show_rows(rows, [", ".join(filter(None, row)) for row in rows])

    def _row(self, deleted: Deleted) -> tuple[str, ...]:
        offset = self._core.clock.utc_offset_minutes()
        visit = words.day(local_day(deleted.started_at, deleted.utc_offset_minutes))
        return (
            moment(deleted.deleted_at, offset),
            deleted.deleted_by,
            deleted.child_name,
            visit,
            self._what(deleted),
        )

    def _what(self, deleted: Deleted) -> str:
        what = subject_words(deleted.subject, deleted.protocol)
        if deleted.value is None:
            return what
        return f"{what}: {words.measured(deleted.value, deleted.unit)}"

    def _show_chosen(self, row: int) -> None:
        deleted = self._found[row] if 0 <= row < len(self._found) else None
        self.restore.setEnabled(deleted is not None)
        if deleted is None:
            self.chosen_words.setText(self.tr("Nothing was deleted."))
            return
        visit = words.day(local_day(deleted.started_at, deleted.utc_offset_minutes))
        parts = (words.isolated(deleted.child_name), visit, self._what(deleted))
        self.chosen_words.setText(words.SEPARATOR.join(parts))

    def _bring_back(self) -> None:
        row = self.table.currentIndex().row()
        if not 0 <= row < len(self._found):
            return
        deleted = self._found[row]
        act = Restore(deleted.session_id, cast(Table, deleted.table), deleted.record_id)
        text = self.tr("Brought back: {what}").format(what=self._what(deleted))
        self._opened.do_whole(act, deleted.session_id, toast=text, done=self.read)
