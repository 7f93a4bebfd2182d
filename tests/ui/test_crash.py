"""Unexpected errors are caught everywhere, shown once, and never tell whom they happened to."""

import asyncio
import os
import signal as signals
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton

import desktop
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import until
from ui.crash import FAULTS, Crash
from ui.dialogs.unexpected import UnexpectedDialog

SOURCES = Path(desktop.__file__).parents[1]
NAME = "Ann Example"


def blunder() -> ValueError:
    try:
        raise ValueError(NAME)
    except ValueError as error:
        return error


def other_blunder() -> ValueError:
    try:
        raise ValueError(NAME)
    except ValueError as error:
        return error


def dialogs() -> list[UnexpectedDialog]:
    return [
        window
        for window in QApplication.topLevelWidgets()
        if isinstance(window, UnexpectedDialog) and window.isVisible()
    ]


@pytest.fixture
async def crash(watched_log: WatchedLog) -> AsyncIterator[Crash]:
    watched_log.allow("Unexpected error")
    yield Crash()
    for dialog in dialogs():
        dialog.close()


async def test_an_error_is_shown_beside_the_work_with_its_place(crash: Crash) -> None:
    crash.report(blunder())
    await until(dialogs)
    [dialog] = dialogs()
    assert not dialog.isModal()
    assert "builtins.ValueError" in dialog.details()
    assert "test_crash.py" in dialog.details()
    assert f"Kinelog {desktop.__version__}" in dialog.details()


async def test_details_hold_no_texts_of_errors(crash: Crash) -> None:
    crash.report(blunder())
    await until(dialogs)
    [dialog] = dialogs()
    [copy] = [button for button in dialog.findChildren(QPushButton) if "Copy" in button.text()]
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "ValueError" in copied
    assert NAME not in copied


async def test_a_second_error_joins_the_open_dialog(crash: Crash) -> None:
    crash.report(blunder())
    crash.report(other_blunder())
    await until(lambda: any("other_blunder" in dialog.details() for dialog in dialogs()))
    [dialog] = dialogs()
    assert dialog.details().count("builtins.ValueError") == 2


async def test_the_same_error_is_shown_once(crash: Crash) -> None:
    crash.report(blunder())
    await until(dialogs)
    dialogs()[0].close()
    crash.report(blunder())
    crash.report(other_blunder())
    await until(dialogs)
    assert dialogs()[0].details().count("builtins.ValueError") == 1


async def test_an_error_of_another_thread_is_shown_in_the_windows_thread(crash: Crash) -> None:
    thread = threading.Thread(target=lambda: crash.report(blunder()))
    thread.start()
    thread.join()
    assert dialogs() == []
    await until(dialogs)


async def test_an_error_of_a_callback_of_the_loop_arrives(crash: Crash) -> None:
    loop = asyncio.get_running_loop()
    former = loop.get_exception_handler()
    crash.watch(loop)
    loop.call_soon([].pop)
    await until(dialogs)
    loop.set_exception_handler(former)
    assert "builtins.IndexError" in dialogs()[0].details()


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `script` in a process of its own with the hooks installed and the log in `folder`."""
    beginning = f"""
        import asyncio, os, sys, threading
        from pathlib import Path
        from PySide6.QtCore import QTimer, qWarning
        from PySide6.QtWidgets import QApplication
        from desktop.logs import start_logging
        from ui.crash import Crash
        from ui.eventloop import EventLoop
        from ui.dialogs.unexpected import UnexpectedDialog

        NAME = {NAME!r}
        folder = Path({str(folder)!r})
        app = QApplication([])
        crash = Crash()
        crash.install(folder)
        start_logging(folder)
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(beginning) + textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_escapes_anywhere_is_logged_and_nothing_of_it_is_a_name(tmp_path: Path) -> None:
    result = run(
        """
        class Unraisable:
            def __del__(self):
                raise LookupError(NAME)

        def in_a_slot():
            raise KeyError(NAME)

        def in_a_thread():
            raise OSError(NAME)

        async def in_a_task():
            raise ArithmeticError(NAME)

        async def main():
            loop = asyncio.get_running_loop()
            crash.watch(loop)
            QTimer.singleShot(0, in_a_slot)
            thread = threading.Thread(target=in_a_thread)
            thread.start()
            thread.join()
            task = asyncio.ensure_future(in_a_task())
            await asyncio.wait([task])
            del task
            Unraisable()
            qWarning(f'layout of "{NAME}" is odd')
            windows = lambda: [w for w in app.topLevelWidgets() if isinstance(w, UnexpectedDialog)]
            while not (windows() and "ArithmeticError" in windows()[0].details()):
                await asyncio.sleep(0.01)
            print(len(windows()))
            windows()[0].close()

        with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
            runner.run(main())
        crash.remove()
        """,
        tmp_path,
    )
    written = (tmp_path / "kinelog.log").read_text(encoding="utf-8")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "1\n"
    for kind in ("KeyError", "OSError", "ArithmeticError", "LookupError"):
        assert f"builtins.{kind}" in written
    assert 'WARNING qt: layout of "…" is odd' in written
    assert NAME not in written + result.stdout + result.stderr


def test_a_fault_of_the_process_leaves_its_place_and_no_memory(tmp_path: Path) -> None:
    result = run(
        """
        import resource
        print(resource.getrlimit(resource.RLIMIT_CORE))

        def fall():
            os.abort()

        fall()
        """,
        tmp_path,
    )
    assert result.returncode == -signals.SIGABRT
    faults = (tmp_path / FAULTS).read_text(encoding="utf-8")
    assert "Fatal Python error: Aborted" in faults
    assert "in fall" in faults


def test_a_folder_that_cannot_be_written_does_not_keep_the_window_shut(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run('crash.install(folder / "file" / "logs"); print("open")', tmp_path)
    assert result.stdout == "open\n"
    assert "Faults are not written down" in (tmp_path / "kinelog.log").read_text(encoding="utf-8")


def test_an_interrupt_still_ends_the_program(tmp_path: Path) -> None:
    result = run("raise KeyboardInterrupt", tmp_path)
    assert result.returncode == -signals.SIGINT
    assert not (tmp_path / "kinelog.log").exists()
