"""Sample data to look around in, made beside the window's own work."""

from uuid import UUID

from PySide6.QtCore import QObject

from desktop.background import in_background
from desktop.core import Core
from ui.operations import Operations, Progress

SESSIONS = 24
SEED = 1


class Samples(QObject):
    """Fills an empty data folder with believable records of the assessor."""

    def __init__(self, core: Core, *, actor: UUID, operations: Operations, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._actor = actor
        self._operations = operations

    def fill(self) -> None:
        """Make the sample sessions; the lists hear of them through the feed."""
        from desktop.services.demo import fill  # wanted once in a laptop's life, if ever

        async def make(progress: Progress) -> None:
            await in_background(
                self._core.database,
                lambda database: fill(
                    database, sessions=SESSIONS, seed=SEED, assessor=self._actor, progress=progress
                ),
            )

        self._operations.start(make, title=self.tr("Make sample data"), key=(self, "fill"))
