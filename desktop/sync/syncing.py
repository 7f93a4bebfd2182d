"""One sync from beginning to end, and what a laptop can say of its sync without one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from filelock import FileLock, Timeout

from desktop.centre.connecting import connect
from desktop.centre.enrolment import Enrolment, from_text
from desktop.database import Database
from desktop.errors import Conflict, Invalid
from desktop.sync.engine import LARGEST_CHUNK, Engine, Report, Stopped
from desktop.sync.local import LocalVault
from desktop.sync.postgres import PostgresCentre

NOT_ENROLLED = "Sync is not set up: this laptop is not enrolled at a centre."
LOCK = "sync.lock"


@dataclass(frozen=True)
class State:
    """What a laptop knows of its sync: what waits, what needs a person, and what was last compared with the centre.

    `checked` are the rows a table that both sides had the same at `checked_at`.
    """

    centre: str = ""
    waiting: int = 0
    quarantined: int = 0
    conflicts: int = 0
    checked_at: datetime | None = None
    checked: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Synced:
    """What one sync did, and how both sides stand after it; `equal` is told by their receipts alone."""

    report: Report
    equal: bool
    state: State


async def enrol(database: Database, text: str, *, actor: UUID) -> Enrolment:
    """Let this laptop sync with the centre of a pasted enrolment, after it was reached once.

    A new enrolment at the same centre, as after a new password, goes on where the former one was. Raises Invalid for
    a text that is none, and what `connect` raises.
    """
    enrolment = from_text(text)
    if not database.files.encrypted:
        raise Invalid("An enrolment has a password: it is only kept in encrypted records.")
    connection = await connect(enrolment)
    await connection.close()
    local = LocalVault(database)
    standing = await local.standing()
    known = standing is not None and (standing.centre_id, standing.central_uuid) == (
        enrolment.centre_id,
        enrolment.central_uuid,
    )
    if not known:
        await local.enrol(centre_id=enrolment.centre_id, central_uuid=enrolment.central_uuid)
    await local.keep_enrolment(text, actor=actor)
    return enrolment


async def sync(
    database: Database,
    folder: Path,
    *,
    chunk: int = LARGEST_CHUNK,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Synced:
    """Bring this laptop and its centre to the same state, and prove it by counting and hashing on both sides.

    One at a time in a data `folder`: Conflict while another sync runs there. Raises Stopped and Unreachable with one
    clear line; what waits is kept.
    """
    local = LocalVault(database)
    enrolment = await enrolment_of(local)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Conflict("These records are being synced already.") from None
    try:
        connection = await connect(enrolment)
        try:
            centre = PostgresCentre(connection, enrolment.centre_id)
            await centre.prepare()
            engine = Engine(local, centre, new_id=database.clock.new_id, chunk=chunk, progress=progress)
            report = await engine.sync()
            equal = await _compare(local, centre, database.clock.now())
        finally:
            await connection.close()
    finally:
        lock.release()
    return Synced(report, equal, await state(database))


async def _compare(local: LocalVault, centre: PostgresCentre, now: datetime) -> bool:
    """Tell whether both sides hold the same, and keep the receipt if so."""
    here, there = await local.receipt(), await centre.receipt()
    if here != there:
        return False
    counts = {name: counted.rows for name, counted in here.items()}
    await local.keep_receipt(now, json.dumps(counts))
    return True


async def enrolment_of(local: LocalVault) -> Enrolment:
    """Return the enrolment that is kept here; raises Stopped when there is none."""
    text = await local.enrolment()
    if text is None:
        raise Stopped(NOT_ENROLLED)
    return from_text(text)


async def state(database: Database) -> State:
    """Return what this laptop knows of its sync, without asking the centre."""
    local = LocalVault(database)
    if await local.enrolment() is None:
        return State()
    told: dict[str, Any] = await local.state()
    return State(centre=(await enrolment_of(local)).host, **told)
