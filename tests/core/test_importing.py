"""The import: all of a file or nothing of it, twice is the same as once, on both databases."""

import hashlib
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from desktop import crud
from desktop.clock import SystemClock
from desktop.database import Database, sqlite_url
from desktop.errors import Conflict, Invalid
from desktop.export.canonical import Document, canonical
from desktop.export.formats import ExportOptions, write_export
from desktop.export.json_file import write_json
from desktop.export.selection import select_sessions
from desktop.export.snapshot import open_snapshot
from desktop.models import Base, Person, StoredProtocol
from desktop.protocols import Protocol, bundled
from desktop.rows import insert_rows
from desktop.schema import init_db
from desktop.schemas import NewMetric, NewSession, NewTaskResult, ProtocolRecord, SessionRecord
from desktop.services import reading
from desktop.services.importing import Outcome, run_import
from desktop.services.parsing import parse_document
from desktop.services.people import create_person
from desktop.services.reading import read_document
from desktop.services.recording import begin_session, keep_protocol, load_session, protocol_id, protocol_row
from desktop.services.refusals import Refused
from tests.helpers.records import (
    ASSESSOR,
    NOW,
    a_document,
    a_metric,
    a_person,
    a_session,
    a_task,
    sessions,
    stamps,
)

NOTHING = {
    "sessions": 0,
    "task_results": 0,
    "metrics": 0,
    "people": 0,
    "protocols": 0,
    "session_search": 0,
    "drafts": 0,
}
FIELDS = "".join(f',"field {number}":0' for number in range(1500))


async def row_counts(database: Database) -> dict[str, int]:
    async with database.read() as db:
        return {
            table.name: await db.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name in NOTHING
        }


async def exported(database: Database, folder: Path) -> bytes:
    path = folder / "export.json"
    await write_json(database, path, await select_sessions(database))
    return path.read_bytes()


async def taken(database: Database, *sessions: SessionRecord, **options: Any) -> Outcome:
    return await run_import(database, a_document(*sessions), actor=ASSESSOR, **options)


def with_metrics(session: SessionRecord, *metrics: Any) -> SessionRecord:
    first, *others = session.task_results
    first = first.model_copy(update={"metrics": metrics})
    return session.model_copy(update={"task_results": (first, *others)})


async def test_an_imported_file_is_exported_again_byte_for_byte(database: Database, tmp_path: Path):
    document = a_document(*(a_session() for _ in range(7)), people=(a_person(),))
    outcome = await run_import(database, document, actor=uuid4())
    assert outcome == Outcome(
        new=7, same=0, updated=0, people=("Dr. Amira Haddad",), protocols=0, dry_run=False
    )
    found = parse_document(await exported(database, tmp_path))
    assert canonical(found) == canonical(
        document.model_copy(update={"sessions": tuple(sorted(document.sessions, key=lambda s: s.id))})
    )


async def test_records_of_the_window_come_back_the_same_in_another_folder(database: Database, tmp_path: Path):
    assessor = await create_person(database, name="Dr. Amira Haddad")
    async with database.write(actor=assessor) as db:
        await keep_protocol(db, bundled()[0])
        new = NewSession(
            child_name="John Doe", child_age=8, protocol_name="motor-screening", protocol_version=1
        )
        session = await crud.create_session(db, new)
        task = await crud.create_task_result(
            db, session.id, NewTaskResult(task_name="raise_hand", duration_seconds=15.5, status="success")
        )
        kept = NewMetric(metric_name="max_angle", metric_value=165.5)
        gone = await crud.create_metric(db, task.id, NewMetric(metric_name="accuracy", metric_value=0.95))
        await crud.create_metrics_batch(db, task.id, [kept])
        await crud.delete_metric(db, gone.id)
    first = await exported(database, tmp_path)
    document = parse_document(first)
    assert [person.name for person in document.people] == ["Dr. Amira Haddad"]
    assert [protocol.name for protocol in document.protocols] == ["motor-screening"]
    other = Database(sqlite_url(tmp_path / "other.sqlite3"), clock=SystemClock())
    await init_db(other)
    await run_import(other, document, actor=uuid4())
    assert await exported(other, tmp_path) == first
    async with other.read() as db:
        assert [s.child_name for s in await crud.list_sessions(db, search="jOHN")] == ["John Doe"]
    await other.close()


async def test_a_second_import_of_the_same_file_does_nothing(database: Database, tmp_path: Path):
    document = a_document(a_session(), a_session())
    await run_import(database, document, actor=ASSESSOR)
    before = await exported(database, tmp_path)
    heard: list[object] = []
    database.feed.subscribe(heard.append)
    again = await run_import(database, document, actor=ASSESSOR)
    assert again == Outcome(new=0, same=2, updated=0, people=(), protocols=0, dry_run=False)
    assert await exported(database, tmp_path) == before
    assert heard == []


async def test_the_feed_hears_of_an_import_as_one_sweep(database: Database):
    heard: list[Any] = []
    database.feed.subscribe(heard.append)
    await taken(database, a_session())
    assert [(changes.sweeping, changes.rows, changes.actor) for changes in heard] == [(True, (), ASSESSOR)]


CHANGES = {
    "a field of the session": lambda s: s.model_copy(update={"notes": "Other notes"}),
    "a field that becomes unknown": lambda s: s.model_copy(update={"child_height_cm": None}),
    "one more task": lambda s: s.model_copy(update={"task_results": (*s.task_results, a_task(s.id))}),
    "one task fewer": lambda s: s.model_copy(update={"task_results": s.task_results[1:]}),
    "one metric fewer": lambda s: with_metrics(s, s.task_results[0].metrics[0]),
    "one more metric": lambda s: with_metrics(
        s, *s.task_results[0].metrics, a_metric(s.task_results[0].id, "stability")
    ),
    "another value": lambda s: with_metrics(
        s, *(m.model_copy(update={"metric_value": m.metric_value / 3}) for m in s.task_results[0].metrics)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_other_content_refuses_the_whole_file_unless_it_may_update(
    database: Database, tmp_path: Path, change: Any
):
    kept, changed, new = a_session(), a_session(), a_session()
    await taken(database, kept, changed)
    before, counts = await exported(database, tmp_path), await row_counts(database)
    file = (kept, change(changed), new)
    with pytest.raises(Conflict, match="1 session of this file is here already with other content"):
        await taken(database, *file)
    assert (await exported(database, tmp_path), await row_counts(database)) == (before, counts)
    outcome = await taken(database, *file, update=True)
    assert outcome == Outcome(new=1, same=1, updated=1, people=(), protocols=0, dry_run=False)
    expected = a_document(*sorted(file, key=lambda session: session.id))
    assert canonical(parse_document(await exported(database, tmp_path))) == canonical(expected)
    assert (await taken(database, *file)).same == 3


async def test_a_session_that_was_deleted_here_comes_back_by_an_update(database: Database, tmp_path: Path):
    session = a_session()
    await taken(database, session)
    before = await exported(database, tmp_path)
    async with database.write(actor=ASSESSOR) as db:
        await crud.delete_session(db, session.id)
    with pytest.raises(Conflict):
        await taken(database, session)
    await taken(database, session, update=True)
    assert await exported(database, tmp_path) == before


async def test_a_task_of_another_session_is_not_taken_from_it(database: Database, tmp_path: Path):
    mine, thief = a_session(), a_session()
    await taken(database, mine)
    before = await row_counts(database)
    stolen = mine.task_results[0].model_copy(update={"session_id": thief.id})
    with pytest.raises(Conflict, match="belong to other sessions"):
        await taken(database, thief.model_copy(update={"task_results": (stolen,)}), update=True)
    assert await row_counts(database) == before


async def test_a_dry_run_tells_all_and_writes_nothing(database: Database):
    document = a_document(a_session(), people=(a_person(),))
    outcome = await run_import(database, document, actor=ASSESSOR, dry_run=True)
    assert outcome == Outcome(
        new=1, same=0, updated=0, people=("Dr. Amira Haddad",), protocols=0, dry_run=True
    )
    assert await row_counts(database) == NOTHING


async def test_known_people_keep_their_names(database: Database):
    await run_import(database, a_document(a_session(), people=(a_person(),)), actor=ASSESSOR)
    renamed = a_person(name="Somebody else")
    await run_import(database, a_document(a_session(), people=(renamed,)), actor=ASSESSOR)
    async with database.read() as db:
        assert (await db.scalars(select(Person.name))).all() == ["Dr. Amira Haddad"]


async def test_updated_notes_are_found_and_the_old_ones_no_longer(database: Database):
    session = a_session(notes="Wears an orthosis")
    await taken(database, session)
    await taken(database, session.model_copy(update={"notes": "Walks barefoot"}), update=True)
    async with database.read() as db:
        assert len(await crud.list_sessions(db, search="BAREFOOT")) == 1
        assert len(await crud.list_sessions(db, search="orthosis")) == 0


async def test_others_can_save_while_records_are_staged(database: Database):
    """Staging locks nothing: what is recorded meanwhile is stored at once."""
    saved: list[UUID] = []

    async def save() -> None:
        async with database.write(actor=ASSESSOR) as db:
            saved.append((await crud.create_session(db, NewSession(child_name="Zoë", child_age=3))).id)

    async with database.staging() as connection:
        await connection.exec_driver_sql("CREATE TEMPORARY TABLE incoming (id INTEGER)")
        await connection.exec_driver_sql("INSERT INTO incoming VALUES (1)")
        await save()
        async with database.write(actor=ASSESSOR, staged=connection) as db:
            await db.execute(select(func.count()).select_from(Person))
        await save()
    async with database.read() as db:
        assert {session.id for session in await crud.list_sessions(db)} == set(saved)


async def test_progress_is_told_to_the_end(database: Database):
    told: list[tuple[int, int]] = []
    await taken(database, *(a_session() for _ in range(120)), progress=lambda *step: told.append(step))
    assert told[-1] == (120, 120)
    assert told == sorted(told)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(session=sessions())
async def test_any_session_survives_the_database_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, session: SessionRecord
):
    folder = tmp_path_factory.mktemp("records")
    database = Database(sqlite_url(folder / "records.sqlite3"), clock=SystemClock())
    await init_db(database)
    await taken(database, session)
    assert await exported(database, folder) == canonical(a_document(session))
    await database.close()


# Files that are refused


def raw(**fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(canonical(a_document(a_session(), people=(a_person(),))))
    return {**found, **fields}


def a_protocol(title: str = "") -> dict[str, Any]:
    """Return the bundled protocol as a file has it, with another title if that is given."""
    protocol = bundled()[0].model_copy(update={"title": {"en": title}}) if title else bundled()[0]
    return ProtocolRecord(**{**stamps(), **protocol_row(protocol)}).model_dump(mode="json")


def changed(path: tuple[str | int, ...], value: object) -> bytes:
    document = raw()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(document).encode()


def replaced(old: str, new: str) -> bytes:
    text = json.dumps(raw(), separators=(",", ":"))
    assert old in text
    return text.replace(old, new, 1).encode()


SESSION, TASK = ("sessions", 0), ("sessions", 0, "task_results", 1)
METRIC = (*TASK, "metrics", 0)
HOSTILE = {
    "nothing": (b"", "damaged or incomplete"),
    "not text": (b"\xff\xfe\x00", "not written in UTF-8"),
    "not JSON": (b"child_name;child_age\nJohn;8\n", "line 1, character 1"),
    "half a file": (canonical(a_document(a_session()))[:-40], "damaged or incomplete"),
    "two documents": (b"{}{}", "damaged or incomplete"),
    "a list": (b"[]", "dictionary|object"),
    "nothing inside": (b"{}", "does not hold Kinelog's records"),
    "another format": (changed(("format",), "redcap"), "does not hold Kinelog's records"),
    "a later version": (changed(("version",), 2), "not of version 1"),
    "a version in words": (changed(("version",), "1"), "not of version 1"),
    "NaN": (replaced('"metric_value":0.95', '"metric_value":NaN'), "NaN, which is not a number"),
    "an infinity": (replaced('"metric_value":0.95', '"metric_value":-Infinity'), "Infinity"),
    "1e999": (replaced('"metric_value":0.95', '"metric_value":1e999'), "Session 1, task 1, metric [12]: The value"),
    "endless digits": (replaced('"metric_value":0.95', '"metric_value":' + "9" * 6000), "damaged|The value"),
    "a number in words": (changed((*METRIC, "metric_value"), "0.5"), "Session 1, task 2, metric 1: The value"),
    "yes for a number": (changed((*METRIC, "metric_value"), True), "metric 1: The value"),
    "2**63": (changed((*TASK, "position"), 2**63), "Session 1, task 2: "),
    "a large version": (changed((*SESSION, "protocol_version"), 2**63), "Session 1: "),
    "an age of 121": (changed((*SESSION, "child_age"), 121), "Session 1: The age"),
    "a fraction of a year": (changed((*SESSION, "child_age"), 7.5), "Session 1: The age"),
    "brackets without end": (b'{"format":' + b"[" * 100_000, "damaged|deep"),
    "a deep note": (changed((*SESSION, "notes"), json.loads("[" * 300 + "]" * 300)), "Session 1|JSON|deep"),
    "a field twice": (replaced('"version":1', '"version":1,"version":1'), "“version” twice"),
    "an inner field twice": (replaced('"notes":""', '"notes":"","notes":"x"'), "“notes” twice"),
    "half a character": (replaced('"John Doe"', '"\\ud800"'), "damaged or incomplete"),
    "NUL": (replaced('"John Doe"', '"John\\u0000Doe"'), "Session 1: The child's name"),
    "NUL in the source": (replaced('"manual"', '"capture:\\u0000"'), "Session 1, task"),
    "an unknown field": (changed((*TASK, "grade"), 1), "Session 1, task 2: The field “grade” is not known"),
    "a deleted row": (changed((*SESSION, "deleted"), True), "Session 1: The field “deleted” is not known"),
    "a sync column": (changed((*METRIC, "rev"), 0), "metric 1: The field “rev” is not known"),
    "two lines in a name": (changed((*SESSION, "a\nb"), 1), r"The field “a\?b”"),
    "a missing field": (replaced('"consent":"unknown",', ""), "Session 1: The field “consent” is missing"),
    "no tasks at all": (
        json.dumps(raw(sessions=[{k: v for k, v in raw()["sessions"][0].items() if k != "task_results"}])).encode(),
        "“task_results” is missing",
    ),
    "an unknown outcome": (changed((*TASK, "status"), "won"), "Session 1, task 2: "),
    "no zone": (changed((*SESSION, "started_at"), "2026-03-14T09:26:53"), "Session 1: "),
    "before all time": (changed((*SESSION, "started_at"), "0001-01-01T00:00:00+14:00"), "Session 1: "),
    "no day": (changed((*SESSION, "child_date_of_birth"), "2019-02-30"), "Session 1: The date of birth"),
    "born later": (changed((*SESSION, "child_date_of_birth"), "2026-03-15"), "Session 1: The date of birth"),
    "no id": (changed((*SESSION, "id"), "seven"), "Session 1: "),
    "a metric's id of another name": (changed((*METRIC, "id"), str(uuid4())), "metric 1: The id does not belong"),
    "a task of another session": (changed((*TASK, "session_id"), str(uuid4())), "Session 1, task 2: It names another"),
    "a metric of another task": (changed((*METRIC, "task_id"), str(uuid4())), "metric 1: It names another"),
    "a session twice": (json.dumps(raw(sessions=raw()["sessions"] * 2)).encode(), "Session 2: The id .* twice"),
    "a person twice": (json.dumps(raw(people=raw()["people"] * 2)).encode(), "Person 2: The id .* is there twice"),
    "a protocol that was changed": (
        json.dumps(raw(protocols=[{
            "id": str(uuid4()), "created_at": str(NOW), "updated_at": str(NOW), "created_by": str(ASSESSOR),
            "updated_by": str(ASSESSOR), "utc_offset_minutes": 0, "name": "p", "version": 1,
            "content": '{"name": "p", "version": 1}',
            "sha256": "0" * 64,
        }])).encode(),
        "Protocol 1: The content does not match its hash",
    ),
    "a field twice among thousands": (replaced('"notes":""', f'"notes":""{FIELDS}'), "more fields than any"),
    "thousands of empty records": (replaced('"metrics":[', f'"metrics":[{"{},"*9999}'), "shorter than any"),
    "a protocol under the id of another": (
        json.dumps(raw(protocols=[{**a_protocol(), "id": str(uuid4())}])).encode(),
        "Protocol 1: The id does not belong to the content",
    ),
    "a protocol under the name of another": (
        json.dumps(raw(protocols=[{**a_protocol(), "name": "hopping"}])).encode(),
        "Protocol 1: The name and the version do not belong to the content",
    ),
    "another version of a protocol": (
        json.dumps(raw(protocols=[{**a_protocol(), "version": 2}])).encode(),
        "Protocol 1: The name and the version do not belong to the content",
    ),
    "two protocols of one name": (
        json.dumps(raw(protocols=[a_protocol(), a_protocol("Another")])).encode(),
        "Protocol 2: Another protocol of this file has the same name and version",
    ),
    "a protocol of a million letters": (
        json.dumps(raw(protocols=[{**a_protocol(), "content": "x" * 1_000_001}])).encode(),
        "Protocol 1: ",
    ),
    "a code of two children": (
        canonical(a_document(a_session(child_code="K7MN2PQR"), a_session(child_code="K7MN2PQR"))),
        "Session 2: Another child of this file has the code K7MN2PQR",
    ),
    "a child with two codes": (
        canonical(a_document(a_session(child_id=ASSESSOR), a_session(child_id=ASSESSOR, child_code="K7MN2PQR"))),
        "Session 2: The child has another code elsewhere",
    ),
    "an empty name": (changed((*SESSION, "child_name"), "  "), "Session 1: The child's name"),
    "a null name": (changed((*SESSION, "child_name"), None), "Session 1: The child's name"),
    "sessions as an object": (json.dumps(raw(sessions={})).encode(), "."),
}  # fmt: skip


@pytest.mark.parametrize(("file", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_does_not_fit_is_refused_in_words(file: bytes, reason: str):
    with pytest.raises(Invalid, match=reason) as refused:
        parse_document(file)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_every_record_that_does_not_fit_is_told_with_its_place():
    document = raw(sessions=raw()["sessions"] * 2)
    document["sessions"][0]["task_results"][1]["metrics"][0]["id"] = str(uuid4())
    with pytest.raises(Refused) as refused:
        parse_document(json.dumps(document).encode())
    told = [str(one) for one in refused.value.refusals]
    assert told[0] == "Session 1, task 2, metric 1: The id does not belong to the metric's name."
    assert [place.split(":")[0] for place in told[1:]][:2] == ["Session 2", "Session 2, task 1"]
    assert str(refused.value).endswith(f"{len(told) - 1} more places do not fit.")


def test_a_file_above_the_cap_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "LARGEST_BYTES", 10)
    (tmp_path / "large.json").write_bytes(b"{" * 11)
    with pytest.raises(Invalid, match="larger than 256 MB"):
        read_document(tmp_path / "large.json", key=b"")


@pytest.mark.parametrize("short", [b"[],", b"10,", b'"",'], ids=["lists", "numbers", "texts"])
def test_a_file_of_almost_nothing_takes_no_memory(short: bytes):
    file = canonical(a_document()).replace(b'"sessions":[', b'"sessions":[' + short * 500_000 + b"1")
    tracemalloc.start()
    with pytest.raises(Invalid, match="values are shorter"):
        parse_document(file)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 5 * len(file)


def test_a_note_of_commas_and_brackets_is_a_note():
    session = a_session(notes="[," * 10_000, task_results=())
    assert parse_document(canonical(a_document(session))).sessions == (session,)


def test_of_a_million_wrong_records_only_the_first_is_looked_at():
    file = json.dumps(raw(sessions=["not a session"] * 1_000_000)).encode()
    tracemalloc.start()
    with pytest.raises(Invalid, match="Session 1"):
        parse_document(file)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 20 * len(file)  # a complaint for each would take some hundred times the file


def of_protocols(*protocols: Protocol) -> Document:
    records = tuple(ProtocolRecord(**{**stamps(), **protocol_row(protocol)}) for protocol in protocols)
    return Document(format="kinelog", version=1, people=(), protocols=records, sessions=())


@pytest.mark.parametrize("of", ["Kinelog", "somebody here"])
async def test_a_file_cannot_change_the_protocol_of_what_was_recorded_here(database: Database, of: str):
    ours = bundled()[0]
    if of != "Kinelog":
        ours = ours.model_copy(update={"name": "our-own"})
        await run_import(database, of_protocols(ours), actor=ASSESSOR)
    actor, session_id = uuid4(), uuid4()
    new = NewSession(child_name="Ada Marsh", child_age=7)
    await begin_session(database, actor=actor, new=new, protocol=ours, session_id=session_id)
    theirs = ours.model_copy(update={"title": {"en": "Another"}, "tasks": ours.tasks[:1]})
    for dry_run in (True, False):
        with pytest.raises(Conflict, match=f"“{ours.name}” of this file is another"):
            await run_import(database, of_protocols(theirs), actor=actor, dry_run=dry_run)
    assert (await run_import(database, of_protocols(ours), actor=actor)).protocols == 0
    assert (await load_session(database, session_id)).protocol == ours


async def test_protocols_of_an_older_kinelog_that_clash_change_nothing(database: Database, tmp_path: Path):
    """A file could once bring another protocol under the name of one that comes with Kinelog."""
    ours = bundled()[0]
    session_id = uuid4()
    new = NewSession(child_name="Ada Marsh", child_age=7)
    await begin_session(database, actor=ASSESSOR, new=new, protocol=ours, session_id=session_id)
    labels = tuple(task.model_copy(update={"labels": {"en": "Theirs"}}) for task in ours.tasks)
    others = [ours.model_copy(update={"title": {"en": f"{number}"}, "tasks": labels}) for number in range(8)]
    rows = [protocol_row(other) for other in others]
    digest = hashlib.sha256(b"{}").hexdigest()
    rows.append({"id": protocol_id(digest), "name": "x", "version": 1, "content": "{}", "sha256": digest})
    async with database.write(actor=ASSESSOR) as db:
        await insert_rows(db, StoredProtocol, rows)
    for form in ("csv", "xlsx", "fhir", "redcap", "datapackage", "pdf"):
        path = tmp_path / form
        await write_export(database, path, [session_id], actor=ASSESSOR, options=ExportOptions(form))
    async with open_snapshot(database, [session_id], actor=ASSESSOR) as snapshot:
        assert snapshot.protocols[ours.name, ours.version] == ours


@pytest.mark.parametrize(
    "told",
    [{"child_code": "K7MN2PQR"}, {"child_id": ASSESSOR, "child_code": "AAAA2222"}],
    ids=["the code of another child", "another code of a child"],
)
async def test_a_file_cannot_join_two_children_or_part_one(database: Database, told: dict[str, Any]):
    here = a_session(child_id=ASSESSOR, child_code="K7MN2PQR")
    await taken(database, here)
    with pytest.raises(Conflict, match="child's code to another child"):
        await taken(database, a_session(**told))
    again = a_session(child_id=ASSESSOR, child_code="K7MN2PQR", child_name="Jonathan Doe")
    assert (await taken(database, again)).new == 1


@pytest.mark.parametrize(
    ("began", "offset"),
    [(datetime.max.replace(tzinfo=UTC), 60), (datetime.min.replace(tzinfo=UTC), -60)],
    ids=["the last minute", "the first minute"],
)
@pytest.mark.parametrize("form", ["csv", "xlsx", "fhir", "redcap", "datapackage", "pdf"])
async def test_a_session_at_the_end_of_the_calendar_is_handed_out(
    sqlite: Database, tmp_path: Path, began: datetime, offset: int, form: Any
):
    session = a_session(started_at=began, utc_offset_minutes=offset)
    await taken(sqlite, session)
    for options in (ExportOptions(form), ExportOptions(form, kind="day")):
        await write_export(sqlite, tmp_path / "x", [session.id], actor=ASSESSOR, options=options)


async def test_a_failing_import_leaves_every_table_as_it_was(database: Database, tmp_path: Path):
    """The last row of many cannot be stored: none is."""
    await taken(database, a_session())
    before, counts = await exported(database, tmp_path), await row_counts(database)
    bad = a_session()
    bad = bad.model_copy(update={"task_results": (a_task(uuid4()),)})  # its session is in no table
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await run_import(
            database,
            Document.model_construct(people=(), protocols=(), sessions=(a_session(), bad)),
            actor=ASSESSOR,
        )
    assert (await exported(database, tmp_path), await row_counts(database)) == (before, counts)
