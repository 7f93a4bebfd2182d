"""What is being typed and not recorded yet, so that neither a lock nor a crash takes it away."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QDialog

from desktop.database import Database
from desktop.errors import AppError
from desktop.saving import Saver
from desktop.services.drafts import SESSION, Content, StoredDraft, store_drafts
from ui.operations import Operations, Progress

PAUSE = 150  # milliseconds until what was typed is stored, at most

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where something is typed: what kind of entry, of which record, and there in which field."""

    kind: str
    record: UUID | None = None
    field: str = ""

    @property
    def key(self) -> str:
        """The place as it is stored."""
        return f"{self.kind}/{self.record or ''}/{self.field}"


class Drafts(QObject):
    """The assessor's drafts. They are stored a moment after each change, and forgotten when they are recorded.

    What cannot be stored now is with the next change. After `freeze` nothing is changed any more.
    """

    def __init__(self, database: Database, *, actor: UUID, operations: Operations, saver: Saver) -> None:
        super().__init__(operations)
        self._database, self._actor, self._operations, self._saver = database, actor, operations, saver
        self._drafts: dict[str, Content] = {}
        self._stored: dict[str, Content] = {}
        self._looks: list[Callable[[], None]] = []
        self._frozen = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._store)
        saver.subscribe(self._saved)

    def take(self, stored: Iterable[StoredDraft]) -> None:
        """Begin with what an earlier sitting left."""
        for draft in stored:
            self._drafts[draft.key] = self._stored[draft.key] = draft.content

    def get(self, place: Place) -> Content | None:
        """Return what was typed in a place, None when there is nothing."""
        return self._drafts.get(place.key)

    def keep(self, place: Place, content: Content, *, session: UUID | None = None) -> None:
        """Keep what is typed in a place; `session` is the session that it belongs to."""
        if self._frozen:
            return
        self._drafts.pop(place.key, None)  # the one that was typed last stands at the end
        self._drafts[place.key] = {**content, SESSION: str(session)} if session else content
        self._store_soon()

    def forget(self, place: Place) -> None:
        """Keep nothing of a place: it was recorded, or is not wanted."""
        if not self._frozen and self._drafts.pop(place.key, None) is not None:
            self._store_soon()

    def follow(
        self, dialog: QDialog, place: Place, content: Callable[[], Content], *, session: UUID | None = None
    ) -> None:
        """Keep a dialog and what is typed in it until the user closes it."""
        look = QTimer(dialog, interval=PAUSE)
        seen: list[Content] = [content()]
        if self.get(place) is None:
            self.keep(place, seen[0], session=session)

        def compare() -> None:
            now = content()
            if now != seen[0]:
                seen[0] = now
                self.keep(place, now, session=session)

        def end(_result: int) -> None:
            look.stop()
            self._looks.remove(compare)
            self.forget(place)

        self._looks.append(compare)
        look.timeout.connect(compare)
        dialog.finished.connect(end)
        look.start()

    def session(self) -> UUID | None:
        """Return the session in which something was typed last, None when there is none."""
        found = (content[SESSION] for content in reversed(self._drafts.values()) if SESSION in content)
        return next(map(UUID, found), None)

    def freeze(self) -> None:
        """Store what there is, and take no more: the window goes, and what it closes is not the user's wish."""
        self._look()
        self._store()
        self._frozen = True

    async def stored(self) -> bool:
        """Store what there is; returns whether that is all."""
        self._look()
        try:
            await self._write()
        except AppError as error:
            log.info("What is typed could not be kept: %s", type(error).__name__)
        return self._changes() == {}

    def _look(self) -> None:
        for look in self._looks:
            look()

    def _store_soon(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _store(self) -> None:
        async def store(_progress: Progress) -> bool:
            return await self.stored()

        if self._changes():
            self._operations.start(store, title=self.tr("Keep what is typed"))

    def _changes(self) -> dict[str, Content | None]:
        changed: dict[str, Content | None] = {
            key: content for key, content in self._drafts.items() if self._stored.get(key) != content
        }
        return changed | dict.fromkeys(self._forgotten())

    def _forgotten(self) -> set[str]:
        """Return what is stored and no longer wanted.

        Nothing while a change waits: what a draft became is not durable then, and the draft is all that there is.
        """
        return set() if self._saver.waiting else self._stored.keys() - self._drafts.keys()

    def _saved(self) -> None:
        """Forget what was recorded, now that it is durable."""
        if shiboken6.isValid(self) and not self._frozen and not self._saver.waiting and self._changes():
            self._store_soon()

    async def _write(self) -> None:
        while changes := self._changes():  # more, when something was forgotten while it was being stored
            await store_drafts(self._database, actor=self._actor, drafts=changes)
            for key, content in changes.items():
                if content is None:
                    self._stored.pop(key, None)
                else:
                    self._stored[key] = content


def typed(content: Content | None, name: str) -> str:
    """Return what was typed in one field, empty when nothing was."""
    return content.get(name, "") if content else ""
