"""Undo and redo: new edits from the audit trail, the same after a restart, and never over what came since."""

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
from sqlalchemy import Table, select

from desktop import crud
from desktop.database import Database
from desktop.edits import (
    AddTask,
    DeleteMetric,
    DeleteSession,
    DeleteTask,
    EditSession,
    EditTask,
    MergeChildren,
    MoveSession,
    RecordMetric,
    Restore,
)
from desktop.errors import AppError, Invalid, SignedOff
from desktop.export.signatures import Sign, sign_of
from desktop.export.trees import tree_of
from desktop.models import Session
from desktop.records import session_record
from desktop.rows import update_row
from desktop.saving import Act, Saver
from desktop.schemas import NewMetric, NewSession, NewTaskResult, SessionRecord
from desktop.services import auditing
from desktop.services.recording import load_session
from desktop.services.signing import SignOff
from desktop.services.undoing import MODELS, PutBack, Redo, TakenBack, Undo
from desktop.steps import NewStep
from tests.helpers import stores
from tests.helpers.clocks import NOON, StillClock

STAMPS = {"updated_at", "updated_by"}
World = dict[tuple[str, UUID], dict[str, Any]]
ANN, BEN = UUID(int=7), UUID(int=8)


async def visible(database: Database) -> World:
    """Return every record that is not hidden, without who changed it last."""
    world: World = {}
    async with database.read() as db:
        for name, model in MODELS.items():
            table: Table = model.__table__
            for row in (await db.execute(select(table).where(~table.c.deleted))).mappings():
                world[(name, row["id"])] = {key: value for key, value in row.items() if key not in STAMPS}
    return world


@dataclass
class Practice:
    """Two children with a session each, in a database that can be closed and opened again."""

    database: Database
    clock: StillClock
    sessions: list[UUID]
    actor: UUID = ANN

    @classmethod
    async def open(cls, database: Database) -> "Practice":
        database.clock = clock = StillClock()
        practice = cls(database, clock, [])
        for name, born in (("Ada Byron", date(2019, 5, 1)), ("Ada Biron", None)):
            async with database.write(actor=ANN) as db:
                new = NewSession(child_name=name, child_age=6, child_date_of_birth=born, started_at=NOON)
                session = await crud.create_session(db, new)
                await crud.create_task_results(
                    db, session.id, [NewTaskResult(task_name="walk"), NewTaskResult(task_name="jump")]
                )
            practice.sessions.append(session.id)
        return practice

    async def do(self, act: Act[Any], *, session_id: UUID | None = None, reason: str = "") -> UUID:
        """Do something that can be taken back; returns the id of its step."""
        self.clock.pass_time(seconds=1)
        whole = isinstance(act, DeleteSession | Restore | MoveSession | MergeChildren)
        step = NewStep(self.clock.new_id(), session_id or self.sessions[0], whole)
        await Saver(self.database).save(act, actor=self.actor, step=step, reason=reason)
        return step.id

    async def undo(self, session_id: UUID | None = None, step: UUID | None = None) -> TakenBack | None:
        self.clock.pass_time(seconds=1)
        act = Undo(session_id or self.sessions[0], step)
        return await Saver(self.database).save(act, actor=self.actor)

    async def redo(self, session_id: UUID | None = None) -> TakenBack | None:
        self.clock.pass_time(seconds=1)
        return await Saver(self.database).save(Redo(session_id or self.sessions[0]), actor=self.actor)

    async def restart(self) -> None:
        """Close the database and open it again, as a restart does."""
        url, files = self.database.url, self.database.files
        await self.database.close()
        self.database.__init__(url, clock=self.clock, files=files)  # type: ignore[misc]

    async def stored(self, place: int = 0) -> SessionRecord:
        async with self.database.read() as db:
            return session_record(await crud.get_session(db, self.sessions[place]))

    async def signed(self) -> Sign:
        opened = await load_session(self.database, self.sessions[0])
        return sign_of(tree_of(opened.record), here=opened.signed_here)

    async def task(self, place: int = 0) -> UUID:
        return (await self.stored(place)).task_results[0].id

    async def world(self) -> World:
        return await visible(self.database)


@pytest.fixture
async def practice(sqlite: Database) -> Practice:
    return await Practice.open(sqlite)


# One thing after the other


async def test_every_edit_is_taken_back_and_made_again_also_after_a_restart(practice: Practice):
    (session, _), task = practice.sessions, await practice.task()
    states = [await practice.world()]
    for act in (
        EditTask(session, task, {"status": "success", "duration_seconds": 12.25}),
        RecordMetric(session, task, NewMetric(metric_name="speed", metric_value=1.1)),
        RecordMetric(session, task, NewMetric(metric_name="speed", metric_value=0.1 + 0.2, remark="odd")),
        DeleteMetric(session, task, "speed"),
        AddTask(session, practice.clock.new_id(), NewTaskResult(task_name="hop")),
        DeleteTask(session, task),
        EditSession(session, {"child_name": "Ada Lovelace", "child_date_of_birth": date(2018, 2, 3)}),
        EditSession(session, {"completed_at": NOON, "notes": "tired"}),
    ):
        await practice.do(act)
        states.append(await practice.world())
        await practice.restart()
    for state in reversed(states[:-1]):
        assert await practice.undo() is not None
        assert await practice.world() == state
        await practice.restart()
    assert await practice.undo() is None
    for state in states[1:]:
        assert await practice.redo() is not None
        assert await practice.world() == state
        await practice.restart()
    assert await practice.redo() is None


async def test_taking_back_is_an_edit_of_its_own_in_the_trail(practice: Practice):
    task = await practice.task()
    await practice.do(EditTask(practice.sessions[0], task, {"status": "failed"}))
    await practice.undo()
    made, undone = (await auditing.history(practice.database, task))[-2:]
    assert (made.after["status"], undone.before["status"], undone.after["status"]) == (
        "failed",
        "failed",
        None,
    )
    assert undone.reason == f"Undo of entry {made.seq}"
    assert (await auditing.verify(practice.database)).trouble == ""


async def test_taking_the_last_rating_back_opens_the_session_again(practice: Practice):
    first, second = [task.id for task in (await practice.stored()).task_results]
    for task in (first, second):
        await practice.do(EditTask(practice.sessions[0], task, {"status": "success"}))
    assert (await practice.stored()).completed_at is not None
    await practice.undo()
    assert (await practice.stored()).completed_at is None
    await practice.redo()
    assert (await practice.stored()).completed_at is not None


async def test_a_date_of_birth_taken_back_gives_every_session_its_own_age_again(practice: Practice):
    first, second = practice.sessions
    await practice.do(MoveSession(second, (await practice.stored(0)).child_id), session_id=second)
    ages = [(await practice.stored(place)).child_age for place in (0, 1)]
    await practice.do(EditSession(first, {"child_date_of_birth": date(2015, 1, 1)}))
    assert [(await practice.stored(place)).child_age for place in (0, 1)] != ages
    await practice.undo()
    assert [(await practice.stored(place)).child_age for place in (0, 1)] == ages


async def test_a_new_edit_ends_what_could_be_made_again(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    for status in ("success", "failed"):
        await practice.do(EditTask(session, task, {"status": status}))
    await practice.undo()
    await practice.do(EditTask(session, task, {"status": "partial"}))
    assert await practice.redo() is None
    await practice.undo()
    assert (await practice.stored()).task_results[0].status == "success"
    await practice.redo()
    assert (await practice.stored()).task_results[0].status == "partial"


async def test_an_edit_that_changes_nothing_is_no_step(practice: Practice):
    session = practice.sessions[0]
    await practice.do(EditSession(session, {"notes": "tired"}))
    await practice.do(EditSession(session, {"notes": "tired"}))
    await practice.undo()
    assert (await practice.stored()).notes == ""


async def test_nobody_takes_back_what_another_did(practice: Practice):
    await practice.do(EditSession(practice.sessions[0], {"notes": "tired"}))
    practice.actor = BEN
    assert await practice.undo() is None
    assert (await practice.stored()).notes == "tired"


async def test_what_was_recorded_since_is_never_overwritten_in_passing(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    await practice.do(EditTask(session, task, {"notes": "alone"}))
    await practice.do(EditTask(session, task, {"status": "success"}))
    async with practice.database.write(actor=BEN) as db:
        await crud.update_task_result(db, task, {"status": "failed"})
    before = await practice.world()
    taken = await practice.undo()
    assert taken is not None
    assert taken.refused
    assert await practice.world() == before
    await practice.undo()  # and does not stand in the way of what came before
    assert [task.notes for task in (await practice.stored()).task_results] == ["", ""]


async def test_a_step_that_is_meant_is_taken_back_though_others_came_after_it(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    deleted = await practice.do(DeleteTask(session, task))
    await practice.do(EditSession(session, {"notes": "tired"}))
    taken = await practice.undo(step=deleted)
    assert taken is not None
    assert (taken.task_id, taken.sessions) == (task, {session})
    assert await practice.undo(step=deleted) is None
    stored = await practice.stored()
    assert (len(stored.task_results), stored.notes) == (2, "tired")


async def test_what_is_taken_back_is_found_again_by_its_words(practice: Practice):
    session = practice.sessions[0]
    await practice.do(EditSession(session, {"child_name": "Grace Hopper"}))
    await practice.undo()
    async with practice.database.read() as db:
        assert [found.id for found in await crud.list_sessions(db, search="byron")] == [session]
        assert not await crud.list_sessions(db, search="hopper")


# Sessions as a whole


async def test_a_deleted_session_comes_back_from_wherever_the_assessor_is(practice: Practice):
    first, second = practice.sessions
    before = await practice.world()
    await practice.do(DeleteSession(first), session_id=first)
    await practice.restart()
    taken = await practice.undo(second)
    assert taken is not None
    assert (taken.whole, taken.sessions) == (True, {first})
    assert await practice.world() == before


async def test_a_day_later_it_comes_back_from_the_list_of_deleted_ones_only(practice: Practice):
    first, second = practice.sessions
    await practice.do(DeleteSession(first), session_id=first)
    practice.clock.pass_time(seconds=25 * 3600)
    assert await practice.undo(second) is None
    await practice.do(Restore(first, "sessions", first))
    assert (await practice.stored()).id == first


async def test_a_session_is_moved_to_another_child_and_back(practice: Practice):
    second = practice.sessions[1]
    before, ada = await practice.world(), await practice.stored(0)
    await practice.do(MoveSession(second, ada.child_id), session_id=second)
    moved = await practice.stored(1)
    assert (moved.child_id, moved.child_name, moved.child_code) == (ada.child_id, "Ada Byron", ada.child_code)
    assert moved.child_age == ada.child_age
    await practice.restart()
    await practice.undo()
    assert await practice.world() == before
    await practice.redo()
    assert (await practice.stored(1)).child_id == ada.child_id


async def test_two_children_are_merged_and_parted_again(practice: Practice):
    ada, other = await practice.stored(0), await practice.stored(1)
    async with practice.database.write(actor=ANN) as db:
        follow_up = NewSession(child_name="Ada Biron", child_age=7, child_id=other.child_id)
        third = await crud.create_session(db, follow_up)
        await crud.delete_session(db, third.id)
    before = await practice.world()
    await practice.do(MergeChildren(ada.id, kept=ada.child_id, merged=other.child_id))
    assert (await practice.stored(1)).child_name == "Ada Byron"
    await practice.restart()
    await practice.undo(other.id)
    assert await practice.world() == before
    await practice.redo(other.id)
    await practice.do(Restore(third.id, "sessions", third.id))
    async with practice.database.read() as db:
        assert (await crud.get_session(db, third.id)).child_id == ada.child_id


async def test_no_session_is_given_to_a_child_born_after_it(practice: Practice):
    first, second = practice.sessions
    await practice.do(EditSession(first, {"child_date_of_birth": NOON.date()}))
    async with practice.database.write(actor=ANN) as db:
        await crud.update_session(db, second, {"started_at": NOON - timedelta(days=9)})
    with pytest.raises(Invalid):
        await practice.do(MoveSession(second, (await practice.stored(0)).child_id))


# Earlier values


async def test_an_earlier_value_is_put_back_and_that_is_an_edit_too(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    for seconds in (12.5, 13.5, 14.5):
        await practice.do(EditTask(session, task, {"duration_seconds": seconds}))
    events = await auditing.history(practice.database, task)
    entry = next(event for event in events if event.after.get("duration_seconds") == 13.5)
    await practice.do(PutBack(session, entry.seq))
    assert (await practice.stored()).task_results[0].duration_seconds == 12.5
    await practice.undo()
    assert (await practice.stored()).task_results[0].duration_seconds == 14.5


async def test_a_name_is_put_back_in_all_sessions_of_the_child(practice: Practice):
    first, second = practice.sessions
    await practice.do(MoveSession(second, (await practice.stored(0)).child_id), session_id=second)
    await practice.do(EditSession(first, {"child_name": "Ada Lovelace"}))
    entry = (await auditing.history(practice.database, first))[-1]
    await practice.do(PutBack(first, entry.seq))
    assert [(await practice.stored(place)).child_name for place in (0, 1)] == ["Ada Byron"] * 2


async def test_a_deletion_is_put_back_from_the_history_but_nothing_under_what_is_deleted(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    await practice.do(RecordMetric(session, task, NewMetric(metric_name="speed", metric_value=1.1)))
    await practice.do(DeleteMetric(session, task, "speed"))
    metric = crud.metric_id(task, "speed")
    entry = (await auditing.history(practice.database, metric))[-1]
    await practice.do(DeleteTask(session, task))
    with pytest.raises(Invalid, match="deleted"):
        await practice.do(PutBack(session, entry.seq))
    await practice.do(Restore(session, "task_results", task))
    await practice.do(PutBack(session, entry.seq))
    assert [one.metric_value for one in (await practice.stored()).task_results[0].metrics] == [1.1]


# Signed off


async def sign(practice: Practice) -> None:
    await practice.do(EditSession(practice.sessions[0], {"completed_at": NOON}))
    await practice.do(SignOff(practice.sessions[0]))


async def test_only_a_finished_session_is_signed_off(practice: Practice):
    with pytest.raises(Invalid, match="Finish"):
        await practice.do(SignOff(practice.sessions[0]))
    await sign(practice)
    stored = await practice.stored()
    assert (stored.signed_off_by, await practice.signed()) == (ANN, Sign.VALID)


async def test_a_signed_session_is_changed_with_a_reason_only_and_is_signed_no_more(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    await practice.do(RecordMetric(session, task, NewMetric(metric_name="speed", metric_value=1.1)))
    await sign(practice)
    before = await practice.world()
    for act in (
        EditSession(session, {"notes": "tired"}),
        EditTask(session, task, {"status": "failed"}),
        RecordMetric(session, task, NewMetric(metric_name="speed", metric_value=2.0)),
        RecordMetric(session, task, NewMetric(metric_name="sway", metric_value=2.0)),
        DeleteTask(session, task),
        DeleteSession(session),
        MoveSession(session, (await practice.stored(1)).child_id),
    ):
        with pytest.raises(SignedOff):
            await practice.do(act)
        assert await practice.world() == before
        await practice.do(act, reason="typed wrong")
        async with practice.database.read() as db:
            told = (await auditing.history(practice.database, session))[-1]
            assert (
                await db.scalar(select(MODELS["sessions"].signed_off_at).where(told.entity_id == session))
                is None
            )
        assert "typed wrong" in told.reason
        await practice.undo()
        assert await practice.world() == before
        assert await practice.signed() is Sign.VALID


async def test_a_sign_off_made_elsewhere_comes_in_whole(practice: Practice):
    async with practice.database.write(actor=BEN) as db:
        signed = {"signed_off_by": ANN, "signed_off_at": NOON, "signed_off_hash": None}
        await update_row(db, Session, practice.sessions[0], signed)
    assert (await practice.stored()).signed_off_at == NOON


async def test_another_child_of_the_same_name_keeps_the_sign_off(practice: Practice):
    await sign(practice)
    await practice.do(EditSession(practice.sessions[1], {"notes": "tired"}), session_id=practice.sessions[1])
    assert await practice.signed() is Sign.VALID


async def test_taking_back_what_was_signed_since_needs_a_reason(practice: Practice):
    session, task = practice.sessions[0], await practice.task()
    await practice.do(EditTask(session, task, {"status": "failed"}))
    practice.actor = BEN
    await sign(practice)
    practice.actor = ANN
    with pytest.raises(SignedOff):
        await practice.undo()
    assert await practice.signed() is Sign.VALID


async def test_what_is_changed_past_kinelog_breaks_the_sign_off(practice: Practice):
    await sign(practice)
    async with practice.database.write(actor=BEN, reason="past it") as db:
        connection = await db.connection()
        await connection.exec_driver_sql("DROP TRIGGER audit_task_results_update")
        await connection.exec_driver_sql("UPDATE task_results SET status = 'success'")
    assert await practice.signed() is Sign.BROKEN


# Any sequence

statuses = st.sampled_from(["success", "partial", "failed", None])
places = st.integers(0, 1)
Making = Callable[[Practice, SessionRecord], Act[Any]]


def of_task(make: Callable[[UUID, UUID], Act[Any]], place: int) -> Making:
    return lambda _practice, record: make(record.id, record.task_results[place % len(record.task_results)].id)


def rate(place: int, status: str | None) -> Making:
    return of_task(lambda session, task: EditTask(session, task, {"status": status}), place)


def measure(place: int, value: float) -> Making:
    new = NewMetric(metric_name="speed", metric_value=value)
    return of_task(lambda session, task: RecordMetric(session, task, new), place)


def drop_metric(place: int) -> Making:
    return of_task(lambda session, task: DeleteMetric(session, task, "speed"), place)


def drop_task(place: int) -> Making:
    return of_task(DeleteTask, place)


def note(text: str, name: str) -> Making:
    return lambda _practice, record: EditSession(record.id, {"notes": text, "child_name": name})


def born(day: date | None) -> Making:
    return lambda _practice, record: EditSession(record.id, {"child_date_of_birth": day})


def drop_session() -> Making:
    return lambda _practice, record: DeleteSession(record.id)


makings = st.one_of(
    st.builds(rate, places, statuses),
    st.builds(measure, places, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(drop_metric, places),
    st.builds(drop_task, places),
    st.builds(note, st.sampled_from(["", "tired"]), st.sampled_from(["Ada", "Bea"])),
    st.builds(born, st.none() | st.dates(date(2010, 1, 1), date(2024, 1, 1))),
    st.builds(drop_session),
)
moves = st.one_of(
    st.tuples(places, makings),
    st.tuples(places, st.sampled_from(["move", "merge"])),
    st.tuples(places, st.sampled_from(["undo", "undo", "redo"])),
    st.tuples(places, st.just("restart")),
)


@dataclass
class Step:
    """A step of the plain model: what it changed, key by key, from one value to another."""

    session: UUID
    whole: bool
    changed: dict[tuple[str, UUID, str], tuple[Any, Any]]
    undone: int = 0


class Model:
    """What undo means, told plainly: a list of steps, each a difference between two pictures of the records."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.turns = 0

    def did(self, session: UUID, before: World, after: World, *, whole: bool) -> None:
        changed = {
            key: (_value(before, key), _value(after, key))
            for key in _keys(after)
            if _value(before, key) != _value(after, key) and (key[:2] in before or key[2] == "deleted")
        }
        if changed:
            self.steps = [step for step in self.steps if not (step.undone and self._here(step, session))]
            self.steps.append(Step(session, whole, changed))

    def undo(self, session: UUID, now: World) -> World:
        last = next(
            (step for step in reversed(self.steps) if not step.undone and self._here(step, session)), None
        )
        return self._turn(last, now, backwards=True)

    def redo(self, session: UUID, now: World) -> World:
        undone = [step for step in self.steps if step.undone and self._here(step, session)]
        return self._turn(max(undone, key=lambda step: step.undone, default=None), now, backwards=False)

    def _turn(self, step: Step | None, now: World, *, backwards: bool) -> World:
        if step is None:
            return now
        old, new = (1, 0) if backwards else (0, 1)
        if any(_value(now, key) != values[old] for key, values in step.changed.items()):
            self.steps.remove(step)
            return now
        self.turns += 1
        step.undone = self.turns if backwards else 0
        turned = {key: dict(values) for key, values in now.items()}
        for (table, row_id, column), values in step.changed.items():
            turned[(table, row_id)][column] = values[new]
        return turned

    def _here(self, step: Step, session: UUID) -> bool:
        return step.whole or step.session == session


def _keys(world: World) -> set[tuple[str, UUID, str]]:
    return {(table, row_id, column) for (table, row_id), values in world.items() for column in values}


def _value(world: World, key: tuple[str, UUID, str]) -> Any:
    """Return a value; a record that is not there is as good as a hidden one."""
    row = world.get(key[:2])
    return True if row is None else row[key[2]]


async def everything(database: Database) -> World:
    """Return every record, hidden ones too, without who changed it last."""
    async with database.read() as db:
        return {
            (name, row["id"]): {key: value for key, value in row.items() if key not in STAMPS}
            for name, model in MODELS.items()
            for row in (await db.execute(select(model.__table__))).mappings()
        }


@given(history=st.lists(moves, max_size=14))
@settings(
    max_examples=60,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_any_sequence_of_edits_undos_redos_and_restarts_ends_as_a_plain_model_says(
    history: list[Any], empty_file: Path, tmp_path: Path
):
    async def play() -> None:
        url = stores.copied(empty_file, tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite3")
        async with stores.opened(url) as database:
            practice = await Practice.open(database)
            children = [(await practice.stored(place)).child_id for place in (0, 1)]
            model = Model()
            for place, move in history:
                session = practice.sessions[place]
                before = await everything(database)
                if move == "restart":
                    await practice.restart()
                elif move in {"undo", "redo"}:
                    expected = getattr(model, move)(session, before)
                    await getattr(practice, move)(session)
                    assert await everything(database) == expected
                else:
                    act = await made(practice, place, move, children)
                    if act is None:
                        continue
                    try:
                        await practice.do(act, session_id=session)
                    except AppError:
                        assert await everything(database) == before
                        continue
                    whole = isinstance(act, DeleteSession | MoveSession | MergeChildren)
                    model.did(session, before, await everything(database), whole=whole)
            assert (await auditing.verify(database)).trouble == ""

    asyncio.run(play())


async def made(practice: Practice, place: int, move: Any, children: list[UUID]) -> Act[Any] | None:
    """Return the act, None where there is nothing to act on."""
    session = practice.sessions[place]
    if move == "move":
        return MoveSession(session, children[1 - place])
    if move == "merge":
        return MergeChildren(session, kept=children[place], merged=children[1 - place])
    try:
        record = await practice.stored(place)
    except AppError:
        return None
    if not record.task_results:
        return None
    act: Act[Any] = move(practice, record)
    return act
