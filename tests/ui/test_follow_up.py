"""The dialog that begins a session of a child seen before."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from desktop.errors import NotFound
from desktop.listing import child_of
from desktop.services.recording import load_session
from tests.helpers.waiting import until
from tests.ui.beginning import HOSTILE, begun, dialog, fill, focused, known, start, write
from tests.ui.desk import Desk
from ui import words
from ui.dialogs.new_session import NewSessionDialog

__all__ = ["dialog"]


async def test_a_known_child_is_found_by_a_part_of_the_name(desk: Desk, dialog: NewSessionDialog) -> None:
    born = {"child_date_of_birth": date(2019, 7, 14), "child_sex": "female", "handedness": "left"}
    first = await desk.begin(HOSTILE, child_age=None, child_identifier="P-17", consent="given", **born)
    before = (await load_session(desk.core.database, first)).record
    await known(dialog, desk, "ada")
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert HOSTILE in shown
    assert any("Born" in text and "last seen" in text and "1 session" in text for text in shown)
    assert "Follow-up 1. The child’s details are taken over from the last visit." in shown
    stored = await begun(dialog, desk)
    assert stored.child_id == before.child_id
    assert stored.child_code == before.child_code
    assert stored.session_type == "follow_up"
    for name in (
        "child_name",
        "child_identifier",
        "child_date_of_birth",
        "child_sex",
        "handedness",
        "consent",
    ):
        assert getattr(stored, name) == getattr(before, name), name


async def test_measures_of_the_last_visit_are_shown_and_never_recorded_as_measured_today(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    await desk.begin("Ada", child_height_cm=115.0, child_weight_kg=20.5)
    await known(dialog, desk, "ada")
    height = dialog.form.height_field
    assert height.line.text() == ""
    assert words.measured(115, "cm", 1) in height.line.below()
    assert focused() is height.line.edit
    write("116")
    assert words.measured(116, "cm") in height.line.below()
    assert words.measured(115, "cm", 1) in height.line.below()
    stored = await begun(dialog, desk)
    assert (stored.child_height_cm, stored.child_weight_kg) == (116.0, None)


async def test_another_child_can_be_meant_after_all(desk: Desk, dialog: NewSessionDialog) -> None:
    await desk.begin("Ada", child_height_cm=115.0)
    await known(dialog, desk, "ada")
    change = focused_button(dialog)
    change.click()
    assert focused() is dialog.form.child.name.edit
    assert dialog.form.height_field.line.text() == ""
    dialog.form.child.name.edit.clear()
    fill(dialog, "Jonas")
    stored = await begun(dialog, desk)
    assert stored.child_name == "Jonas"
    assert stored.session_type == "initial"
    assert stored.child_height_cm is None


def focused_button(dialog: NewSessionDialog) -> QWidget:
    dialog.form.child.focus_problem()
    return focused()


async def test_a_known_child_without_a_birth_is_asked_for_the_age(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    await desk.begin("Ada")
    await known(dialog, desk, "ada")
    fields = dialog.form.fields
    assert fields.age.isVisible()
    assert not fields.birth.isVisible()
    fields.age.setFocus()
    fields.age.edit.selectAll()
    write("9")
    stored = await begun(dialog, desk)
    assert stored.child_age == 9


async def test_enter_after_a_name_does_not_take_the_child_that_is_offered(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    await desk.begin("Ada")
    write("ada")
    view = dialog.form.child.popup.view
    await until(view.isVisible)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert not view.isVisible()
    assert dialog.form.child.child is None
    assert dialog.form.child.name.text() == "ada"


async def test_the_list_of_children_leaves_with_escape_and_the_dialog_stays(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    await desk.begin("Ada")
    write("ada")
    view = dialog.form.child.popup.view
    await until(view.isVisible)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert dialog.isVisible()
    assert dialog.form.child.name.text() == "ada"


async def test_the_follow_up_of_the_open_child_is_prefilled_from_the_last_visit(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    now = desk.core.clock.now()
    first = await desk.begin("Ada", child_height_cm=110.0, started_at=now - timedelta(days=90))
    child = (await load_session(desk.core.database, first)).record.child_id
    await desk.begin("Ada", child_id=child, child_height_cm=115.0)
    dialog.follow_up_of(first)
    await desk.operations.settle()
    assert words.measured(115, "cm", 1) in dialog.form.height_field.line.below()
    assert dialog.form.subtitle().startswith("Follow-up 2. ")
    stored = await begun(dialog, desk)
    assert stored.child_id == child


async def test_the_child_of_a_session_that_is_gone_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await child_of(desk.core.database, desk.core.clock.new_id())


async def test_an_odd_value_is_mended_with_one_click(desk: Desk, dialog: NewSessionDialog) -> None:
    await desk.begin("Ada", child_weight_kg=20.5)
    await known(dialog, desk, "ada")
    weight = dialog.form.weight_field
    weight.setFocus()
    weight.line.edit.selectAll()
    write("208")
    start(dialog)
    assert words.measured(20.5, "kg") in weight.line.below()
    assert weight.line.fix_button().text() == f"Use {words.measured(20.8, 'kg')}"
    QTest.mouseClick(weight.line.fix_button(), Qt.MouseButton.LeftButton)
    assert weight.line.text() == "20.8"
    assert not weight.reason.isVisible()
    stored = await begun(dialog, desk)
    assert stored.child_weight_kg == 20.8
    assert stored.remark is None
