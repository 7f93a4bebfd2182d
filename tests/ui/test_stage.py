"""The centre pane while a run is timed, and what it says when the run ends."""

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.edits import AddTask, EditSession
from desktop.schemas import NewTaskResult
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.pixels import colours_of, token
from tests.ui.recording import TARGET, Recording, controls, recording, wear, with_limit
from ui.panels import centre
from ui.panels.stage import Stage

WALK = 4


@pytest.fixture
async def room(desk: Desk) -> AsyncIterator[Recording]:
    async with recording(desk) as made:
        yield made


@pytest.fixture
def stage(room: Recording) -> Stage:
    return room.centre.stage


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told."""
    heard: list[str] = []
    monkeypatch.setattr(centre, "announce", lambda _source, text: heard.append(text))
    return heard


async def test_the_stage_comes_with_a_run_and_goes_with_it(room: Recording, stage: Stage) -> None:
    assert not stage.isVisible()
    room.recorder.start()
    assert stage.isVisible()
    assert not room.centre.tasks.isVisible()
    room.recorder.stop()
    assert room.centre.tasks.isVisible()
    assert room.centre.tasks.table.hasFocus()


async def test_the_right_child_and_task_are_always_in_sight(room: Recording, stage: Stage) -> None:
    room.recorder.start()
    assert stage._name.text() == "Raise hand"
    assert stage._who.text() == "\u2068John Doe\u2069, 8 y · Left · Trial 1"
    assert stage._instruction.text().startswith("Raise your hand as high as you can")
    assert stage.strip.accessibleName() == "1 of 8 · Raise hand · Left · Trial 1"


async def test_a_long_name_leaves_the_age_and_the_side_in_sight(room: Recording, stage: Stage) -> None:
    record = room.desk.opened.record
    assert record is not None
    room.desk.opened.do(EditSession(record.id, {"child_name": "Maximiliana " * 12}))
    room.recorder.start()
    assert stage._who.is_elided()
    assert stage._who.shown().startswith("\u2068Maximiliana")
    assert stage._who.shown().endswith("…\u2069, 8 y · Left · Trial 1")


async def test_a_free_task_has_no_instruction(room: Recording, stage: Stage) -> None:
    record = room.desk.opened.record
    assert record is not None
    new = AddTask(record.id, room.desk.core.clock.new_id(), NewTaskResult(task_name="Catch a ball"))
    room.desk.opened.do(new)
    room.desk.opened.select(new.task_id)
    room.recorder.start()
    assert stage._name.text() == "Catch a ball"
    assert not stage._instruction.isVisible()


async def test_the_clock_shows_one_decimal(room: Recording, stage: Stage) -> None:
    room.run_for(12.44)
    await until(lambda: stage.time.text() == "00:12.4")
    room.clock.pass_time(hours=1)
    await until(lambda: stage.time.text() == "1:00:12.4")


async def test_the_clock_stands_still_when_the_stage_is_gone(room: Recording, stage: Stage) -> None:
    room.run_for(3.0)
    room.recorder.stop()
    shown = stage.time.text()
    room.recorder.stopwatch.ticked.emit(99.0)
    assert stage.time.text() == shown


async def test_without_a_limit_there_is_no_bar(room: Recording, stage: Stage) -> None:
    room.recorder.start()
    assert not stage._limit.isVisible()


async def test_the_bar_fills_up_to_the_limit_of_the_protocol(room: Recording, stage: Stage) -> None:
    await room.begin(with_limit(30.0))
    room.run_for(15.0)
    assert stage._limit.isVisible()
    assert stage._stops_at.text() == "Stops at \u206830\u2009s\u2069"
    await until(lambda: stage._bar._share == 0.5)
    filled = stage._bar.grab().toImage()
    middle = filled.height() // 2
    assert filled.pixelColor(filled.width() // 4, middle).name() == token("accent_fill")
    assert filled.pixelColor(filled.width() * 3 // 4, middle).name() != token("accent_fill")


async def test_stop_takes_the_time_when_it_goes_down(room: Recording, stage: Stage) -> None:
    room.run_for(15.5)
    QTest.mousePress(stage.stop, Qt.MouseButton.LeftButton)
    assert room.recorder.running is None
    assert (room.task.duration_seconds, room.task.status) == (15.5, None)


async def test_a_status_key_stops_the_clock_and_rates(room: Recording, stage: Stage) -> None:
    room.run_for(15.5)
    QTest.mouseClick(stage.keys.buttons["partial"], Qt.MouseButton.LeftButton)
    assert room.recorder.running is None
    assert (room.task.duration_seconds, room.task.status) == (15.5, "partial")
    room.recorder.start()
    assert not any(button.isChecked() or button.isDown() for button in stage.keys.buttons.values())


async def test_a_double_click_is_one_click(room: Recording, stage: Stage) -> None:
    deaf = Qt.WidgetAttribute.WA_TransparentForMouseEvents
    for button in (room.centre.dock.start, stage.stop):
        place = button.mapTo(room.centre, QPoint(button.width() // 2, 4))
        for _ in range(2):
            QTest.mouseClick(room.centre.windowHandle(), Qt.MouseButton.LeftButton, pos=place)
        room.clock.pass_time(seconds=5.0)
        await until(lambda: not room.centre.currentWidget().testAttribute(deaf))
    assert (room.task.id, room.task.duration_seconds, room.task.status) == (room.tasks[0].id, 5.0, None)
    assert len(room.tasks) == 8


async def test_discarding_is_taken_back_from_the_toast(room: Recording, stage: Stage) -> None:
    room.run_for(4.0)
    QTest.mouseClick(stage.discard, Qt.MouseButton.LeftButton)
    assert room.task.duration_seconds is None
    assert room.centre.toast.isVisible()
    room.centre.toast.undo()
    await room.desk.operations.settle()
    assert room.task.duration_seconds == 4.0
    assert not room.centre.toast.isVisible()


async def test_space_and_digits_need_no_mouse(room: Recording, stage: Stage) -> None:
    """As the window binds them: Space is a shortcut, so no button of the stage may have the keyboard."""
    space = QShortcut(QKeySequence("Space"), room.centre)
    space.activated.connect(room.recorder.toggle)
    success = QShortcut(QKeySequence("1"), room.centre)
    success.activated.connect(lambda: room.recorder.rate("success"))
    QTest.keyClick(room.centre.tasks.table, Qt.Key.Key_Space)
    assert stage.hasFocus()
    room.clock.pass_time(seconds=15.5)
    QTest.keyClick(stage, Qt.Key.Key_1)
    QTest.keyClick(room.centre.tasks.table, Qt.Key.Key_Down)
    QTest.keyClick(room.centre.tasks.table, Qt.Key.Key_Space)
    room.clock.pass_time(seconds=8.2)
    QTest.keyClick(stage, Qt.Key.Key_Space)
    first, second = (await room.stored()).task_results[:2]
    assert (first.duration_seconds, first.status) == (15.5, "success")
    assert (second.duration_seconds, second.status) == (8.2, None)


async def test_beginning_and_the_time_are_said_but_never_the_running_clock(
    room: Recording, said: list[str]
) -> None:
    room.run_for(12.4)
    room.recorder.stopwatch.ticked.emit(12.4)
    assert said == ["Started"]
    room.recorder.stop()
    assert said == ["Started", "12.4 seconds"]


async def test_a_toast_takes_room_of_the_table_and_covers_nothing(room: Recording) -> None:
    table, toast, dock = room.centre.tasks.table, room.centre.toast, room.centre.dock
    before = table.height()
    room.recorder.delete()
    await until(lambda: table.height() < before)
    assert toast.geometry().top() > room.centre.tasks.geometry().bottom()
    assert toast.geometry().bottom() < dock.geometry().top()
    assert toast.accessibleName() == "“Raise hand” deleted"


async def test_a_toast_without_a_way_back_offers_none(room: Recording) -> None:
    room.desk.notifier.toast("Report saved.")
    assert room.centre.toast.isVisible()
    assert not room.centre.toast._undo.isVisible()
    room.recorder.delete()
    assert room.centre.toast._undo.isVisible()


async def test_a_toast_goes_when_what_it_tells_of_is_undone_by_key(room: Recording) -> None:
    deleted = room.task.id
    room.recorder.delete()
    room.centre.undo()
    await room.desk.operations.settle()
    assert room.task.id == deleted
    assert not room.centre.toast.isVisible()


@pytest.mark.parametrize("right_to_left", [False, True])
@pytest.mark.parametrize(("scale", "size"), [(1.0, (798, 796)), (1.0, (720, 544)), (1.5, (720, 544))])
async def test_everything_fits_and_is_named(
    room: Recording,
    stage: Stage,
    application: QApplication,
    scale: float,
    size: tuple[int, int],
    right_to_left: bool,
) -> None:
    wear("dark", text_scale=scale, right_to_left=right_to_left)
    await room.begin(with_limit(30.0))
    room.centre.set_compact(size[0] < 750)
    application.processEvents()  # the layouts hear of it
    room.centre.resize(*size)
    room.choose(WALK)
    room.recorder.start()
    application.processEvents()
    assert (room.centre.width(), room.centre.height()) == size
    assert stage.accessibleName() == "Recording Walk · Trial 1"
    for control in controls(stage):
        assert control.accessibleName(), control
        assert min(control.width(), control.height()) >= TARGET, control
        assert control.width() >= control.minimumSizeHint().width(), control
    assert (stage.stop.height(), stage.keys.buttons["success"].height()) == (88, 84)
    assert token("text") in colours_of(stage.time)


async def test_twenty_tasks_have_a_mark_each(room: Recording, stage: Stage) -> None:
    record = room.desk.opened.record
    assert record is not None
    for number in range(12):
        new = NewTaskResult(task_name=f"Free task {number} with a long name that nobody can read at once")
        room.desk.opened.do(AddTask(record.id, room.desk.core.clock.new_id(), new))
    room.choose(19)
    room.recorder.start()
    current, other = stage.strip._widths()
    assert stage.strip.accessibleName().startswith("20 of 20 · Free task 11")
    assert other >= 8
    assert current + 19 * (other + 6) == pytest.approx(stage.strip.width())
