"""kinelog: starts the window."""

import argparse
import asyncio
import gc
import importlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from desktop import __version__
from desktop.errors import Invalid
from desktop.logs import start_logging
from desktop.paths import Paths, find_paths
from desktop.private import keep_private
from desktop.settings import Settings, load_settings
from ui.crash import Crash
from ui.eventloop import EventLoop
from ui.instance import Instance
from ui.shell import Shell
from ui.theme import ThemeManager, app_icon

# The window itself and all that it needs, imported when the first picture is on the screen.
WORKPLACE = "ui.workplace"
# Where a window that was locked stands again, and the id of the session that is shown in it again.
PLACE = "KINELOG_WINDOW"
MOST_DESCRIPTORS = 1024

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and return the exit status when it is closed."""
    keep_private()
    parser = _parser()
    try:
        paths = find_paths(parser.parse_args(arguments).data_dir)
    except Invalid as error:
        parser.error(str(error))
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Kinelog")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("kinelog")
    app.setQuitOnLastWindowClosed(False)
    instance = Instance(paths.data)
    if not instance.is_first():
        return 0 if instance.raise_first() else 1
    crash = Crash()
    crash.install(paths.logs)
    try:
        with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
            place = runner.run(run(app, paths, instance, crash))
    finally:
        crash.remove()
        instance.release()
    if place is not None:
        start_anew(place)
    return 0


def start_anew(place: str) -> None:
    """Become a fresh process that is locked: the memory of this one, keys too, is gone."""
    os.environ[PLACE] = place
    for descriptor in range(
        3, MOST_DESCRIPTORS
    ):  # the screen would keep the old window as long as one is open
        with suppress(OSError):
            os.set_inheritable(descriptor, False)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


async def run(app: QApplication, paths: Paths, instance: Instance, crash: Crash) -> str | None:
    """Show the window at once, then fill it; return when it has been left, to lock with the window's place."""
    loop = asyncio.get_running_loop()
    crash.watch(loop)
    settings = _settings(paths)
    theme = ThemeManager(app)
    theme.apply(
        app,
        mode=settings.appearance,
        text_scale=settings.text_scale,
        right_to_left=QLocale().textDirection().name == "RightToLeft",
    )
    geometry, _, session = os.environ.pop(PLACE, "").partition(" ")
    shell = Shell(geometry)
    shell.setWindowIcon(app_icon())
    shell.show()
    await shell.painted()
    leaving = asyncio.Event()
    for wish in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wish, leaving.set)
    instance.raise_wanted.connect(shell.come_forward)
    module = await asyncio.to_thread(importlib.import_module, WORKPLACE)
    spare_the_collector()
    _log_into(paths.logs)
    workplace = module.Workplace(app, shell, theme=theme, paths=paths, crash=crash, session=session)
    await workplace.work(leaving)
    place = f"{shell.place()} {workplace.session}" if workplace.locking else None
    shell.let_go()
    return place


def _log_into(folder: Path) -> None:
    try:
        start_logging(folder)
    except OSError as error:  # the workplace tells it, when it opens the same folder
        log.warning("There is no log: %s", error.strerror)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kinelog", description="Record children's motor assessments.")
    parser.add_argument(
        "--data-dir", type=Path, help="folder of the records (default: the user's data folder)"
    )
    parser.add_argument("--version", action="version", version=f"Kinelog {__version__}")
    return parser


def _settings(paths: Paths) -> Settings:
    try:
        return load_settings(paths.settings)
    except OSError:  # the workplace tells it, when it opens the same folder
        return Settings()


def spare_the_collector() -> None:
    """Full garbage collections were the 45 ms stalls of the window: what is imported stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


if __name__ == "__main__":
    sys.exit(main())
