"""What is being typed is kept for whoever types it, and is nobody's change."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import URL, text

from desktop import crud
from desktop.changes import Changes
from desktop.database import Database
from desktop.schemas import NewSession
from desktop.services.drafts import SESSION, StoredDraft, read_drafts, store_drafts
from tests.helpers import stores

LENA, OMAR = UUID(int=1), UUID(int=2)
TYPED = {"text": "0.9x – ' \" \u202e\n😀"}


@pytest.fixture
async def records(vault_url: URL) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        yield database


async def begun(database: Database) -> UUID:
    async with database.write(actor=LENA) as db:
        return (await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))).id


async def entries(database: Database) -> int:
    async with database.read() as db:
        return (await db.execute(text("SELECT count(*) FROM audit_log"))).scalar_one()


async def test_a_draft_comes_back_as_it_was_typed_and_the_last_one_stands_at_the_end(records: Database):
    await store_drafts(records, actor=LENA, drafts={"metric/b": TYPED})
    await store_drafts(records, actor=LENA, drafts={"note/a": {"notes": ""}})
    await store_drafts(records, actor=LENA, drafts={"metric/b": {"text": "0.9"}})
    assert await read_drafts(records, actor=LENA) == [
        StoredDraft("note/a", {"notes": ""}),
        StoredDraft("metric/b", {"text": "0.9"}),
    ]


async def test_a_draft_is_its_own_writers_alone(records: Database):
    await store_drafts(records, actor=LENA, drafts={"note/a": TYPED})
    await store_drafts(records, actor=OMAR, drafts={"note/a": {"notes": "other"}})
    await store_drafts(records, actor=OMAR, drafts={"note/a": None, "never/there": None})
    assert await read_drafts(records, actor=OMAR) == []
    assert await read_drafts(records, actor=LENA) == [StoredDraft("note/a", TYPED)]


async def test_a_draft_waits_while_its_session_is_deleted(records: Database):
    session = await begun(records)
    draft = StoredDraft("note/a", {**TYPED, SESSION: str(session)})
    await store_drafts(records, actor=LENA, drafts={draft.key: draft.content})
    async with records.write(actor=LENA) as db:
        await crud.delete_session(db, session)
    assert await read_drafts(records, actor=LENA) == []
    async with records.write(actor=LENA) as db:
        await crud.restore_session(db, session)
    assert await read_drafts(records, actor=LENA) == [draft]


async def test_a_draft_is_no_change_of_a_record(records: Database):
    await begun(records)
    heard: list[Changes] = []
    records.feed.subscribe(heard.append)
    before = await entries(records)
    await store_drafts(records, actor=LENA, drafts={"note/a": TYPED})
    assert heard == []
    assert await entries(records) == before
