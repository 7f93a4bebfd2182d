"""The panel of all sessions: order, search, states, keyboard, and what it reads again when."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QStyleOptionViewItem

from desktop import crud
from desktop.changes import Changes
from desktop.edits import EditSession, EditTask
from desktop.listing import SessionLine
from desktop.settings import TEXT_SCALES
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import signal, until
from tests.ui.desk import Desk
from tests.ui.pixels import colours_of, token
from ui.models.sessions import below
from ui.operations import Running
from ui.panels.session_delegate import heading_height, name_room, row_height
from ui.panels.sessions import WIDTH, SessionsPanel
from ui.theme import HEIGHT, ThemeManager, font
from ui.widgets.button import Button

HOSTILE = "<img src=x> Ada"


@pytest.fixture
async def panel(desk: Desk) -> AsyncIterator[SessionsPanel]:
    made = SessionsPanel(core=desk.core, operations=desk.operations, opened=desk.opened)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.resize(WIDTH, 700)
    made.show()
    yield made
    await desk.operations.settle()
    made.close()
    made.deleteLater()


async def shown(panel: SessionsPanel, desk: Desk) -> list[str]:
    """Read the list and give what stands in it, headings too."""
    panel.reload()
    return await read(panel, desk)


async def read(panel: SessionsPanel, desk: Desk) -> list[str]:
    await desk.operations.settle()
    for row in range(panel.model.rowCount()):
        panel.model.row_at(row)
    await desk.operations.settle()
    return [str(panel.model.index(row, 0).data()) for row in range(panel.model.rowCount())]


def line_of(panel: SessionsPanel, session_id: UUID) -> SessionLine:
    row = panel.model.row_of(session_id)
    assert row is not None
    line = panel.model.row_at(row)
    assert line is not None
    return line


def texts(panel: SessionsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]


async def test_sessions_stand_under_their_days_newest_first(desk: Desk, panel: SessionsPanel) -> None:
    now = desk.core.clock.now()
    await desk.begin("Earlier", started_at=now - timedelta(days=1))
    await desk.begin("Now")
    assert await shown(panel, desk) == ["Today", "Now", "Yesterday", "Earlier"]
    assert "2" in texts(panel)


async def test_without_sessions_the_panel_says_so(desk: Desk, panel: SessionsPanel) -> None:
    counted = signal(panel.counted)
    assert await shown(panel, desk) == []
    assert await counted == (0,)
    assert "No sessions yet." in texts(panel)
    assert "New sessions appear here, newest first." in texts(panel)


async def test_a_search_that_finds_nothing_offers_its_end(desk: Desk, panel: SessionsPanel) -> None:
    await desk.begin("Amina")
    await shown(panel, desk)
    panel.set_search("<img src=x>")
    await desk.operations.settle()
    assert any("No match for" in text and "<img src=x>" in text for text in texts(panel))
    assert "0 of 1" in texts(panel)
    cleared = signal(panel.search_cleared)
    next(b for b in panel.findChildren(Button) if b.isVisible()).click()
    assert await cleared == ()


async def test_a_very_long_search_does_not_widen_the_panel(desk: Desk, panel: SessionsPanel) -> None:
    await desk.begin("Amina")
    await shown(panel, desk)
    panel.set_search("W" * 200)
    await desk.operations.settle()
    assert panel.minimumSizeHint().width() <= WIDTH


async def test_the_last_search_wins(desk: Desk, panel: SessionsPanel) -> None:
    await desk.begin("Amina")
    await desk.begin("Jonas")
    await shown(panel, desk)
    for text in ("j", "jo", "jonas", "ami"):  # no code has an i
        panel.set_search(text)
    assert await read(panel, desk) == ["Today", "Amina"]
    assert "1 of 2" in texts(panel)
    panel.set_search("")
    assert await read(panel, desk) == ["Today", "Jonas", "Amina"]


async def test_a_click_opens_a_session(desk: Desk, panel: SessionsPanel) -> None:
    first = await desk.begin("Amina")
    await desk.begin("Jonas")
    await shown(panel, desk)
    chosen = signal(panel.chosen)
    row = panel.model.row_of(first)
    assert row is not None
    middle = panel.list.visualRect(panel.model.index(row, 0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert await chosen == (first,)
    await desk.operations.settle()
    assert desk.opened.record is not None
    assert desk.opened.record.id == first


async def test_arrows_move_and_enter_opens(desk: Desk, panel: SessionsPanel) -> None:
    first = await desk.begin("Amina", started_at=desk.core.clock.now() - timedelta(days=1))
    second = await desk.begin("Jonas")
    await shown(panel, desk)
    panel.focus_list()
    assert panel.list.hasFocus()
    assert panel.list.current() == second
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.list.current() == first
    assert desk.opened.record is not None
    assert desk.opened.record.id == second
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    await desk.operations.settle()
    assert desk.opened.record.id == first
    QTest.keyClick(panel.list, Qt.Key.Key_Home)
    assert panel.list.current() == second
    QTest.keyClick(panel.list, Qt.Key.Key_End)
    assert panel.list.current() == first


async def test_the_selected_row_is_the_open_session_whatever_comes(desk: Desk, panel: SessionsPanel) -> None:
    first = await desk.begin("Amina")
    await shown(panel, desk)
    desk.core.database.feed.subscribe(lambda changes: panel.heard([changes]))
    second = await desk.begin("Jonas")
    await read(panel, desk)
    assert selected(panel) == [second]
    desk.opened.show(first)
    await desk.operations.settle()
    assert selected(panel) == [first]
    panel.set_search("jonas")
    await read(panel, desk)
    assert selected(panel) == []
    panel.set_search("")
    await read(panel, desk)
    assert selected(panel) == [first]
    assert panel.list.current() == first


async def test_enter_opens_what_is_found_however_fast_it_comes(desk: Desk, panel: SessionsPanel) -> None:
    found = await desk.begin("Zebulon")
    await desk.begin("Jonas")
    await shown(panel, desk)
    panel.activateWindow()
    chosen: list[UUID] = []
    panel.chosen.connect(chosen.append)
    panel.set_search("zebulon")
    panel.focus_list()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    panel.delete_current()
    assert chosen == []
    await read(panel, desk)
    assert chosen == [found]
    assert panel.list.current() == found
    panel.set_search("nobody")
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    await read(panel, desk)
    panel.set_search("")
    assert await read(panel, desk) == ["Today", "Jonas", "Zebulon"]
    assert chosen == [found]


def selected(panel: SessionsPanel) -> list[UUID | None]:
    return [panel.model.id_at(index.row()) for index in panel.list.selectedIndexes()]


async def test_deleting_goes_to_the_next_row_and_comes_back_by_undo(desk: Desk, panel: SessionsPanel) -> None:
    first = await desk.begin(HOSTILE)
    second = await desk.begin("Jonas")
    await shown(panel, desk)
    desk.core.database.feed.subscribe(lambda changes: panel.heard([changes]))
    panel.focus_list()
    toast = signal(desk.notifier.toast_requested)
    desk.opened.show(first)
    await desk.operations.settle()
    panel.delete_current()
    (said,) = await toast
    assert HOSTILE in said.text
    assert await read(panel, desk) == ["Today", "Jonas"]
    assert panel.list.current() == second
    assert panel.list.hasFocus()
    said.undo()
    await desk.operations.settle()
    await desk.operations.settle()
    assert await read(panel, desk) == ["Today", "Jonas", HOSTILE]


async def test_a_rated_task_is_counted_at_once(desk: Desk, panel: SessionsPanel) -> None:
    session_id = await desk.begin("Amina")
    await shown(panel, desk)
    desk.core.database.feed.subscribe(lambda changes: panel.heard([changes]))
    loads = []
    panel.model.loaded.connect(lambda: loads.append(1))
    record = desk.opened.record
    assert record is not None
    desk.opened.do(EditTask(session_id, record.task_results[0].id, {"status": "success"}))
    await read(panel, desk)
    assert line_of(panel, session_id).rated == 1
    assert loads == []


async def test_what_another_program_rated_is_counted_too(desk: Desk, panel: SessionsPanel) -> None:
    first = await desk.begin("Amina")
    await desk.begin("Jonas")
    await shown(panel, desk)
    desk.core.database.feed.subscribe(lambda changes: panel.heard([changes]))
    async with desk.core.database.write(actor=desk.actor) as db:
        task = (await crud.get_task_results_by_session(db, first))[0]
        await crud.update_task_result(db, task.id, {"status": "failed"})
    await read(panel, desk)
    assert line_of(panel, first).rated == 1


async def test_an_import_is_heard_as_a_whole(desk: Desk, panel: SessionsPanel) -> None:
    await shown(panel, desk)
    await desk.begin("Amina")
    panel.heard([Changes(None, "import", (), sweeping=True)])
    assert await read(panel, desk) == ["Today", "Amina"]


async def test_a_renamed_child_is_shown_with_the_new_name(desk: Desk, panel: SessionsPanel) -> None:
    session_id = await desk.begin("Amina")
    await shown(panel, desk)
    desk.core.database.feed.subscribe(lambda changes: panel.heard([changes]))
    async with desk.core.database.write(actor=desk.actor) as db:
        await crud.update_session(db, session_id, {"child_name": "Amira"})
    assert await read(panel, desk) == ["Today", "Amira"]
    panel.set_search("amira")
    await read(panel, desk)
    async with desk.core.database.write(actor=desk.actor) as db:
        await crud.update_session(db, session_id, {"child_name": "Amina"})
    assert await read(panel, desk) == []


async def test_while_recording_no_other_session_can_be_chosen(
    desk: Desk, panel: SessionsPanel, watched_log: WatchedLog
) -> None:
    watched_log.allow("Mouse event .* not accepted by receiving widget")
    session_id = await desk.begin("Amina")
    await shown(panel, desk)
    panel.set_recording(True)
    row = panel.model.row_of(session_id)
    assert row is not None
    heard: list[UUID] = []
    panel.chosen.connect(heard.append)
    middle = panel.list.visualRect(panel.model.index(row, 0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    panel.delete_current()
    await desk.operations.settle()
    assert heard == []
    panel.set_recording(False)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert heard == [session_id]


async def test_only_a_slow_read_shows_that_records_are_opened(desk: Desk, panel: SessionsPanel) -> None:
    await desk.begin("Amina")
    await shown(panel, desk)
    assert "Opening records…" not in texts(panel)
    desk.operations.running_changed.emit((Running("other", "Something else", False, 0, 0),))
    assert "Opening records…" not in texts(panel)
    desk.operations.running_changed.emit((Running("list", "Read the sessions", False, 0, 0),))
    assert "Opening records…" in texts(panel)
    assert panel.list.isVisible()
    desk.operations.running_changed.emit(())
    await until(lambda: "Opening records…" not in texts(panel))


async def test_a_row_is_read_out_as_a_sentence(desk: Desk, panel: SessionsPanel) -> None:
    session_id = await desk.begin(HOSTILE)
    await shown(panel, desk)
    row = panel.model.row_of(session_id)
    assert row is not None
    said = panel.model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith(f"{HOSTILE}, 8 y, First visit, ")
    assert said.endswith(", 0 of 8 done")
    async with desk.core.database.write(actor=desk.actor) as db:
        await crud.update_session(db, session_id, {"completed_at": desk.core.clock.now()})
    await shown(panel, desk)
    said = panel.model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.endswith(", Finished, 0 of 8")


async def test_a_session_that_was_finished_early_says_so_and_has_no_tick(
    desk: Desk, panel: SessionsPanel
) -> None:
    session_id = await desk.begin()
    assert desk.opened.record is not None
    tasks = desk.opened.record.task_results
    for task in tasks[:3]:
        desk.opened.edit_task(task.id, status="success")
    desk.opened.do(EditSession(session_id, {"completed_at": desk.core.clock.now()}))
    await desk.operations.settle()
    await shown(panel, desk)
    assert below(line_of(panel, session_id)) == "\u20688 y\u2069 · \u2068Finished, 3 of 8\u2069"
    assert token("ok") not in colours_of(panel.list.viewport())
    for task in tasks[3:]:
        desk.opened.edit_task(task.id, status="success")
    await desk.operations.settle()
    await shown(panel, desk)
    assert below(line_of(panel, session_id)) == "\u20688 y\u2069 · \u2068First visit\u2069"
    assert token("ok") in colours_of(panel.list.viewport())


async def test_rows_and_headings_have_their_own_heights(desk: Desk, panel: SessionsPanel) -> None:
    now = desk.core.clock.now()
    await desk.begin("Now")
    await shown(panel, desk)
    assert panel.list.rowHeight(0) == heading_height()
    assert panel.list.rowHeight(1) == row_height() == HEIGHT.session_row
    desk.core.database.feed.subscribe(lambda changes: panel.heard([changes]))
    await desk.begin("Yesterday's", started_at=now - timedelta(days=1))
    assert await read(panel, desk) == ["Today", "Now", "Yesterday", "Yesterday's"]
    heights = [panel.list.rowHeight(row) for row in range(4)]
    assert heights == [heading_height(), row_height()] * 2


async def test_large_text_leaves_the_whole_first_line_to_the_name(
    desk: Desk, panel: SessionsPanel, qapp: QApplication
) -> None:
    name = "Zuzanna Dąbek"
    await desk.begin(name)
    await shown(panel, desk)
    manager = ThemeManager()
    try:
        for scale in TEXT_SCALES:
            manager.apply(qapp, mode="light", text_scale=scale, right_to_left=False)
            option = QStyleOptionViewItem()
            option.initFrom(panel.list)
            option.rect = panel.list.visualRect(panel.model.index(1, 0))
            assert name_room(option, "08:10").width() >= QFontMetricsF(font("strong")).horizontalAdvance(name)
    finally:
        manager.apply(qapp, mode="light", text_scale=1.0, right_to_left=False)


@pytest.mark.parametrize(("mode", "scale", "rtl"), [("light", 1.5, False), ("dark", 1.0, True)])
async def test_large_text_and_the_other_direction_need_no_more_width(
    desk: Desk, panel: SessionsPanel, qapp: QApplication, mode: str, scale: float, rtl: bool
) -> None:
    await desk.begin("Maximiliane Theodora von und zu Hohenstein-Württemberg " * 3)
    await shown(panel, desk)
    manager = ThemeManager()
    try:
        manager.apply(qapp, mode=mode, text_scale=scale, right_to_left=rtl)  # type: ignore[arg-type]
        assert panel.list.rowHeight(1) == row_height()
        assert panel.minimumSizeHint().width() <= WIDTH
        assert not panel.grab().isNull()
    finally:
        manager.apply(qapp, mode="light", text_scale=1.0, right_to_left=False)
