"""Invented records: believable, the same for the same seed, and only where there is nothing yet."""

import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from desktop import crud
from desktop.age import age_on
from desktop.crud import local_day
from desktop.database import Database
from desktop.errors import Invalid
from desktop.export.canonical import Document
from desktop.export.json_file import write_json
from desktop.export.selection import select_sessions
from desktop.plausibility import odd_duration, odd_height, odd_metric, odd_weight
from desktop.protocols import bundled
from desktop.schemas import NewSession, SessionRecord
from desktop.services.demo import fill
from desktop.services.parsing import parse_document
from desktop.services.people import create_person, list_people
from tests.helpers.clocks import StillClock
from tests.helpers.stores import opened


async def filled(database: Database, folder: Path, *, sessions: int, seed: int = 1) -> Document:
    """What a filling wrote, read by the import, which refuses whatever may not be recorded."""
    await fill(database, sessions=sessions, seed=seed)
    path = folder / "demo.json"
    await write_json(database, path, await select_sessions(database))
    return parse_document(path.read_bytes())


def of_children(document: Document) -> list[list[SessionRecord]]:
    """Each child's sessions, oldest first."""
    children: dict[object, list[SessionRecord]] = {}
    for session in sorted(document.sessions, key=lambda session: session.started_at):
        children.setdefault(session.child_id, []).append(session)
    return list(children.values())


async def test_so_many_sessions_are_made_on_either_database(database: Database, tmp_path: Path):
    told: list[tuple[int, int]] = []
    assert await fill(database, sessions=1234, progress=lambda *step: told.append(step)) == 1234
    assert len(await select_sessions(database)) == 1234
    assert told == [(1000, 1234), (1234, 1234)]


async def test_the_same_seed_makes_the_same_records_and_another_one_others(sqlite_url: URL, tmp_path: Path):
    found = []
    for place, seed in enumerate((7, 7, 8)):
        copy = tmp_path / f"{place}.sqlite3"
        copy.write_bytes(Path(sqlite_url.database or "").read_bytes())
        async with opened(sqlite_url.set(database=str(copy)), clock=StillClock()) as database:
            found.append(await filled(database, tmp_path, sessions=30, seed=seed))
    assert found[0] == found[1]
    assert found[0] != found[2]


async def test_what_is_invented_could_be_true(sqlite_url: URL, tmp_path: Path):
    async with opened(sqlite_url, clock=StillClock()) as database:
        document = await filled(database, tmp_path, sessions=300)
    protocol = bundled()[0]
    for session in document.sessions:
        assert session.child_date_of_birth is not None
        age = age_on(session.child_date_of_birth, local_day(session.started_at, 0))
        assert session.child_age == age.years
        assert odd_height(session.child_height_cm or 0, age=age) is None
        assert odd_weight(session.child_weight_kg or 0, age=age) is None
        for task in session.task_results:
            spec = protocol.task(task.task_name)
            assert spec is not None
            assert task.duration_seconds is None or odd_duration(task.duration_seconds) is None
            assert not task.metrics or task.status in ("success", "partial", "failed")
            for metric in task.metrics:
                measured = spec.metric(metric.metric_name)
                assert measured is not None
                assert metric.unit == measured.unit
                assert odd_metric(measured, metric.metric_value) is None


async def test_children_come_again_and_grow(sqlite_url: URL, tmp_path: Path):
    async with opened(sqlite_url, clock=StillClock()) as database:
        document = await filled(database, tmp_path, sessions=300)
    again = [visits for visits in of_children(document) if len(visits) > 1]
    assert len(again) > 30
    for visits in again:
        assert [visit.session_type for visit in visits] == ["initial"] + ["follow_up"] * (len(visits) - 1)
        assert len({(visit.child_name, visit.child_code, visit.child_date_of_birth) for visit in visits}) == 1
        heights = [visit.child_height_cm or 0 for visit in visits]
        assert heights == sorted(heights)
        assert visits[-1].started_at - visits[0].started_at > timedelta(days=70)


async def test_names_are_of_many_scripts_and_every_outcome_is_there(sqlite_url: URL, tmp_path: Path):
    async with opened(sqlite_url, clock=StillClock()) as database:
        document = await filled(database, tmp_path, sessions=300)
    letters = "".join(session.child_name for session in document.sessions)
    scripts = {unicodedata.name(letter, "").split()[0] for letter in letters}
    assert {"LATIN", "ARABIC", "CJK"} <= scripts
    assert not letters.isascii()
    outcomes = {task.status for session in document.sessions for task in session.task_results}
    assert outcomes == {None, "success", "partial", "failed", "not_tested", "refused"}


@pytest.mark.parametrize("hour", [0, 3, 9, 16, 23])
async def test_the_list_has_today_and_yesterday_and_nothing_in_the_future(
    sqlite_url: URL, tmp_path: Path, hour: int
):
    clock = StillClock()
    clock.wall = clock.wall.replace(hour=hour, minute=1)
    async with opened(sqlite_url, clock=clock) as database:
        document = await filled(database, tmp_path, sessions=24)
    days = [(clock.wall.date() - session.started_at.date()).days for session in document.sessions]
    assert {0, 1} <= set(days)
    assert min(days) == 0
    assert any(session.completed_at is None for session in document.sessions)
    for session in document.sessions:
        instants = [session.started_at, session.updated_at, session.created_at]
        instants += [task.updated_at for task in session.task_results]
        assert max(instants) <= clock.wall


async def test_records_that_are_there_are_not_mixed_with_invented_ones(database: Database):
    person = await create_person(database, name="Dr. Amira Haddad")
    async with database.write(actor=person) as db:
        session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
        await crud.delete_session(db, session.id)
    with pytest.raises(Invalid, match="There are records here already"):
        await fill(database, sessions=1)
    assert await select_sessions(database) == []


async def test_an_assessor_who_is_known_records_them_all(database: Database, tmp_path: Path):
    person = await create_person(database, name="Dr. Amira Haddad")
    await fill(database, sessions=10, assessor=person)
    assert [found.id for found in await list_people(database)] == [person]
    async with database.read() as db:
        assert {session.assessor for session in await crud.list_sessions(db)} == {person}


@pytest.mark.parametrize("number", [0, -1, 1_000_001])
async def test_a_number_without_sense_is_refused(sqlite: Database, number: int):
    with pytest.raises(Invalid, match="between 1 and 1,000,000"):
        await fill(sqlite, sessions=number)
