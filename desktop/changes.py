"""What was committed, and who hears of it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desktop.clock import Clock
from desktop.steps import NewStep

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """One row that was written: its values before and after, `before` None for a new row."""

    table: str
    id: UUID
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that one committed transaction changed, by whom and why.

    `sweeping` stands for more rows than are listed, as after an import: read again what is shown.
    """

    actor: UUID | None
    reason: str
    rows: tuple[Change, ...]
    sweeping: bool = False

    def tables(self) -> frozenset[str]:
        """Return the names of the tables that have listed rows."""
        return frozenset(change.table for change in self.rows)


class ChangeFeed:
    """Tells its listeners of every commit, in the order of the commits."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Changes], None]] = []

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Call `listener` after each commit; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, changes: Changes) -> None:
        """Hand `changes` to every listener; one that fails is logged and keeps nobody else from hearing."""
        for listener in tuple(self._listeners):
            try:
                listener(changes)
            except Exception:
                log.exception("A listener of the change feed failed")


class Intention:
    """What one write scope is about to do: its actor, its reason, its instant, and the changes declared so far.

    What it does is kept as `step`, if that is set, so that it can be taken back.
    """

    def __init__(self, *, actor: UUID, reason: str, clock: Clock, at: datetime | None = None) -> None:
        self.actor = actor
        self.reason = reason
        self.clock = clock
        self.now = at or clock.now()
        self.sweeping = False
        self.step: NewStep | None = None
        self._rows: list[Change] = []
        self._made: set[UUID] = set()

    def declare(self, change: Change) -> None:
        """Note a row that this transaction writes."""
        self._rows.append(change)
        if change.before is None:
            self._made.add(change.id)

    def made(self, row_id: UUID) -> bool:
        """Tell whether this transaction itself inserted the row, so that nothing older hangs on it."""
        return row_id in self._made

    def changes(self) -> Changes:
        return Changes(self.actor, self.reason, tuple(self._rows), self.sweeping)


_KEY = "kinelog.intention"


def begin_intention(db: AsyncSession, intention: Intention) -> None:
    """Attach the write scope's intention to its `db`."""
    db.info[_KEY] = intention


def intention_of(db: AsyncSession) -> Intention:
    """Return the intention of the write scope that `db` belongs to; RuntimeError outside of one."""
    intention = db.info.get(_KEY)
    if intention is None:
        raise RuntimeError("Records are written inside Database.write() only")
    assert isinstance(intention, Intention)
    return intention
