"""Log records and Qt messages that nobody expected fail the test that caused them."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_SAID_OF_EVERY_WINDOW = "This plugin does not support propagateSizeHints()"  # by the offscreen platform
_qt = logging.getLogger("qt")


class WatchedLog(logging.Handler):
    """What was logged at WARNING or above during one test, and what of it the test allows."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self._allowed: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def allow(self, pattern: str) -> None:
        """Let messages that contain the regular expression `pattern` pass; Qt's messages have the logger `qt`."""
        self._allowed.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Return what was logged and is not allowed, one line each."""
        return [
            f"{record.levelname} {record.name}: {record.getMessage()}"
            for record in self.records
            if not any(pattern.search(record.getMessage()) for pattern in self._allowed)
        ]


@contextmanager
def watch() -> Iterator[WatchedLog]:
    """Collect the log and Qt's messages until the end of the block."""
    watched = WatchedLog()
    root = logging.getLogger()
    root.addHandler(watched)
    former = qInstallMessageHandler(_log_qt_message)
    try:
        yield watched
    finally:
        qInstallMessageHandler(former)
        root.removeHandler(watched)


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    if message == _SAID_OF_EVERY_WINDOW:
        return
    _qt.log(_LEVELS[kind], "%s", message)
