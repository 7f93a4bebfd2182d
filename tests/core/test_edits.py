"""Edits: in memory and in the database they mean the same."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop import crud
from desktop.database import Database
from desktop.edits import (
    AddTask,
    DeleteMetric,
    DeleteTask,
    Edit,
    EditSession,
    EditTask,
    EditTasks,
    RecordMetric,
    Stamp,
)
from desktop.errors import AppError, Invalid, NotFound
from desktop.records import session_record
from desktop.schemas import NewMetric, NewSession, NewTaskResult, SessionRecord
from tests.helpers import stores
from tests.helpers.clocks import NOON, StillClock

STAMPS = {"created_at", "updated_at", "created_by", "updated_by", "utc_offset_minutes"}
BORN = st.dates(date(2010, 1, 1), date(2025, 11, 22)) | st.none()


def content(session: SessionRecord) -> dict[str, Any]:
    """Return what was recorded: no stamps, metrics by name, and only whether the session is completed."""

    def plain(record: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in record.items() if name not in STAMPS}

    tree = plain(session.model_dump())
    tree["completed_at"] = session.completed_at is not None
    tree["task_results"] = [
        plain(task) | {"metrics": {metric["metric_name"]: plain(metric) for metric in task["metrics"]}}
        for task in tree["task_results"]
    ]
    return tree


@dataclass
class Desk:
    """A session in memory and the same in a database."""

    database: Database
    clock: StillClock
    record: SessionRecord

    @classmethod
    async def open(cls, database: Database, actor: UUID, *, tasks: int = 3) -> "Desk":
        clock = database.clock = StillClock()
        async with database.write(actor=actor) as db:
            session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
            new = [NewTaskResult(task_name="walk", position=place + 1) for place in range(tasks)]
            await crud.create_task_results(db, session.id, new)
            return cls(database, clock, session_record(await crud.get_session(db, session.id)))

    @property
    def id(self) -> UUID:
        return self.record.id

    def apply(self, edit: Edit) -> None:
        """Make an edit in memory."""
        self.clock.pass_time(seconds=1)
        stamp = Stamp(self.record.created_by, self.clock.now(), self.clock.utc_offset_minutes())
        self.record = edit.apply(self.record, stamp)

    async def write(self, edit: Edit) -> None:
        async with self.database.write(actor=self.record.created_by) as db:
            await edit.write(db)

    async def do(self, edit: Edit) -> None:
        self.apply(edit)
        await self.write(edit)

    async def stored(self) -> SessionRecord:
        async with self.database.read() as db:
            return session_record(await crud.get_session(db, self.id))

    async def agrees(self) -> None:
        """Fail when memory and database differ."""
        assert content(self.record) == content(await self.stored())


@pytest.fixture
async def desk(sqlite: Database, actor: UUID) -> Desk:
    return await Desk.open(sqlite, actor)


# Any history

Making = Callable[[Desk], Edit | None]


def _task(desk: Desk, choice: int) -> UUID | None:
    tasks = desk.record.task_results
    return tasks[choice % len(tasks)].id if tasks else None


def _of_task(choice: int, make: Callable[[Desk, UUID], Edit]) -> Making:
    def making(desk: Desk) -> Edit | None:
        task_id = _task(desk, choice)
        return None if task_id is None else make(desk, task_id)

    return making


def _edit_session(values: dict[str, object]) -> Making:
    return lambda desk: EditSession(desk.id, values)


def _edit_task(choice: int, values: dict[str, object]) -> Making:
    return _of_task(choice, lambda desk, task_id: EditTask(desk.id, task_id, values))


def _edit_tasks(choice: int, others: list[tuple[int, dict[str, object]]]) -> Making:
    def make(desk: Desk, task_id: UUID) -> Edit:
        values = {_task(desk, other): fields for other, fields in others}
        return EditTasks(desk.id, task_id, {other: fields for other, fields in values.items() if other})

    return _of_task(choice, make)


def _add_task(fields: dict[str, Any]) -> Making:
    return lambda desk: AddTask(desk.id, desk.clock.new_id(), NewTaskResult(task_name="jump", **fields))


def _delete_task(choice: int) -> Making:
    return _of_task(choice, lambda desk, task_id: DeleteTask(desk.id, task_id))


def _record_metric(choice: int, name: str, value: float) -> Making:
    new = NewMetric(metric_name=name, metric_value=value)
    return _of_task(choice, lambda desk, task_id: RecordMetric(desk.id, task_id, new))


def _delete_metric(choice: int, name: str) -> Making:
    return _of_task(choice, lambda desk, task_id: DeleteMetric(desk.id, task_id, name))


choices = st.integers(0, 5)
metric_names = st.sampled_from(["accuracy", "stability"])
session_fields = st.fixed_dictionaries(
    {},
    optional={
        "child_name": st.sampled_from(["John Doe", "Zoë", " Ann  Lee "]),
        "child_age": st.integers(0, 120),
        "child_date_of_birth": BORN,
        "child_height_cm": st.floats(20, 250) | st.none(),
        "notes": st.sampled_from(["", "tired\r\nat first"]),
        "started_at": st.integers(0, 400 * 24).map(lambda hours: NOON + timedelta(hours=hours)),
        "completed_at": st.just(NOON) | st.none(),
    },
)
task_fields = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["success", "partial", "failed", "not_tested", "refused", None]),
        "duration_seconds": st.floats(0, 86_400) | st.none(),
        "side": st.sampled_from(["none", "left", "right"]),
        "trial": st.integers(1, 3),
        "position": st.integers(0, 6),
        "remark": st.sampled_from([None, "", "kept"]),
    },
)
task_places = st.fixed_dictionaries(
    {
        "side": st.sampled_from(["none", "left", "right"]),
        "trial": st.integers(1, 3),
        "position": st.integers(0, 6),
    }
)
makings = st.one_of(
    st.builds(_edit_session, session_fields),
    st.builds(_edit_task, choices, task_fields),
    st.builds(_edit_task, choices, st.just({"status": "success"})),
    st.builds(_edit_tasks, choices, st.lists(st.tuples(choices, task_places), max_size=3)),
    st.builds(_add_task, st.fixed_dictionaries({}, optional={"position": st.integers(0, 6)})),
    st.builds(_delete_task, choices),
    st.builds(_record_metric, choices, metric_names, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(_delete_metric, choices, metric_names),
)


@given(history=st.lists(makings, max_size=12))
@settings(
    max_examples=40,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_memory_and_database_agree_after_any_history(history: list[Any], empty_file: Path, tmp_path: Path):
    async def play() -> None:
        url = stores.copied(empty_file, tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite3")
        async with stores.opened(url) as database:
            desk = await Desk.open(database, UUID(int=7))
            for making in history:
                edit = making(desk)
                if edit is None:
                    continue
                before = content(desk.record)
                try:
                    desk.apply(edit)
                except AppError:
                    assert content(desk.record) == before
                    continue
                await desk.write(edit)
                await desk.agrees()

    asyncio.run(play())


# Completing


async def test_rating_the_last_open_task_completes_the_session_in_memory_and_in_the_database(desk: Desk):
    tasks = [task.id for task in desk.record.task_results]
    for task_id in tasks[:-1]:
        await desk.do(EditTask(desk.id, task_id, {"status": "refused"}))
        assert desk.record.completed_at is None
    await desk.do(EditTask(desk.id, tasks[-1], {"duration_seconds": 3.0}))
    assert desk.record.completed_at is None
    await desk.do(EditTask(desk.id, tasks[-1], {"status": "not_tested"}))
    assert desk.record.completed_at == desk.clock.now() == (await desk.stored()).completed_at


async def test_rating_again_keeps_when_the_session_was_completed(sqlite: Database, actor: UUID):
    desk = await Desk.open(sqlite, actor, tasks=1)
    (task,) = desk.record.task_results
    await desk.do(EditTask(desk.id, task.id, {"status": "success"}))
    completed_at = desk.record.completed_at
    await desk.do(EditTask(desk.id, task.id, {"status": "failed"}))
    assert desk.record.completed_at == completed_at == (await desk.stored()).completed_at


async def test_completing_can_be_said_and_cleared_by_hand(desk: Desk):
    await desk.do(EditSession(desk.id, {"completed_at": NOON}))
    await desk.agrees()
    await desk.do(EditSession(desk.id, {"completed_at": None}))
    assert desk.record.completed_at is None
    await desk.agrees()


# Recording again


async def test_recording_a_metric_again_leaves_it_in_its_place(desk: Desk):
    task = desk.record.task_results[0]
    for name, value in (("accuracy", 0.5), ("stability", 0.8), ("accuracy", 0.9)):
        await desk.do(RecordMetric(desk.id, task.id, NewMetric(metric_name=name, metric_value=value)))
    names = [metric.metric_name for metric in desk.record.task_results[0].metrics]
    assert names == [metric.metric_name for metric in (await desk.stored()).task_results[0].metrics]
    assert names == ["accuracy", "stability"]


# Refusing


async def test_what_cannot_be_recorded_is_refused_in_memory_already(desk: Desk):
    task = desk.record.task_results[0]
    before = desk.record
    for edit in (
        EditSession(desk.id, {"child_name": " "}),
        EditSession(desk.id, {"child_date_of_birth": date(2030, 1, 1)}),
        EditSession(desk.id, {"started_at": None}),
        EditSession(desk.id, {"shoe_size": 31}),
        EditTask(desk.id, task.id, {"duration_seconds": float("nan")}),
        EditTask(desk.id, task.id, {"position": None}),
    ):
        with pytest.raises(Invalid):
            desk.apply(edit)
    assert desk.record is before


async def test_a_task_that_is_gone_is_told_in_memory_already(desk: Desk):
    task = desk.record.task_results[0]
    await desk.do(DeleteTask(desk.id, task.id))
    for edit in (
        EditTask(desk.id, task.id, {"status": "success"}),
        DeleteTask(desk.id, task.id),
        RecordMetric(desk.id, task.id, NewMetric(metric_name="speed", metric_value=1.0)),
        DeleteMetric(desk.id, task.id, "speed"),
        DeleteMetric(desk.id, desk.record.task_results[0].id, "speed"),
    ):
        with pytest.raises(NotFound):
            desk.apply(edit)


async def test_of_several_tasks_none_is_changed_when_one_cannot_be(desk: Desk):
    first, second, _ = desk.record.task_results
    edit = EditTasks(desk.id, first.id, {first.id: {"side": "left"}, second.id: {"trial": 0}})
    with pytest.raises(Invalid):
        desk.apply(edit)
    with pytest.raises(Invalid):
        await desk.write(edit)
    await desk.agrees()


async def test_adding_the_same_task_twice_adds_it_once(desk: Desk):
    edit = AddTask(desk.id, desk.clock.new_id(), NewTaskResult(task_name="jump"))
    await desk.do(edit)
    await desk.write(edit)
    await desk.agrees()
    assert len(desk.record.task_results) == 4
