"""Saving edits in their order, and keeping those that the database cannot take now."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desktop.changes import intention_of
from desktop.database import Database
from desktop.errors import AppError, DatabaseUnavailable
from desktop.steps import NewStep

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0

T = TypeVar("T")
Told_co = TypeVar("Told_co", covariant=True)


class Act(Protocol[Told_co]):
    """Something to write, such as an edit."""

    async def write(self, db: AsyncSession) -> Told_co:
        """Write it, and return what there is to tell of it."""
        ...


class Saver:
    """Makes edits durable one after another.

    An edit that the database cannot take stays in `waiting`, with all that came after it, and is tried again by
    itself with growing pauses, or at once after `try_again()`. `listener` is called whenever that state changes.
    """

    def __init__(self, database: Database) -> None:
        self.waiting: tuple[Act[Any], ...] = ()
        self.trouble: DatabaseUnavailable | None = None
        self._database = database
        self._turn = asyncio.Lock()
        self._now = asyncio.Event()
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `waiting` or `trouble` changes."""
        self._listeners.append(listener)

    async def save(self, edit: Act[T], *, actor: UUID, reason: str = "", step: NewStep | None = None) -> T:
        """Return what writing `edit` returned when it is durable, with the time of this call, however long that takes.

        With `step` it can be taken back later. Raises NotFound, Invalid or Conflict when it can never be stored; it
        is then no longer waiting.
        """
        at = self._database.clock.now()
        self._change(waiting=(*self.waiting, edit), trouble=self.trouble)
        try:
            async with self._turn:
                return await self._store(edit, actor=actor, reason=reason, at=at, step=step)
        finally:
            left = _without(self.waiting, edit)
            self._change(waiting=left, trouble=self.trouble if left else None)

    async def tried(self) -> None:
        """Return when all that was entered until now is durable, or the database cannot take it."""
        await asyncio.sleep(0)  # what was entered just now begins to wait
        while self.waiting and self.trouble is None:
            self._changed.clear()
            await self._changed.wait()

    def try_again(self) -> None:
        """Try the waiting edits now."""
        self._now.set()

    async def _store(
        self, edit: Act[T], *, actor: UUID, reason: str, at: datetime, step: NewStep | None
    ) -> T:
        wait = FIRST_WAIT_S
        while True:
            self._now.clear()
            try:
                async with self._database.write(actor=actor, reason=reason, at=at) as db:
                    intention_of(db).step = step
                    written = await edit.write(db)
            except DatabaseUnavailable as trouble:
                self._change(waiting=self.waiting, trouble=trouble)
            except AppError:
                self.trouble = None  # the database answered
                raise
            else:
                self.trouble = None
                return written
            await self._pause(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._now.wait()
        except TimeoutError:
            return

    def _change(self, *, waiting: tuple[Act[Any], ...], trouble: DatabaseUnavailable | None) -> None:
        self.waiting = waiting
        self.trouble = trouble
        self._changed.set()
        for listener in self._listeners:
            listener()


def _without(edits: tuple[Act[Any], ...], edit: Act[Any]) -> tuple[Act[Any], ...]:
    """Return `edits` without the first that is `edit` itself; the same one may wait twice."""
    place = next(place for place, other in enumerate(edits) if other is edit)
    return edits[:place] + edits[place + 1 :]
