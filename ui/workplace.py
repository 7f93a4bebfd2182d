"""What happens between the first picture and the last: open the records, ask who records, work, leave."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog
from sqlalchemy.orm import configure_mappers

from desktop.core import Core
from desktop.errors import AppError, DatabaseUnavailable, WrongKey
from desktop.paths import Paths
from desktop.services.auditing import repair
from desktop.services.drafts import read_drafts
from desktop.services.people import list_people
from desktop.setting_up import earlier_name
from desktop.settings import Settings, load_settings, save_settings
from desktop.trouble import file_trouble
from desktop.vault import Unlocked, Vault
from ui.backing_up import BackupKeeper
from ui.closing import Closing
from ui.covering import Cover
from ui.crash import Crash
from ui.entrance.opening import OpeningPage
from ui.entrance.setup import SetupPage
from ui.entrance.unlock import UnlockPage
from ui.locking import AutoLock
from ui.notify import Notifier, Tone
from ui.operations import Operations, Progress
from ui.panels.trouble import TroublePage
from ui.shell import Shell
from ui.theme import ThemeManager
from ui.window import MainPage

OPENING_SHOWN_AFTER_S = 1.0

T = TypeVar("T")


class Workplace:
    """Owns the window's life: `work` returns when it has been left, with everything saved or given up.

    `locking` says then that a fresh process is to ask for the passphrase, and `session` is the id of the session that
    it is to show again.
    """

    def __init__(
        self,
        app: QApplication,
        shell: Shell,
        *,
        theme: ThemeManager,
        paths: Paths,
        crash: Crash,
        session: str = "",
    ) -> None:
        self._app = app
        self._shell = shell
        self._theme = theme
        self._paths = paths
        self._crash = crash
        self._notifier = Notifier(shell)
        self._leaving = asyncio.Event()
        self.locking = False
        self.session = session

    async def work(self, leaving: asyncio.Event) -> None:
        """Open the records, again and again if need be, and work with them until `leaving` is set.

        Whoever tries again is asked for the passphrase again: nobody may sit before the page that tells of trouble.
        """
        self._leaving = leaving
        while not leaving.is_set():
            unlocked: Unlocked | None = None
            try:
                unlocked = await self._enter()
                if unlocked is not None:
                    await self._work_with(unlocked)
            except (DatabaseUnavailable, WrongKey) as error:
                if await self._trouble(error) == "repair" and unlocked is not None:
                    await self._repair(unlocked)

    async def _enter(self) -> Unlocked | None:
        """Set up the vault or unlock it; None when the window is closed instead."""
        vault = Vault(self._paths)
        operations = Operations(self._shell, notifier=self._notifier, unexpected=self._crash.report)
        entered: asyncio.Future[Unlocked] = asyncio.get_running_loop().create_future()
        try:
            page: SetupPage | UnlockPage
            if await asyncio.to_thread(vault.exists):
                keys = await asyncio.to_thread(vault.keys)
                page = UnlockPage(
                    vault,
                    operations,
                    people=keys.people(),
                    first=self._settings().assessor,
                    again=bool(self.session),
                    keyring=keys.in_keyring() is not None,
                )
                self._shell.setWindowTitle(_tr("Kinelog – locked"))
                page.unlocked.connect(lambda unlocked: _fulfil(entered, unlocked))
            else:
                page = SetupPage(self._paths, operations, name=await earlier_name(self._paths))
                page.made.connect(lambda unlocked: _fulfil(entered, unlocked))
            self._shell.show_page(page)
            page.begin()
            operations.start(_get_ready, title=_tr("Get ready"))
            return await self._unless_closed(entered)
        finally:
            await operations.close()

    def _settings(self) -> Settings:
        with file_trouble(self._paths.data):
            return load_settings(self._paths.settings)

    async def _work_with(self, unlocked: Unlocked) -> None:
        async with AsyncExitStack() as stack:
            with self._shown_opening():
                core = await stack.enter_async_context(Core.open(self._paths, unlocked=unlocked))
            operations = Operations(self._shell, notifier=self._notifier, unexpected=self._crash.report)
            try:
                settings = replace(core.settings, assessor=unlocked.person)
                if settings != core.settings:  # who unlocked is asked first the next time
                    self._keep_settings(settings, operations)
                await self._record(core, settings, operations)
            finally:
                await operations.close()

    @contextmanager
    def _shown_opening(self) -> Iterator[None]:
        """Say so when it takes long; who closes the window then leaves as soon as it can be left."""

        def show() -> None:
            page = OpeningPage()
            self._shell.show_page(page)
            page.begin()

        showing = asyncio.get_running_loop().call_later(OPENING_SHOWN_AFTER_S, show)
        self._shell.close_wanted.connect(self._leaving.set)
        try:
            yield
        finally:
            showing.cancel()
            self._shell.close_wanted.disconnect(self._leaving.set)

    async def _record(self, core: Core, settings: Settings, operations: Operations) -> None:
        people = await list_people(core.database)
        page = MainPage(
            core,
            settings=settings,
            people=people,
            drafts=await read_drafts(core.database, actor=core.unlocked.actor),
            operations=operations,
            notifier=self._notifier,
        )
        closing = Closing(page, core, operations, leaving=self._leaving)
        cover = Cover(self._shell, core, operations)
        closing.held.connect(cover.lay)
        page.settings_changed.connect(lambda changed: self._apply(changed, operations))
        page.folder_wanted.connect(self._open_folder)
        page.quit_wanted.connect(closing.ask)
        page.lock_wanted.connect(closing.lock)
        keeper = BackupKeeper(core, settings=settings, operations=operations, recorder=page.recorder)
        page.settings_changed.connect(keeper.set_settings)
        auto_lock = AutoLock(page, idle_s=settings.lock_after * 60, key=page.lock_key())
        page.settings_changed.connect(lambda changed: auto_lock.set_idle(changed.lock_after * 60))
        auto_lock.wanted.connect(closing.lock)
        self._shell.close_wanted.connect(closing.ask)
        self._shell.setWindowTitle("Kinelog")
        self._shell.show_page(page)
        page.begin(self.session)
        self._tell_of_kept()
        watching = asyncio.create_task(page.feed.watch(core.database), name="Watch other programs")
        try:
            await self._leaving.wait()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            self._shell.close_wanted.disconnect(closing.ask)
        take_back_what_was_copied()
        self.locking = closing.locking
        if self.locking:  # what is still being done may take a while
            self._shell.setWindowTitle(_tr("Kinelog – locked"))
            self._shell.cover()
        self.session = str(page.opened.record.id) if page.opened.record else ""
        page.end()
        await self._end(core, operations)
        if core.saver.waiting and not closing.gave_up:
            await page.rescue.keep(self._kept_places(core.settings))

    def _kept_places(self, settings: Settings) -> list[Path]:
        """Return where changes are kept that cannot be saved, in the order in which it is tried."""
        second = [Path(settings.second_place)] if settings.second_place else []
        return [self._paths.data, *second, Path.home()]

    def _tell_of_kept(self) -> None:
        """Say that changes of an earlier time wait in a file."""
        for path in self._paths.kept():
            text = _tr("They are kept in {name}. Take them in with: kinelogctl import --update {name}")
            title = _tr("Changes of an earlier time were not saved")
            self._notifier.raise_(path, Tone.WARN, title, text.format(name=path.name), dismissible=True)

    async def _end(self, core: Core, operations: Operations) -> None:
        """Let what runs come to its end; no answer is waited for, and no database that cannot be written."""
        for question in self._shell.findChildren(QDialog):
            question.reject()
        await core.saver.tried()
        if not core.saver.waiting:
            await operations.settle()

    async def _trouble(self, error: AppError) -> str | None:
        """Say why the records cannot be opened; returns "retry" or "repair" when it is wanted, None to leave."""
        page = TroublePage(error, place=str(self._paths.database))
        wish: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        page.retry_wanted.connect(lambda: _fulfil(wish, "retry"))
        page.repair_wanted.connect(lambda: _fulfil(wish, "repair"))
        page.folder_wanted.connect(self._open_folder)
        page.quit_wanted.connect(self._leaving.set)
        self._shell.show_page(page)
        return await self._unless_closed(wish)

    async def _repair(self, unlocked: Unlocked) -> None:
        """Put back the rules of the audit trail; what hinders it is told by the next try to open the records."""
        with suppress(DatabaseUnavailable, WrongKey):
            async with Core.open(self._paths, unlocked=unlocked, repairing=True) as core:
                await repair(core.database, actor=unlocked.actor, reason=_tr("Put back from the window"))

    async def _unless_closed(self, answer: "asyncio.Future[T]") -> T | None:
        """Return the answer, or None when the window is closed before."""
        self._shell.close_wanted.connect(self._leaving.set)
        left = asyncio.create_task(self._leaving.wait(), name="Wait for the end")
        try:
            awaited: list[asyncio.Future[Any]] = [answer, left]
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            await asyncio.gather(left, return_exceptions=True)
            self._shell.close_wanted.disconnect(self._leaving.set)
        return answer.result() if answer.done() else None

    def _apply(self, settings: Settings, operations: Operations) -> None:
        """Wear the settings and keep them."""
        self._theme.apply(
            self._app,
            mode=settings.appearance,
            text_scale=settings.text_scale,
            right_to_left=self._app.isRightToLeft(),
        )

        self._keep_settings(settings, operations)

    def _keep_settings(self, settings: Settings, operations: Operations) -> None:
        async def keep(_progress: Progress) -> None:
            await asyncio.to_thread(self._keep, settings)

        operations.start(keep, title=_tr("Keep the settings"), key=(self, "settings"))

    def _keep(self, settings: Settings) -> None:
        try:
            save_settings(self._paths.settings, settings)
        except OSError as error:
            raise AppError(f"{self._paths.settings}: {error.strerror}.") from None

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._paths.data)))


async def _get_ready(_progress: Progress) -> None:
    """Do what the records will need while a passphrase is being typed."""
    await asyncio.to_thread(configure_mappers)


def _fulfil(answer: "asyncio.Future[T]", value: T) -> None:
    if not answer.done():
        answer.set_result(value)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Workplace", text)


def take_back_what_was_copied() -> None:
    """Leave nothing of the records in the clipboard when they are locked or closed."""
    clipboard = QGuiApplication.clipboard()
    if clipboard.ownsClipboard():
        clipboard.clear()
