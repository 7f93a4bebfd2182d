"""What the CRUD functions promise, on a SQLite file and on a real PostgreSQL alike.

One file above 400 lines: it is one contract, and whoever adds a database or a function sees all of it here.
"""

import math
import struct
import sys
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError

from desktop import crud
from desktop.changes import Changes
from desktop.codes import LETTERS
from desktop.database import Database
from desktop.errors import Invalid, NotFound
from desktop.models import Metric, Session, TaskResult
from desktop.records import session_record
from desktop.schemas import NewMetric, NewSession, NewTaskResult, SessionRecord
from tests.helpers.clocks import NOON, StillClock

UNKNOWN = UUID("0198f000-0000-7000-8000-000000000000")


class Desk:
    """One intention a call, each in a scope of its own."""

    def __init__(self, database: Database, actor: UUID, clock: StillClock) -> None:
        self.database = database
        self.actor = actor
        self.clock = clock

    async def write(self, function: Any, *arguments: Any, **named: Any) -> Any:
        self.clock.pass_time(seconds=1)
        async with self.database.write(actor=self.actor) as db:
            return await function(db, *arguments, **named)

    async def read(self, function: Any, *arguments: Any, **named: Any) -> Any:
        async with self.database.read() as db:
            return await function(db, *arguments, **named)

    async def session(self, **fields: Any) -> Session:
        new = NewSession.model_validate({"child_name": "John Doe", "child_age": 8, **fields})
        session: Session = await self.write(crud.create_session, new)
        return session

    async def task(self, session_id: UUID, **fields: Any) -> TaskResult:
        new = NewTaskResult.model_validate({"task_name": "raise_hand", **fields})
        task: TaskResult = await self.write(crud.create_task_result, session_id, new)
        return task

    async def metric(self, task_id: UUID, value: float = 0.95, **fields: Any) -> Metric:
        new = NewMetric.model_validate({"metric_name": "accuracy", "metric_value": value, **fields})
        metric: Metric = await self.write(crud.create_metric, task_id, new)
        return metric

    async def tree(self, session_id: UUID) -> SessionRecord:
        return session_record(await self.read(crud.get_session, session_id))


@pytest.fixture
def desk(database: Database, actor: UUID) -> Desk:
    clock = StillClock()
    database.clock = clock
    return Desk(database, actor, clock)


def stored(row: Any) -> dict[str, Any]:
    """Return a row's columns."""
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def bits(value: float) -> bytes:
    return struct.pack(">d", value)


# Sessions


async def test_a_created_session_is_what_is_read_again(desk: Desk):
    made = await desk.session(
        child_date_of_birth=date(2017, 2, 28),
        child_sex="female",
        gestational_weeks=31,
        handedness="left",
        child_height_cm=130.5,
        child_weight_kg=28.0,
        child_identifier="K-1204",
        consent="given",
        consent_at=NOON,
        site="Ward 3",
        notes="shy\nat first",
        remark="tall for her age",
    )
    found = await desk.read(crud.get_session, made.id)
    assert stored(found) == stored(made)
    assert found.child_height_cm == 130.5
    assert found.notes == "shy\nat first"


async def test_a_bare_session_has_the_defaults_of_the_domain_model(desk: Desk):
    session = await desk.session()
    assert session.session_type == "initial"
    assert session.started_at == desk.clock.now()
    assert session.assessor == desk.actor
    assert (session.notes, session.site, session.consent) == ("", "", "unknown")
    assert session.completed_at is None
    assert len(session.child_code) == 8
    assert set(session.child_code) <= set(LETTERS)


async def test_every_row_says_who_and_when(desk: Desk):
    desk.clock.offset_minutes = 330
    session = await desk.session()
    task = await desk.task(session.id)
    metric = await desk.metric(task.id)
    for row in (session, task, metric):
        assert row.created_by == row.updated_by == desk.actor
        assert row.created_at == row.updated_at
        assert row.utc_offset_minutes == 330


async def test_an_edit_says_who_and_when_and_keeps_who_made_it(desk: Desk):
    session = await desk.session()
    first, desk.actor = desk.actor, uuid4()
    edited = await desk.write(crud.update_session, session.id, {"notes": "tired"})
    assert (edited.created_by, edited.updated_by) == (first, desk.actor)
    assert edited.created_at == session.created_at
    assert edited.updated_at == desk.clock.now()


async def test_an_edit_that_changes_nothing_leaves_the_row_alone(desk: Desk):
    session = await desk.session(notes="tired")
    told: list[Changes] = []
    desk.database.feed.subscribe(told.append)
    same = await desk.write(crud.update_session, session.id, {"notes": "tired"})
    assert same.updated_at == session.updated_at
    assert told == []


async def test_an_unknown_session_is_not_found(desk: Desk):
    for function in (crud.get_session, crud.get_task_results_by_session):
        with pytest.raises(NotFound):
            await desk.read(function, UNKNOWN)
    with pytest.raises(NotFound):
        await desk.write(crud.update_session, UNKNOWN, {"notes": "x"})
    for function in (crud.delete_session, crud.restore_session):
        with pytest.raises(NotFound):
            await desk.write(function, UNKNOWN)
    with pytest.raises(NotFound):
        await desk.task(UNKNOWN)


async def test_a_session_is_found_by_its_written_id(desk: Desk):
    session = await desk.session()
    for text in (str(session.id), str(session.id).upper(), session.id.hex):
        assert (await desk.read(crud.get_session_by_id_string, text)).id == session.id


@pytest.mark.parametrize("text", ["", "7", "John Doe", "%", "'; DROP TABLE sessions; --"])
async def test_what_is_no_id_is_refused(desk: Desk, text: str):
    with pytest.raises(Invalid, match="not the id of a session"):
        await desk.read(crud.get_session_by_id_string, text)


async def test_sessions_are_listed_newest_first_a_page_at_a_time(desk: Desk):
    made = [await desk.session(started_at=NOON + timedelta(days=day // 2)) for day in range(6)]
    expected = [session.id for session in reversed(made)]
    first = await desk.read(crud.list_sessions, limit=4)
    rest = await desk.read(crud.list_sessions, limit=4, before=first[-1])
    assert [session.id for session in [*first, *rest]] == expected
    assert len(rest) == 2


async def test_a_list_brings_no_trees_and_never_fetches_them_behind_the_back(desk: Desk):
    await desk.session()
    (line,) = await desk.read(crud.list_sessions)
    with pytest.raises(InvalidRequestError):
        list(line.task_results)


async def test_a_list_can_be_searched(desk: Desk):
    await desk.session(child_name="Zoë Łukasik")
    await desk.session(child_name="John Doe")
    (found,) = await desk.read(crud.list_sessions, search="zoe")
    assert found.child_name == "Zoë Łukasik"


async def test_a_deleted_session_hides_its_tree_until_it_is_restored(desk: Desk):
    session = await desk.session()
    task = await desk.task(session.id)
    metric = await desk.metric(task.id)
    before = await desk.tree(session.id)
    await desk.write(crud.delete_session, session.id)
    assert await desk.read(crud.list_sessions) == []
    for function, row_id in (
        (crud.get_session, session.id),
        (crud.get_task_results_by_session, session.id),
        (crud.get_task_result, task.id),
        (crud.get_metrics_by_task, task.id),
        (crud.get_metric, metric.id),
    ):
        with pytest.raises(NotFound):
            await desk.read(function, row_id)
    for function, *arguments in (
        (crud.update_session, session.id, {"notes": "x"}),
        (crud.delete_session, session.id),
        (crud.create_task_result, session.id, NewTaskResult(task_name="walk")),
        (crud.update_task_result, task.id, {"notes": "x"}),
        (crud.delete_task_result, task.id),
        (crud.create_metric, task.id, NewMetric(metric_name="accuracy", metric_value=1.0)),
        (crud.update_metric, metric.id, {"metric_value": 1.0}),
        (crud.delete_metric, metric.id),
    ):
        with pytest.raises(NotFound):
            await desk.write(function, *arguments)
    await desk.write(crud.restore_session, session.id)
    after = await desk.tree(session.id)
    assert after.task_results == before.task_results
    assert after.task_results[0].metrics[0].metric_value == 0.95


async def test_unknown_fields_are_refused(desk: Desk):
    for model in (NewSession, NewTaskResult, NewMetric):
        with pytest.raises(ValidationError):
            model.model_validate({"child_name": "A", "task_name": "a", "metric_name": "a", "shoe_size": 31})
    session = await desk.session()
    task = await desk.task(session.id)
    metric = await desk.metric(task.id)
    for function, row_id, field in (
        (crud.update_session, session.id, "shoe_size"),
        (crud.update_session, session.id, "child_code"),
        (crud.update_session, session.id, "deleted"),
        (crud.update_task_result, task.id, "session_id"),
        (crud.update_metric, metric.id, "metric_name"),
        (crud.update_metric, metric.id, "created_at"),
    ):
        with pytest.raises(Invalid, match=field):
            await desk.write(function, row_id, {field: "x"})


@pytest.mark.parametrize(
    "field", ["assessor", "started_at", "child_name", "notes", "site", "session_type", "consent"]
)
async def test_what_every_session_has_cannot_be_emptied(desk: Desk, field: str):
    session = await desk.session(notes="kept")
    with pytest.raises(Invalid):
        await desk.write(crud.update_session, session.id, {field: None})
    assert await desk.tree(session.id) == session_record(await desk.read(crud.get_session, session.id))


@pytest.mark.parametrize("field", ["position", "trial", "side", "task_name", "notes", "practice"])
async def test_what_every_task_result_has_cannot_be_emptied(desk: Desk, field: str):
    task = await desk.task((await desk.session()).id)
    with pytest.raises(Invalid):
        await desk.write(crud.update_task_result, task.id, {field: None})


@pytest.mark.parametrize("field", ["metric_value", "source"])
async def test_what_every_metric_has_cannot_be_emptied(desk: Desk, field: str):
    metric = await desk.metric((await desk.task((await desk.session()).id)).id)
    with pytest.raises(Invalid):
        await desk.write(crud.update_metric, metric.id, {field: None})


# The child


async def test_what_belongs_to_the_child_changes_in_all_the_childs_sessions(desk: Desk):
    first = await desk.session(child_name="Jon Doe")
    second = await desk.session(child_name="Jon Doe", child_id=first.child_id, session_type="follow_up")
    other = await desk.session(child_name="Jon Doe")
    await desk.write(
        crud.update_session,
        second.id,
        {"child_name": "John Doe", "child_sex": "male", "child_identifier": "7"},
    )
    for session_id in (first.id, second.id):
        record = await desk.tree(session_id)
        assert (record.child_name, record.child_sex, record.child_identifier) == ("John Doe", "male", "7")
    assert (await desk.tree(other.id)).child_name == "Jon Doe"


async def test_a_restored_session_has_what_was_learned_of_the_child_meanwhile(desk: Desk):
    first = await desk.session(child_name="Jon Doe")
    second = await desk.session(child_name="Jon Doe", child_id=first.child_id)
    await desk.write(crud.delete_session, first.id)
    await desk.write(crud.update_session, second.id, {"child_name": "John Doe"})
    await desk.write(crud.restore_session, first.id)
    assert (await desk.tree(first.id)).child_name == "John Doe"
    assert [s.child_name for s in await desk.read(crud.list_sessions, search="john")] == ["John Doe"] * 2


async def test_a_hidden_session_keeps_nobody_from_correcting_the_date_of_birth(desk: Desk):
    mistyped = await desk.session(started_at=datetime(2005, 11, 23, tzinfo=UTC))
    session = await desk.session(child_id=mistyped.child_id)
    await desk.write(crud.delete_session, mistyped.id)
    edited = await desk.write(crud.update_session, session.id, {"child_date_of_birth": date(2017, 11, 23)})
    assert edited.child_age == 8


async def test_what_belongs_to_one_visit_stays_with_it(desk: Desk):
    first = await desk.session(child_height_cm=128.0)
    second = await desk.session(child_id=first.child_id, child_height_cm=130.5)
    await desk.write(crud.update_session, second.id, {"child_height_cm": 131.0, "notes": "taller"})
    record = await desk.tree(first.id)
    assert (record.child_height_cm, record.notes) == (128.0, "")


async def test_a_child_keeps_its_code_and_another_child_has_another(desk: Desk):
    first = await desk.session()
    await desk.write(crud.delete_session, first.id)
    follow_up = await desk.session(child_id=first.child_id)
    assert follow_up.child_code == first.child_code
    assert (await desk.session()).child_code != first.child_code


async def test_age_is_computed_at_the_sessions_own_day(desk: Desk):
    born = date(2016, 2, 29)
    for started_at, age in (
        (datetime(2025, 2, 27, 12, tzinfo=UTC), 8),
        (datetime(2025, 2, 28, 12, tzinfo=UTC), 9),
        (datetime(2016, 2, 29, 12, tzinfo=UTC), 0),
    ):
        session = await desk.session(child_age=None, child_date_of_birth=born, started_at=started_at)
        assert session.child_age == age


async def test_the_sessions_day_is_the_one_on_the_wall_where_it_was_recorded(desk: Desk):
    desk.clock.offset_minutes = 120
    late = datetime(2025, 7, 13, 22, 30, tzinfo=UTC)  # half past midnight on the birthday
    session = await desk.session(child_date_of_birth=date(2017, 7, 14), started_at=late)
    assert session.child_age == 8


async def test_a_date_of_birth_sets_the_age_in_each_of_the_childs_sessions(desk: Desk):
    first = await desk.session(child_age=5, started_at=datetime(2024, 3, 1, tzinfo=UTC))
    second = await desk.session(
        child_age=5, child_id=first.child_id, started_at=datetime(2025, 3, 1, tzinfo=UTC)
    )
    await desk.write(crud.update_session, second.id, {"child_date_of_birth": date(2018, 1, 1)})
    assert (await desk.tree(first.id)).child_age == 6
    assert (await desk.tree(second.id)).child_age == 7


async def test_a_known_date_of_birth_decides_the_age_whatever_else_is_said(desk: Desk):
    session = await desk.session(child_date_of_birth=date(2017, 11, 23), child_age=3)
    assert session.child_age == 8
    edited = await desk.write(crud.update_session, session.id, {"child_age": 4})
    assert edited.child_age == 8
    moved = await desk.write(crud.update_session, session.id, {"started_at": NOON - timedelta(days=1)})
    assert moved.child_age == 7


async def test_without_date_of_birth_the_age_is_what_was_said(desk: Desk):
    session = await desk.session(child_age=3)
    assert (await desk.write(crud.update_session, session.id, {"child_age": 4})).child_age == 4


async def test_a_child_without_any_age_is_refused(desk: Desk):
    with pytest.raises(Invalid, match="date of birth, or the age"):
        await desk.session(child_age=None)
    session = await desk.session(child_age=3)
    with pytest.raises(Invalid):
        await desk.write(crud.update_session, session.id, {"child_age": None})


async def test_a_birth_after_the_session_is_refused(desk: Desk):
    with pytest.raises(Invalid, match="after this day"):
        await desk.session(child_date_of_birth=date(2030, 1, 1))
    session = await desk.session()
    with pytest.raises(Invalid, match="after this day"):
        await desk.write(crud.update_session, session.id, {"child_date_of_birth": date(2030, 1, 1)})


async def test_nobody_is_older_than_120_years(desk: Desk):
    with pytest.raises(Invalid, match="120"):
        await desk.session(child_date_of_birth=date(1817, 2, 28))
    session = await desk.session()
    with pytest.raises(Invalid, match="120"):
        await desk.write(crud.update_session, session.id, {"child_date_of_birth": date(1817, 2, 28)})


@pytest.mark.parametrize("offset", [-840, 840])
@pytest.mark.parametrize("edge", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
async def test_a_session_at_the_ends_of_the_calendar_is_kept(desk: Desk, offset: int, edge: datetime):
    desk.clock.offset_minutes = offset
    session = await desk.session(started_at=edge)
    assert (await desk.tree(session.id)).started_at == edge


# Task results


async def test_a_created_task_result_is_what_is_read_again(desk: Desk):
    session = await desk.session()
    made = await desk.task(
        session.id,
        side="left",
        trial=2,
        practice=True,
        status="success",
        duration_seconds=15.5,
        deviation="seated",
        notes="laughed",
        remark="slow on purpose",
        started_at=NOON,
    )
    found = await desk.read(crud.get_task_result, made.id)
    assert stored(found) == stored(made)
    assert (found.status, found.duration_seconds) == ("success", 15.5)


async def test_task_results_come_in_the_order_of_their_creation(desk: Desk):
    session = await desk.session()
    made = [await desk.task(session.id, position=place) for place in (5, 1, 3)]
    by_creation = await desk.read(crud.get_task_results_by_session, session.id)
    assert [task.id for task in by_creation] == [task.id for task in made]
    by_place = (await desk.tree(session.id)).task_results
    assert [task.position for task in by_place] == [1, 3, 5]


async def test_a_task_result_without_a_position_comes_last(desk: Desk):
    session = await desk.session()
    await desk.task(session.id, position=7)
    assert (await desk.task(session.id)).position == 8
    assert (await desk.task((await desk.session()).id)).position == 0


async def test_a_deleted_task_result_hides_its_metrics_until_it_is_restored(desk: Desk):
    session = await desk.session()
    task = await desk.task(session.id)
    metric = await desk.metric(task.id)
    await desk.write(crud.delete_task_result, task.id)
    assert (await desk.tree(session.id)).task_results == ()
    for function, row_id in (
        (crud.get_task_result, task.id),
        (crud.get_metrics_by_task, task.id),
        (crud.get_metric, metric.id),
    ):
        with pytest.raises(NotFound):
            await desk.read(function, row_id)
    with pytest.raises(NotFound):
        await desk.metric(task.id)
    await desk.write(crud.restore_task_result, task.id)
    assert [m.id for m in await desk.read(crud.get_metrics_by_task, task.id)] == [metric.id]


async def test_a_task_result_is_edited_and_its_open_fields_can_be_cleared(desk: Desk):
    task = await desk.task((await desk.session()).id, status="failed", duration_seconds=1.0, remark="why")
    edited = await desk.write(
        crud.update_task_result, task.id, {"status": "success", "duration_seconds": 15.5, "side": "right"}
    )
    assert (edited.status, edited.duration_seconds, edited.side) == ("success", 15.5, "right")
    cleared = await desk.write(
        crud.update_task_result, task.id, {"status": None, "duration_seconds": None, "remark": "  "}
    )
    assert (cleared.status, cleared.duration_seconds, cleared.remark) == (None, None, None)


async def test_an_unknown_task_result_is_not_found(desk: Desk):
    for function in (crud.get_task_result, crud.get_metrics_by_task):
        with pytest.raises(NotFound):
            await desk.read(function, UNKNOWN)
    for function, *arguments in (
        (crud.update_task_result, UNKNOWN, {"notes": "x"}),
        (crud.delete_task_result, UNKNOWN),
        (crud.restore_task_result, UNKNOWN),
        (crud.create_metric, UNKNOWN, NewMetric(metric_name="accuracy", metric_value=1.0)),
    ):
        with pytest.raises(NotFound):
            await desk.write(function, *arguments)


@pytest.mark.parametrize(
    "edit",
    [
        {"duration_seconds": -0.1},
        {"duration_seconds": 86_400.1},
        {"duration_seconds": math.nan},
        {"duration_seconds": math.inf},
        {"trial": 0},
        {"side": "up"},
        {"status": "great"},
        {"task_name": "  "},
        {"task_name": "x" * 101},
        {"notes": "nul \0"},
        {"notes": "lone \ud800"},
    ],
)
async def test_an_impossible_task_result_is_refused_and_nothing_changes(desk: Desk, edit: dict[str, Any]):
    task = await desk.task((await desk.session()).id)
    with pytest.raises(Invalid):
        await desk.write(crud.update_task_result, task.id, edit)
    with pytest.raises(ValidationError):
        NewTaskResult.model_validate({"task_name": "raise_hand", **edit})
    assert stored(await desk.read(crud.get_task_result, task.id)) == stored(task)


# Metrics


async def test_a_metric_has_one_id_made_from_its_task_and_its_name(desk: Desk):
    task = await desk.task((await desk.session()).id)
    metric = await desk.metric(task.id, unit="1", source="capture:accelerometer", remark="twice checked")
    assert metric.id == uuid5(task.id, "accuracy")
    found = await desk.read(crud.get_metric, metric.id)
    assert stored(found) == stored(metric)


async def test_recording_a_metric_again_is_an_edit(desk: Desk):
    task = await desk.task((await desk.session()).id)
    first = await desk.metric(task.id, 0.5)
    again = await desk.metric(task.id, 0.95)
    assert (again.id, again.created_at, again.metric_value) == (first.id, first.created_at, 0.95)
    assert again.updated_at > first.updated_at
    assert len(await desk.read(crud.get_metrics_by_task, task.id)) == 1


async def test_recording_a_deleted_metric_brings_it_back(desk: Desk):
    task = await desk.task((await desk.session()).id)
    metric = await desk.metric(task.id, 0.5, remark="odd")
    await desk.write(crud.delete_metric, metric.id)
    assert await desk.read(crud.get_metrics_by_task, task.id) == []
    with pytest.raises(NotFound):
        await desk.read(crud.get_metric, metric.id)
    revived = await desk.metric(task.id, 0.7)
    assert (revived.id, revived.metric_value, revived.remark) == (metric.id, 0.7, None)
    assert [m.metric_value for m in await desk.read(crud.get_metrics_by_task, task.id)] == [0.7]


async def test_a_deleted_metric_can_be_restored_as_it_was(desk: Desk):
    task = await desk.task((await desk.session()).id)
    metric = await desk.metric(task.id, 0.5, remark="odd")
    await desk.write(crud.delete_metric, metric.id)
    await desk.write(crud.restore_metric, metric.id)
    found = await desk.read(crud.get_metric, metric.id)
    assert (found.metric_value, found.remark) == (0.5, "odd")


async def test_a_batch_is_stored_in_full_in_its_order(desk: Desk):
    task = await desk.task((await desk.session()).id)
    await desk.metric(task.id, 0.1)
    batch = [
        NewMetric(metric_name="stability", metric_value=0.88),
        NewMetric(metric_name="accuracy", metric_value=0.95),
        NewMetric(metric_name="max_angle", metric_value=165.5, unit="deg"),
    ]
    made = await desk.write(crud.create_metrics_batch, task.id, batch)
    assert [metric.metric_name for metric in made] == ["stability", "accuracy", "max_angle"]
    assert [metric.metric_value for metric in made] == [0.88, 0.95, 165.5]
    found = await desk.read(crud.get_metrics_by_task, task.id)
    assert {metric.metric_name: metric.metric_value for metric in found} == {
        "accuracy": 0.95,
        "stability": 0.88,
        "max_angle": 165.5,
    }


async def test_a_batch_that_names_a_metric_twice_is_refused_in_full(desk: Desk):
    task = await desk.task((await desk.session()).id)
    batch = [NewMetric(metric_name=name, metric_value=1.0) for name in ("accuracy", "stability", "accuracy")]
    with pytest.raises(Invalid, match="one value only"):
        await desk.write(crud.create_metrics_batch, task.id, batch)
    assert await desk.read(crud.get_metrics_by_task, task.id) == []


async def test_metrics_of_a_task_made_in_the_same_transaction_are_known_there(desk: Desk):
    session = await desk.session()
    async with desk.database.write(actor=desk.actor) as db:
        task = await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk"))
        for value in (0.5, 0.7):
            await crud.create_metric(db, task.id, NewMetric(metric_name="speed", metric_value=value))
    (metric,) = await desk.read(crud.get_metrics_by_task, task.id)
    assert metric.metric_value == 0.7


async def test_a_metric_is_edited_but_never_renamed(desk: Desk):
    task = await desk.task((await desk.session()).id)
    metric = await desk.metric(task.id)
    edited = await desk.write(
        crud.update_metric, metric.id, {"metric_value": 0.5, "unit": "1", "remark": "kept"}
    )
    assert (edited.metric_value, edited.unit, edited.remark) == (0.5, "1", "kept")
    with pytest.raises(Invalid, match="metric_name"):
        await desk.write(crud.update_metric, metric.id, {"metric_name": "stability"})


async def test_an_unknown_metric_is_not_found(desk: Desk):
    with pytest.raises(NotFound):
        await desk.read(crud.get_metric, UNKNOWN)
    for function, *arguments in (
        (crud.update_metric, UNKNOWN, {"metric_value": 1.0}),
        (crud.delete_metric, UNKNOWN),
        (crud.restore_metric, UNKNOWN),
    ):
        with pytest.raises(NotFound):
            await desk.write(function, *arguments)


# Values


@pytest.mark.parametrize(
    "value",
    [
        *(0.1, 1 / 3, 5e-324, -5e-324, sys.float_info.min, 2**53 + 2.0, 1e22, 1e23, 165.5, 1.0, 0.1 + 0.2),
        *(sys.float_info.max, -sys.float_info.max, math.nextafter(sys.float_info.max, 0)),
    ],
)
async def test_a_float_comes_back_bit_for_bit(desk: Desk, value: float):
    task = await desk.task((await desk.session()).id)
    await desk.metric(task.id, value)
    (found,) = await desk.read(crud.get_metrics_by_task, task.id)
    assert bits(found.metric_value) == bits(value)


async def test_minus_zero_is_zero(desk: Desk):
    task = await desk.task((await desk.session()).id)
    made = await desk.metric(task.id, -0.0)
    (found,) = await desk.read(crud.get_metrics_by_task, task.id)
    assert bits(made.metric_value) == bits(found.metric_value) == bits(0.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "NaN", "1e999", 10**400])
async def test_what_is_no_number_is_never_stored(desk: Desk, value: Any):
    with pytest.raises(ValidationError):
        NewMetric(metric_name="accuracy", metric_value=value)
    metric = await desk.metric((await desk.task((await desk.session()).id)).id, 0.5)
    with pytest.raises(Invalid):
        await desk.write(crud.update_metric, metric.id, {"metric_value": value})
    assert (await desk.read(crud.get_metric, metric.id)).metric_value == 0.5


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
async def test_the_database_itself_refuses_what_is_no_number(desk: Desk, value: float):
    from sqlalchemy import update
    from sqlalchemy.exc import IntegrityError

    metric = await desk.metric((await desk.task((await desk.session()).id)).id, 0.5)
    with pytest.raises(IntegrityError):
        async with desk.database.write(actor=desk.actor) as db:
            await db.execute(update(Metric).where(Metric.id == metric.id).values(metric_value=value))
    assert (await desk.read(crud.get_metric, metric.id)).metric_value == 0.5


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2025, 11, 23, 10, 8, 1, 999_999, tzinfo=UTC),
        datetime(2025, 11, 23, 10, 8, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1900, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    ],
)
async def test_an_instant_is_kept_to_the_microsecond_and_read_in_utc(desk: Desk, instant: datetime):
    session = await desk.session(started_at=instant)
    task = await desk.task(session.id, started_at=instant)
    found = await desk.read(crud.get_session, session.id)
    assert found.started_at == instant
    assert found.started_at.tzinfo is UTC
    assert (await desk.read(crud.get_task_result, task.id)).started_at == instant


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValidationError):
        NewSession(child_name="A", started_at=datetime(2025, 11, 23))  # noqa: DTZ001


async def test_names_are_kept_composed_and_trimmed(desk: Desk):
    decomposed = unicodedata.normalize("NFD", "  Zoë   Ångström ")
    session = await desk.session(child_name=decomposed)
    assert (await desk.tree(session.id)).child_name == "Zoë Ångström"
    task = await desk.task(session.id)
    metric = await desk.metric(task.id, metric_name=unicodedata.normalize("NFD", "größe"))
    assert metric.metric_name == "größe"
    assert metric.id == uuid5(task.id, "größe")


@pytest.mark.parametrize("name", ["", "   ", "\t\n", "x" * 256, "nul\0", "lone\udc80"])
async def test_a_child_without_a_writable_name_is_refused(desk: Desk, name: str):
    with pytest.raises(ValidationError):
        NewSession(child_name=name, child_age=8)
    session = await desk.session()
    with pytest.raises(Invalid):
        await desk.write(crud.update_session, session.id, {"child_name": name})


@pytest.mark.parametrize(
    "name", ["شهد عبد الله", "李小龍", "O'Brien", '"; DROP TABLE sessions; --', "<img src=x>", "👧🏽"]
)
async def test_a_name_of_any_script_comes_back_as_it_was_typed(desk: Desk, name: str):
    assert (await desk.tree((await desk.session(child_name=name)).id)).child_name == name


# Reading


async def test_a_session_is_read_with_its_whole_tree_and_nothing_loads_later(desk: Desk):
    session = await desk.session()
    for place in range(3):
        task = await desk.task(session.id, trial=place + 1)
        for name in ("accuracy", "stability"):
            await desk.metric(task.id, metric_name=name)
    found = await desk.read(crud.get_session, session.id)
    assert [len(task.metrics) for task in found.task_results] == [2, 2, 2]
    task = await desk.read(crud.get_task_result, found.task_results[0].id)
    assert [metric.metric_name for metric in task.metrics] == ["accuracy", "stability"]


async def test_an_edited_session_is_returned_with_its_tree(desk: Desk):
    session = await desk.session()
    task = await desk.task(session.id)
    await desk.metric(task.id)
    edited = await desk.write(crud.update_session, session.id, {"notes": "tired"})
    assert [len(task.metrics) for task in edited.task_results] == [1]


async def test_every_write_is_declared_to_the_feed(desk: Desk):
    told: list[Changes] = []
    desk.database.feed.subscribe(told.append)
    session = await desk.session()
    task = await desk.task(session.id)
    metric = await desk.metric(task.id, 0.5)
    await desk.metric(task.id, 0.95)
    await desk.write(crud.delete_metric, metric.id)
    assert [(c.table, c.id, c.before is None) for changes in told for c in changes.rows] == [
        ("sessions", session.id, True),
        ("task_results", task.id, True),
        ("metrics", metric.id, True),
        ("metrics", metric.id, False),
        ("metrics", metric.id, False),
    ]
    assert (dict(told[3].rows[0].before or {}), dict(told[3].rows[0].after)) == (
        {"metric_value": 0.5},
        {"metric_value": 0.95},
    )
    assert {changes.actor for changes in told} == {desk.actor}
