"""The child's banner: what it shows, and each fact as its own editor.

One file above 400 lines: each fact of the one banner has a few promises of its own.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from sqlalchemy import select

from desktop.models import Session
from desktop.services.people import create_person
from desktop.services.recording import load_session
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from ui.notify import Toast
from ui.panels.assessor_entry import AssessorEntry
from ui.panels.child_banner import ChildBanner
from ui.panels.entry import Entry
from ui.panels.notes_entry import NotesEntry
from ui.theme import ThemeManager

HOSTILE = "<b>Bobby</b> & Söhne; \u202egnihton"
ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape
NOVEMBER = datetime(2025, 11, 23, 9, 40, tzinfo=UTC)
AMINA = {
    "child_date_of_birth": date(2019, 7, 14),
    "child_height_cm": 116.0,
    "child_weight_kg": 20.8,
    "notes": "Wears an ankle orthosis on the right.",
    "started_at": NOVEMBER,
}


@pytest.fixture
async def banner(desk: Desk) -> AsyncIterator[ChildBanner]:
    made = ChildBanner(opened=desk.opened, operations=desk.operations, core=desk.core)
    made.resize(800, 160)
    made.show()
    made.activateWindow()
    await until(made.isActiveWindow)
    yield made
    await desk.operations.settle()
    made.close()
    made.deleteLater()


def press(*keys: Qt.Key | str) -> None:
    """Type on the keyboard, wherever the focus is."""
    for key in keys:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(key, str):
            QTest.keyClicks(target, key)
        else:
            QTest.keyClick(target, key)


def entry(banner: ChildBanner) -> Entry:
    assert isinstance(banner.editor, Entry)
    return banner.editor


def record(desk: Desk, name: str) -> object:
    assert desk.opened.record is not None
    return getattr(desk.opened.record, name)


@pytest.mark.parametrize("compact", [False, True])
async def test_the_age_is_whole_however_long_the_name_and_large_the_text(
    desk: Desk, banner: ChildBanner, application: QApplication, compact: bool
) -> None:
    manager = ThemeManager()
    try:
        manager.apply(application, mode="light", text_scale=1.5, right_to_left=False)
        await desk.begin("Maximiliana Wolkenstein-Hohenberg van der Berg", **AMINA)
        banner.set_compact(compact)
        banner.resize(688 if compact else 702, 160)
        application.processEvents()
        assert banner.width() <= 702
        if compact:
            assert banner._summary.shown().startswith("\u20686 y 4 m")
        else:
            assert not banner.fact("child_age").is_elided()
            assert not banner.fact("child_date_of_birth").is_elided()
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)


@pytest.mark.parametrize("compact", [False, True])
async def test_a_name_is_cut_for_no_pill_and_a_measure_for_no_date(
    desk: Desk, banner: ChildBanner, application: QApplication, compact: bool
) -> None:
    manager = ThemeManager()
    try:
        manager.apply(application, mode="light", text_scale=1.5, right_to_left=False)
        await desk.begin("Amina Haddad", **AMINA)
        banner.finish_session()
        banner.set_compact(compact)
        banner.resize(688 if compact else 752, 200)
        application.processEvents()
        assert not banner.fact("child_name").is_elided()
        assert banner.state_words() == "Finished, 0 of 8"
        if not compact:
            assert not banner.fact("child_height_cm").is_elided()
            assert not banner.fact("child_weight_kg").is_elided()
        banner.resize(1400, 200)
        application.processEvents()
        assert banner._visit.isVisible()
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)


async def test_without_a_child_nothing_is_said(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin()
    assert banner.isVisible()
    desk.opened.close()
    assert not banner.isVisible()


async def test_the_facts_of_the_child_are_shown(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    assert banner.fact("child_name").value() == "Amina Haddad"
    assert banner.fact("child_age").value() == "6 y 4 m"
    assert banner.fact("child_date_of_birth").value() == "14 Jul 2019"
    assert banner.fact("child_height_cm").value() == "116\u2009cm"
    assert banner.fact("child_weight_kg").value() == "20.8\u2009kg"
    assert banner.fact("assessor").value() == "Lena Okafor"
    assert banner.fact("notes").value() == "Wears an ankle orthosis on the right."


async def test_what_is_not_known_is_said_quietly(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin()
    assert banner.fact("child_age").value() == "8 y"
    assert banner.fact("child_date_of_birth").value() == "Add"
    assert banner.fact("child_height_cm").value() == "Not recorded"
    assert banner.fact("notes").value() == "Add notes"


async def test_a_child_born_early_has_a_corrected_age(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin(child_date_of_birth=date(2025, 3, 14), gestational_weeks=30, started_at=NOVEMBER)
    assert banner.fact("child_age").value() == "8 m, corrected 6 m"


async def test_a_fact_is_edited_by_keyboard_alone_and_stored(desk: Desk, banner: ChildBanner) -> None:
    session_id = await desk.begin("Amina Haddad", **AMINA)
    banner.focus_first()
    press(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_F2)
    press("117,5")
    assert entry(banner).message.text() == "= \u2068117.5\u2009cm\u2069"
    press(ENTER)
    assert banner.editor is None
    assert banner.fact("child_height_cm").hasFocus()
    assert banner.fact("child_height_cm").value() == "117.5\u2009cm"
    await desk.operations.settle()
    stored = await load_session(desk.core.database, session_id)
    assert stored.record.child_height_cm == 117.5


async def test_comma_and_point_are_the_same_under_a_german_locale(desk: Desk, banner: ChildBanner) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        await desk.begin("Amina Haddad", **AMINA)
        for typed in ("21,5", "21.5"):
            banner.edit("child_weight_kg")
            press(typed, ENTER)
            assert record(desk, "child_weight_kg") == 21.5
            assert banner.fact("child_weight_kg").value() == "21,5\u2009kg"
    finally:
        QLocale.setDefault(before)


async def test_what_is_refused_stays_with_its_reason_until_escape(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    banner.edit("child_height_cm")
    press("1160", ENTER)
    assert entry(banner).message.text().startswith("The height in cm should be less than or equal to 250")
    assert entry(banner).text() == "1160"
    press(ESC)
    assert banner.editor is None
    assert record(desk, "child_height_cm") == 116


async def test_a_slip_is_mended_with_one_click(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    banner.edit("child_weight_kg")
    press("208", ENTER)
    assert entry(banner).message.text() == "Unusual at this age."
    assert record(desk, "child_weight_kg") == 20.8
    entry(banner).message.fixed.emit()
    assert banner.editor is None
    assert record(desk, "child_weight_kg") == 20.8
    assert record(desk, "remark") is None


async def test_an_odd_value_is_kept_with_a_reason_and_the_reason_goes_with_it(
    desk: Desk, banner: ChildBanner
) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    banner.edit("child_weight_kg")
    press("90", ENTER, "weighed twice", ENTER)
    assert record(desk, "child_weight_kg") == 90
    assert record(desk, "remark") == "Weight: weighed twice"
    banner.edit("child_weight_kg")
    press("20.8", ENTER)
    assert record(desk, "remark") is None


async def test_the_reason_of_a_kept_measure_is_mended_by_itself(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **{**AMINA, "remark": "Height: stood badly\nWeight: wieghed twice"})
    banner.resize(800, 260)
    banner.edit("child_height_cm")
    assert entry(banner).message.reason.text() == "stood badly"
    press(ENTER)
    assert entry(banner).message.reason.hasFocus()
    press("could not stand", ENTER)
    assert record(desk, "remark") == "Weight: wieghed twice\nHeight: could not stand"
    assert record(desk, "child_height_cm") == 116


async def test_the_last_visit_is_the_yardstick(desk: Desk, banner: ChildBanner) -> None:
    child = desk.core.clock.new_id()
    september = datetime(2025, 9, 8, 9, 40, tzinfo=UTC)
    await desk.begin("Amina Haddad", **{**AMINA, "child_id": child, "started_at": september})
    await desk.begin("Amina Haddad", **{**AMINA, "child_id": child})
    banner.edit("child_weight_kg")
    assert entry(banner).message.text() == "8 Sep 2025: \u206820.8\u2009kg\u2069"
    press("208", ENTER)
    assert entry(banner).message.text() == "Last time \u206820.8\u2009kg\u2069."
    press(ESC)
    banner.edit("child_name")
    assert entry(banner).message.text() == "This changes all 2 visits of the child."
    press("Amina El-Haddad", ENTER)
    await desk.operations.settle()
    async with desk.core.database.read() as db:
        names = set(await db.scalars(select(Session.child_name)))
    assert names == {"Amina El-Haddad"}


async def test_the_date_of_birth_is_echoed_with_the_age(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin(started_at=NOVEMBER)
    banner.edit("child_date_of_birth")
    press("14.7.2019")
    assert entry(banner).message.text().startswith("= \u206814 Jul 2019 · 6 y 4 m\u2069")
    press(ENTER)
    assert record(desk, "child_date_of_birth") == date(2019, 7, 14)
    assert banner.fact("child_age").value() == "6 y 4 m"
    banner.fact("child_age").click()
    press("24.11.2025", ENTER)
    assert entry(banner).message.text().startswith("The date of birth is after this day.")
    press(ESC)


async def test_without_a_date_of_birth_the_age_is_whole_years(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin()
    banner.fact("child_age").click()
    press("7.5", ENTER)
    assert "integer" in entry(banner).message.text()
    entry(banner).line.selectAll()
    press("7", ENTER)
    assert record(desk, "child_age") == 7


async def test_a_name_cannot_be_empty_and_hostile_names_are_plain_text(
    desk: Desk, banner: ChildBanner
) -> None:
    await desk.begin(HOSTILE * 5)
    name = banner.fact("child_name")
    assert name.is_elided()
    assert "<b>" not in name.toolTip()
    assert "&lt;b&gt;" in name.toolTip()
    assert HOSTILE in name.accessibleName()
    banner.edit("child_name")
    entry(banner).line.clear()
    press(" ", ENTER)
    assert entry(banner).message.text().startswith("The child's name")
    press(ESC)


async def test_what_is_left_is_recorded(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    banner.edit("child_height_cm")
    press("117")
    banner.edit("child_weight_kg")
    assert record(desk, "child_height_cm") == 117
    press("21")
    banner.fact("notes").setFocus()
    assert record(desk, "child_weight_kg") == 21
    assert banner.editor is None


async def test_what_cannot_be_taken_stays_open_and_says_why(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    banner.edit("child_height_cm")
    press("11x")
    banner.fact("notes").setFocus()
    assert entry(banner).message.text().startswith("Please write a number")
    banner.edit("child_weight_kg")
    assert entry(banner).text() == "11x"
    assert entry(banner).line.hasFocus()
    press(ESC)


async def test_an_unfinished_entry_comes_back_with_its_session(desk: Desk, banner: ChildBanner) -> None:
    first = await desk.begin("Amina Haddad", **AMINA)
    banner.edit("child_height_cm")
    press("11x")
    await desk.begin("Jane Roe")
    assert banner.editor is None
    desk.opened.show(first)
    await desk.operations.settle()
    assert entry(banner).text() == "11x"
    entry(banner).line.setFocus()
    press(ESC)
    assert record(desk, "child_height_cm") == 116


async def test_notes_are_kept_with_enter_and_have_lines(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin()
    banner.edit("notes")
    press("Tired")
    QTest.keyClick(QApplication.focusWidget(), ENTER, Qt.KeyboardModifier.ShiftModifier)
    press("after lunch", ENTER)
    assert record(desk, "notes") == "Tired\nafter lunch"
    assert banner.fact("notes").value() == "Tired\nafter lunch"
    banner.edit("notes")
    press("x", ESC)
    assert record(desk, "notes") == "Tired\nafter lunch"
    assert not isinstance(banner.editor, NotesEntry)


async def test_another_assessor_is_chosen_from_those_who_record(desk: Desk, banner: ChildBanner) -> None:
    other = await create_person(desk.core.database, name="Jonas Lindqvist")
    await create_person(desk.core.database, name="Importer", role="program")
    await desk.begin()
    banner.edit("assessor")
    assert isinstance(banner.editor, AssessorEntry)
    choice = banner.editor
    assert [choice.itemText(place) for place in range(choice.count())] == ["Jonas Lindqvist", "Lena Okafor"]
    assert choice.currentText() == "Lena Okafor"
    press(Qt.Key.Key_Up, ENTER)
    assert record(desk, "assessor") == other
    assert banner.fact("assessor").value() == "Jonas Lindqvist"


async def test_the_keys_of_an_editor_are_not_taken_by_the_window(desk: Desk, banner: ChildBanner) -> None:
    heard: list[str] = []
    for key in ("Return", "Esc", "F2"):
        QShortcut(key, banner).activated.connect(lambda key=key: heard.append(key))
    await desk.begin()
    banner.focus_first()
    press(Qt.Key.Key_F2, ESC)
    banner.edit("notes")
    press("Tired", ENTER)
    assert heard == []
    assert record(desk, "notes") == "Tired"


async def test_there_is_one_tab_stop_and_arrows_go_on(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin()
    banner.focus_first()
    assert banner.fact("child_name").hasFocus()
    press(Qt.Key.Key_Right)
    assert banner.fact("child_age").hasFocus()
    stops = [
        field
        for field in ("child_name", "child_age", "child_height_cm", "assessor", "notes")
        if banner.fact(field).focusPolicy() == Qt.FocusPolicy.StrongFocus
    ]
    assert stops == ["child_age"]


async def test_a_session_is_finished_and_reopened(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin()
    banner.finish_session()
    assert record(desk, "completed_at") is not None
    assert banner.finish_words() == "Reopen session"
    banner.finish_session()
    assert record(desk, "completed_at") is None
    desk.opened.undo()
    await desk.operations.settle()
    assert record(desk, "completed_at") is not None


async def test_a_session_finished_with_open_tasks_says_how_many_were_rated(
    desk: Desk, banner: ChildBanner
) -> None:
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    await desk.begin()
    assert desk.opened.record is not None
    tasks = desk.opened.record.task_results
    desk.opened.edit_task(tasks[0].id, status="success")
    banner.finish_session()
    assert banner.state_words() == "Finished, 1 of 8"
    assert toasts[-1].text == "Session finished, 1 of 8 tasks rated"
    banner.set_compact(True)
    assert banner.state_words() == "Finished, 1 of 8"
    assert toasts[-1].undo is not None
    toasts[-1].undo()
    await desk.operations.settle()
    assert banner.state_words() == ""
    for task in tasks:
        desk.opened.edit_task(task.id, status="success")
    assert banner.state_words() == "Finished"
    banner.set_compact(False)
    assert banner.state_words() == "Finished"
    assert len(toasts) == 1


async def test_the_menu_asks_for_a_follow_up_and_a_delete(
    desk: Desk, banner: ChildBanner, watched_log: WatchedLog
) -> None:
    watched_log.allow("This plugin does not support (raise|grabbing)")  # offscreen, of every menu
    heard: list[str] = []
    banner.follow_up_wanted.connect(lambda: heard.append("follow-up"))
    banner.delete_wanted.connect(lambda: heard.append("delete"))
    banner.export_wanted.connect(lambda: heard.append("export"))
    banner.progress_wanted.connect(lambda: heard.append("progress"))
    await desk.begin()
    banner.more_button.click()
    menu = banner.findChild(QMenu)
    assert menu is not None
    offered = {action.text(): action for action in menu.actions() if action.text()}
    assert list(offered) == [
        "Follow-up of this child…",
        "Finish session",
        "Progress…",
        "Export…",
        "Delete session",
    ]
    for text in ("Follow-up of this child…", "Progress…", "Export…", "Delete session"):
        offered[text].trigger()
    menu.close()
    assert heard == ["follow-up", "progress", "export", "delete"]


async def test_a_small_window_has_one_line_that_unfolds(desk: Desk, banner: ChildBanner) -> None:
    await desk.begin("Amina Haddad", **AMINA)
    whole = banner.sizeHint().height()
    banner.set_compact(True)
    assert banner.sizeHint().height() < whole
    assert banner.summary() == "\u20686 y 4 m\u2069 · \u2068116\u2009cm\u2069 · \u206820.8\u2009kg\u2069"
    assert not banner.fact("child_height_cm").isVisible()
    banner.edit("child_height_cm")
    press("117", ENTER)
    assert record(desk, "child_height_cm") == 117
    assert banner.fact("child_height_cm").isVisible()


async def test_the_banner_fits_at_every_text_size_and_direction(
    desk: Desk, banner: ChildBanner, application: QApplication
) -> None:
    await desk.begin(HOSTILE * 5, **AMINA)
    manager = ThemeManager()
    normal = banner.sizeHint().height()
    try:
        for mirrored in (False, True):
            manager.apply(application, mode="dark", text_scale=1.5, right_to_left=mirrored)
            await until(lambda: banner.sizeHint().height() > normal)
            assert banner.minimumSizeHint().width() <= 800
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)
