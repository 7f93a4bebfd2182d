"""Sample data to look around in, made beside the window's own work."""

from PySide6.QtCore import QObject

from desktop.background import in_background
from desktop.core import Core
from desktop.services.demo import fill
from ui.operations import Operations, Progress

SESSIONS = 24
SEED = 1


class Samples(QObject):
    """Fills an empty data folder with believable records."""

    def __init__(self, core: Core, *, operations: Operations, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._operations = operations

    def fill(self) -> None:
        """Make the sample sessions; the lists hear of them through the feed."""

        async def make(progress: Progress) -> None:
            await in_background(
                self._core.database,
                lambda database: fill(database, sessions=SESSIONS, seed=SEED, progress=progress),
            )

        self._operations.start(make, title=self.tr("Make sample data"), key=(self, "fill"))
