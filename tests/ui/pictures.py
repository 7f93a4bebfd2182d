"""Every view of the window, one after the other, as it is shown."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.access import add_person
from desktop.core import Core
from desktop.edits import DeleteTask
from desktop.errors import WrongKey
from desktop.export.formats import ExportOptions, write_export
from desktop.export.selection import select_sessions
from desktop.paths import Paths
from desktop.services.demo import fill
from desktop.services.people import create_person, list_people
from desktop.settings import Settings
from desktop.vault import Vault
from tests.helpers.owner import record_visits
from tests.helpers.vaults import PASSPHRASE, unlocked
from tests.helpers.waiting import signal
from ui.dialogs.proof import ProofDialog
from ui.dialogs.recovery_renewal import RecoveryKeyDialog
from ui.dialogs.settings import SECTIONS, SettingsDialog
from ui.entrance.opening import OpeningPage
from ui.entrance.setup import SetupPage
from ui.entrance.unlock import UnlockPage
from ui.notify import Notifier, Tone
from ui.operations import Operations
from ui.shell import Shell
from ui.theme import Mode, ThemeManager
from ui.widgets.button import Button
from ui.window import MainPage

View = tuple[str, QWidget]  # its name, and what is seen
SESSIONS = 24
DIALOGS = {
    "session.new": "new-session",
    "window.settings": "settings",
    "window.shortcuts": "shortcuts",
}
PAST = {
    "session.export": "export",
    "session.progress": "progress",
    "session.history": "history",
    "session.deleted": "deleted",
    "session.belongs": "belonging",
}
ROUNDS = 4  # what is painted asks for rows, which ask for a chart


@dataclass(frozen=True)
class Look:
    """How the window is worn."""

    name: str
    mode: Mode = "light"
    size: tuple[int, int] = (1440, 900)
    text_scale: float = 1.0
    right_to_left: bool = False


LOOKS = (
    Look("light"),
    Look("dark", mode="dark"),
    Look("rtl", right_to_left=True),
    Look("small", size=(1024, 640)),
    Look("large", text_scale=1.5),
    Look("small-large", size=(1024, 640), text_scale=1.5),
)

DISK_IS_FULL = (
    "The disk is full.",
    "Your last 3 changes are kept in memory and will be saved as soon as possible.",
    (("Try again", lambda: None), ("Save a copy…", lambda: None)),
)


class Studio:
    """A window on records of its own, which turns from view to view."""

    def __init__(self, core: Core, look: Look) -> None:
        self._core, self._look = core, look
        self._shell = Shell()
        self._notifier = Notifier(self._shell)
        self._unexpected: list[BaseException] = []
        self._operations = Operations(
            self._shell, notifier=self._notifier, unexpected=self._unexpected.append
        )
        self._idle = QTimer(self._shell, singleShot=True, interval=0)
        self._shell.show()
        self._shell.resize(*look.size)

    async def first_views(self) -> AsyncIterator[View]:
        """Show what is seen before anything is recorded, and the dialogs."""
        async for view in self._entrance():
            yield view
        page = await self._page(await create_person(self._core.database, name="Lena Okafor"))
        yield await self._seen("empty")
        await add_person(self._core, current=PASSPHRASE, name="Omar Said", passphrase="quite other words")
        for action, name in DIALOGS.items():
            page.findChild(QAction, action).trigger()
            await self._settle()
            (dialog,) = (found for found in self._shell.findChildren(QDialog) if found.isVisible())
            yield name, dialog
            if isinstance(dialog, SettingsDialog):
                for section in SECTIONS[1:]:
                    dialog.show_section(section)
                    await self._settle()
                    yield f"{name}-{section}", dialog
                async for view in self._security(dialog):
                    yield view
            dialog.reject()
            await self._settle()
        page.end()

    async def _security(self, settings: SettingsDialog) -> AsyncIterator[View]:
        """Show what is asked before anybody is let in or put out."""
        settings.show_section("security")
        page = settings.security
        remove = next(button for button in page.findChildren(Button) if button.text() == "Remove…")
        for button, name in (
            (page.passphrase, "passphrase"),
            (page.add, "add-person"),
            (remove, "remove-person"),
            (page.recovery, "recovery-proof"),
        ):
            button.click()
            await self._settle()
            (dialog,) = settings.findChildren(ProofDialog)
            yield name, dialog
            if name == "add-person":
                dialog.confirm.click()
                await self._settle()
                yield "add-person-missing", dialog
            dialog.own.edit.setText(PASSPHRASE if name == "recovery-proof" else "not that one")
            dialog.confirm.click()
            await self._settle()
            if name == "remove-person":
                yield "remove-person-wrong", dialog
            if name != "recovery-proof":
                dialog.reject()
            await self._settle()
        (key,) = settings.findChildren(RecoveryKeyDialog)
        yield "recovery-key", key
        key.form.ask_back()
        await self._settle()
        yield "recovery-key-check", key
        key.reject()
        await self._settle()

    async def _entrance(self) -> AsyncIterator[View]:
        """Show the pages before the records."""
        page = SetupPage(self._core.paths, self._operations)
        self._shell.show_page(page)
        page.begin()
        yield await self._seen("setup-name")
        page.name_form.named.emit("Lena Okafor")
        for field in (page.passphrase_form.fields.first, page.passphrase_form.fields.second):
            QTest.keyClicks(field.edit, "four random words")
        yield await self._seen("setup-passphrase")
        page.passphrase_form.chosen.emit("four random words")
        yield await self._seen("setup-recovery")
        page.recovery_form.ask_back()
        page.recovery_form.fields[1].edit.setText("AAAA")
        page.recovery_form.continue_button.click()
        yield await self._seen("setup-recovery-check")
        people = Vault(self._core.paths).keys().people()
        unlock = UnlockPage(
            Vault(self._core.paths), self._operations, people=people, first=None, keyring=True
        )
        self._shell.show_page(unlock)
        unlock.begin()
        QTest.keyClicks(unlock.form.secret.edit, "not those words")
        unlock.form.show_error(WrongKey("That passphrase is not right. Check Caps Lock and try again."))
        yield await self._seen("unlock")
        unlock.form.recovery_button.click()
        yield await self._seen("unlock-recovery")
        self._shell.show_page(OpeningPage())
        yield await self._seen("opening")

    async def working_views(self) -> AsyncIterator[View]:
        """Show what is seen at work."""
        assessor = await create_person(self._core.database, name="Lena Okafor")
        await fill(self._core.database, sessions=SESSIONS, assessor=assessor)
        child = "ليلى حداد" if self._look.right_to_left else "Amina Haddad"
        last_visit = await record_visits(self._core, actor=assessor, child=child)
        page = await self._page(assessor)
        page.opened.show(last_visit)
        await self._settle()
        page.opened.select(page.opened.record.task_results[0].id)
        yield await self._seen("main")
        async for view in self._past(page):
            yield view
        page.recorder.start()
        yield await self._seen("stage")
        page.recorder.discard()
        self._notifier.raise_("disk", Tone.BAD, *DISK_IS_FULL)
        yield await self._seen("trouble")
        page.end()

    async def _past(self, page: MainPage) -> AsyncIterator[View]:
        """Show what was changed and deleted, and who stands for it."""
        record = page.opened.record
        for task in record.task_results[:2]:
            page.opened.edit_task(task.id, notes="Held on to the wall at first")
        page.opened.do(DeleteTask(record.id, record.task_results[1].id))
        page.opened.undo()
        page.opened.do(DeleteTask(record.id, record.task_results[2].id))
        await self._settle()
        for action, name in PAST.items():
            page.findChild(QAction, action).trigger()
            await self._settle()
            (dialog,) = (found for found in self._shell.findChildren(QDialog) if found.isVisible())
            yield name, dialog
            dialog.reject()
            await self._settle()
        async for view in self._importing(page):
            yield view
        if record.completed_at is None:
            page._banner.finish_session()
        page._banner.sign_off()
        yield await self._seen("signed")
        page.opened.edit_task(record.task_results[0].id, notes=record.task_results[0].notes)
        await self._settle()
        (dialog,) = (found for found in self._shell.findChildren(QDialog) if found.isVisible())
        yield "reason", dialog
        dialog.line.edit.setText("typed wrong")
        dialog.accept()
        await self._settle()
        page.opened.edit_task(record.task_results[1].id, notes=record.task_results[1].notes)
        page.opened.select(record.task_results[0].id)
        await self._settle()

    async def _importing(self, page: MainPage) -> AsyncIterator[View]:
        """Show a file that says something else, and one that does not fit."""
        path, record = self._core.paths.data / "2026-03-14_K7MN2PQR_export.csv", page.opened.record
        ids = await select_sessions(self._core.database)
        wanted = ExportOptions("csv")
        await write_export(self._core.database, path, ids, actor=page.opened.actor, options=wanted)
        page.opened.edit_task(record.task_results[0].id, notes="Changed since")
        await self._settle()
        for name in ("import", "import-refused"):
            page._dialogs.import_file(path)
            await self._settle()
            (dialog,) = (found for found in self._shell.findChildren(QDialog) if found.isVisible())
            yield name, dialog
            dialog.reject()
            await self._settle()
            lines = path.read_bytes().split(b"\r\n")
            path.write_bytes(b"\r\n".join([*lines[:4], b"1,2,3", *lines[4:9], lines[3], *lines[9:]]))
        path.unlink()

    async def close(self) -> None:
        await self._operations.settle()
        await self._operations.close()
        self._shell.let_go()
        self._shell.deleteLater()
        assert not self._unexpected, self._unexpected

    async def _page(self, assessor: UUID) -> MainPage:
        page = MainPage(
            self._core,
            settings=Settings(assessor=assessor),
            people=await list_people(self._core.database),
            operations=self._operations,
            notifier=self._notifier,
        )
        self._shell.show_page(page)
        page.begin()
        await self._settle()
        return page

    async def _seen(self, name: str) -> View:
        await self._settle()
        return name, self._shell

    async def _settle(self) -> None:
        """Return when everything is laid out and painted, and nothing is asked for any more."""
        for _ in range(ROUNDS):
            await self._operations.settle()
            self._shell.repaint()
            idle = signal(self._idle.timeout)
            self._idle.start()
            await idle


async def views(folder: Path, look: Look) -> AsyncIterator[View]:
    """Show every view, on records made in `folder`."""
    for name, shown in (("nothing", Studio.first_views), ("records", Studio.working_views)):
        paths = Paths(folder / name)
        async with Core.open(paths, unlocked=unlocked(paths)) as core:
            studio = Studio(core, look)
            try:
                async for view in shown(studio):
                    yield view
            finally:
                await studio.close()


@contextmanager
def worn(app: QApplication, look: Look) -> Iterator[None]:
    """Dress the application; as it was at the end. Right to left it speaks Arabic as far as it can."""
    theme, locale = ThemeManager(), QLocale()
    if look.right_to_left:
        QLocale.setDefault(QLocale("ar_EG"))
    theme.apply(app, mode=look.mode, text_scale=look.text_scale, right_to_left=look.right_to_left)
    yield
    QLocale.setDefault(locale)
    theme.apply(app, mode="light", text_scale=1.0, right_to_left=False)
