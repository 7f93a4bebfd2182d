"""What is known of a child from earlier visits."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from desktop import crud
from desktop.database import Database
from desktop.errors import NotFound
from desktop.schemas import NewSession
from desktop.services.visits import Measured, Visits, visits_before

FIRST = datetime(2025, 3, 3, 9, 40, tzinfo=UTC)


async def visit(database: Database, actor: UUID, child: UUID, days: int, **fields: object) -> UUID:
    new = NewSession.model_validate(
        {
            "child_id": child,
            "child_name": "Amina Haddad",
            "child_age": 5,
            "started_at": FIRST + timedelta(days=days),
            **fields,
        }
    )
    async with database.write(actor=actor) as db:
        return (await crud.create_session(db, new)).id


async def test_the_last_value_before_the_visit_counts(database: Database, actor: UUID) -> None:
    child = uuid4()
    first = await visit(database, actor, child, 0, child_height_cm=110, child_weight_kg=18.5)
    await visit(database, actor, child, 10, child_height_cm=112.5)
    third = await visit(database, actor, child, 20, child_height_cm=113, child_weight_kg=19)
    await visit(database, actor, uuid4(), 5, child_height_cm=90, child_weight_kg=12)
    known = Visits(3, Measured(112.5, date(2025, 3, 13)), Measured(18.5, date(2025, 3, 3)))
    assert await visits_before(database, third) == known
    assert await visits_before(database, first) == Visits(3)


async def test_a_deleted_visit_says_nothing(database: Database, actor: UUID) -> None:
    child = uuid4()
    first = await visit(database, actor, child, 0, child_height_cm=110)
    second = await visit(database, actor, child, 10)
    async with database.write(actor=actor) as db:
        await crud.delete_session(db, first)
    assert await visits_before(database, second) == Visits(1)
    with pytest.raises(NotFound):
        await visits_before(database, first)
