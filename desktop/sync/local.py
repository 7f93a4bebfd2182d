"""This laptop's side of the sync: each step of the engine as one local transaction on the vault."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from desktop import audit
from desktop.changes import intention_of
from desktop.database import Database
from desktop.driver import on_thread
from desktop.sync import enrolling, incoming, outgoing
from desktop.sync.exchange import Answer, Batch, Counted, Page, Standing
from desktop.sync.incoming import Applied
from desktop.sync.receipt import receipt
from desktop.types import from_microseconds, microseconds

T = TypeVar("T")
_random = partial(os.urandom, 16)
# In whose name the trail has what came from the centre.
SYNC = UUID("b7f1d7a6-3b0e-5a52-8f4d-0c7b1f6d2e91")

_STATE = """
SELECT (SELECT count(*) FROM sync_outbox WHERE status = 'waiting'),
    (SELECT count(*) FROM sync_outbox WHERE status = 'quarantined'),
    (SELECT count(*) FROM conflicts WHERE status = 'open' AND NOT deleted), checked_at, checked FROM sync_state
"""


class LocalVault:
    """The records of this laptop, as the engine sees them; `nonce` makes batches unlike each other."""

    def __init__(self, database: Database, *, nonce: Callable[[], bytes] = _random) -> None:
        self._database = database
        self._nonce = nonce

    async def enrol(self, *, centre_id: UUID, central_uuid: UUID) -> None:
        """Begin to sync with a centre; everything that is here waits for it."""
        replica_id = self._database.clock.new_id()
        wanted = {"centre_id": centre_id, "central_uuid": central_uuid, "replica_id": replica_id}
        await self._write(partial(enrolling.enrol, **wanted))

    async def keep_enrolment(self, text: str, *, actor: UUID) -> None:
        """Keep who this laptop is at the centre; that somebody did stands in the trail."""

        def keep(connection: Any) -> None:
            connection.execute("UPDATE sync_state SET enrolment = ?", (text,))
            audit.note(connection, action="enrol", entity="vault")

        async with self._database.write(actor=actor) as db:
            await on_thread(await db.connection(), keep)

    async def enrolment(self) -> str | None:
        """Return who this laptop is at the centre, as it was pasted; None for none."""
        (found,) = await self._read(_one("SELECT enrolment FROM sync_state"))
        return None if found is None else str(found)

    async def keep_receipt(self, at: datetime, counts: str) -> None:
        """Keep what both sides last had the same."""
        step = "UPDATE sync_state SET checked_at = ?, checked = ?"
        await self._write(lambda connection: connection.execute(step, (microseconds(at), counts)))

    async def state(self) -> dict[str, Any]:
        """Return how much waits, is set aside or in conflict, and what was last compared with the centre."""
        row = await self._read(_one(_STATE))
        waiting, quarantined, conflicts, checked_at, checked = row
        return {
            "waiting": waiting,
            "quarantined": quarantined,
            "conflicts": conflicts,
            "checked_at": None if checked_at is None else from_microseconds(checked_at),
            "checked": json.loads(checked) if checked else {},
        }

    async def leave(self) -> None:
        """Sync no more; the records stay."""
        await self._write(enrolling.leave)

    async def standing(self) -> Standing | None:
        """Return where this laptop stands, None when it is not enrolled."""
        return await self._read(enrolling.standing)

    async def freeze(self, limit: int) -> bool:
        """Put at most `limit` of the oldest edits into the batch in flight, with what they need; False for none."""
        return await self._write(partial(outgoing.freeze, limit=limit, nonce=self._nonce()))

    async def batch(self) -> Batch | None:
        """Return the batch in flight."""
        return await self._read(outgoing.read_batch)

    async def acknowledge(self, answer: Answer) -> None:
        """Take note of what the centre accepted."""
        await self._write(partial(outgoing.acknowledge, answer=answer))

    async def halve(self) -> bool:
        """Keep the first half of the batch in flight; False when it is one record."""
        return await self._write(partial(outgoing.halve, nonce=self._nonce()))

    async def quarantine(self, reason: str) -> None:
        """Set the one record in flight aside, with the centre's reason."""
        await self._write(partial(outgoing.quarantine, reason=reason))

    async def thaw(self) -> None:
        """Take the batch in flight back; its edits wait again."""
        await self._write(outgoing.thaw)

    async def apply(self, page: Page) -> Applied:
        """Merge a page of the centre into the records."""
        async with self._database.write(actor=SYNC, reason="sync") as db:
            applied: Applied = await on_thread(await db.connection(), partial(incoming.apply, page=page))
            intention_of(db).sweeping = bool(page.size or applied.conflicts)
        return applied

    async def receipt(self) -> dict[str, Counted]:
        """Return what is here, counted and hashed, at one moment."""
        return await self._read(receipt)

    async def become(self, replica_id: UUID) -> None:
        """Go on under another identity."""
        await self._write(partial(enrolling.become, replica_id=replica_id))

    async def links_before(self, seq: int, count: int) -> list[tuple[int, bytes]]:
        """Return the newest commits that are known here before `seq`."""
        return await self._read(partial(enrolling.links_before, seq=seq, count=count))

    async def lost_since(self, seq: int) -> dict[str, list[bytes]]:
        """Return the records whose version the centre lost when it was restored to commit `seq`."""
        return await self._read(partial(enrolling.lost_since, seq=seq))

    async def rewind(self, seq: int, images: Mapping[str, Sequence[tuple[Any, ...]]]) -> int:
        """Give the centre back what it lost after commit `seq`; returns how many records that are."""
        return await self._write(partial(enrolling.rewind, seq=seq, images=images))

    async def _write(self, step: Callable[[Any], T]) -> T:
        async with self._database.write(actor=SYNC, reason="sync") as db:
            return await on_thread(await db.connection(), step)

    async def _read(self, step: Callable[[Any], T]) -> T:
        async with self._database.read() as db:
            return await on_thread(await db.connection(), step)


def _one(query: str) -> Callable[[Any], tuple[Any, ...]]:
    """Return the step that reads one row."""
    return lambda connection: tuple(connection.execute(query).fetchone())
