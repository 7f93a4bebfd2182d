"""Everybody who records here, as the window knows them."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.changes import Changes
from desktop.core import Core
from desktop.schemas import PersonRecord
from desktop.services.people import list_people
from ui.operations import Operations, Progress


class People(QObject):
    """`known` is read again when somebody comes in or is renamed; `changed` comes after that."""

    changed = Signal()

    def __init__(
        self, core: Core, operations: Operations, known: Sequence[PersonRecord], *, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.known = tuple(known)
        self._core, self._operations = core, operations

    def heard(self, batch: Sequence[Changes]) -> None:
        """Read the people again when a commit touched one."""
        if any(changes.sweeping or "people" in changes.tables() for changes in batch):
            self._read()

    def _read(self) -> None:
        async def read(_progress: Progress) -> list[PersonRecord]:
            return await list_people(self._core.database)

        title = self.tr("Read the names")
        self._operations.start(read, title=title, key=(self, "read"), done=self._take)

    def _take(self, people: list[PersonRecord]) -> None:
        self.known = tuple(people)
        self.changed.emit()
