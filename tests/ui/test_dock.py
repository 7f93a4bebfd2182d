"""The recorder dock: what it shows of the selected task and what its buttons do."""

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from desktop.edits import AddTask
from desktop.schemas import NewTaskResult
from tests.helpers.clocks import NOON
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.recording import TARGET, Recording, controls, press, recording, wear
from ui.panels.dock import RecorderDock
from ui.widgets.outcome_keys import OUTCOMES

WALK = 4
SMALLEST = 1024 - 304 - 1 - 2 * 16


@pytest.fixture
async def room(desk: Desk) -> AsyncIterator[Recording]:
    async with recording(desk) as made:
        yield made


@pytest.fixture
def dock(room: Recording) -> RecorderDock:
    return room.centre.dock


def checked(dock: RecorderDock) -> list[str]:
    return [key for key, button in dock.keys.buttons.items() if button.isChecked()]


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_a_task_that_is_to_do_is_started(room: Recording, dock: RecorderDock) -> None:
    assert (dock._name.text(), dock._time.text(), dock.start.text()) == ("Raise hand", "00:00.0", "Start")
    assert dock.start.accessibleDescription() == "Shortcut Space"
    click(dock.start)
    assert room.recorder.running == room.task.id


async def test_a_recorded_task_shows_its_time_and_offers_a_new_trial(
    room: Recording, dock: RecorderDock
) -> None:
    room.run_for(9.6437)
    room.recorder.rate("success")
    assert (dock._time.text(), dock._time.accessibleName()) == ("00:09.6", "9.64 seconds")
    assert dock.start.text() == "New trial"
    assert checked(dock) == ["success"]
    click(dock.start)
    room.recorder.stop()
    assert room.task.trial == 2


async def test_a_recorded_task_without_a_time_shows_no_zero(room: Recording, dock: RecorderDock) -> None:
    room.desk.opened.edit_task(room.task.id, started_at=NOON)
    assert (dock._time.text(), dock._time.accessibleName()) == ("–", "No time")


@pytest.mark.parametrize("status", OUTCOMES)
async def test_each_key_rates(room: Recording, dock: RecorderDock, status: str) -> None:
    click(dock.keys.buttons[status])
    assert room.task.status == status
    assert checked(dock) == [status]
    click(dock.keys.buttons[status])
    assert room.task.status == status
    assert checked(dock) == [status]


async def test_the_keys_show_what_is_recorded_also_after_undo(room: Recording, dock: RecorderDock) -> None:
    click(dock.keys.buttons["partial"])
    click(dock.keys.buttons["failed"])
    room.desk.opened.undo()
    await room.desk.operations.settle()
    assert checked(dock) == ["partial"]
    room.desk.opened.undo()
    await room.desk.operations.settle()
    assert checked(dock) == []


async def test_a_click_leaves_the_keyboard_in_the_table(room: Recording, dock: RecorderDock) -> None:
    for button in (dock.keys.buttons["success"], dock.sides.button("right"), dock.trial._on):
        click(button)
        assert room.centre.tasks.table.hasFocus()


async def test_the_keys_are_one_tab_stop_and_arrows_go_from_key_to_key(
    room: Recording, dock: RecorderDock
) -> None:
    buttons = list(dock.keys.buttons.values())
    assert [bool(button.focusPolicy() & Qt.FocusPolicy.TabFocus) for button in buttons] == [True] + [
        False
    ] * 4
    buttons[0].setFocus()
    press(Qt.Key.Key_Right, Qt.Key.Key_Right)
    assert buttons[2].hasFocus()
    assert room.task.status is None
    press(Qt.Key.Key_Space)
    assert room.task.status == "failed"
    press(Qt.Key.Key_Left)
    assert buttons[1].hasFocus()


async def test_only_sides_that_make_sense_are_offered(room: Recording, dock: RecorderDock) -> None:
    assert dock.sides.current() == "left"
    assert not dock.sides.button("both").isVisible()
    click(dock.sides.button("right"))
    assert room.task.id == room.tasks[1].id
    room.choose(WALK)
    assert not dock.sides.isVisible()


async def test_a_free_task_may_be_on_any_side(room: Recording, dock: RecorderDock) -> None:
    record = room.desk.opened.record
    assert record is not None
    new = AddTask(record.id, room.desk.core.clock.new_id(), NewTaskResult(task_name="Catch a ball"))
    room.desk.opened.do(new)
    room.desk.opened.select(new.task_id)
    assert dock.sides.current() is None
    click(dock.sides.button("both"))
    assert room.task.side == "both"


async def test_left_is_left_in_both_directions(
    room: Recording, dock: RecorderDock, application: QApplication
) -> None:
    wear(right_to_left=True)
    application.processEvents()
    assert dock.isRightToLeft()
    assert dock.sides.button("left").x() < dock.sides.button("right").x()
    assert dock.start.x() < dock._time.x()


async def test_trials_are_gone_through_and_begun(room: Recording, dock: RecorderDock) -> None:
    assert not dock.trial._back.isEnabled()
    assert dock.trial._on.accessibleName() == "New trial"
    click(dock.trial._on)
    assert (room.task.trial, dock.trial._number.text()) == (2, "Trial 2")
    click(dock.trial._back)
    assert room.task.trial == 1
    assert dock.trial._on.accessibleName() == "Next trial"


async def test_without_a_task_the_dock_says_what_to_do(room: Recording, dock: RecorderDock) -> None:
    room.desk.opened.select(None)
    assert dock._name.text() == "Choose a task"
    assert not any(control.isEnabled() for control in controls(dock))


def fits(dock: RecorderDock) -> bool:
    """Whether every control has the room that it needs, inside of the dock."""
    for control in controls(dock):
        corner = control.mapTo(dock, control.rect().topLeft())
        enough = control.minimumSizeHint()
        if not dock.rect().contains(control.rect().translated(corner)):
            return False
        if control.width() < enough.width() or control.height() < enough.height():
            return False
    return True


@pytest.mark.parametrize("scale", [1.0, 1.15, 1.3, 1.5])
@pytest.mark.parametrize(("width", "compact"), [(750, False), (SMALLEST, True)])
async def test_everything_fits_at_every_text_size(
    room: Recording, dock: RecorderDock, scale: float, width: int, compact: bool
) -> None:
    wear(text_scale=scale)
    room.recorder.rate("success")
    room.centre.set_compact(compact)
    margin = room.centre._page.contentsMargins().right()
    room.centre.resize(width + 2 * margin, 600)
    await until(lambda: dock.width() == width and fits(dock))
    for control in controls(dock):
        assert control.accessibleName(), control
        assert min(control.width(), control.height()) >= TARGET, control
    below = dock.keys.y() > dock.start.y()
    assert below == (scale > 1.0)
    if scale == 1.0:
        assert dock.height() == (94 if compact else 146)
