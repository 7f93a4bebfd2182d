"""The audit trail: whatever changes a record, by whatever path, stands in it, and nothing can be taken out unseen.

One file above 400 lines: every way past the trail is tried on the same vault, with the same reading of its entries.
"""

import json
import struct
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from desktop import audit, crud
from desktop.core import Core
from desktop.database import Database
from desktop.driver import on_thread
from desktop.errors import DatabaseUnavailable, NotFound, WrongKey
from desktop.models import Session
from desktop.paths import Paths
from desktop.schema import init_db
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from desktop.services import auditing
from desktop.services.demo import fill
from desktop.services.people import create_person
from desktop.vault import Vault
from tests.helpers import stores
from tests.helpers.vaults import RECORDS_HERE, unlocked

LENA, OMAR = UUID(int=1), UUID(int=2)
ERASE = "UPDATE audit_log SET before = NULL, after = NULL, salt = NULL, reason = NULL WHERE seq < 4"


@pytest.fixture
async def vault(vault_url: Any) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        yield database


async def begin(database: Database, *, actor: UUID = LENA, **fields: Any) -> UUID:
    async with database.write(actor=actor) as db:
        return (await crud.create_session(db, NewSession(child_name="John Doe", child_age=8, **fields))).id


async def change(
    database: Database, session_id: UUID, *, actor: UUID = LENA, reason: str = "", **edit: Any
) -> None:
    async with database.write(actor=actor, reason=reason) as db:
        await crud.update_session(db, session_id, edit)


def raw(database: Database) -> Any:
    """Open the file as another program would that has the key."""
    return stores.freely(Path(str(database.url.database)), database.files)


def trail(database: Database, columns: str = "action, entity, before, after") -> list[tuple[Any, ...]]:
    with raw(database) as connection:
        return connection.execute(f"SELECT {columns} FROM audit_log ORDER BY seq").fetchall()


def told(values: str) -> dict[str, Any]:
    """Return the values of an entry but for who changed the record when, which each edit changes."""
    return {name: value for name, value in json.loads(values).items() if not name.startswith("updated_")}


def verdict(database: Database) -> audit.Verdict:
    with raw(database) as connection:
        return audit.verify(connection)


# What stands in it


async def test_a_new_record_stands_with_its_values_who_when_and_why(vault: Database):
    async with vault.write(
        actor=LENA, reason="first visit", at=datetime(2026, 3, 14, 9, 40, tzinfo=UTC)
    ) as db:
        session = await crud.create_session(
            db, NewSession(child_name="Zoë", child_age=8, child_height_cm=130.5)
        )
    [(at, actor, reason, action, entity, entity_id, before, after)] = trail(
        vault, "at, actor, reason, action, entity, entity_id, before, after"
    )
    assert (actor, reason, action, entity) == (LENA.bytes, "first visit", "insert", "sessions")
    assert at == 1_773_481_200_000_000
    assert entity_id == session.id.bytes
    assert before is None
    assert {"child_name": "Zoë", "child_age": 8, "child_height_cm": "130.5"}.items() <= json.loads(
        after
    ).items()


@pytest.mark.parametrize(
    ("first", "then"),
    [(None, "Tired"), ("Tired", None), ("Tired", "Awake")],
    ids=["from nothing", "to nothing", "to another"],
)
async def test_an_edit_stands_with_the_old_and_the_new_value_and_no_other(
    vault: Database, first: str | None, then: str | None
):
    session_id = await begin(vault, remark=first)
    await change(vault, session_id, actor=OMAR, remark=then)
    action, entity, before, after = trail(vault)[-1]
    assert (action, entity) == ("update", "sessions")
    assert (told(before), told(after)) == ({"remark": first}, {"remark": then})
    assert trail(vault, "actor")[-1] == (OMAR.bytes,)


async def test_a_deletion_and_its_undoing_stand_as_edits(vault: Database):
    session_id = await begin(vault)
    for act in (crud.delete_session, crud.restore_session):
        async with vault.write(actor=LENA) as db:
            await act(db, session_id)
    assert [json.loads(after)["deleted"] for *_, after in trail(vault)] == [0, 1, 0]


@pytest.mark.parametrize("column", ["updated_by", "updated_at", "created_by", "created_at"])
async def test_who_and_when_of_a_record_are_values_too(vault: Database, column: str):
    await begin(vault)
    async with vault.write(actor=OMAR) as db:
        await db.execute(text(f"UPDATE sessions SET {column} = x'07'"))
    assert list(json.loads(trail(vault)[-1][-1])) == [column]


async def test_a_record_keeps_its_id(vault: Database):
    await begin(vault)

    async def exchange() -> None:
        async with vault.write(actor=OMAR) as db:
            await db.execute(text("UPDATE sessions SET id = x'07'"))

    with pytest.raises(IntegrityError, match="keeps its id"):
        await exchange()


async def test_an_edit_that_changes_nothing_leaves_no_entry(vault: Database):
    session_id = await begin(vault, notes="Tired")
    await change(vault, session_id, notes="Tired")
    assert len(trail(vault)) == 1


async def test_what_was_rolled_back_leaves_no_entry(vault: Database):
    async def fail() -> None:
        async with vault.write(actor=LENA) as db:
            await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await fail()
    assert trail(vault) == []


async def core_update(db: Any) -> None:
    await db.execute(update(Session).values(notes="changed"))


async def bulk_insert(db: Any) -> None:
    found = (await db.execute(text("SELECT * FROM sessions"))).mappings().one()
    copies = [{**found, "id": number.to_bytes(16, "big")} for number in range(2, 5)]
    names = list(found)
    marks = ", ".join(f":{name}" for name in names)
    await db.execute(text(f"INSERT INTO sessions ({', '.join(names)}) VALUES ({marks})"), copies)


async def orm_edit(db: Any) -> None:
    session = (await crud.list_sessions(db))[0]
    session.notes = "changed"
    await db.flush()


@pytest.mark.parametrize(("work", "entries"), [(core_update, 1), (bulk_insert, 3), (orm_edit, 1)])
async def test_no_path_leads_past_it(vault: Database, work: Callable[[Any], Any], entries: int):
    await begin(vault)
    async with vault.write(actor=OMAR, reason="by another path") as db:
        await work(db)
    assert trail(vault, "actor, reason")[1:] == [(OMAR.bytes, "by another path")] * entries
    assert verdict(vault).trouble == ""


async def test_raw_sql_of_another_program_stands_in_it_too(vault: Database):
    await begin(vault)
    with raw(vault) as connection:
        connection.execute("BEGIN IMMEDIATE")
        audit.begin(connection, actor=OMAR, reason="by hand", at=datetime.now(UTC))
        connection.execute("UPDATE sessions SET notes = 'by hand'")
        connection.execute("COMMIT")
    assert trail(vault, "actor, reason, hash")[-1] == (OMAR.bytes, "by hand", None)
    await begin(vault)
    assert verdict(vault) == audit.Verdict(3, "", verdict(vault).seal)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET notes = 'x'",
        "INSERT INTO people SELECT x'07', name, role, created_at, updated_at, created_by, updated_by, "
        "utc_offset_minutes, rev, srv_seq, hlc, origin, deleted FROM people",
        "DELETE FROM sessions",
        "INSERT OR REPLACE INTO sessions SELECT * FROM sessions",
    ],
)
async def test_nothing_is_written_without_an_actor(vault: Database, statement: str):
    await fill(vault, sessions=1, seed=1)
    entries = len(trail(vault))
    refused = pytest.raises(vault.files.module.IntegrityError, match=r"audit_log|never removed")
    with raw(vault) as connection, refused:
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute(statement)
    assert len(trail(vault)) == entries


async def test_a_record_is_never_removed_even_by_somebody(vault: Database):
    await begin(vault)

    async def remove() -> None:
        async with vault.write(actor=LENA) as db:
            await db.execute(text("DELETE FROM sessions"))

    with pytest.raises(IntegrityError):
        await remove()
    assert len(trail(vault)) == 1


async def test_a_large_import_stands_row_by_row(vault: Database):
    await fill(vault, sessions=30, seed=1)
    with raw(vault) as connection:
        for table in ("people", "protocols", "sessions", "task_results", "metrics"):
            (stored,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            query = "SELECT count(*) FROM audit_log WHERE entity = ? AND action = 'insert' AND reason = 'sample data'"
            assert connection.execute(query, (table,)).fetchone() == (stored,)
    assert verdict(vault).trouble == ""


bits = st.binary(min_size=8, max_size=8).map(lambda raw: struct.unpack("<d", raw)[0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=bits.filter(lambda value: value - value == 0))
async def test_a_double_comes_back_bit_for_bit(vault: Database, value: float):
    session_id = await begin(vault)
    async with vault.write(actor=LENA) as db:
        task = await crud.create_task_result(db, session_id, NewTaskResult(task_name="walk"))
        await crud.create_metric(db, task.id, NewMetric(metric_name="speed", metric_value=value))
    kept = float(json.loads(trail(vault)[-1][-1])["metric_value"])
    assert struct.pack("<d", kept) == struct.pack("<d", value + 0.0)


async def test_postgresql_alone_keeps_no_trail(postgresql: Database):
    await begin(postgresql)
    async with postgresql.read() as db:
        assert (await db.execute(text("SELECT count(*) FROM audit_log"))).scalar() == 0


# Reading it


async def test_the_values_of_an_entry_are_those_of_the_record(vault: Database):
    await fill(vault, sessions=3, seed=1)
    async with vault.read() as db:
        session = (await crud.list_sessions(db))[0]
        session = await crud.get_session(db, session.id)
    events = {event.entity_id: event for event in await auditing.history(vault, session.id)}
    tree = [session, *session.task_results, *(m for task in session.task_results for m in task.metrics)]
    assert set(events) == {record.id for record in tree}
    for record in tree:
        for name, value in events[record.id].after.items():
            assert (name, value) == (name, getattr(record, name))


async def test_a_history_names_who_changed_what(vault: Database):
    await create_person(vault, name="Lena Okafor", person_id=LENA)
    session_id = await begin(vault)
    await change(vault, session_id, reason="typing slip", child_height_cm=130.5)
    first, second = await auditing.history(vault, session_id)
    assert (first.action, first.actor_name) == ("insert", "Lena Okafor")
    assert (second.before["child_height_cm"], second.after["child_height_cm"]) == (None, 130.5)
    assert second.reason == "typing slip"
    with pytest.raises(NotFound):
        await auditing.history(vault, UUID(int=99))


async def test_rules_are_put_back_and_that_stands_in_the_trail(vault: Database):
    await begin(vault)
    with raw(vault) as connection:
        connection.execute("DROP TRIGGER audit_metrics_insert")
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON people BEGIN SELECT 1; END")
    altered = await auditing.repair(vault, actor=LENA, reason="found by check")
    assert altered == ["audit_metrics_insert", "evil"]
    assert await init_db(vault) is False
    assert trail(vault, "action, reason, after")[-1] == (
        "repair",
        "found by check",
        json.dumps({"altered": altered}),
    )
    assert await auditing.repair(vault, actor=LENA, reason="again") == []


async def test_every_unlocking_stands_in_it_and_every_try_that_failed(tmp_path: Path):
    paths = Paths(tmp_path / "kinelog")
    unlocked(paths)
    for wrong in ("not those words", "nor these"):
        with pytest.raises(WrongKey):
            Vault(paths).unlock(wrong)
    for _ in range(2):
        async with Core.open(paths, unlocked=unlocked(paths)) as core:
            entries = trail(core.database, "action, actor")
    assert entries == [
        ("failed_unlock", RECORDS_HERE.bytes),
        ("failed_unlock", RECORDS_HERE.bytes),
        ("unlock", RECORDS_HERE.bytes),
        ("unlock", RECORDS_HERE.bytes),
    ]
    assert not paths.notes.exists()


# Tampering


async def recorded(database: Database) -> None:
    session_id = await begin(database)
    for number in range(5):
        await change(database, session_id, notes=f"note {number}", reason="because")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = x'00' WHERE seq = 2",
        "UPDATE audit_log SET after = '{}' WHERE seq = 2",
        "UPDATE audit_log SET hash = x'00', prev = x'00' WHERE seq = 2",
        "UPDATE audit_log SET before = NULL, after = NULL, salt = NULL, reason = 'other' WHERE seq = 2",
        "DELETE FROM audit_log WHERE seq = 2",
        "DELETE FROM audit_log",
        "INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log WHERE seq = 2",
    ],
)
async def test_an_entry_can_be_neither_changed_nor_removed(vault: Database, statement: str):
    await recorded(vault)
    before = trail(vault, "*")
    refused = pytest.raises(vault.files.module.IntegrityError, match="never changed")
    with raw(vault) as connection, refused:
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute(statement)
    assert trail(vault, "*") == before


FORGERIES = {
    "another actor": ("UPDATE audit_log SET actor = x'00' WHERE seq = 2", "Entry 2 was changed"),
    "other values": (
        'UPDATE audit_log SET after = \'{"notes":"x"}\' WHERE seq = 4',
        "values of entry 4 were",
    ),
    "another reason": ("UPDATE audit_log SET reason = 'x' WHERE seq = 4", "values of entry 4 were changed"),
    "one missing": ("DELETE FROM audit_log WHERE seq = 3", "Entry 3 is missing"),
    "the first missing": ("DELETE FROM audit_log WHERE seq = 1", "Entry 1 is missing"),
    "two exchanged": (
        "UPDATE audit_log SET (at, after, salt, value_hash) = "
        "(SELECT at, after, salt, value_hash FROM audit_log WHERE seq = 3) WHERE seq = 4",
        "Entry 4 was changed",
    ),
    "one put in": (
        "INSERT INTO audit_log SELECT 7, at, actor, device, reason, action, entity, entity_id, before, after, salt, "
        "value_hash, prev, hash FROM audit_log WHERE seq = 6",
        "Entry 7 was changed",
    ),
    "values after an erasure": (
        "UPDATE audit_log SET salt = NULL WHERE seq = 2",
        "put in after they had been erased",
    ),
}


@pytest.mark.parametrize(("statement", "trouble"), FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forger_who_takes_the_guards_away_is_found_out(vault: Database, statement: str, trouble: str):
    await recorded(vault)
    assert verdict(vault).trouble == ""
    with raw(vault) as connection:
        for guard in audit.guards()[1]:
            connection.execute(guard)
        connection.execute(statement)
    assert trouble in verdict(vault).trouble


async def test_a_tail_that_was_cut_off_has_another_seal(vault: Database):
    await recorded(vault)
    before = verdict(vault)
    with raw(vault) as connection:
        for guard in audit.guards()[1]:
            connection.execute(guard)
        connection.execute("DELETE FROM audit_log WHERE seq > 3")
    after = verdict(vault)
    assert (before.entries, after.entries, after.trouble) == (6, 3, "")
    assert after.seal != before.seal


async def test_an_erasure_takes_the_values_and_the_chain_holds(vault: Database):
    await recorded(vault)
    async with vault.write(actor=OMAR, reason="asked for by the family") as db:
        await db.execute(text(ERASE))
    assert verdict(vault).trouble == ""
    assert [after for *_, after in trail(vault)[:3]] == [None] * 3
    entries = trail(vault, "action, actor, reason, after")[-3:]
    assert entries == [
        ("erase", OMAR.bytes, "asked for by the family", json.dumps({"seq": seq}, separators=(",", ":")))
        for seq in (1, 2, 3)
    ]


async def test_an_erasure_that_nobody_did_is_found_out(vault: Database):
    await recorded(vault)
    with raw(vault) as connection:
        connection.execute("DROP TRIGGER audit_log_erased")
        connection.execute(ERASE)
    assert verdict(vault).trouble == "The values of entry 1 were erased, and nobody did."


async def test_nothing_is_erased_without_an_actor(vault: Database):
    await recorded(vault)
    with raw(vault) as connection, pytest.raises(vault.files.module.IntegrityError):
        connection.execute(ERASE)
    assert verdict(vault).trouble == ""


# At the start


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER audit_metrics_insert",
        "DROP TRIGGER audit_log_update",
        "CREATE TRIGGER other AFTER INSERT ON metrics BEGIN UPDATE metrics SET metric_value = 0; END",
    ],
)
async def test_rules_that_were_changed_refuse_every_record(vault: Database, statement: str):
    await begin(vault)
    with raw(vault) as connection:
        connection.execute(statement)
    with pytest.raises(DatabaseUnavailable, match="audit trail") as refused:
        await init_db(vault)
    assert refused.value.kind == "unaudited"


async def test_what_changes_no_record_can_be_entered_too(vault: Database):
    async with vault.write(actor=LENA) as db:
        connection = await db.connection()
        await on_thread(connection, lambda raw: audit.note(raw, action="unlock", entity="vault"))
    assert trail(vault) == [("unlock", "vault", None, None)]
    assert verdict(vault).trouble == ""


async def test_metrics_and_tasks_stand_under_their_own_names(vault: Database):
    session_id = await begin(vault)
    async with vault.write(actor=LENA) as db:
        task = await crud.create_task_result(db, session_id, NewTaskResult(task_name="walk"))
        await crud.create_metric(db, task.id, NewMetric(metric_name="speed", metric_value=1.5, unit="m/s"))
    assert [entity for _, entity, *_ in trail(vault)] == ["sessions", "task_results", "metrics"]
