"""The main page as a whole: keys reach the right panel, states follow the work, small windows keep everything."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QWidget

from desktop.services.people import list_people, rename_person
from desktop.services.reading import read_document
from desktop.settings import Settings
from desktop.vault import Vault
from tests.helpers.waiting import signal, until
from tests.ui.desk import Desk
from ui.closing import Closing
from ui.window import MainPage


@pytest.fixture
async def page(desk: Desk) -> AsyncIterator[MainPage]:
    settings = Settings(assessor=desk.actor)
    people = await list_people(desk.core.database)
    made = MainPage(
        desk.core, settings=settings, people=people, operations=desk.operations, notifier=desk.notifier
    )
    made.resize(1440, 900)
    made.show()
    made.activateWindow()
    made.begin()
    await desk.operations.settle()
    yield made
    await desk.operations.settle()
    made.end()
    made.close()
    made.deleteLater()


async def with_session(desk: Desk, page: MainPage, name: str = "John Doe") -> None:
    """Store a session and open it in the page."""
    session_id = await desk.begin(name)
    page.opened.show(session_id)
    await desk.operations.settle()
    page._centre.focus_tasks()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


async def test_an_empty_folder_leads_to_the_first_session(page: MainPage) -> None:
    assert page._empty.isVisible()
    assert not page._metrics.isVisible()
    assert page._header.new_button.kind() == "secondary"


async def test_the_newest_session_is_open_when_the_page_begins(desk: Desk) -> None:
    await desk.begin("Ada")
    newest = await desk.begin("Ben")
    desk.opened.close()
    made = MainPage(
        desk.core,
        settings=Settings(assessor=desk.actor),
        people=[],
        operations=desk.operations,
        notifier=desk.notifier,
    )
    made.begin()
    await desk.operations.settle()
    assert made.opened.record is not None
    assert made.opened.record.id == newest
    made.end()
    made.deleteLater()


SINGLE_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_R, Qt.Key.Key_J, Qt.Key.Key_Delete)


async def begun(desk: Desk) -> MainPage:
    """A page that has just begun to read its list, in front."""
    made = MainPage(
        desk.core,
        settings=Settings(assessor=desk.actor),
        people=[],
        operations=desk.operations,
        notifier=desk.notifier,
    )
    made.resize(1440, 900)
    made.show()
    made.activateWindow()
    made.begin()
    await until(made.isActiveWindow)
    return made


async def test_until_the_first_session_is_shown_single_keys_do_nothing(desk: Desk) -> None:
    session_id = await desk.begin("Ada")
    before = desk.opened.record
    desk.opened.close()
    made = await begun(desk)
    made._centre.focus_tasks()
    made.opened.show(session_id)  # as fast as a slow list lets it
    assert made.opened.record is None
    for key in SINGLE_KEYS:
        press(key)
    await desk.operations.settle()
    assert made.opened.record == before
    assert made.recorder.running is None
    press(Qt.Key.Key_1)
    assert made.opened.record is not None
    assert made.opened.record.task_results[0].status == "success"
    await desk.operations.settle()
    made.end()
    made.close()
    made.deleteLater()


async def test_after_the_start_the_keyboard_is_with_the_tasks(desk: Desk) -> None:
    await desk.begin("Ada")
    desk.opened.close()
    made = await begun(desk)
    await desk.operations.settle()
    assert made._centre.tasks.table.hasFocus()
    press(Qt.Key.Key_1)
    assert made.opened.record is not None
    assert made.opened.record.task_results[0].status == "success"
    await desk.operations.settle()
    made.end()
    made.close()
    made.deleteLater()


async def test_the_start_leaves_the_keyboard_to_who_searches_already(desk: Desk) -> None:
    await desk.begin("Ada")
    desk.opened.close()
    made = await begun(desk)
    made._header.focus_search()
    await desk.operations.settle()
    assert made.opened.record is not None
    assert made._header.isAncestorOf(QApplication.focusWidget())
    made.end()
    made.close()
    made.deleteLater()


async def test_until_another_session_is_shown_single_keys_do_not_reach_the_one_before(
    desk: Desk, page: MainPage
) -> None:
    await with_session(desk, page, "Ada")
    ada = page.opened.record
    ben = await desk.begin("Ben")
    assert ada is not None
    page.opened.show(ben)
    for key in SINGLE_KEYS:
        press(key)
    assert page.opened.record is ada
    assert page.recorder.running is None
    await desk.operations.settle()
    press(Qt.Key.Key_1)
    assert page.opened.record.child_name == "Ben"
    assert page.opened.record.task_results[0].status == "success"


async def test_a_corrected_name_of_the_assessor_is_shown_with_the_child(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    assert page._banner.fact("assessor").value() == "Lena Okafor"
    await rename_person(desk.core.database, desk.actor, "Lena Weiss")
    await until(lambda: page._banner.fact("assessor").value() == "Lena Weiss")


async def test_a_copy_of_unsaved_changes_names_the_assessor_as_corrected(
    desk: Desk, page: MainPage, tmp_path: Path
) -> None:
    await with_session(desk, page)
    await rename_person(desk.core.database, desk.actor, "Lena Weiss")
    await until(lambda: page._banner.fact("assessor").value() == "Lena Weiss")
    await page.rescue.keep([tmp_path])
    (kept,) = tmp_path.glob("unsaved-*")
    assert b"Lena Weiss" not in kept.read_bytes()
    [person] = read_document(kept, key=desk.core.unlocked.key).people
    assert person.name == "Lena Weiss"


async def test_a_copy_in_clear_is_noted_for_the_trail_before_it_is_there(
    desk: Desk, page: MainPage, tmp_path: Path
) -> None:
    await with_session(desk, page)
    page.rescue.ask()
    await until(lambda: bool(page.window().findChildren(QFileDialog)))
    (dialog,) = page.window().findChildren(QFileDialog)
    line = dialog.findChild(QLineEdit)
    assert line is not None
    line.setText(str(tmp_path / "copy.json"))
    dialog.accept()
    await until((tmp_path / "copy.json").exists)
    await desk.operations.settle()
    (note,) = Vault(desk.core.paths).notes()
    assert (note.action, note.person) == ("save_copy", str(desk.actor))


async def test_a_session_is_recorded_with_keys_alone(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    press(Qt.Key.Key_Space)
    assert page.recorder.running is not None
    press(Qt.Key.Key_1)
    assert page.recorder.running is None
    press(Qt.Key.Key_J)
    press(Qt.Key.Key_9)
    press(Qt.Key.Key_L)
    await desk.operations.settle()
    record = page.opened.record
    assert record is not None
    assert [task.status for task in record.task_results[:2]] == ["success", "refused"]
    assert page.opened.task == record.task_results[0]


async def test_delete_belongs_to_the_pane_that_has_the_focus(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    assert page.opened.record is not None
    first = page.opened.record.task_results[0].id
    press(Qt.Key.Key_Delete)
    assert first not in [task.id for task in page.opened.record.task_results]
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await desk.operations.settle()
    assert first in [task.id for task in page.opened.record.task_results]
    page._sessions.focus_list()
    press(Qt.Key.Key_Delete)
    await until(lambda: page.opened.record is None)


async def test_delete_on_a_fact_of_the_child_deletes_no_task(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    before = page.opened.record
    page._banner.focus_first()
    press(Qt.Key.Key_Delete)
    assert page.opened.record == before


async def test_the_last_session_comes_back_from_the_toast(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    page._delete_open()
    await until(page._sessions.is_empty)
    assert page._centre.toast.isVisible()
    page._centre.toast.dismiss()
    assert page._empty.isVisible()
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: page.opened.record is not None)
    assert page._centre.tasks.table.hasFocus()


async def test_f6_goes_round_the_panes(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    visited: list[QWidget] = []
    panes = (page._sessions, page._banner, page._centre.tasks, page._metrics)
    for _ in panes:
        press(Qt.Key.Key_F6)
        focused = QApplication.focusWidget()
        visited.append(next(pane for pane in panes if pane.isAncestorOf(focused)))
    assert set(visited) == set(panes)


async def test_a_small_window_has_the_sessions_as_a_drawer(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    page.resize(1024, 640)
    await until(lambda: page._panes.compact)
    assert not page._sessions.isVisible()
    press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert page._sessions.isVisible()
    press(Qt.Key.Key_Escape)
    assert not page._sessions.isVisible()
    page.resize(1440, 900)
    await until(page._sessions.isVisible)


@pytest.mark.parametrize("width", [1440, 1024])
async def test_after_the_sessions_or_the_search_the_keyboard_is_with_the_tasks(
    desk: Desk, page: MainPage, width: int
) -> None:
    await with_session(desk, page, "Ada")
    await with_session(desk, page, "Ben")
    page.resize(width, 800)
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(QApplication.focusWidget(), "Ada")
    press(Qt.Key.Key_Escape)
    assert page._centre.tasks.table.hasFocus()
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(QApplication.focusWidget(), "Ada")
    await desk.operations.settle()
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    await desk.operations.settle()
    assert page.opened.record is not None
    assert page.opened.record.child_name == "Ada"
    assert page._centre.tasks.table.hasFocus()
    assert page._sessions.isVisible() == (width == 1440)


async def test_while_a_run_is_timed_nothing_leads_away_from_it(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    press(Qt.Key.Key_Space)
    assert not page._header.new_button.isEnabled()
    assert not page._sessions.isEnabled()
    press(Qt.Key.Key_Escape)
    assert page.recorder.running is None
    assert page._header.new_button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_N, Qt.Key.Key_F1, Qt.Key.Key_F10, Qt.Key.Key_F6, Qt.Key.Key_F])
async def test_no_key_takes_the_keyboard_from_the_clock(desk: Desk, page: MainPage, key: Qt.Key) -> None:
    await with_session(desk, page)
    press(Qt.Key.Key_Space)
    press(key)
    press(Qt.Key.Key_1)
    assert page.recorder.running is None
    assert page.opened.record is not None
    first = page.opened.record.task_results[0]
    assert (first.status, first.notes) == ("success", "")


async def test_space_is_the_clocks_also_after_a_fact_was_edited(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    page._banner.fact("child_weight_kg").click()
    QTest.keyClicks(QApplication.focusWidget(), "28")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Space)
    assert page.recorder.running is not None
    press(Qt.Key.Key_1)
    assert page.opened.record is not None
    assert page.opened.record.task_results[0].status == "success"
    assert page.opened.record.child_weight_kg == 28


async def test_a_click_on_a_button_leaves_the_keyboard_with_the_tasks(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    QTest.mouseClick(page._banner._finish, Qt.MouseButton.LeftButton)
    assert page._centre.tasks.table.hasFocus()


async def test_f6_reaches_the_metrics_and_the_clock_while_a_run_is_timed(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_F6)
    assert page._metrics.isAncestorOf(QApplication.focusWidget())
    press(Qt.Key.Key_F6)
    assert page._centre.stage.hasFocus()


async def test_closing_while_a_run_is_timed_asks_first(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page)
    leaving = asyncio.Event()
    closing = Closing(page, desk.core, desk.operations, leaving=leaving)
    page.recorder.toggle()
    closing.ask()
    await until(lambda: page.findChildren(QMessageBox))
    box = page.findChildren(QMessageBox)[0]
    next(button for button in box.buttons() if button.text() == "Go on recording").click()
    await desk.operations.settle()
    assert page.recorder.running is not None
    assert not leaving.is_set()
    page.recorder.stop()
    closing.ask()
    await desk.operations.settle()
    assert leaving.is_set()


async def test_sample_data_appear_by_themselves(desk: Desk, page: MainPage) -> None:
    counted = signal(page._sessions.counted, timeout=60)
    page._samples.fill()
    await desk.operations.settle()
    assert (await counted)[0] > 0
    await until(lambda: page.opened.record is not None)


async def test_a_time_that_is_being_typed_is_recorded_before_the_window_goes(
    desk: Desk, page: MainPage
) -> None:
    await with_session(desk, page)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_1)
    page.opened.select(page.opened.record.task_results[0].id)
    press(Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "15.5")
    assert page.finish_entries()
    assert page.opened.record.task_results[0].duration_seconds == 15.5


async def test_after_a_delete_no_other_child_is_opened_by_itself(desk: Desk, page: MainPage) -> None:
    await with_session(desk, page, "Ada")
    await with_session(desk, page, "Ben")
    page._delete_open()
    await until(lambda: page._sessions.model.count == 1)
    await desk.operations.settle()
    assert page.opened.record is None
