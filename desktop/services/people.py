"""Who records: clinicians, and the programs that write in their own name."""

from uuid import UUID

from sqlalchemy import select

from desktop.database import Database
from desktop.models import Person
from desktop.records import person_record
from desktop.rows import insert_rows, update_row
from desktop.schemas import PersonRecord, Role, validated_edit

_FIELDS = frozenset({"name", "role"})


async def create_person(
    database: Database, *, name: str, role: Role = "clinician", person_id: UUID | None = None
) -> UUID:
    """Store somebody who records, in their own name; returns the id. Raises Invalid for an empty or long name.

    A `person_id` that is made by the caller keeps a second try from making a second person; its name counts.
    """
    values = validated_edit(PersonRecord, _FIELDS, {"name": name, "role": role})
    row_id = person_id or database.clock.new_id()
    async with database.write(actor=row_id) as db:
        if await db.scalar(select(Person.id).where(Person.id == row_id)) is None:
            await insert_rows(db, Person, [{"id": row_id, **values}])
        else:
            await update_row(db, Person, row_id, values)
    return row_id


async def rename_person(database: Database, person_id: UUID, name: str) -> None:
    """Correct somebody's name, in their own name. Raises Invalid for an empty or long one, NotFound for nobody."""
    values = validated_edit(PersonRecord, _FIELDS, {"name": name})
    async with database.write(actor=person_id) as db:
        await update_row(db, Person, person_id, values)


async def list_people(database: Database) -> list[PersonRecord]:
    """Return everybody who records, programs too, in the order of their names."""
    async with database.read() as db:
        rows = await db.scalars(select(Person).where(~Person.deleted).order_by(Person.name, Person.id))
        return [person_record(row) for row in rows]


async def find_person(database: Database, person_id: UUID) -> PersonRecord | None:
    """Return one person, or None when nobody has this id."""
    async with database.read() as db:
        row = await db.scalar(select(Person).where(Person.id == person_id, ~Person.deleted))
        return None if row is None else person_record(row)
