"""The tasks panel: what a row says, how times and notes are typed, and what stays selected.

One file above 400 lines: rows, times, sides and notes are used on one panel with one session.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from PySide6.QtCore import QLocale, QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop import trials
from desktop.edits import AddTask, DeleteTask, RecordMetric
from desktop.protocols import Protocol, Range, bundled
from desktop.schemas import NewMetric, NewTaskResult, SessionRecord
from tests.helpers.clocks import NOON
from tests.helpers.logs import WatchedLog
from tests.helpers.records import a_session, a_task
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.pixels import colours_of, token
from tests.ui.recording import SIZE, TARGET, Recording, controls, press, recording, wear, with_limit
from ui.models.task_lines import task_line
from ui.models.tasks import Column, TasksModel
from ui.panels.tasks import TasksPanel

ENTER, ESC, CONTROL = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.KeyboardModifier.ControlModifier
SESSION_ID = uuid4()


@pytest.fixture
async def room(desk: Desk) -> AsyncIterator[Recording]:
    async with recording(desk) as made:
        yield made


@pytest.fixture
def panel(room: Recording) -> TasksPanel:
    return room.centre.tasks


def cell(panel: TasksPanel, row: int, column: Column) -> str:
    return str(panel.model.index(row, column).data())


def sentence(panel: TasksPanel, row: int) -> str:
    return str(panel.model.index(row, Column.TASK).data(Qt.ItemDataRole.AccessibleTextRole))


def message(panel: TasksPanel) -> str:
    """What stands below the table about the time that is being typed."""
    return panel.time_entry.entry.message.text()


def with_norms() -> Protocol:
    """The bundled protocol with an expected range: half of the possible one."""
    protocol = bundled()[0]
    tasks = []
    for task in protocol.tasks:
        metrics = [
            spec.model_copy(
                update={"expected": Range(low=spec.possible.low, high=(spec.possible.high or 0) / 2)}
            )
            for spec in task.metrics
        ]
        tasks.append(task.model_copy(update={"metrics": tuple(metrics)}))
    return protocol.model_copy(update={"name": "norms", "tasks": tuple(tasks)})


def record_metric(room: Recording, name: str, value: float) -> None:
    record = room.desk.opened.record
    assert record is not None
    new = NewMetric(metric_name=name, metric_value=value)
    assert room.desk.opened.do(RecordMetric(record.id, room.task.id, new))


# What a row says


async def test_a_planned_task_is_to_do_and_has_no_time(room: Recording, panel: TasksPanel) -> None:
    assert [cell(panel, 1, column) for column in Column] == ["Raise hand", "Right", "1", "–", "To do", "–"]
    assert sentence(panel, 1) == "Raise hand, right, trial 1, to do"


async def test_the_selected_task_that_is_to_do_is_ready(room: Recording, panel: TasksPanel) -> None:
    assert cell(panel, 0, Column.METRICS) == "Ready"
    room.choose(4)
    assert (cell(panel, 0, Column.METRICS), cell(panel, 4, Column.METRICS)) == ("–", "Ready")


async def test_a_recorded_task_says_time_result_and_metrics(room: Recording, panel: TasksPanel) -> None:
    room.run_for(15.5)
    room.recorder.rate("success")
    for name, value in (("accuracy", 0.95), ("stability", 0.88), ("max_angle", 165.5)):
        record_metric(room, name, value)
    assert cell(panel, 0, Column.TIME) == "00:15.50"
    assert (cell(panel, 0, Column.STATUS), cell(panel, 0, Column.METRICS)) == ("Success", "3 recorded")
    assert sentence(panel, 0) == "Raise hand, left, trial 1, success, 15.5 seconds, 3 metrics recorded"


async def test_values_out_of_the_expected_range_are_counted(room: Recording, panel: TasksPanel) -> None:
    await room.begin(with_norms())
    record_metric(room, "accuracy", 0.95)
    record_metric(room, "stability", 0.2)
    assert cell(panel, 0, Column.METRICS) == "1 out of range"
    assert "1 metric out of range" in sentence(panel, 0)
    assert token("warn") in colours_of(panel.table.viewport())


async def test_a_run_that_was_cut_off_is_shown_as_recovered(room: Recording, panel: TasksPanel) -> None:
    room.desk.opened.edit_task(room.task.id, started_at=NOON)
    assert (cell(panel, 0, Column.STATUS), cell(panel, 0, Column.METRICS)) == ("Recovered", "Check the time")
    assert sentence(panel, 0) == "Raise hand, left, trial 1, recovered run, check the time"
    assert panel.notice.isVisible()
    assert panel.notice.text() == "Recovered run, check the time"


async def test_a_time_without_a_rating_is_not_rated(room: Recording, panel: TasksPanel) -> None:
    room.run_for(3.0)
    assert cell(panel, 0, Column.STATUS) == "Running"
    room.recorder.stop()
    assert cell(panel, 0, Column.STATUS) == "Not rated"


def test_every_cell_answers_every_role_without_a_complaint() -> None:
    session = a_session(task_results=[a_task(SESSION_ID, practice=True)])
    model = TasksModel()
    model.show(session, bundled()[0])
    for role in (*Qt.ItemDataRole, Qt.ItemDataRole.UserRole + 5):
        for column in range(-1, len(Column) + 1):
            model.headerData(column, Qt.Orientation.Horizontal, role)
            model.headerData(column, Qt.Orientation.Vertical, role)
            model.data(model.index(0, column), role)
    assert model.data(QModelIndex()) is None
    assert str(model.index(0, 0).data()) == "Raise hand · practice"


def test_a_free_task_keeps_its_own_name() -> None:
    line = task_line(a_task(SESSION_ID, task_name="Catch a ball"), None, running=None, selected=None)
    assert (line.task, line.side) == ("Catch a ball", "")


# Rows that come and go


def test_rows_come_go_and_change_one_by_one() -> None:
    session = a_session(task_results=[a_task(SESSION_ID, position=place) for place in range(4)])
    model = TasksModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(session, None)
    told: list[str] = []
    model.modelReset.connect(lambda: told.append("reset"))
    model.rowsInserted.connect(lambda _parent, first, _last: told.append(f"+{first}"))
    model.rowsRemoved.connect(lambda _parent, first, _last: told.append(f"-{first}"))
    model.rowsMoved.connect(lambda _parent, first, _last, _to, row: told.append(f"{first}>{row}"))
    model.dataChanged.connect(lambda first, last: told.append(f"={first.row()}"))

    def now(*tasks: object) -> list[str]:
        told.clear()
        model.show(session.model_copy(update={"task_results": tuple(tasks)}), None)
        return told

    one, two, three, four = session.task_results
    assert now(one, three, four) == ["-1"]
    assert now(one, two, three, four) == ["+1"]
    assert now(one, two, four, three) == ["3>2"]
    assert now(one, two.model_copy(update={"status": "failed"}), four, three) == ["=1"]
    assert now(one, two.model_copy(update={"status": "failed"}), four, three) == []


async def test_what_is_selected_stays_selected_while_rows_come_and_go(
    room: Recording, panel: TasksPanel
) -> None:
    record = room.desk.opened.record
    assert record is not None
    room.choose(2)
    chosen = room.task.id
    room.desk.opened.do(DeleteTask(record.id, room.tasks[0].id))
    assert (room.task.id, panel.table.currentIndex().row()) == (chosen, 1)
    room.desk.opened.undo()
    await room.desk.operations.settle()
    assert (room.task.id, panel.table.currentIndex().row()) == (room.tasks[0].id, 0)
    room.desk.opened.select(chosen)
    added = AddTask(record.id, room.desk.core.clock.new_id(), NewTaskResult(task_name="Catch", position=0))
    room.desk.opened.do(added)
    assert (room.task.id, panel.table.currentIndex().row()) == (chosen, 3)


async def test_after_a_delete_the_next_row_is_selected_and_has_the_keyboard(
    room: Recording, panel: TasksPanel
) -> None:
    room.choose(1)
    following = room.tasks[2].id
    room.recorder.delete()
    assert room.task.id == following
    assert panel.table.currentIndex().row() == 1
    assert panel.table.hasFocus()


async def test_the_header_counts_what_is_done(room: Recording, panel: TasksPanel) -> None:
    assert panel._done.text() == "0 of 8 done"
    room.recorder.rate("refused")
    assert panel._done.text() == "1 of 8 done"
    assert (panel._progress.value(), panel._progress.maximum()) == (1, 8)


async def test_a_session_without_tasks_says_so(room: Recording, panel: TasksPanel) -> None:
    room.desk.opened.record = a_session(task_results=[])
    room.desk.opened.changed.emit()
    assert panel._empty.isVisible()
    assert not panel.table.isVisible()
    await room.begin(bundled()[0])
    assert panel.table.isVisible()


async def test_without_a_session_nothing_is_said_of_tasks(room: Recording, panel: TasksPanel) -> None:
    room.desk.opened.close()
    assert panel.table.isVisible()
    assert not panel._empty.isVisible()
    assert not panel._done.isVisible()


# Choosing


async def test_arrows_and_steps_choose_rows(room: Recording, panel: TasksPanel) -> None:
    press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert room.task.id == room.tasks[2].id
    panel.step_task(-1)
    assert room.task.id == room.tasks[1].id
    panel.step_task(-5)
    assert room.task.id == room.tasks[0].id
    panel.step_task(100)
    assert room.task.id == room.tasks[-1].id


async def test_a_click_chooses_a_row(room: Recording, panel: TasksPanel) -> None:
    where = panel.table.visualRect(panel.model.index(3, Column.STATUS)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert room.task.id == room.tasks[3].id


async def test_a_letter_chooses_no_row(room: Recording, panel: TasksPanel) -> None:
    press("f")
    assert room.task.id == room.tasks[0].id


async def test_no_row_can_be_chosen_while_a_run_is_timed(room: Recording, panel: TasksPanel) -> None:
    running = room.task.id
    room.run_for(1.0)
    panel.table.chosen.emit(3)
    assert room.task.id == running
    assert panel.table.currentIndex().row() == 0


# Typing a time


async def test_enter_and_f2_edit_the_time_and_enter_keeps_it(room: Recording, panel: TasksPanel) -> None:
    press(ENTER, "12,5", ENTER)
    assert room.task.duration_seconds == 12.5
    assert panel.table.hasFocus()
    press(Qt.Key.Key_F2, "1:02.25", ENTER)
    assert (await room.stored(room.task.id)).duration_seconds == 62.25


async def test_a_double_click_edits_the_time(room: Recording, panel: TasksPanel) -> None:
    where = panel.table.visualRect(panel.model.index(2, Column.TIME)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    press("7", ENTER)
    assert room.tasks[2].duration_seconds == 7.0


async def test_all_digits_of_a_time_can_be_edited(room: Recording, panel: TasksPanel) -> None:
    room.desk.opened.edit_task(room.task.id, duration_seconds=9.643751)
    panel.edit_current()
    entry = panel.time_entry._entry
    assert entry is not None
    assert entry.line.text() == "00:09.643751"
    press(ENTER)
    assert room.task.duration_seconds == 9.643751


async def test_what_is_typed_is_echoed(room: Recording, panel: TasksPanel) -> None:
    panel.edit_current()
    press("1:02,5")
    assert "62.5\u2009s" in message(panel)
    assert panel.time_entry.isVisible()


@pytest.mark.parametrize("wrong", ["12x", "1 500", "1.500,0", "-3", "90000", "1:75"])
async def test_a_text_that_is_no_time_stays_with_the_reason(
    room: Recording, panel: TasksPanel, wrong: str
) -> None:
    panel.edit_current()
    press(wrong, ENTER)
    entry = panel.time_entry._entry
    assert entry is not None
    assert entry.line.text() == wrong
    assert entry.line.hasFocus()
    assert message(panel).endswith(".")
    assert room.task.duration_seconds is None
    press(ESC)
    assert not panel.time_entry.is_open
    assert panel.table.hasFocus()


async def test_a_click_elsewhere_keeps_the_time(room: Recording, panel: TasksPanel) -> None:
    edited = room.task.id
    panel.edit_current()
    press("8.25")
    where = panel.table.visualRect(panel.model.index(4, Column.TASK)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    await until(lambda: not panel.time_entry.is_open)
    assert (await room.stored(edited)).duration_seconds == 8.25
    assert room.task.id == room.tasks[4].id


async def test_an_odd_time_is_kept_with_a_reason(room: Recording, panel: TasksPanel) -> None:
    await room.begin(with_limit(30.0))
    panel.focus_tasks()
    panel.edit_current()
    press("95", ENTER)
    assert "Longer than the time limit" in message(panel)
    press(ENTER)
    assert room.task.duration_seconds is None
    press("Timed by hand", ENTER)
    stored = await room.stored(room.task.id)
    assert (stored.duration_seconds, stored.remark) == (95.0, "Timed by hand")
    assert panel.notice.text() == "Time kept: Timed by hand"


async def test_a_usual_time_needs_no_reason_any_more(room: Recording, panel: TasksPanel) -> None:
    room.desk.opened.edit_task(room.task.id, duration_seconds=4000.0, remark="A long walk")
    panel.edit_current()
    press("12", ENTER)
    assert (room.task.duration_seconds, room.task.remark) == (12.0, None)


async def test_the_reason_of_a_kept_time_is_mended_from_the_notice(
    room: Recording, panel: TasksPanel
) -> None:
    room.desk.opened.edit_task(room.task.id, duration_seconds=4000.0, remark="A lng walk")
    assert panel.notice._reason.isVisible()
    panel.notice._reason.click()
    assert QApplication.focusWidget() is panel.time_entry.entry.message.reason
    press("A long walk", ENTER)
    assert (room.task.duration_seconds, room.task.remark) == (4000.0, "A long walk")
    assert not panel.time_entry.is_open
    assert panel.table.hasFocus()


async def test_a_mended_reason_is_kept_by_a_click_elsewhere(room: Recording, panel: TasksPanel) -> None:
    edited = room.task.id
    room.desk.opened.edit_task(edited, duration_seconds=4000.0, remark="A lng walk")
    panel.time_entry.begin_reason()
    press("A long walk")
    click_cell(panel, 4, Column.TASK)
    await until(lambda: not panel.time_entry.is_open)
    assert (await room.stored(edited)).remark == "A long walk"


async def test_in_a_small_window_a_toast_makes_room_for_what_is_typed(
    room: Recording, panel: TasksPanel
) -> None:
    room.recorder.rate("success")
    room.recorder.delete()
    panel.edit_current()
    assert room.centre.toast.isVisible()
    press(ESC)
    room.centre.set_compact(True)
    panel.edit_current()
    assert not room.centre.toast.isVisible()
    press(ESC)


async def test_a_note_is_edited_from_the_notice_and_a_reason_does_not_call_itself_one(
    room: Recording, panel: TasksPanel
) -> None:
    room.desk.opened.edit_task(room.task.id, duration_seconds=4000.0, remark="A long walk")
    assert not panel.notice._note.isVisible()
    room.desk.opened.edit_task(room.task.id, notes="Tired")
    assert panel.notice._note.isVisible()


async def test_an_emptied_time_of_an_unrated_task_is_to_do_again(room: Recording, panel: TasksPanel) -> None:
    room.run_for(3.0)
    room.recorder.stop()
    panel.focus_tasks()
    panel.edit_current()
    press(Qt.Key.Key_Backspace, ENTER)
    assert trials.state_of(room.task) == "to_do"


async def test_the_time_of_a_recovered_run_is_entered_from_the_notice(
    room: Recording, panel: TasksPanel
) -> None:
    room.desk.opened.edit_task(room.task.id, started_at=NOON)
    panel.notice._time.click()
    press("21", ENTER)
    assert trials.state_of(room.task) == "unrated"


async def test_no_time_is_edited_while_a_run_is_timed(room: Recording, panel: TasksPanel) -> None:
    room.run_for(1.0)
    panel.edit_current()
    assert not panel.time_entry.is_open


async def test_a_row_that_goes_takes_its_editor_along(room: Recording, panel: TasksPanel) -> None:
    record = room.desk.opened.record
    assert record is not None
    panel.edit_current()
    press("12")
    room.desk.opened.do(DeleteTask(record.id, room.task.id))
    await until(lambda: not panel.time_entry.is_open)
    assert not panel.time_entry.isVisible()
    panel.edit_current()
    assert panel.time_entry.is_open
    press(ESC)


async def test_times_are_written_in_the_language_of_the_window(room: Recording, panel: TasksPanel) -> None:
    QLocale.setDefault(QLocale("de_DE"))
    try:
        room.desk.opened.edit_task(room.task.id, duration_seconds=15.5)
        assert cell(panel, 0, Column.TIME) == "00:15,50"
    finally:
        QLocale.setDefault(QLocale("en_GB"))


# Notes


async def test_a_note_is_saved_with_control_enter(room: Recording, panel: TasksPanel) -> None:
    panel.edit_note()
    press("Tired", ENTER, "but willing")
    press(ENTER, modifier=CONTROL)
    assert (await room.stored(room.task.id)).notes == "Tired\nbut willing"
    assert not panel.note_entry.isVisible()
    assert panel.table.hasFocus()
    assert panel.notice.text() == "Tired but willing"
    assert sentence(panel, 0).endswith("has a note")


async def test_a_modified_administration_is_written_on_the_second_line(
    room: Recording, panel: TasksPanel
) -> None:
    panel.edit_note()
    press(Qt.Key.Key_Tab, "Held by one hand", ESC)
    stored = await room.stored(room.task.id)
    assert (stored.deviation, stored.notes) == ("Held by one hand", "")
    panel.edit_note()
    panel.note_entry.deviation.clear()
    panel.note_entry.deviation.textEdited.emit("")
    panel.note_entry.leave()
    assert room.task.deviation is None


async def test_a_note_is_saved_when_it_is_left(room: Recording, panel: TasksPanel) -> None:
    noted = room.task.id
    panel.edit_note()
    press("Fell asleep")
    where = panel.table.visualRect(panel.model.index(2, Column.TASK)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    await until(lambda: not panel.note_entry.isVisible())
    assert (await room.stored(noted)).notes == "Fell asleep"


async def test_a_note_that_cannot_be_saved_stays_as_a_draft(room: Recording, panel: TasksPanel) -> None:
    first = room.desk.opened.record
    assert first is not None
    panel.edit_note()
    press("Do not lose me")
    await room.begin(bundled()[0])
    panel.note_entry.leave()
    assert all(task.notes == "" for task in room.tasks)
    room.desk.opened.show(first.id)
    await room.desk.operations.settle()
    panel.edit_note()
    assert panel.note_entry.note.toPlainText() == "Do not lose me"
    panel.note_entry.leave()
    assert room.tasks[0].notes == "Do not lose me"


async def test_a_note_without_a_change_is_no_edit(room: Recording, panel: TasksPanel) -> None:
    before = room.task
    panel.edit_note()
    panel.note_entry.leave()
    assert room.task is before


async def test_no_note_is_begun_while_a_run_is_timed(room: Recording, panel: TasksPanel) -> None:
    room.run_for(1.0)
    panel.edit_note()
    assert panel.note_entry.isHidden()
    room.recorder.stop()
    assert panel.table.hasFocus()


# How it looks and can be reached


@pytest.mark.parametrize("scale", [1.0, 1.5])
async def test_names_and_targets(room: Recording, panel: TasksPanel, scale: float) -> None:
    wear(text_scale=scale)
    room.desk.opened.edit_task(room.task.id, notes="A note")
    panel.edit_note()
    for control in controls(panel):
        assert control.accessibleName(), control
        assert min(control.width(), control.height()) >= TARGET, control
    assert panel.table.rowHeight(0) >= 48
    panel.note_entry.leave()


async def test_metrics_go_first_where_there_is_little_room(room: Recording, panel: TasksPanel) -> None:
    assert not panel.table.isColumnHidden(Column.METRICS)
    room.centre.resize(520, SIZE[1])
    assert panel.table.isColumnHidden(Column.METRICS)
    room.centre.resize(*SIZE)
    assert not panel.table.isColumnHidden(Column.METRICS)
    room.centre.set_compact(True)
    assert panel.table.isColumnHidden(Column.METRICS)
    assert panel.table.rowHeight(0) == 44


async def test_numbers_stand_at_the_right_in_both_directions(room: Recording, panel: TasksPanel) -> None:
    for column in (Column.TRIAL, Column.TIME):
        alignment = panel.model.index(0, column).data(Qt.ItemDataRole.TextAlignmentRole)
        assert alignment & Qt.AlignmentFlag.AlignRight
        assert alignment & Qt.AlignmentFlag.AlignAbsolute


async def test_right_to_left_the_chosen_row_is_marked_at_the_right(
    room: Recording, panel: TasksPanel
) -> None:
    def bar(at_right: bool) -> str:
        picture = panel.table.viewport().grab().toImage()
        row = panel.table.visualRect(panel.model.index(0, Column.TASK))
        x = picture.width() - 3 if at_right else 2
        return picture.pixelColor(x, row.center().y()).name()

    panel.table.clearFocus()
    assert bar(at_right=False) == token("accent")
    wear(right_to_left=True)
    assert bar(at_right=True) == token("accent")
    assert panel.table.mapTo(panel, QPoint()).x() >= 0


def test_no_session_is_an_empty_table() -> None:
    model = TasksModel()
    model.show(a_session(), None)
    record: SessionRecord | None = None
    model.show(record, None)
    assert model.rowCount() == 0


# The side


@pytest.fixture
def menus_open(watched_log: WatchedLog) -> None:
    watched_log.allow("This plugin does not support (raise|grabbing)")  # offscreen, of every menu


def side_menu() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def click_cell(panel: TasksPanel, row: int, column: Column) -> None:
    place = panel.table.visualRect(panel.model.index(row, column)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


@pytest.mark.usefixtures("menus_open")
async def test_the_side_of_a_result_is_changed_from_its_cell(room: Recording, panel: TasksPanel) -> None:
    room.recorder.rate("success")
    click_cell(panel, 0, Column.SIDE)
    menu = side_menu()
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [
        ("&Left", True),
        ("&Right", False),
    ]
    menu.actions()[1].trigger()
    assert (room.task.side, room.task.status) == ("right", "success")
    menu.close()


async def test_the_first_click_on_a_side_chooses_its_row_only(room: Recording, panel: TasksPanel) -> None:
    click_cell(panel, 1, Column.SIDE)
    assert room.task.side == "right"
    assert QApplication.activePopupWidget() is None


@pytest.mark.usefixtures("menus_open")
async def test_the_menu_of_sides_goes_by_letters_and_leaves_the_keyboard_in_the_table(
    room: Recording, panel: TasksPanel
) -> None:
    room.recorder.rate("success")
    panel.change_side()
    menu = side_menu()
    assert menu.accessibleName() == "Change side"
    QTest.keyClick(menu, Qt.Key.Key_R)
    assert (room.task.side, room.task.status) == ("right", "success")
    assert panel.table.hasFocus()


async def test_a_task_without_sides_has_no_menu_of_them(room: Recording, panel: TasksPanel) -> None:
    room.choose(4)
    panel.change_side()
    click_cell(panel, 4, Column.SIDE)
    assert QApplication.activePopupWidget() is None


async def test_no_side_is_changed_while_a_run_is_timed(room: Recording, panel: TasksPanel) -> None:
    room.recorder.start()
    panel.change_side()
    assert QApplication.activePopupWidget() is None


@pytest.mark.usefixtures("menus_open")
async def test_a_double_click_on_a_side_does_not_edit_the_time(room: Recording, panel: TasksPanel) -> None:
    place = panel.table.visualRect(panel.model.index(1, Column.SIDE)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not panel.time_entry.is_open
    side_menu().close()
