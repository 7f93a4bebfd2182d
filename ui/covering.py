"""Showing nothing while it cannot be locked: what waits to be saved must not be lost, and nobody else may see it."""

import asyncio
from contextlib import suppress

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from desktop import access
from desktop.core import Core
from desktop.errors import AppError, DatabaseUnavailable, WrongKey
from desktop.keys import Slot
from desktop.vault import FAILED, Vault
from ui.entrance.brand import BrandPanel
from ui.entrance.page import EntrancePage
from ui.entrance.unlock import UnlockForm
from ui.operations import Operations, Progress
from ui.shell import Shell


class Cover(QObject):
    """Lies over the page and its dialogs until who unlocked proves by the passphrase that it is still they."""

    def __init__(self, shell: Shell, core: Core, operations: Operations) -> None:
        super().__init__(operations)
        self._shell, self._core, self._operations = shell, core, operations
        self._vault = Vault(core.paths)
        self._page: EntrancePage | None = None
        self._dialogs: list[QDialog] = []

    def lay(self) -> None:
        """Show nothing of the records any more."""

        async def find(_progress: Progress) -> Slot:
            return await access.own_slot(self._core)

        if self._page is None:
            self._operations.start(find, title=self.tr("Lock"), key=(self, "lay"), done=self._cover)

    def _cover(self, slot: Slot) -> None:
        self._dialogs = [each for each in self._shell.findChildren(QDialog) if each.isVisible()]
        for dialog in self._dialogs:
            dialog.hide()
        form = UnlockForm((slot,), first=slot.person, again=False)
        form.recovery_button.hide()
        form.entered.connect(lambda _person, passphrase: self._prove(form, passphrase))
        text = self.tr(
            "Something cannot be saved now. It waits here, and Kinelog locks as soon as it is saved."
        )
        self._page = EntrancePage(BrandPanel(self.tr("Locked"), text=text), form)
        self._shell.lay_over(self._page)
        self._shell.setWindowTitle(self.tr("Kinelog – locked"))
        form.take_focus()

    def _prove(self, form: UnlockForm, passphrase: str) -> None:
        async def prove(_progress: Progress) -> None:
            try:
                await asyncio.to_thread(self._vault.prove, self._core.unlocked, passphrase)
            except WrongKey:
                with suppress(DatabaseUnavailable):  # there is no room for a note either
                    await asyncio.to_thread(self._vault.note, FAILED, self._core.unlocked.person)
                raise

        def wrong(error: AppError) -> None:
            form.show_error(error)

        self._operations.start(
            prove,
            title=self.tr("Unlock"),
            key=(self, "prove"),
            busy=form.unlock_button,
            done=lambda _proved: self._lift(),
            failed=wrong,
        )

    def _lift(self) -> None:
        if self._page is None:
            return
        self._shell.take_off(self._page)
        self._page = None
        self._shell.setWindowTitle("Kinelog")
        for dialog in self._dialogs:
            dialog.show()
        self._dialogs = []
