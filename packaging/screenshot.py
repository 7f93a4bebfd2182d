"""Takes README's picture of the window from the program itself: `uv run packaging/screenshot.py [FILE]`.

It records in a temporary folder and shows the follow-up of an invented child.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from uuid import UUID

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from desktop.clock import SystemClock
from desktop.core import Core
from desktop.listing import session_entries, session_lines
from desktop.paths import Paths
from desktop.services.demo import fill
from desktop.services.people import create_person, list_people
from desktop.settings import Settings
from desktop.vault import Vault, set_up
from ui.eventloop import EventLoop
from ui.notify import Notifier
from ui.operations import Operations
from ui.shell import Shell
from ui.theme import ThemeManager
from ui.window import MainPage

SIZE = QSize(1440, 900)
SESSIONS = 24
SEED = 16


async def take(app: QApplication, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths(Path(folder) / "kinelog")
        new = set_up(person=SystemClock().new_id(), name="Lena Okafor", passphrase="four random words")
        Vault(paths).make(new)
        async with Core.open(paths, unlocked=new.unlocked) as core:
            await show(app, core, target)


async def show(app: QApplication, core: Core, target: Path) -> None:
    assessor = await create_person(core.database, name="Lena Okafor", person_id=core.unlocked.person)
    await fill(core.database, sessions=SESSIONS, seed=SEED, assessor=assessor)
    theme = ThemeManager()
    theme.apply(app, mode="light", text_scale=1.0, right_to_left=False)
    shell = Shell()
    notifier = Notifier(shell)
    operations = Operations(shell, notifier=notifier, unexpected=_fail)
    page = MainPage(
        core,
        settings=Settings(assessor=assessor),
        people=await list_people(core.database),
        operations=operations,
        notifier=notifier,
    )
    shell.show_page(page)
    shell.show()
    shell.resize(SIZE)
    page.begin()
    await operations.settle()
    page.opened.show(await believable(core))
    for _ in range(3):  # what is painted asks for rows, which ask for a chart
        await operations.settle()
        app.processEvents()
    shell.grab().save(str(target), "PNG", 0)
    page.end()
    await operations.close()
    shell.let_go()


async def believable(core: Core) -> UUID:
    """Return the latest follow-up with a few visits before it, of a child whose name everybody's fonts have."""
    lines = await session_lines(core.database, (await session_entries(core.database)).ids)
    readable = [line for line in lines.values() if max(map(ord, line.child_name)) < 0x250 and line.rated]
    return max(readable, key=lambda line: (3 <= line.visit <= 5, line.started_at)).id


def _fail(error: BaseException) -> None:
    raise error


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("screenshot.png")
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
        runner.run(take(app, target))


if __name__ == "__main__":
    main()
