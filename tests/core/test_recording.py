"""Beginning: a second try finds what the first one stored."""

from uuid import UUID

from sqlalchemy import func, select

from desktop.database import Database
from desktop.models import Base
from desktop.protocols import bundled
from desktop.schemas import NewSession
from desktop.services.people import create_person, list_people
from desktop.services.recording import begin_session, load_session


async def count(database: Database, table: str) -> int:
    async with database.read() as db:
        return await db.scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0


async def test_a_session_that_is_begun_twice_is_one_session(database: Database, actor: UUID):
    session_id = database.clock.new_id()
    for _ in range(2):
        new = NewSession(child_name="John Doe", child_age=8)
        begun = await begin_session(
            database, actor=actor, new=new, protocol=bundled()[0], session_id=session_id
        )
        assert begun == session_id
    session = (await load_session(database, session_id)).record
    assert await count(database, "sessions") == 1
    assert await count(database, "task_results") == len(session.task_results)


async def test_a_name_that_is_given_again_otherwise_is_the_one_that_counts(database: Database):
    person_id = database.clock.new_id()
    for name in ("Lena Okafr", "Lena Okafor"):
        await create_person(database, name=name, person_id=person_id)
    assert [(person.id, person.name) for person in await list_people(database)] == [
        (person_id, "Lena Okafor")
    ]
