"""Opens the dialogs of the main page; each is imported when it is first wanted."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from desktop.core import Core
from desktop.settings import Settings
from ui import words
from ui.actions import Actions
from ui.asking import pick_open
from ui.drafts import Place
from ui.notify import Notifier
from ui.opened import OpenSession
from ui.operations import Operations, Progress

if TYPE_CHECKING:
    from desktop.services.importing import Outcome

BEGINNING = Place("new-session")


class Dialogs(QObject):
    """Opens one dialog at a time over the window. `begun` names a session that was begun in one."""

    begun = Signal(UUID)
    settings_changed = Signal(object)

    def __init__(
        self,
        page: QWidget,
        core: Core,
        *,
        settings: Settings,
        opened: OpenSession,
        operations: Operations,
        actions: Actions,
        notifier: Notifier,
    ) -> None:
        super().__init__(page)
        self._page, self._core, self._settings = page, core, settings
        self._opened, self._operations, self._actions = opened, operations, actions
        self._notifier = notifier
        self.settings_changed.connect(self._remember)
        opened.reason_wanted.connect(self.ask_reason)

    def new_session(self) -> None:
        """Ask for the child and begin a session."""
        self._new_session(None)

    def follow_up(self) -> None:
        """Begin another session of the open child."""
        if self._opened.record is not None:
            self._new_session(self._opened.record.id)

    def resume_beginning(self) -> None:
        """Ask again for the session that was being begun when the window was locked."""
        if self._opened.drafts.get(BEGINNING) is not None:
            self._new_session(None)

    def settings(self, section: str = "") -> None:
        """Show the settings, at `section` when it is named."""
        from ui.dialogs.settings import SettingsDialog

        dialog = SettingsDialog(
            self._page.window(), core=self._core, settings=self._settings, operations=self._operations
        )
        dialog.changed.connect(self.settings_changed)
        if section:
            dialog.show_section(section)
        self._open(dialog)

    def shortcuts(self) -> None:
        """Show the keys."""
        from ui.dialogs.shortcuts import ShortcutsDialog

        self._open(ShortcutsDialog(self._page.window(), self._actions))

    def history(self) -> None:
        """Show what happened to the open session."""
        from ui.dialogs.history import HistoryDialog

        if self._opened.record is not None:
            self._open(
                HistoryDialog(
                    self._page.window(), core=self._core, opened=self._opened, operations=self._operations
                )
            )

    def deleted(self) -> None:
        """Show what was deleted."""
        from ui.dialogs.deleted import DeletedDialog

        self._open(
            DeletedDialog(
                self._page.window(), core=self._core, opened=self._opened, operations=self._operations
            )
        )

    def belonging(self) -> None:
        """Ask to which child the open session belongs, and give it to that child."""
        from ui.dialogs.belonging import BelongingDialog

        record = self._opened.record
        if record is None:
            return
        dialog = BelongingDialog(
            self._page.window(), core=self._core, record=record, operations=self._operations
        )

        def give() -> None:
            if dialog.act is not None:
                self._opened.do_whole(dialog.act, record.id, toast=dialog.told)

        dialog.accepted.connect(give)
        self._open(dialog)

    def progress(self) -> None:
        """Show the metrics of the open session's child over the visits."""
        from ui.dialogs.progress import ProgressDialog

        record = self._opened.record
        if record is not None:
            self._open(
                ProgressDialog(
                    self._page.window(),
                    core=self._core,
                    record=record,
                    protocol=self._opened.protocol,
                    operations=self._operations,
                )
            )

    def export(self, *, to_paper: bool = False) -> None:
        """Ask in which form the open session leaves this laptop, or print it at once."""
        from ui.dialogs.export import ExportDialog, open_folder_of

        record = self._opened.record
        if record is None:
            return
        dialog = ExportDialog(
            self._page.window(), core=self._core, record=record, operations=self._operations
        )

        def saved(path: Path) -> None:
            text = self.tr("Saved as {name}").format(name=words.isolated(path.name))
            self._notifier.toast(text, answer=(self.tr("Open folder"), lambda: open_folder_of(path)))

        dialog.saved.connect(saved)
        self._open(dialog)
        if to_paper:
            dialog.print_report()

    def import_records(self) -> None:
        """Ask for a file of records, and show what it would do."""
        title = self.tr("Import")
        filters = [self.tr("Records of Kinelog (*.json *.csv)"), self.tr("All files (*)")]

        async def ask(_progress: Progress) -> Path | None:
            return await pick_open(self._page.window(), title=title, filters=filters)

        def chosen(path: Path | None) -> None:
            if path is not None:
                self.import_file(path)

        self._operations.start(ask, title=title, key=(self, "import"), done=chosen)

    def import_file(self, path: Path) -> None:
        """Show what the file at `path` would do, and take it in when that is wanted."""
        from ui.dialogs.import_records import ImportDialog

        dialog = ImportDialog(self._page.window(), path=path, core=self._core, operations=self._operations)

        def taken(outcome: "Outcome") -> None:
            text = self.tr("Imported: {new} new, {replaced} replaced, {same} here already")
            counts = {"new": outcome.new, "replaced": outcome.updated, "same": outcome.same}
            self._notifier.toast(text.format(**{key: words.number(n) for key, n in counts.items()}))

        dialog.taken.connect(taken)
        self._open(dialog)

    def ask_reason(self, go_on: Callable[[str], object]) -> None:
        """Ask why a signed-off session is changed, and go on with the reason."""
        from ui.dialogs.reason import ReasonDialog

        dialog = ReasonDialog(self._page.window())
        dialog.accepted.connect(lambda: go_on(dialog.reason()))
        self._open(dialog)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return which action opens which dialog."""
        return {
            "session.new": self.new_session,
            "session.history": self.history,
            "session.belongs": self.belonging,
            "session.deleted": self.deleted,
            "session.progress": self.progress,
            "session.export": self.export,
            "session.import": self.import_records,
            "session.print": partial(self.export, to_paper=True),
            "window.settings": self.settings,
            "window.shortcuts": self.shortcuts,
            "window.about": partial(self.settings, "about"),
        }

    def _new_session(self, earlier: UUID | None) -> None:
        from ui.dialogs.new_session import NewSessionDialog

        dialog = NewSessionDialog(
            self._page.window(),
            core=self._core,
            operations=self._operations,
            actor=self._opened.actor,
            site=self._settings.site,
        )
        if earlier is not None:
            dialog.follow_up_of(earlier)
        left = self._opened.drafts.get(BEGINNING)
        if left is not None:
            dialog.resume(left)
        self._opened.drafts.follow(dialog, BEGINNING, dialog.content)
        dialog.begun.connect(self.begun)
        self._open(dialog)

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remember(self, settings: Settings) -> None:
        self._settings = settings
