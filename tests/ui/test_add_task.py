"""The dialog that adds a task: found or named by the keyboard alone."""

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.recording import TARGET, Recording, controls, press, recording
from ui.dialogs.add_task import AddTaskDialog

ENTER, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Down


@pytest.fixture
async def room(desk: Desk) -> AsyncIterator[Recording]:
    async with recording(desk) as made:
        yield made


@pytest.fixture
async def dialog(room: Recording) -> AddTaskDialog:
    room.centre.tasks.add_task()
    made = room.centre.findChild(AddTaskDialog)
    assert made is not None
    await until(made.isActiveWindow)
    await until(made.name.edit.hasFocus)
    return made


def found(dialog: AddTaskDialog) -> list[str]:
    return [dialog.tasks.item(row).text() for row in range(dialog.tasks.count())]


def sides(dialog: AddTaskDialog) -> list[str]:
    keys = ("none", "left", "both", "right")
    return [key for key in keys if dialog.side.button(key).isVisible()]


async def test_enter_adds_the_task_that_was_found(room: Recording, dialog: AddTaskDialog) -> None:
    assert found(dialog) == ["Raise hand", "One-leg stance", "Walk", "Jump", "Finger to nose"]
    press("jum")
    assert found(dialog) == ["Jump", "Free task “jum”"]
    assert sides(dialog) == ["none"]
    press(ENTER)
    assert (room.task.task_name, room.task.side, room.task.trial) == ("jump", "none", 2)
    stored = await room.stored(room.task.id)
    assert stored.position == room.task.position
    assert [task.task_name for task in room.tasks][4:8] == ["walk", "jump", "jump", "finger_to_nose"]
    room.centre.activateWindow()
    await until(room.centre.tasks.table.hasFocus)


async def test_control_enter_adds_as_in_every_dialog(room: Recording, dialog: AddTaskDialog) -> None:
    press("jum")
    press(ENTER, modifier=Qt.KeyboardModifier.ControlModifier)
    assert (room.task.task_name, room.task.trial) == ("jump", 2)


async def test_a_free_name_is_a_free_task_at_the_end(room: Recording, dialog: AddTaskDialog) -> None:
    press("  Catch   a ball ")
    assert found(dialog) == ["Free task “Catch a ball”"]
    assert sides(dialog) == ["none", "left", "both", "right"]
    assert dialog.side.current() == "none"
    press(ENTER)
    assert (room.task.task_name, room.task.side, room.task.trial) == ("Catch a ball", "none", 1)
    assert room.tasks[-1].id == room.task.id


async def test_down_goes_through_the_list_while_the_name_is_typed(
    room: Recording, dialog: AddTaskDialog
) -> None:
    press(DOWN, DOWN, Qt.Key.Key_Up)
    assert dialog.name.edit.hasFocus()
    assert sides(dialog) == ["left", "right"]
    press(Qt.Key.Key_Tab, Qt.Key.Key_Right, ENTER)
    assert (room.task.task_name, room.task.side, room.task.trial) == ("one_leg_stance", "right", 2)


async def test_the_side_with_fewer_trials_is_proposed(room: Recording, dialog: AddTaskDialog) -> None:
    press(ENTER)
    assert (room.task.side, room.task.trial) == ("left", 2)
    room.centre.tasks.add_task()
    second = next(made for made in room.centre.findChildren(AddTaskDialog) if made is not dialog)
    assert second.side.current() == "right"
    second.reject()


async def test_the_name_of_a_task_of_the_protocol_is_no_free_task(
    room: Recording, dialog: AddTaskDialog
) -> None:
    press("WALK")
    assert found(dialog) == ["Walk"]
    dialog.reject()


async def test_escape_adds_nothing(room: Recording, dialog: AddTaskDialog) -> None:
    press("Walk", Qt.Key.Key_Escape)
    assert len(room.tasks) == 8
    assert not dialog.isVisible()


async def test_without_a_task_the_reason_is_said(room: Recording, dialog: AddTaskDialog) -> None:
    dialog.tasks.clear()
    press(ENTER)
    assert dialog.isVisible()
    assert dialog.name.is_invalid()
    assert dialog.name.below() == "Please choose a task or name your own."
    assert dialog.edit() is None
    dialog.reject()


async def test_no_task_is_added_while_a_run_is_timed(room: Recording) -> None:
    room.recorder.start()
    room.centre.tasks.add_task()
    assert room.centre.findChild(AddTaskDialog) is None


async def test_names_and_targets(room: Recording, dialog: AddTaskDialog) -> None:
    for control in controls(dialog):
        assert control.accessibleName(), control
        assert min(control.width(), control.height()) >= TARGET, control
    QTest.mouseClick(primary(dialog), Qt.MouseButton.LeftButton)
    assert len(room.tasks) == 9


def primary(dialog: AddTaskDialog) -> QAbstractButton:
    return next(button for button in dialog.findChildren(QAbstractButton) if button.text() == "Add task")
