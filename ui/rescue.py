"""Saving a copy elsewhere of what the records cannot take."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.core import Core
from desktop.edits import Stamp
from desktop.errors import AppError, DatabaseUnavailable
from desktop.services.recording import Opened
from desktop.services.rescue import write_copy
from desktop.vault import COPIED, Vault
from ui.asking import pick_save
from ui.notify import Notifier
from ui.opened import OpenSession
from ui.operations import Operations, Progress
from ui.people import People

log = logging.getLogger(__name__)


class Rescue(QObject):
    """Asks for a place and writes the unsaved sessions there; they stay in memory all the same."""

    def __init__(
        self,
        window: QWidget,
        core: Core,
        *,
        opened: OpenSession,
        people: People,
        operations: Operations,
        notifier: Notifier,
    ) -> None:
        super().__init__(window)
        self._window, self._opened, self._people = window, opened, people
        self._clock, self._key, self._person = core.clock, core.unlocked.key, core.unlocked.person
        self._paths, self._vault = core.paths, Vault(core.paths)
        self._operations, self._notifier = operations, notifier

    def ask(self) -> None:
        """Save a copy where the user says."""
        self._operations.start(self._save, title=self.tr("Save a copy"), key=(self, "ask"), done=self._tell)

    async def _save(self, _progress: Progress) -> str | None:
        path = await pick_save(
            self._window,
            title=self.tr("Save a copy of the unsaved changes"),
            name=f"kinelog-{self._clock.now():%Y-%m-%d-%H%M}.json",
            filters=[self.tr("Kinelog records (*.json)")],
        )
        if path is None:
            return None
        self._paths.refuse_own(path)
        await self._note()
        await asyncio.to_thread(self._write, path, self._opened.unsaved())
        return path.name

    async def _note(self) -> None:
        """Say that it leaves the vault in clear: the trail cannot be written now, so that it is told at the door.

        Where that has no room either the copy matters more: the trail has it as soon as it can be written again.
        """
        try:
            await asyncio.to_thread(self._vault.note, COPIED, self._person)
        except DatabaseUnavailable:
            self._opened.note(COPIED)

    async def keep(self, folders: Sequence[Path]) -> None:
        """Keep what is not saved in the first of `folders` that takes it, sealed, when nobody can be asked any more."""
        name = f"unsaved-{self._clock.now():%Y-%m-%d-%H%M%S}.kinelog"
        for place, folder in enumerate(folders, 1):
            try:
                await asyncio.to_thread(self._write, folder / name, self._opened.unsaved(), key=self._key)
            except AppError:
                log.warning("What was not saved could not be kept in place %d", place)
            else:
                return

    def _write(self, path: Path, held: Sequence[Opened], *, key: bytes | None = None) -> None:
        protocols = [opened.protocol for opened in held if opened.protocol is not None]
        write_copy(
            path,
            [opened.record for opened in held],
            people=self._people.known,
            protocols={(used.name, used.version): used for used in protocols}.values(),
            stamp=Stamp(self._opened.actor, self._clock.now(), self._clock.utc_offset_minutes()),
            key=key,
        )

    def _tell(self, name: str | None) -> None:
        if name is not None:
            self._notifier.toast(self.tr("A copy was saved as {name}").format(name=name))
