"""Who records: a name is corrected by its own person, and stays one person's."""

import pytest

from desktop.changes import Changes
from desktop.database import Database
from desktop.errors import Invalid, NotFound
from desktop.services.people import create_person, find_person, rename_person


async def test_a_name_is_corrected_in_the_name_of_its_person(sqlite: Database) -> None:
    person_id = await create_person(sqlite, name="Lena Okafr")
    heard: list[Changes] = []
    sqlite.feed.subscribe(heard.append)
    await rename_person(sqlite, person_id, "  Lena   Okafor ")
    person = await find_person(sqlite, person_id)
    assert person is not None
    assert (person.name, person.updated_by, person.role) == ("Lena Okafor", person_id, "clinician")
    assert [changes.actor for changes in heard] == [person_id]


@pytest.mark.parametrize("name", ["", "  ", "x" * 256])
async def test_an_empty_or_long_name_is_refused(sqlite: Database, name: str) -> None:
    person_id = await create_person(sqlite, name="Lena Okafor")
    with pytest.raises(Invalid):
        await rename_person(sqlite, person_id, name)
    person = await find_person(sqlite, person_id)
    assert person is not None
    assert person.name == "Lena Okafor"


async def test_nobody_cannot_be_renamed(sqlite: Database) -> None:
    with pytest.raises(NotFound):
        await rename_person(sqlite, sqlite.clock.new_id(), "Lena Okafor")
