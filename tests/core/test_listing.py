"""What lists show, on both databases, and that SQLite finds it through its indexes."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from desktop import crud, listing
from desktop.database import Database
from desktop.errors import NotFound
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from tests.helpers.clocks import NOON


class Clinic:
    """A database to fill, one record a call."""

    def __init__(self, database: Database, actor: UUID) -> None:
        self.database = database
        self.actor = actor

    async def session(self, name: str = "John Doe", *, days: int = 0, **fields: Any) -> Any:
        new = NewSession.model_validate(
            {"child_name": name, "child_age": 8, "started_at": NOON + timedelta(days=days), **fields}
        )
        async with self.database.write(actor=self.actor) as db:
            return await crud.create_session(db, new)

    async def task(self, session_id: UUID, *, metrics: dict[str, float] | None = None, **fields: Any) -> Any:
        new = NewTaskResult.model_validate({"task_name": "walk", **fields})
        batch = [NewMetric(metric_name=name, metric_value=value) for name, value in (metrics or {}).items()]
        async with self.database.write(actor=self.actor) as db:
            task = await crud.create_task_result(db, session_id, new)
            await crud.create_metrics_batch(db, task.id, batch)
            return task

    async def delete(self, session_id: UUID) -> None:
        async with self.database.write(actor=self.actor) as db:
            await crud.delete_session(db, session_id)


@pytest.fixture
def clinic(database: Database, actor: UUID) -> Clinic:
    return Clinic(database, actor)


# Entries and lines


async def test_entries_are_newest_first_and_tied_by_id(clinic: Clinic):
    made = [await clinic.session(days=days) for days in (0, 3, 3, -5, 1)]
    expected = sorted(made, key=lambda session: (session.started_at, session.id), reverse=True)
    entries = await listing.session_entries(clinic.database)
    assert entries.ids == [session.id for session in expected]


async def test_instants_are_microseconds_since_1970(clinic: Clinic):
    for instant, count in (
        (datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC), 1_000_005),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
    ):
        await clinic.session(started_at=instant)
        entries = await listing.session_entries(clinic.database)
        assert count in entries.instants
    assert list(entries.instants) == [1_000_005, -1]


async def test_deleted_sessions_are_in_no_list(clinic: Clinic):
    kept, deleted = await clinic.session(), await clinic.session()
    await clinic.delete(deleted.id)
    assert (await listing.session_entries(clinic.database)).ids == [kept.id]
    assert list(await listing.session_lines(clinic.database, [kept.id, deleted.id, uuid4()])) == [kept.id]
    assert await listing.session_count(clinic.database) == 1
    assert await listing.visit_number(clinic.database, deleted.id) == 0


async def test_nothing_recorded_is_an_empty_list(database: Database):
    assert (await listing.session_entries(database)).ids == []
    assert (await listing.session_entries(database, "john")).ids == []
    assert await listing.session_lines(database, []) == {}
    assert await listing.find_children(database, "john") == []
    assert await listing.session_count(database) == 0


async def test_a_search_that_finds_more_than_it_shows_gives_the_newest(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
):
    for name in ("SEARCH_LIMIT", "RECENT"):
        monkeypatch.setattr(listing, name, 3)
    made = [await clinic.session(days=days) for days in (4, 0, 2, 1, 3)]
    found = await listing.session_entries(clinic.database, "john")
    assert found.ids == [made[place].id for place in (0, 4, 2)]


async def test_a_rare_name_far_back_is_found_behind_many_others(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listing, "RECENT", 2)
    rare = await clinic.session("Zoë", days=-100)
    for days in range(4):
        await clinic.session(days=days)
    assert (await listing.session_entries(clinic.database, "zoe")).ids == [rare.id]
    assert len((await listing.session_entries(clinic.database, "john")).ids) == 4


async def test_a_list_longer_than_a_portion_is_whole(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "PORTION", 2)
    made = [await clinic.session(days=days) for days in range(5)]
    entries = await listing.session_entries(clinic.database)
    assert entries.ids == [session.id for session in reversed(made)]
    assert len(entries.instants) == 5


async def test_a_line_counts_visits_and_tasks(clinic: Clinic):
    first = await clinic.session(child_date_of_birth=date(2017, 1, 1))
    third = await clinic.session(days=20, child_id=first.child_id)
    second = await clinic.session(days=10, child_id=first.child_id)
    gone = await clinic.session(days=5, child_id=first.child_id)
    await clinic.delete(gone.id)
    await clinic.session(days=5)
    for status in ("success", "refused", None):
        await clinic.task(second.id, status=status)
    lines = await listing.session_lines(clinic.database, [first.id, second.id, third.id])
    assert [lines[session.id].visit for session in (first, second, third)] == [1, 2, 3]
    assert await listing.visit_number(clinic.database, third.id) == 3
    line = lines[second.id]
    assert (line.rated, line.planned) == (2, 3)
    assert (lines[first.id].rated, lines[first.id].planned) == (0, 0)
    assert (line.child_name, line.started_at, line.child_id) == (
        "John Doe",
        second.started_at,
        first.child_id,
    )
    assert lines[first.id].child_date_of_birth == date(2017, 1, 1)


async def test_two_sessions_of_one_instant_are_two_visits(clinic: Clinic):
    first = await clinic.session()
    second = await clinic.session(child_id=first.child_id)
    lines = await listing.session_lines(clinic.database, [first.id, second.id])
    assert [lines[session.id].visit for session in (first, second)] == [1, 2]


# Children


async def test_a_known_child_is_found_once_with_what_was_known_last(clinic: Clinic):
    first = await clinic.session("Zoë Roe")
    latest = await clinic.session("Zoë Doe", days=9, child_id=first.child_id, child_identifier="K-7")
    await clinic.session("Zoë Doe", days=3, child_id=first.child_id)
    other = await clinic.session("Zoë Poe", days=5)
    children = await listing.find_children(clinic.database, "zoe")
    assert [child.child_id for child in children] == [first.child_id, other.child_id]
    child = children[0]
    assert (child.child_name, child.child_identifier, child.sessions) == ("Zoë Doe", "K-7", 3)
    assert (child.last_session, child.last_seen) == (latest.id, latest.started_at)
    assert await listing.child_of(clinic.database, first.id) == child


async def test_children_are_offered_up_to_a_limit_and_never_for_nothing(clinic: Clinic):
    for days in range(4):
        await clinic.session(days=days)
    assert len(await listing.find_children(clinic.database, "john", limit=3)) == 3
    assert await listing.find_children(clinic.database, "  ") == []


async def test_the_child_of_a_deleted_session_is_not_found(clinic: Clinic):
    session = await clinic.session()
    await clinic.delete(session.id)
    with pytest.raises(NotFound):
        await listing.child_of(clinic.database, session.id)
    assert await listing.find_children(clinic.database, "john") == []


# History


async def test_a_metrics_history_goes_through_the_childs_sessions(clinic: Clinic):
    first = await clinic.session()
    later = await clinic.session(days=30, child_id=first.child_id)
    between = await clinic.session(days=10, child_id=first.child_id)
    stranger = await clinic.session(days=5)
    for session, value in ((first, 1.0), (later, 3.0), (between, 2.0), (stranger, 9.0)):
        await clinic.task(session.id, side="left", metrics={"speed": value, "cadence": 100.0})
    await clinic.task(between.id, side="left", trial=2, metrics={"speed": 2.5})
    await clinic.task(between.id, side="left", trial=3, metrics={"cadence": 90.0})
    await clinic.task(later.id, side="left", trial=2, practice=True, metrics={"speed": 8.0})
    await clinic.task(later.id, side="right", metrics={"speed": 7.0})
    await clinic.task(later.id, task_name="jump", side="left", metrics={"speed": 6.0})
    history = await listing.metric_history(
        clinic.database, child_id=first.child_id, task_name="walk", side="left", metric_name="speed"
    )
    assert [(point.session_id, point.value) for point in history] == [
        (first.id, 1.0),
        (between.id, 2.5),
        (later.id, 3.0),
    ]
    assert [point.started_at for point in history] == [first.started_at, between.started_at, later.started_at]


async def test_a_history_leaves_out_what_is_deleted(clinic: Clinic):
    first = await clinic.session()
    hidden = await clinic.session(days=1, child_id=first.child_id)
    tasks = [await clinic.task(session.id, metrics={"speed": 1.0}) for session in (first, hidden)]
    again = await clinic.task(first.id, trial=2, metrics={"speed": 2.0})
    await clinic.delete(hidden.id)

    async def values() -> list[float]:
        history = await listing.metric_history(
            clinic.database, child_id=first.child_id, task_name="walk", side="none", metric_name="speed"
        )
        return [point.value for point in history]

    assert await values() == [2.0]
    async with clinic.database.write(actor=clinic.actor) as db:
        await crud.delete_metric(db, crud.metric_id(again.id, "speed"))
    assert await values() == [1.0]
    async with clinic.database.write(actor=clinic.actor) as db:
        await crud.delete_task_result(db, tasks[0].id)
    assert await values() == []


# Query plans


async def statements(database: Database, ask: Any) -> list[tuple[str, Any]]:
    """Return the queries that `ask` ran, with their parameters."""
    ran: list[tuple[str, Any]] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> None:
        ran.append((statement, parameters))

    event.listen(database.reader.sync_engine, "before_cursor_execute", note)
    await ask
    event.remove(database.reader.sync_engine, "before_cursor_execute", note)
    return [(statement, parameters) for statement, parameters in ran if statement.startswith("SELECT")]


async def plans(database: Database, ask: Any) -> list[str]:
    """Return SQLite's plan, one line a step, of every query that `ask` ran."""
    asked = await statements(database, ask)
    with closing(sqlite3.connect(str(database.url.database))) as connection:
        return [
            step[3]
            for statement, parameters in asked
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def scans(steps: list[str]) -> list[str]:
    """Return the steps that read a whole table of sessions, row by row."""
    return [step for step in steps if re.match(r"SCAN (sessions|session_search)\b(?!.* USING)", step)]


@pytest.fixture
async def filled(sqlite: Database, actor: UUID) -> Clinic:
    clinic = Clinic(sqlite, actor)
    for days in range(3):
        session = await clinic.session(days=days)
        await clinic.task(session.id, metrics={"speed": 1.0})
    return clinic


async def test_all_ids_come_from_one_index_in_their_order(filled: Clinic):
    """The plan names the table, which it may open, but the program takes every value from the index."""
    [step] = await plans(filled.database, listing.session_entries(filled.database))
    assert step == "SCAN sessions USING INDEX ix_sessions_started_at_id"
    [(statement, parameters)] = await statements(filled.database, listing.session_entries(filled.database))
    with closing(sqlite3.connect(str(filled.database.url.database))) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sessions'").fetchone()
        program = [row[1:4] for row in connection.execute(f"EXPLAIN {statement}", parameters)]
    on_table = {cursor for operation, cursor, place in program if operation == "OpenRead" and place == page}
    read = [cursor for operation, cursor, _ in program if operation == "Column"]
    assert read
    assert not on_table & set(read)


@pytest.mark.parametrize("search", ["john", "jo", "john doe", "nobody", "j d"])
async def test_a_search_reads_no_whole_table_of_sessions(filled: Clinic, search: str):
    steps = await plans(filled.database, listing.session_entries(filled.database, search))
    assert steps
    assert [step for step in scans(steps) if "session_search" not in step] == []
    if len(search.split(maxsplit=1)[0]) > 2:
        assert scans(steps) == []
        assert any("VIRTUAL TABLE INDEX" in step for step in steps)


async def test_a_page_of_lines_is_looked_up_by_id(filled: Clinic):
    ids = (await listing.session_entries(filled.database)).ids
    steps = await plans(filled.database, listing.session_lines(filled.database, ids))
    assert scans(steps) == []
    assert not [step for step in steps if step.startswith("SCAN")]


async def test_children_and_history_are_looked_up_by_index(filled: Clinic):
    (child,) = await listing.find_children(filled.database, "john", limit=1)
    asked = (
        listing.find_children(filled.database, "john"),
        listing.child_of(filled.database, child.last_session),
        listing.metric_history(
            filled.database, child_id=child.child_id, task_name="walk", side="none", metric_name="speed"
        ),
    )
    for ask in asked:
        steps = await plans(filled.database, ask)
        assert steps
        assert not [step for step in steps if re.match(r"SCAN (sessions|task_results|metrics)\b", step)], (
            steps
        )
