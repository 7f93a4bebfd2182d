"""The past in the window: history, deleted records, sign-off, and to whom a session belongs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.crud import local_day
from desktop.edits import DeleteTask, EditSession, RecordMetric
from desktop.listing import find_children
from desktop.schemas import NewMetric
from desktop.services.auditing import history
from desktop.services.recording import load_session
from desktop.services.signing import SignOff
from tests.helpers.clocks import NOON, StillClock
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.dialogs import opened
from ui import words
from ui.actions import Actions
from ui.dialogs.belonging import MERGE, BelongingDialog
from ui.dialogs.deleted import DeletedDialog
from ui.dialogs.history import TASK, HistoryDialog
from ui.dialogs.opening import Dialogs
from ui.dialogs.reason import ReasonDialog
from ui.notify import Toast
from ui.opened import OpenSession


def line(dialog: HistoryDialog, *said: str) -> int:
    """Return the place of the newest line that says all these words."""
    return next(
        place for place, shown in enumerate(dialog._lines) if all(word in shown.sentence for word in said)
    )


@pytest.fixture
async def dialogs(desk: Desk) -> Dialogs:
    desk.owner.resize(1440, 900)
    desk.owner.show()
    return Dialogs(
        desk.owner,
        desk.core,
        settings=desk.core.settings,
        opened=desk.opened,
        operations=desk.operations,
        actions=Actions(desk.owner),
        notifier=desk.notifier,
    )


async def test_undo_and_redo_outlive_the_window(desk: Desk) -> None:
    session = await desk.begin()
    assert desk.opened.record is not None
    task = desk.opened.record.task_results[0]
    desk.opened.edit_task(task.id, status="success")
    await desk.operations.settle()
    again = OpenSession(desk.core, actor=desk.actor, operations=desk.operations, notifier=desk.notifier)
    again.show(session)
    await desk.operations.settle()
    again.undo()
    await desk.operations.settle()
    assert again.record is not None
    assert again.record.task_results[0].status is None
    again.redo()
    await desk.operations.settle()
    assert again.record.task_results[0].status == "success"


async def test_while_nothing_can_be_saved_nothing_is_taken_back_and_that_is_said(desk: Desk) -> None:
    await desk.begin()
    assert desk.opened.record is not None
    task = desk.opened.record.task_results[0]
    other = desk.core.database.files.connect(desk.core.paths.database)
    other.execute("BEGIN IMMEDIATE")
    desk.opened.edit_task(task.id, status="success")
    await until(lambda: desk.core.saver.trouble is not None)
    desk.opened.undo()
    assert desk.notifier.messages()[0].title == "This was not taken back"
    other.rollback()
    other.close()
    desk.core.saver.try_again()
    await desk.operations.settle()
    assert desk.opened.record.task_results[0].status == "success"


async def test_of_what_is_taken_back_days_later_the_day_is_said(desk: Desk) -> None:
    session = await desk.begin()
    assert desk.opened.record is not None
    at = desk.core.clock.now()
    desk.opened.edit_task(desk.opened.record.task_results[0].id, status="success")
    await desk.operations.settle()
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    desk.opened.undo()
    desk.opened.redo()
    await desk.operations.settle()
    assert toasts == []
    later = replace(desk.core, clock=StillClock(at + timedelta(days=3)))
    again = OpenSession(later, actor=desk.actor, operations=desk.operations, notifier=desk.notifier)
    again.show(session)
    await desk.operations.settle()
    again.undo()
    await desk.operations.settle()
    (toast,) = toasts
    assert words.day(local_day(at, 0)) in toast.text
    assert toast.text.endswith("was taken back")
    assert toast.undo is not None
    toast.undo()
    await desk.operations.settle()
    assert again.record is not None
    assert again.record.task_results[0].status == "success"


async def test_the_history_says_that_it_does_not_reach_back_to_the_beginning(
    desk: Desk, dialogs: Dialogs
) -> None:
    await desk.begin("Ada Byron")
    dialogs.history()
    dialog = await opened(desk.owner, HistoryDialog)
    await desk.operations.settle()
    assert dialog._before.isHidden()
    assert dialog._past is not None
    made_elsewhere = [event for event in dialog._past.events if event.action != "insert"]
    dialog._arrived(replace(dialog._past, events=tuple(made_elsewhere)))
    assert dialog._before.isVisible()
    assert "before this history begins" in dialog._before.text()
    dialog.reject()


async def test_the_history_tells_who_changed_what_when_and_puts_an_earlier_value_back(
    desk: Desk, dialogs: Dialogs
) -> None:
    session = await desk.begin("Ada Byron")
    assert desk.opened.record is not None
    task = desk.opened.record.task_results[0]
    for seconds in (12.5, 13.5):
        desk.opened.edit_task(task.id, duration_seconds=seconds)
    desk.opened.do(RecordMetric(session, task.id, NewMetric(metric_name="accuracy", metric_value=0.5)))
    await desk.operations.settle()
    dialogs.history()
    dialog = await opened(desk.owner, HistoryDialog)
    await desk.operations.settle()
    place = line(dialog, "Lena Okafor", "Raise hand", "Time", "00:12.50 → 00:13.50")
    dialog.table.selectRow(place)
    assert "00:12.50 → 00:13.50" in dialog.chosen_words.text()
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    await desk.operations.settle()
    assert desk.opened.record.task_results[0].duration_seconds == 12.5
    assert "00:13.50 → 00:12.50" in dialog._lines[0].sentence
    desk.opened.undo()
    await desk.operations.settle()
    assert desk.opened.record.task_results[0].duration_seconds == 13.5
    dialog.read()
    await desk.operations.settle()
    assert dialog._lines[0].why == "Taken back"
    dialog.reject()


async def test_the_trail_says_who_looked_at_a_session(desk: Desk) -> None:
    first, second = await desk.begin("Ada Byron"), await desk.begin("Ben Okri")
    desk.opened.show(first)
    await desk.operations.settle()
    desk.opened.reload()
    await desk.operations.settle()
    for session, times in ((first, 2), (second, 1)):
        events = await history(desk.core.database, session)
        assert [event.actor for event in events if event.action == "open"] == [desk.actor] * times


async def test_the_history_of_one_task_leaves_the_others_out(desk: Desk, dialogs: Dialogs) -> None:
    session = await desk.begin()
    assert desk.opened.record is not None
    first, second = desk.opened.record.task_results[:2]
    desk.opened.edit_task(first.id, notes="on the first")
    desk.opened.edit_task(second.id, notes="on the second")
    desk.opened.do(RecordMetric(session, second.id, NewMetric(metric_name="accuracy", metric_value=0.25)))
    desk.opened.select(second.id)
    await desk.operations.settle()
    dialogs.history()
    dialog = await opened(desk.owner, HistoryDialog)
    await desk.operations.settle()
    dialog.scope.button(TASK).click()
    said = " ".join(shown.sentence for shown in dialog._lines)
    assert "on the second" in said
    assert "Accuracy" in said
    assert "on the first" not in said
    dialog.reject()


async def test_deleted_records_are_listed_and_come_back(desk: Desk, dialogs: Dialogs) -> None:
    first = await desk.begin("Ada Byron")
    second = await desk.begin("Ben Okri")
    assert desk.opened.record is not None
    task = desk.opened.record.task_results[0]
    desk.opened.do(DeleteTask(second, task.id))
    desk.opened.delete_session(first, toast="Session deleted")
    await desk.operations.settle()
    dialogs.deleted()
    dialog = await opened(desk.owner, DeletedDialog)
    await desk.operations.settle()
    assert [(found.child_name, found.table) for found in dialog._found] == [
        ("Ada Byron", "sessions"),
        ("Ben Okri", "task_results"),
    ]
    for _ in range(2):
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)
        await desk.operations.settle()
    assert not dialog._found
    assert dialog.chosen_words.text() == "Nothing was deleted."
    assert not dialog.restore.isEnabled()
    assert (await load_session(desk.core.database, first)).record.child_name == "Ada Byron"
    assert task.id in [other.id for other in desk.opened.record.task_results]
    dialog.reject()


async def signed(desk: Desk) -> OpenSession:
    session = await desk.begin()
    desk.opened.do(EditSession(session, {"completed_at": NOON}))
    desk.opened.do_whole(SignOff(session), session)
    await desk.operations.settle()
    assert desk.opened.is_signed()
    return desk.opened


async def test_a_signed_session_is_changed_only_once_a_reason_is_given(desk: Desk, dialogs: Dialogs) -> None:
    session = await signed(desk)
    assert session.record is not None
    task = session.record.task_results[0]
    assert not session.edit_task(task.id, status="failed")
    dialog = await opened(desk.owner, ReasonDialog)
    QTest.keyClick(dialog.line.edit, Qt.Key.Key_Return)
    assert dialog.line.is_invalid()
    assert session.is_signed()
    QTest.keyClicks(dialog.line.edit, "typed wrong")
    QTest.keyClick(dialog.line.edit, Qt.Key.Key_Return)
    await desk.operations.settle()
    assert session.record.task_results[0].status == "failed"
    stored = (await load_session(desk.core.database, session.record.id)).record
    assert (stored.task_results[0].status, stored.signed_off_at) == ("failed", None)
    session.undo()
    await desk.operations.settle()
    assert session.is_signed()


async def test_no_run_begins_in_a_signed_session_without_a_reason(desk: Desk, dialogs: Dialogs) -> None:
    await signed(desk)
    desk.recorder.toggle()
    dialog = await opened(desk.owner, ReasonDialog)
    assert desk.recorder.running is None
    dialog.reject()
    assert desk.opened.is_signed()
    desk.recorder.start()
    dialog = await opened(desk.owner, ReasonDialog)
    QTest.keyClicks(dialog.line.edit, "one more trial")
    QTest.keyClick(dialog.line.edit, Qt.Key.Key_Return)
    assert desk.recorder.running is not None
    desk.recorder.stop("success")
    await desk.operations.settle()


async def test_a_signed_session_in_the_list_is_deleted_with_a_reason_only(
    desk: Desk, dialogs: Dialogs
) -> None:
    session = await signed(desk)
    assert session.record is not None
    gone = session.record.id
    await desk.begin("Ben Okri")
    session.delete_session(gone, toast="Session deleted")
    dialog = await opened(desk.owner, ReasonDialog)
    QTest.keyClicks(dialog.line.edit, "entered twice")
    QTest.keyClick(dialog.line.edit, Qt.Key.Key_Return)
    await desk.operations.settle()
    session.undo()
    await desk.operations.settle()
    assert session.record.id == gone
    assert session.is_signed()


async def test_a_session_is_moved_to_a_child_that_is_found_by_name(desk: Desk, dialogs: Dialogs) -> None:
    await desk.begin("Ada Byron")
    assert desk.opened.record is not None
    ada = desk.opened.record.child_id
    await desk.begin("Ada Biron")
    dialogs.belonging()
    dialog = await opened(desk.owner, BelongingDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.child.name.is_invalid()
    (found,) = await find_children(desk.core.database, "Byron")
    dialog.child.choose(found)
    dialog.accept()
    await desk.operations.settle()
    assert (desk.opened.record.child_id, desk.opened.record.child_name) == (ada, "Ada Byron")
    desk.opened.undo()
    await desk.operations.settle()
    assert desk.opened.record.child_name == "Ada Biron"


async def test_two_children_are_merged_from_the_window_and_parted_by_undo(
    desk: Desk, dialogs: Dialogs
) -> None:
    await desk.begin("Ada Byron")
    assert desk.opened.record is not None
    ada = desk.opened.record.child_id
    await desk.begin("Ada Biron")
    dialogs.belonging()
    dialog = await opened(desk.owner, BelongingDialog)
    (found,) = await find_children(desk.core.database, "Byron")
    dialog.child.choose(found)
    dialog.scope.button(MERGE).click()
    dialog.accept()
    await desk.operations.settle()
    assert desk.opened.record.child_id == ada
    assert [child.child_name for child in await find_children(desk.core.database, "Ada")] == ["Ada Byron"]
    desk.opened.undo()
    await desk.operations.settle()
    assert len(await find_children(desk.core.database, "Ada")) == 2
