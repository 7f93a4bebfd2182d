"""One window a data folder: a second start brings the first one to the front."""

import hashlib
import logging
import os
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

LOCK = "window.lock"
RAISE = b"raise\n"
PATIENCE_MS = 2000

log = logging.getLogger(__name__)


class Instance(QObject):
    """Holds the data folder for this window, or reaches the window that holds it.

    The lock belongs to the process: it does not outlast a kill. Only this user's programs can reach the window.
    """

    raise_wanted = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = data.absolute()
        self._lock = QLockFile(str(self._data / LOCK))
        self._lock.setStaleLockTime(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)

    def is_first(self) -> bool:
        """Take the folder for this window; False when another window has it.

        True also when the folder cannot be written: whoever opens the records there says so.
        """
        try:
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            log.warning("The data folder cannot be made: %s", error.strerror)
            return True
        if not self._locked():
            return self._lock.error() != QLockFile.LockError.LockFailedError
        self._listen()
        return True

    def raise_first(self) -> bool:
        """Bring the window that holds the folder to the front; False when it does not answer within 2 seconds."""
        socket = QLocalSocket()
        socket.connectToServer(server_name(self._data))
        if not socket.waitForConnected(PATIENCE_MS):
            log.warning("The window that is open does not answer")
            return False
        socket.write(RAISE)
        socket.flush()
        heard = socket.waitForDisconnected(PATIENCE_MS)
        socket.abort()
        return heard

    def release(self) -> None:
        """Let another window have the folder."""
        self._server.close()
        self._lock.unlock()

    def _locked(self) -> bool:
        """Take the lock, also from a process that is gone but whose number another one has now."""
        return self._lock.tryLock(0) or (self._lock.removeStaleLockFile() and self._lock.tryLock(0))

    def _listen(self) -> None:
        name = server_name(self._data)
        QLocalServer.removeServer(name)  # what a killed window left; ours is the lock
        if not self._server.listen(name):
            log.warning("A second start will not be heard: %s", self._server.serverError().name)

    def _accept(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.readyRead.connect(lambda caller=caller: self._hear(caller))
            caller.disconnected.connect(caller.deleteLater)

    def _hear(self, caller: QLocalSocket) -> None:
        if caller.bytesAvailable() < len(RAISE):
            return
        if caller.read(len(RAISE)).data() == RAISE:
            self.raise_wanted.emit()
        caller.disconnectFromServer()


def server_name(data: Path) -> str:
    """Return the name under which the window of this data folder is reached, whichever way leads to it."""
    return "kinelog-" + hashlib.sha256(os.fsencode(os.path.realpath(data))).hexdigest()[:32]
