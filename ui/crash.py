"""Errors that nobody expected: logged by class and place, shown once, never with what was recorded."""

import asyncio
import faulthandler
import logging
import platform
import re
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import shiboken6
from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtWidgets import QApplication

from desktop import __version__
from desktop.logs import Redacting

if TYPE_CHECKING:
    from ui.dialogs.unexpected import UnexpectedDialog

FAULTS = "faults.log"
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")


class Crash(QObject):
    """The one dialog for unexpected errors and the hooks that bring them here."""

    _reported = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dialog: UnexpectedDialog | None = None
        self._shown: set[str] = set()
        self._faults: TextIO | None = None
        # Queued: a hook may be called in any thread, and in the middle of a paint.
        self._reported.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def report(self, error: BaseException) -> None:
        """Log `error` and show it, from any thread; the same error at the same place is shown once."""
        log.error("Unexpected error", exc_info=error)
        if shiboken6.isValid(self):
            self._reported.emit(_place(error))

    def install(self, logs: Path) -> None:
        """Catch what escapes from slots, threads, finalisers and Qt; a fault of the process is written below `logs`."""
        sys.excepthook = self._escaped
        threading.excepthook = self._escaped_thread
        sys.unraisablehook = _unraisable
        qInstallMessageHandler(_log_qt_message)
        try:
            logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._faults = (logs / FAULTS).open("a", encoding="utf-8")
        except OSError as error:  # who opens the records in the same folder tells the user
            log.warning("Faults are not written down: %s", error.strerror)
        else:
            faulthandler.enable(self._faults)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch what escapes from the tasks and callbacks of `loop`."""
        loop.set_exception_handler(self._escaped_loop)

    def remove(self) -> None:
        """Give the hooks back to Python and Qt, before the interpreter ends."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)
        faulthandler.disable()
        if self._faults is not None:
            self._faults.close()
            self._faults = None

    def _escaped(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            self.report(error.with_traceback(trace))
        else:
            sys.__excepthook__(kind, error, trace)

    def _escaped_thread(self, args: threading.ExceptHookArgs) -> None:
        if isinstance(args.exc_value, Exception):
            self.report(args.exc_value)

    def _escaped_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None:
            log.error("The event loop says: %s", context["message"])
        elif isinstance(error, Exception):
            self.report(error)

    def _show(self, place: str) -> None:
        if place in self._shown:
            return
        self._shown.add(place)
        from ui.dialogs.unexpected import UnexpectedDialog  # not before the first picture

        if self._dialog is None or not shiboken6.isValid(self._dialog):
            self._dialog = UnexpectedDialog(QApplication.activeWindow())
            self._dialog.add(_versions())
            self._dialog.show()
        self._dialog.add(place)


def _place(error: BaseException) -> str:
    """Return the classes and places of `error` and its causes, without their texts."""
    return Redacting().formatException((type(error), error, error.__traceback__))


def _versions() -> str:
    return (
        f"Kinelog {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    )


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    log.error("An error could not be raised", exc_info=args.exc_value)


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    """Log what Qt says; what it quotes may be a name."""
    qt_log.log(_LEVELS[kind], "%s", _QUOTED.sub('"…"', message or ""))
