"""Filling an empty data folder with invented records, to look around or to measure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID, uuid5

from sqlalchemy import select

from desktop.database import Database
from desktop.edits import Stamp
from desktop.errors import Invalid
from desktop.models import Session
from desktop.protocols import bundled
from desktop.sample.visits import Setting, invent_sessions
from desktop.schemas import PersonRecord, ProtocolRecord
from desktop.services.landing import land
from desktop.services.recording import protocol_row
from desktop.services.staging import staging

MOST_SESSIONS = 1_000_000
Progress = Callable[[int, int], None]
_ASSESSORS = ("Dr. Amira Haddad", "Jonas Weber", "Mei Tanaka")
_PEOPLE_IDS = UUID("7c5d5d0e-5f0e-5d0b-9a55-3f1a4c1b8e10")
_SINCE = timedelta(days=3650)
_SESSIONS_A_WRITE = 1000


async def fill(
    database: Database,
    *,
    sessions: int,
    seed: int = 1,
    assessor: UUID | None = None,
    progress: Progress | None = None,
) -> int:
    """Store so many invented sessions of invented children, the last ones of today; returns how many.

    The same seed on the same day makes the same children and values. They are recorded by `assessor`, else by
    invented people. They land a thousand at a time; `progress` is told how many are there, and of how many.
    Raises Invalid when there are sessions already, deleted ones included, or for a number that makes no sense.
    """
    if not 1 <= sessions <= MOST_SESSIONS:
        raise Invalid(f"The number of sessions lies between 1 and {MOST_SESSIONS:,}.")
    async with database.read() as db:
        if await db.scalar(select(Session.id).limit(1)) is not None:
            raise Invalid("There are records here already. Sample data go into an empty data folder only.")
    now = database.clock.now().replace(second=0, microsecond=0)
    offset = database.clock.utc_offset_minutes()
    people = [] if assessor else [_person(name, now - _SINCE, offset) for name in _ASSESSORS]
    recording = [assessor] if assessor else [person.id for person in people]
    setting = Setting(now, offset, recording, bundled()[0])
    invented = invent_sessions(Random(seed), setting, sessions)
    done = 0
    async with staging(database) as staged:
        await staged.add_people(people)
        await staged.add_protocols([_protocol(setting)])
        while batch := list(islice(invented, _SESSIONS_A_WRITE)):
            await staged.add_sessions(batch)
            async with database.write(
                actor=recording[0], reason="sample data", staged=staged.connection
            ) as db:
                await land(db, replacing=False)
            await staged.empty()
            done += len(batch)
            if progress is not None:
                progress(done, sessions)
    return done


def _person(name: str, since: datetime, utc_offset_minutes: int) -> PersonRecord:
    row_id = uuid5(_PEOPLE_IDS, name)
    stamp = Stamp(row_id, since, utc_offset_minutes)
    return PersonRecord(id=row_id, name=name, role="clinician", **stamp.new())


def _protocol(setting: Setting) -> ProtocolRecord:
    stamp = Stamp(setting.assessors[0], setting.now, setting.utc_offset_minutes)
    return ProtocolRecord(**protocol_row(setting.protocol), **stamp.new())
