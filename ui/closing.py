"""Leaving without losing anything: a run is stopped first, unsaved changes are named."""

import asyncio

from PySide6.QtCore import QObject, Signal

from desktop.core import Core
from ui.asking import confirm
from ui.operations import Operations, Progress
from ui.window import MainPage


class Closing(QObject):
    """Asks what has to be asked before the window goes, then sets `leaving`.

    `gave_up` says that the user chose to leave unsaved changes behind, `locking` that a fresh process is to ask for the
    passphrase. `held` comes when a lock was asked for and cannot be, since something waits to be saved.
    """

    held = Signal()

    def __init__(self, page: MainPage, core: Core, operations: Operations, *, leaving: asyncio.Event) -> None:
        super().__init__(page)
        self.gave_up = False
        self.locking = False
        self._page = page
        self._core = core
        self._operations = operations
        self._leaving = leaving

    def lock(self) -> None:
        """Leave without a question, to lock; not while a run is timed or a change waits, or it would be lost.

        What is typed is recorded where it can be, and else kept as it is, in dialogs too.
        """
        if self._page.recorder.running is not None:
            return
        self._page.finish_entries()
        self._operations.start(self._saved, title=self.tr("Lock"), key=(self, "lock"), done=self._locked)

    async def _saved(self, _progress: Progress) -> bool:
        await self._core.saver.tried()
        kept = await self._page.opened.drafts.stored()
        return kept and not self._core.saver.waiting

    def _locked(self, saved: bool) -> None:
        if saved and self._page.recorder.running is None:
            self.locking = True
            self._leaving.set()
        elif self._page.recorder.running is None:
            self.held.emit()

    def ask(self) -> None:
        """Leave, or stay where the user would lose something."""
        self._operations.start(
            self._may_leave, title=self.tr("Close Kinelog"), key=(self, "ask"), done=self._answered
        )

    async def _may_leave(self, _progress: Progress) -> bool:
        if self._page.recorder.running is not None:
            if not await self._stop_first():
                return False
            self._page.recorder.stop()
        if not self._page.finish_entries():
            return False
        await self._core.saver.tried()
        self.gave_up = bool(self._core.saver.waiting) and await self._give_up()
        return self.gave_up or not self._core.saver.waiting

    async def _stop_first(self) -> bool:
        return await confirm(
            self._page,
            title=self.tr("Stop recording first?"),
            text=self.tr("The stopwatch is running. Its time is kept when you stop."),
            accept=self.tr("Stop and close"),
            reject=self.tr("Go on recording"),
        )

    async def _give_up(self) -> bool:
        waiting = len(self._core.saver.waiting)
        return await confirm(
            self._page,
            title=self.tr("%n changes are not saved yet", "", waiting),
            text=self.tr("Save a copy of them first, or keep Kinelog open until they can be saved."),
            accept=self.tr("Close without saving"),
            reject=self.tr("Keep open"),
            danger=True,
        )

    def _answered(self, leave: bool) -> None:
        if leave:
            self._leaving.set()
