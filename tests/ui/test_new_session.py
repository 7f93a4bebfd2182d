"""The dialog that begins a session of a new child: what is typed, what is odd, what is stored."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from desktop.listing import session_count
from desktop.services.people import create_person
from tests.helpers.waiting import until
from tests.ui.beginning import HOSTILE, begun, dialog, fill, focused, press, start, tab, today, write
from tests.ui.desk import Desk
from ui import words
from ui.dialogs.middle import AROUND
from ui.dialogs.new_session import WIDTH, NewSessionDialog
from ui.theme import ThemeManager

__all__ = ["dialog"]


async def test_a_new_child_is_entered_by_keyboard_alone(desk: Desk, dialog: NewSessionDialog) -> None:
    write("John Doe")
    tab()
    write("14.7.2019")
    tab(4)  # age is given by the birth; sex, more about the child, date, assessor
    tab()
    write("130,5")
    tab()
    write("28.0")
    stored = await begun(dialog, desk)
    assert stored.child_name == "John Doe"
    assert stored.child_date_of_birth == date(2019, 7, 14)
    assert stored.child_height_cm == 130.5
    assert stored.child_weight_kg == 28.0
    assert stored.session_type == "initial"
    assert stored.assessor == desk.actor
    assert stored.site == "Clinic"
    assert stored.consent == "unknown"
    assert stored.protocol_name == "motor-screening"
    assert len(stored.task_results) == 8


async def test_tab_goes_through_the_fields_as_they_are_read(dialog: NewSessionDialog) -> None:
    form, seen = dialog.form, []
    for _ in range(14):
        seen.append(focused())
        tab()
    assert seen == [
        form.child.name.edit,
        form.fields.birth.edit,
        form.fields.age.edit,
        form.fields.sex,
        form.fields.more,
        form.day.edit,
        form.assessor,
        form.height_field.line.edit,
        form.weight_field.line.edit,
        form.protocol,
        form.consent,
        form.notes,
        dialog.cancel_button,
        dialog.start_button,
    ]


async def test_the_main_button_stays_in_the_window_however_high_the_dialog_grows(
    dialog: NewSessionDialog,
) -> None:
    window = dialog.parentWidget()
    assert window is not None
    dialog.move(dialog.x(), window.geometry().bottom() - 300)
    dialog.form.fields.more.click()
    await until(lambda: dialog.height() == window.height() - AROUND)
    assert window.frameGeometry().contains(dialog.frameGeometry())


async def test_enter_goes_on_and_does_not_start(desk: Desk, dialog: NewSessionDialog) -> None:
    write("John Doe")
    press(Qt.Key.Key_Return)
    assert focused() is dialog.form.fields.birth.edit
    await desk.operations.settle()
    assert dialog.isVisible()
    assert await session_count(desk.core.database) == 0


async def test_the_notes_keep_enter_for_themselves_and_start_with_ctrl_enter(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    fill(dialog)
    dialog.form.notes.setFocus()
    write("Tired")
    press(Qt.Key.Key_Return)
    write("cooperative")
    assert (await begun(dialog, desk)).notes == "Tired\ncooperative"


async def test_an_unknown_birth_is_replaced_by_the_age(desk: Desk, dialog: NewSessionDialog) -> None:
    fill(dialog, age="8")
    stored = await begun(dialog, desk)
    assert stored.child_date_of_birth is None
    assert stored.child_age == 8


async def test_a_given_birth_makes_the_age_needless(dialog: NewSessionDialog, desk: Desk) -> None:
    fill(dialog)
    dialog.form.fields.birth.setFocus()
    write("2019-07-14")
    assert not dialog.form.fields.age.isEnabled()
    assert dialog.form.day.below().startswith("Age on this day: ")
    stored = await begun(dialog, desk)
    assert stored.child_date_of_birth == date(2019, 7, 14)


async def test_what_is_missing_is_said_and_the_first_place_has_the_focus(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    dialog.form.notes.setFocus()
    start(dialog)
    assert dialog.form.child.name.below() == "Please enter the child's name."
    assert dialog.form.fields.birth.below() == "Please give the date of birth, or the age in years."
    assert focused() is dialog.form.child.name.edit
    write("John")
    start(dialog)
    assert not dialog.form.child.name.is_invalid()
    assert focused() is dialog.form.fields.birth.edit
    assert dialog.isVisible()
    assert await session_count(desk.core.database) == 0


@pytest.mark.parametrize(
    ("field", "text", "part"),
    [
        ("height_field", "1 300", "decimal sign"),
        ("height_field", "1.300,5", "decimal sign"),
        ("height_field", "12", "The height in cm"),
        ("height_field", "tall", "number in digits"),
        ("weight_field", "1000", "The weight in kg"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_reason(
    desk: Desk, dialog: NewSessionDialog, field: str, text: str, part: str
) -> None:
    fill(dialog)
    measure = getattr(dialog.form, field)
    measure.setFocus()
    write(text)
    start(dialog)
    assert part in measure.line.below()
    assert focused() is measure.line.edit
    assert await session_count(desk.core.database) == 0


@pytest.mark.parametrize("text", ["31.2.2019", "yesterday", "14.7.19"])
async def test_a_day_that_is_not_understood_is_said_when_it_is_left(
    dialog: NewSessionDialog, text: str
) -> None:
    dialog.form.fields.birth.setFocus()
    write(text)
    tab()
    assert dialog.form.fields.birth.is_invalid()


async def test_a_birth_or_a_session_in_the_future_is_refused(desk: Desk, dialog: NewSessionDialog) -> None:
    tomorrow = f"{today(desk) + timedelta(days=1):%d.%m.%Y}"
    fill(dialog)
    for field in (dialog.form.fields.birth, dialog.form.day):
        field.setFocus()
        field.edit.selectAll()
        write(tomorrow)
        start(dialog)
        assert "has not come yet" in field.below()
    assert await session_count(desk.core.database) == 0


async def test_the_number_is_echoed_as_it_was_understood(dialog: NewSessionDialog) -> None:
    dialog.form.height_field.setFocus()
    write("130,5")
    assert words.measured(130.5, "cm") in dialog.form.height_field.line.below()


async def test_an_odd_value_is_kept_with_a_reason(desk: Desk, dialog: NewSessionDialog) -> None:
    fill(dialog)
    dialog.form.weight_field.setFocus()
    write("208")
    start(dialog)
    assert focused() is dialog.form.weight_field.reason
    start(dialog)
    assert dialog.isVisible()
    write("measured twice")
    assert not dialog.form.weight_field.line.is_invalid()
    stored = await begun(dialog, desk)
    assert stored.child_weight_kg == 208.0
    assert stored.remark == "Weight: measured twice"


async def test_an_earlier_session_is_stored_at_local_noon(desk: Desk, dialog: NewSessionDialog) -> None:
    fill(dialog)
    dialog.form.day.setFocus()
    dialog.form.day.edit.selectAll()
    write("3.11.2025")
    stored = await begun(dialog, desk)
    assert words.session_day(stored) == date(2025, 11, 3)
    assert words.clock_time(stored.started_at, stored.utc_offset_minutes) == "12:00"


async def test_a_session_of_today_begins_now(desk: Desk, dialog: NewSessionDialog) -> None:
    fill(dialog)
    before = datetime.now(UTC)
    stored = await begun(dialog, desk)
    assert before <= stored.started_at <= datetime.now(UTC)


async def test_weeks_of_pregnancy_are_asked_for_the_youngest_only(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    fields = dialog.form.fields
    write("Ada")
    fields.birth.setFocus()
    write(f"{today(desk) - timedelta(days=900):%d.%m.%Y}")
    assert not fields.weeks.isVisible()
    fields.birth.edit.selectAll()
    write(f"{today(desk) - timedelta(days=200):%d.%m.%Y}")
    assert fields.weeks.isVisible()
    fields.weeks.setFocus()
    write("99")
    start(dialog)
    assert "The weeks of pregnancy" in fields.weeks.below()
    fields.weeks.edit.selectAll()
    write("31")
    assert (await begun(dialog, desk)).gestational_weeks == 31


async def test_what_is_rarely_needed_folds_out(desk: Desk, dialog: NewSessionDialog) -> None:
    fields = dialog.form.fields
    assert not fields.identifier.isVisible()
    fields.more.setFocus()
    press(Qt.Key.Key_Space)
    assert focused() is fields.identifier.edit
    write("P-17")
    fields.handedness.choose("left")
    fields.sex.choose("female")
    dialog.form.consent.choose("given")
    fill(dialog)
    stored = await begun(dialog, desk)
    assert (stored.child_identifier, stored.handedness, stored.child_sex) == ("P-17", "left", "female")
    assert stored.consent == "given"
    assert stored.consent_at is not None


async def test_a_colleague_may_be_the_assessor(desk: Desk, dialog: NewSessionDialog) -> None:
    colleague = await create_person(desk.core.database, name="Noor Haddad")
    other = NewSessionDialog(
        dialog.parentWidget(), core=desk.core, operations=desk.operations, actor=desk.actor
    )
    await desk.operations.settle()
    form = other.form
    assert form.assessor.currentText() == "Lena Okafor"
    form.assessor.choose(colleague)
    assert form.assessor.currentText() == "Noor Haddad"
    form.child.name.set_text("Ada")
    form.fields.age.set_text("8")
    assert form.problem() is None
    assert form.begin().new.assessor == colleague
    other.deleteLater()


async def test_when_it_cannot_be_stored_everything_stays_and_a_second_try_makes_one_session(
    desk: Desk, dialog: NewSessionDialog
) -> None:
    fill(dialog, HOSTILE)
    with closing(desk.core.database.files.connect(desk.core.paths.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        start(dialog)
        start(dialog)
        await desk.operations.settle()
        other.execute("ROLLBACK")
    assert dialog.isVisible()
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    said = "Another program is holding the records. What you entered stays here. Please try again."
    assert said in shown
    assert dialog.form.child.name.text() == HOSTILE
    dialog.form.notes.setFocus()
    stored = await begun(dialog, desk)
    assert stored.child_name == HOSTILE
    assert await session_count(desk.core.database) == 1


async def test_escape_leaves_without_a_trace(desk: Desk, dialog: NewSessionDialog) -> None:
    fill(dialog)
    heard: list[UUID] = []
    dialog.begun.connect(heard.append)
    press(Qt.Key.Key_Escape)
    await desk.operations.settle()
    assert not dialog.isVisible()
    assert heard == []
    assert await session_count(desk.core.database) == 0


@pytest.mark.parametrize("rtl", [False, True])
async def test_large_text_scrolls_in_the_smallest_window(
    desk: Desk, dialog: NewSessionDialog, qapp: QApplication, rtl: bool
) -> None:
    manager = ThemeManager()
    try:
        manager.apply(qapp, mode="light", text_scale=1.5, right_to_left=rtl)
        await until(lambda: dialog.height() <= 640)
        assert dialog.width() == WIDTH
        assert dialog.form.minimumSizeHint().width() <= WIDTH - 56
        dialog.form.notes.setFocus()
        start(dialog)
        place = dialog.form.child.name.edit
        assert focused() is place
        assert dialog.rect().contains(place.mapTo(dialog, place.rect().center()))
    finally:
        manager.apply(qapp, mode="light", text_scale=1.0, right_to_left=False)
