"""The canonical JSON: one form for one record, and the record back from it."""

import json
import math
import struct
from datetime import date
from uuid import UUID, uuid4

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from desktop import crud
from desktop.database import Database
from desktop.errors import Invalid, NotFound
from desktop.export.canonical import ORDERS, canonical, content_hash, json_schema, published
from desktop.export.trees import canonical_tree, read_trees, tree_hash, tree_of
from desktop.records import session_record
from desktop.schemas import MetricRecord, NewMetric, NewSession, NewTaskResult, SessionRecord, TaskRecord
from desktop.services.parsing import parse_document
from tests.helpers.records import a_document, a_metric, a_person, a_session, a_task, sessions


def in_order(session: SessionRecord) -> SessionRecord:
    """The session as it comes back: its lists in the one order."""
    found = [
        task.model_copy(update={"metrics": tuple(sorted(task.metrics, key=ORDERS[MetricRecord]))})
        for task in sorted(session.task_results, key=ORDERS[TaskRecord])
    ]
    return session.model_copy(update={"task_results": tuple(found)})


@given(sessions())
def test_any_session_comes_back_bit_for_bit(session: SessionRecord):
    document = a_document(session)
    found = parse_document(canonical(document))
    assert found.sessions == (in_order(session),)
    assert canonical(found) == canonical(document)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_comes_back_with_all_its_bits(number: float):
    task = a_task(a_session().id)
    task = task.model_copy(update={"metrics": (a_metric(task.id, "value", number),)})
    session = a_session(id=task.session_id, task_results=[task])
    (found,) = parse_document(canonical(a_document(session))).sessions
    back = found.task_results[0].metrics[0].metric_value
    assert struct.pack("<d", back) == struct.pack("<d", number + 0.0)
    assert math.copysign(1, back) == (1 if number == 0 else math.copysign(1, number))


def test_the_form_is_that_of_rfc_8785():
    raw = canonical(a_document(a_session(child_name="Zoë \u20ac \U0001f600"), people=(a_person(),)))
    assert rfc8785.dumps(json.loads(raw)) == raw
    assert '"child_name":"Zoë \u20ac \U0001f600"'.encode() in raw


@given(sessions())
def test_plain_values_have_the_same_form_as_their_record(session: SessionRecord):
    raw = canonical(session)
    assert canonical_tree(json.loads(raw)) == raw  # whose keys are in order already
    assert canonical_tree(tree_of(session)) == raw


NUMBERS = (1e-4, 9.999e-5, 1e-5, 1.5e-7, 1e-7, -5e-324, 1e15, 2**53, 1e20, 1e21, -1.5e300, 0.1, -0.0, 150.0)


@pytest.mark.parametrize("notes", ["re-test 1e-5", ':1e-5,"\\', "\u2028é\U0001f600\n\t"])
async def test_stored_sessions_are_read_in_their_canonical_form(database: Database, notes: str):
    new = NewSession(
        child_name="Zoë", child_date_of_birth=date(2019, 7, 14), child_height_cm=130.0, notes=notes
    )
    async with database.write(actor=uuid4()) as db:
        session, other = [await crud.create_session(db, new) for _ in range(2)]
        names = ("jump", "walk", "gone")
        tasks = [
            await crud.create_task_result(db, session.id, NewTaskResult(task_name=name, position=position))
            for name, position in zip(names, (1, 0, 2), strict=True)
        ]
        values = [
            NewMetric(metric_name=f"value_{place}", metric_value=number)
            for place, number in enumerate(NUMBERS)
        ]
        metrics = await crud.create_metrics_batch(db, tasks[0].id, values)
        await crud.create_metrics_batch(db, tasks[1].id, values[-3:])
        await crud.delete_metric(db, metrics[3].id)
        await crud.delete_task_result(db, tasks[2].id)
    async with database.read() as db:
        (trees,) = [page async for page in read_trees(db, [other.id, session.id])]
        records = [session_record(await crud.get_session(db, row.id)) for row in (other, session)]
    assert [canonical_tree(tree) for tree in trees] == [canonical(record) for record in records]
    assert [tree_hash(tree) for tree in trees] == [content_hash(record) for record in records]


ALONE = (5.483839039126077e16, 2.0**53 + 2, 9_999_999_999_999_998.0, 1e16, 1.2345678901234568e20)


@pytest.mark.parametrize("number", [*NUMBERS, *ALONE, *(-number for number in ALONE)])
async def test_one_number_alone_is_read_in_its_canonical_form(database: Database, number: float):
    async with database.write(actor=uuid4()) as db:
        session = await crud.create_session(db, NewSession(child_name="Zoë", child_age=7))
        task = await crud.create_task_result(db, session.id, NewTaskResult(task_name="jump"))
        await crud.create_metric(db, task.id, NewMetric(metric_name="value", metric_value=number))
    async with database.read() as db:
        ((tree,),) = [page async for page in read_trees(db, [session.id])]
        record = session_record(await crud.get_session(db, session.id))
    assert canonical_tree(tree) == canonical(record)


async def test_a_session_that_is_gone_is_not_left_out_in_silence(database: Database):
    with pytest.raises(NotFound):
        async with database.read() as db:
            [page async for page in read_trees(db, [uuid4()])]


def test_instants_are_utc_with_six_digits():
    raw = json.loads(canonical(a_session(completed_at="2026-03-14T11:00:00+01:00")))
    assert raw["completed_at"] == "2026-03-14T10:00:00.000000Z"
    assert raw["started_at"] == "2026-03-14T09:26:53.589793Z"


def test_every_field_is_there_and_nothing_that_the_sync_keeps():
    raw = json.loads(canonical(a_session()))
    assert raw.keys() == SessionRecord.model_fields.keys()
    assert raw["child_identifier"] is None
    assert not raw.keys() & {"rev", "srv_seq", "hlc", "origin", "deleted"}


def test_the_hash_does_not_depend_on_the_order_in_which_rows_were_read():
    session = a_session()
    turned = session.model_copy(update={"task_results": session.task_results[::-1]})
    assert content_hash(turned) == content_hash(session)
    assert content_hash(session.model_copy(update={"notes": "Wears an orthosis"})) != content_hash(session)


def test_the_hash_of_a_version_1_session_never_changes():
    zero = UUID(int=0)
    task = a_task(zero, id=zero)
    session = a_session(id=zero, child_id=zero, child_code="K7MN2PQR", task_results=[task])
    assert content_hash(session) == "b894c124863d48419c07c9e7710baeb8632a3063ba1d75e912839d2a2e0d64c2"


def test_the_published_schema_is_the_one_of_the_models():
    assert json.loads(published()) == json_schema()


@given(sessions())
def test_what_is_written_fits_the_published_schema(session: SessionRecord):
    schema = json.loads(published())
    jsonschema.Draft202012Validator(schema).validate(json.loads(canonical(a_document(session))))


def test_the_schema_asks_for_every_field_as_the_import_does():
    schema = json.loads(published())
    jsonschema.Draft202012Validator.check_schema(schema)
    raw = json.loads(canonical(a_document(a_session())))
    del raw["sessions"][0]["remark"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(raw)
    with pytest.raises(Invalid, match="Session 1: The field “remark” is missing"):
        parse_document(json.dumps(raw).encode())
