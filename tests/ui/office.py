"""A workplace at work: from the locked door to the main page, and to the end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from desktop.paths import Paths
from desktop.vault_files import VaultFiles
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE
from tests.helpers.waiting import until
from ui.crash import Crash
from ui.entrance.unlock import UnlockPage
from ui.shell import Shell
from ui.theme import ThemeManager
from ui.window import MainPage
from ui.workplace import Workplace

FILES = VaultFiles(KEY)


@dataclass
class Office:
    """A workplace at work in a shell."""

    shell: Shell
    paths: Paths
    leaving: asyncio.Event
    work: asyncio.Task[None]
    workplace: Workplace

    def page(self) -> QWidget:
        return self.shell.centralWidget().currentWidget()

    async def page_of(self, kind: type[QWidget]) -> QWidget:
        await until(lambda: isinstance(self.page(), kind))
        return self.page()

    async def unlock(self) -> MainPage:
        """Go through the door, and return the page when everything is there."""
        door = await self.page_of(UnlockPage)
        assert isinstance(door, UnlockPage)
        door.form.entered.emit(RECORDS_HERE, PASSPHRASE)
        page = await self.page_of(MainPage)
        assert isinstance(page, MainPage)
        await until(lambda: page._begun)
        await page._operations.settle()
        return page

    async def leave(self) -> None:
        self.leaving.set()
        await asyncio.wait_for(self.work, 10)


@asynccontextmanager
async def at_work(paths: Paths, application: QApplication) -> AsyncIterator[Office]:
    manager = ThemeManager()
    manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)
    shell, leaving = Shell(), asyncio.Event()
    shell.show()
    workplace = Workplace(application, shell, theme=manager, paths=paths, crash=Crash())
    office = Office(shell, paths, leaving, asyncio.create_task(workplace.work(leaving)), workplace)
    yield office
    await office.leave()
    shell.let_go()
    shell.deleteLater()
    manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file as another program does."""
    with closing(FILES.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
