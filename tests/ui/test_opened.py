"""The open session: what is entered shows at once, is saved in order, and can be taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from desktop import audit
from desktop.changes import Changes
from desktop.edits import DeleteMetric, DeleteTask, EditSession, EditTask, RecordMetric
from desktop.schemas import NewMetric, SessionRecord
from desktop.services.recording import load_session
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from ui.notify import Toast


@contextmanager
def held_by_another_program(desk: Desk) -> Iterator[Any]:
    """Hold the file's write lock from another connection, as another program would."""
    other = desk.core.database.files.connect(desk.core.paths.database)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.rollback()
        other.close()
        desk.core.saver.try_again()


def shown(desk: Desk) -> SessionRecord:
    assert desk.opened.record is not None
    return desk.opened.record


async def stored(desk: Desk) -> SessionRecord:
    await desk.operations.settle()
    return (await load_session(desk.core.database, shown(desk).id)).record


async def test_an_edit_shows_at_once_and_is_stored(desk: Desk) -> None:
    await desk.begin()
    task = shown(desk).task_results[0]
    assert desk.opened.edit_task(task.id, status="partial")
    assert shown(desk).task_results[0].status == "partial"
    assert (await stored(desk)).task_results[0].status == "partial"


async def test_what_cannot_be_recorded_is_refused_in_words_and_changes_nothing(desk: Desk) -> None:
    await desk.begin()
    before = shown(desk)
    assert not desk.opened.do(EditSession(before.id, {"child_height_cm": 5000}))
    assert shown(desk) == before
    assert "height" in desk.notifier.messages()[0].text.lower()


async def test_edits_stay_on_the_screen_while_another_program_holds_the_file(desk: Desk) -> None:
    await desk.begin()
    tasks = shown(desk).task_results
    with held_by_another_program(desk):
        for task in tasks[:3]:
            desk.opened.edit_task(task.id, status="success")
        await until(lambda: desk.core.saver.trouble is not None)
        assert [task.status for task in shown(desk).task_results[:3]] == ["success"] * 3
        assert [held.record.id for held in desk.opened.unsaved()] == [shown(desk).id]
    assert [task.status for task in (await stored(desk)).task_results[:3]] == ["success"] * 3
    assert desk.opened.unsaved() == ()


async def test_an_unsaved_session_is_shown_as_entered_after_looking_at_another(desk: Desk) -> None:
    first = await desk.begin("Ada")
    await desk.begin("Ben")
    desk.opened.show(first)
    await desk.operations.settle()
    task = shown(desk).task_results[0]
    with held_by_another_program(desk):
        desk.opened.edit_task(task.id, notes="seen by nobody yet")
        desk.opened.close()
        desk.opened.show(first)
        assert shown(desk).task_results[0].notes == "seen by nobody yet"
    assert (await stored(desk)).task_results[0].notes == "seen by nobody yet"


async def test_news_from_elsewhere_never_hides_what_is_not_saved_yet(desk: Desk) -> None:
    await desk.begin()
    task = shown(desk).task_results[0]
    sweeping = Changes(actor=None, reason="", rows=(), sweeping=True)
    desk.opened.heard([sweeping])
    desk.opened.edit_task(task.id, status="failed")
    desk.opened.heard([sweeping])
    assert shown(desk).task_results[0].status == "failed"
    await desk.operations.settle()
    assert shown(desk).task_results[0].status == "failed"


async def test_undo_and_redo_go_through_every_edit_of_the_session(desk: Desk) -> None:
    await desk.begin()
    record = shown(desk)
    task = record.task_results[0]
    metric = NewMetric(metric_name="accuracy", metric_value=0.95)
    desk.opened.do(EditTask(record.id, task.id, {"status": "success", "duration_seconds": 15.5}))
    desk.opened.do(RecordMetric(record.id, task.id, metric))
    desk.opened.do(DeleteTask(record.id, task.id))
    entered = shown(desk)
    for _ in range(3):
        desk.opened.undo()
    assert content(await stored(desk)) == content(record)
    for _ in range(3):
        desk.opened.redo()
    assert content(await stored(desk)) == content(entered)


async def test_undo_and_redo_go_to_the_task_whose_entry_they_change(desk: Desk) -> None:
    await desk.begin()
    first, second = shown(desk).task_results[:2]
    desk.opened.edit_task(first.id, status="success")
    desk.opened.select(second.id)
    desk.opened.undo()
    await desk.operations.settle()
    assert desk.opened.task is not None
    assert (desk.opened.task.id, desk.opened.task.status) == (first.id, None)
    desk.opened.select(second.id)
    desk.opened.redo()
    await desk.operations.settle()
    assert desk.opened.task == shown(desk).task_results[0]


async def test_a_deleted_session_comes_back_with_undo_and_is_opened(desk: Desk) -> None:
    session_id = await desk.begin()
    desk.opened.delete_session(session_id, toast="Session deleted")
    await desk.operations.settle()
    assert desk.opened.record is None
    desk.opened.undo()
    await desk.operations.settle()
    assert shown(desk).id == session_id


async def test_after_a_delete_the_next_row_is_selected(desk: Desk) -> None:
    await desk.begin()
    record = shown(desk)
    desk.opened.select(record.task_results[2].id)
    desk.opened.do(DeleteTask(record.id, record.task_results[2].id))
    assert desk.opened.task is not None
    assert desk.opened.task.id == record.task_results[3].id


async def test_what_could_not_be_stored_for_an_unknown_reason_is_told_and_not_shown_as_recorded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_edit: EditTask, _db: object) -> None:
        raise ZeroDivisionError

    await desk.begin()
    task = shown(desk).task_results[0]
    monkeypatch.setattr(EditTask, "write", fail)
    desk.opened.edit_task(task.id, status="success")
    assert (await stored(desk)).task_results[0].status is None
    await desk.operations.settle()
    assert shown(desk).task_results[0].status is None
    assert desk.notifier.messages()[0].title == "This was not recorded"
    assert [type(error) for error in desk.unexpected] == [ZeroDivisionError]
    desk.unexpected.clear()


async def test_what_is_taken_back_in_another_session_is_seen_when_that_is_opened(desk: Desk) -> None:
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    first = await desk.begin("Ada")
    before = shown(desk)
    desk.opened.do(DeleteTask(first, before.task_results[0].id), toast="Deleted")
    await desk.begin("Ben")
    with held_by_another_program(desk):
        take_back(toasts[0])
        desk.opened.show(first)
        await until(lambda: shown(desk).id == first)
    await desk.operations.settle()
    assert content(shown(desk)) == content(before)


async def test_a_session_that_is_being_read_shows_what_was_taken_back_meanwhile(desk: Desk) -> None:
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    first = await desk.begin("Ada")
    before = shown(desk)
    desk.opened.do(DeleteTask(first, before.task_results[0].id), toast="Deleted")
    await desk.begin("Ben")
    desk.opened.show(first)
    take_back(toasts[0])
    await desk.operations.settle()
    assert content(shown(desk)) == content(before)


async def test_taking_back_never_overwrites_what_was_recorded_since(desk: Desk) -> None:
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    await desk.begin()
    record = shown(desk)
    task = record.task_results[0]
    desk.opened.do(RecordMetric(record.id, task.id, NewMetric(metric_name="accuracy", metric_value=0.5)))
    desk.opened.do(DeleteMetric(record.id, task.id, "accuracy"), toast="Deleted")
    desk.opened.do(RecordMetric(record.id, task.id, NewMetric(metric_name="accuracy", metric_value=0.95)))
    take_back(toasts[0])
    await desk.operations.settle()
    assert [metric.metric_value for metric in shown(desk).task_results[0].metrics] == [0.95]
    assert desk.notifier.messages()[0].title == "This was not taken back"
    for _ in range(2):
        desk.opened.undo()
    await desk.operations.settle()
    assert [metric.metric_value for metric in shown(desk).task_results[0].metrics] == [0.5]


async def test_news_missed_while_away_are_shown_once_everything_is_saved(desk: Desk) -> None:
    first = await desk.begin("Ada")
    second = await desk.begin("Ben")
    desk.opened.show(first)
    await desk.operations.settle()
    task = shown(desk).task_results[0]
    with held_by_another_program(desk) as other:
        desk.opened.edit_task(task.id, status="success")
        audit.begin(other, actor=UUID(int=7), reason="", at=datetime.now(UTC))
        other.execute("UPDATE sessions SET site = 'Ward 3' WHERE id = ?", [first.bytes])
        desk.opened.heard([Changes(actor=None, reason="", rows=(), sweeping=True)])
        desk.opened.show(second)
        await until(lambda: shown(desk).id == second)
        desk.opened.show(first)
        other.execute("COMMIT")
        other.execute("BEGIN")
    await desk.operations.settle()
    assert (shown(desk).site, shown(desk).task_results[0].status) == ("Ward 3", "success")


def take_back(toast: Toast) -> None:
    assert toast.undo is not None
    toast.undo()


def content(session: SessionRecord) -> list[object]:
    """Return what was entered, without who and when."""
    return [
        (
            task.id,
            task.status,
            task.duration_seconds,
            [(metric.metric_name, metric.metric_value) for metric in task.metrics],
        )
        for task in session.task_results
    ]


async def test_it_says_while_another_session_is_being_opened(desk: Desk) -> None:
    first, second = await desk.begin("Ada"), await desk.begin("Ben")
    heard: list[bool] = []
    desk.opened.opening.connect(heard.append)
    desk.opened.show(first)
    assert heard == [True]
    desk.opened.show(second)  # the one that is shown: back again
    assert heard == [True, False]
    desk.opened.show(first)
    await desk.operations.settle()
    assert heard == [True, False, True, False]
    desk.opened.show(second)
    desk.opened.close()
    assert heard[4:] == [True, False]
    await desk.operations.settle()


async def test_a_session_that_cannot_be_opened_is_waited_for_no_more(desk: Desk) -> None:
    await desk.begin()
    heard: list[bool] = []
    desk.opened.opening.connect(heard.append)
    desk.opened.show(desk.core.clock.new_id())
    await desk.operations.settle()
    assert heard == [True, False]


async def test_what_others_commit_does_not_keep_another_session_from_being_opened(desk: Desk) -> None:
    first, _ = await desk.begin("Ada"), await desk.begin("Ben")
    desk.opened.show(first)
    desk.opened.heard([Changes(actor=None, reason="", rows=(), sweeping=True)])
    await desk.operations.settle()
    assert desk.opened.record is not None
    assert desk.opened.record.id == first
