"""Backups made by themselves while the window is open."""

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.backup_notes import Notes
from desktop.core import Core
from desktop.safekeeping import keep_up
from desktop.settings import Settings
from ui.operations import Operations, Progress
from ui.recorder import Recorder

FIRST_AFTER_MS = 20_000
LOOK_EVERY_MS = 10 * 60_000
BUSY_MS = 60_000


class BackupKeeper(QObject):
    """Looks now and then whether a backup is due, never while a run is timed. `kept` brings what is noted then."""

    kept = Signal(object)

    def __init__(self, core: Core, *, settings: Settings, operations: Operations, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._core, self._settings = core, settings
        self._operations, self._recorder = operations, recorder
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)
        self._timer.start(FIRST_AFTER_MS)

    def set_settings(self, settings: Settings) -> None:
        """Keep backups as the settings say."""
        self._settings = settings

    def look(self) -> None:
        """Make a backup if one is due, and look again later."""
        if self._recorder.running is not None:
            self._timer.start(BUSY_MS)
            return
        self._timer.start(LOOK_EVERY_MS)

        async def keep(_progress: Progress) -> Notes:
            return await keep_up(self._core, second_place=self._settings.second_place)

        self._operations.start(
            keep, title=self.tr("Make a backup"), key=(BackupKeeper, "backup"), done=self.kept.emit
        )
