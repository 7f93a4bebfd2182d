"""What is being typed when the window is locked, or the program dies, stands there again afterwards."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.core import Core
from desktop.edits import EditSession
from desktop.paths import Paths
from desktop.protocols import bundled
from desktop.schemas import NewSession, SessionRecord, TaskRecord
from desktop.services.people import create_person
from desktop.services.recording import begin_session
from desktop.services.signing import SignOff
from tests.helpers import stores
from tests.helpers.vaults import PASSPHRASE, RECORDS_HERE, unlocked
from tests.helpers.waiting import until
from tests.ui.office import FILES, Office, at_work, held
from ui.dialogs.add_metric import AddMetricDialog
from ui.dialogs.add_task import AddTaskDialog
from ui.dialogs.new_session import NewSessionDialog
from ui.dialogs.reason import ReasonDialog
from ui.drafts import Place
from ui.entrance.unlock import UnlockForm
from ui.panels.entry import Entry
from ui.panels.notes_entry import NotesEntry
from ui.window import MainPage

D = TypeVar("D", bound=QDialog)
HOSTILE = "<img src=x> Ada"
NO_TIME = "a while"
BORN = f"{datetime.now(UTC) - timedelta(days=300):%d.%m.%Y}"  # so young that the weeks of pregnancy are asked for


@dataclass
class Sitting:
    """The window from the unlocking on."""

    office: Office
    page: MainPage

    @property
    def record(self) -> SessionRecord:
        record = self.page.opened.record
        assert record is not None
        return record

    @property
    def task(self) -> TaskRecord:
        return self.record.task_results[0]

    def press(self, action: str) -> None:
        self.page.findChild(QAction, action).trigger()

    async def asked(self, kind: type[D]) -> D:
        """Return the dialog that is open, the only one of its kind."""
        await until(lambda: self._dialogs(kind))
        (dialog,) = self._dialogs(kind)
        await until(dialog.isActiveWindow)
        return dialog

    def _dialogs(self, kind: type[D]) -> list[D]:
        return [dialog for dialog in self.office.shell.findChildren(kind) if dialog.isVisible()]

    async def lock(self) -> None:
        """Lock, as nobody touches anything for a while."""
        self.page.lock_wanted.emit()
        await asyncio.wait_for(self.office.work, 10)
        assert self.office.workplace.locking

    async def kept(self) -> None:
        """Return when all that was typed is stored."""
        drafts = self.page.opened.drafts
        await until(lambda: not drafts._changes() and not drafts._pause.isActive())

    def keys(self) -> set[str]:
        """Return which drafts are stored, without whose they are."""
        stored = stores.rows(self.office.paths.database, "SELECT key FROM drafts", FILES)
        return {key.split("/")[1] for (key,) in stored}


@pytest.fixture
async def paths(tmp_path: Path) -> Paths:
    """A vault with one session of John Doe."""
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
        await begin_session(
            core.database,
            actor=RECORDS_HERE,
            new=NewSession(child_name="John Doe", child_age=8),
            protocol=bundled()[0],
            session_id=core.clock.new_id(),
        )
    return paths


@asynccontextmanager
async def sitting(paths: Paths, application: QApplication) -> AsyncIterator[Sitting]:
    async with at_work(paths, application) as office:
        yield Sitting(office, await office.unlock())


def died(paths: Paths, tmp_path: Path) -> Paths:
    """Return the data folder as a program that dies now would leave it."""
    return Paths(Path(shutil.copytree(paths.data, tmp_path / "after")))


def write(text: str) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, text)


def go_to(widget: QWidget) -> None:
    widget.setFocus()
    if hasattr(widget, "selectAll"):
        widget.selectAll()


def is_gone(dialog: QDialog) -> bool:
    return not shiboken6.isValid(dialog) or not dialog.isVisible()


async def fill(dialog: NewSessionDialog) -> None:
    """Type all that a new session may have, an odd height with its reason too."""
    form = dialog.form
    for line, text in (
        (form.child.name.edit, HOSTILE),
        (form.fields.birth.edit, BORN),
        (form.height_field.line.edit, "250"),
        (form.weight_field.line.edit, "12,5"),
    ):
        go_to(line)
        write(text)
    form.height_field.check()
    go_to(form.height_field.reason)
    write("measured twice")
    form.fields.weeks.edit.setFocus()
    write("31")
    form.fields.sex.choose("female")
    form.consent.choose("given")
    form.notes.setPlainText("Tired today\nwants her mother")


async def test_a_session_that_is_being_begun_stands_there_after_a_lock(
    paths: Paths, application: QApplication
) -> None:
    async with sitting(paths, application) as before:
        before.press("session.new")
        await fill(await before.asked(NewSessionDialog))
        await before.lock()
    async with sitting(paths, application) as after:
        dialog = await after.asked(NewSessionDialog)
        form = dialog.form
        assert form.child.text() == HOSTILE
        assert form.fields.birth.text() == BORN
        assert form.fields.weeks.text() == "31"
        assert not form.fields.weeks.isHidden()
        assert (form.height_field.line.text(), form.height_field.remark()) == ("250", "measured twice")
        assert (form.fields.sex.currentData(), form.consent.currentData()) == ("female", "given")
        assert form.notes.toPlainText() == "Tired today\nwants her mother"
        dialog.start()
        await until(lambda: is_gone(dialog))
        await until(lambda: after.record.child_name == HOSTILE)
        assert after.record.gestational_weeks == 31
        assert after.record.child_height_cm == 250
        await after.kept()
        assert after.keys() == set()


async def test_a_known_child_stays_chosen(paths: Paths, application: QApplication) -> None:
    async with sitting(paths, application) as before:
        before.page._dialogs.follow_up()
        dialog = await before.asked(NewSessionDialog)
        await until(lambda: dialog.form.child.child is not None)
        await before.page._operations.settle()
        go_to(dialog.form.height_field.line.edit)
        write("130,5")
        await before.lock()
    async with sitting(paths, application) as after:
        dialog = await after.asked(NewSessionDialog)
        await until(lambda: dialog.form.height_field.line.text() == "130,5")
        assert dialog.form.child.child is not None
        assert dialog.form.child.text() == "John Doe"
        dialog.start()
        await until(lambda: after.record.child_height_cm == 130.5)
        assert after.page.opened.visit == 2


async def test_a_session_that_was_stored_just_before_the_end_is_not_stored_twice(
    paths: Paths, application: QApplication, tmp_path: Path
) -> None:
    async with sitting(paths, application) as before:
        before.press("session.new")
        dialog = await before.asked(NewSessionDialog)
        go_to(dialog.form.child.name.edit)
        write("Amina")
        go_to(dialog.form.fields.age.edit)
        write("6")
        await until(lambda: before.page.opened.drafts._stored)
        await before.kept()
        before.page.opened.drafts.freeze()  # as if the program died before it could forget
        dialog.start()
        await until(lambda: before.record.child_name == "Amina")
        left = died(paths, tmp_path)
    async with sitting(left, application) as after:
        dialog = await after.asked(NewSessionDialog)
        assert dialog.form.child.text() == "Amina"
        dialog.start()
        await until(lambda: is_gone(dialog))
        await after.page._operations.settle()
        counted = "SELECT count(*) FROM sessions WHERE child_name = 'Amina'"
        assert stores.rows(left.database, counted, FILES) == [(1,)]


async def test_what_cannot_be_recorded_does_not_keep_the_window_open(
    paths: Paths, application: QApplication
) -> None:
    async with sitting(paths, application) as before:
        metrics = before.page._metrics
        metrics.edit_first()
        assert metrics.editor is not None
        name = metrics.editor.row.name
        write("0.9x")
        before.page._banner.edit("child_date_of_birth")
        write("tomorrow perhaps")
        before.page._centre.tasks.time_entry.begin()
        write(NO_TIME)
        await before.lock()
    async with sitting(paths, application) as after:
        row = after.page._metrics.model.row(after.page._metrics.model.place(name))
        assert row is not None
        assert (row.value, row.draft) == (None, "0.9x")
        editor = after.page._banner.editor
        assert isinstance(editor, Entry)
        assert editor.text() == "tomorrow perhaps"
        assert after.page._centre.tasks.time_entry.entry.text() == NO_TIME
        assert after.task.duration_seconds is None
        for entry in (editor, after.page._centre.tasks.time_entry.entry):
            QTest.keyClick(entry.line, Qt.Key.Key_Escape)
        after.page._metrics.edit_first()
        QTest.keyClick(after.page._metrics.editor.entry.line, Qt.Key.Key_Escape)
        await after.kept()
        assert after.keys() == set()


async def test_what_can_be_recorded_is_when_the_window_is_locked(
    paths: Paths, application: QApplication
) -> None:
    async with sitting(paths, application) as before:
        before.page._metrics.edit_first()
        write("0.9")
        before.press("task.note")
        write("Held on to the wall")
        await before.lock()
    async with sitting(paths, application) as after:
        assert after.task.notes == "Held on to the wall"
        assert [metric.metric_value for metric in after.task.metrics] == [0.9]
        assert after.page._centre.tasks.note_entry.isHidden()
        await after.kept()
        assert after.keys() == set()


async def test_a_note_is_not_lost_when_the_program_dies_over_it(
    paths: Paths, application: QApplication, tmp_path: Path
) -> None:
    async with sitting(paths, application) as before:
        before.page.opened.select(before.record.task_results[2].id)
        before.press("task.note")
        write("Held on to ")
        await until(before.keys)
        write("the wall")
        await before.kept()
        left = died(paths, tmp_path)
        asserted = before.record.task_results[2].notes
    assert asserted == ""
    async with sitting(left, application) as after:
        entry = after.page._centre.tasks.note_entry
        assert entry.isVisible()
        assert entry.note.toPlainText() == "Held on to the wall"
        assert not entry.note.hasFocus()  # a key for a task would be typed into it
        assert after.record.task_results[2].notes == ""
        entry.note.setFocus()
        entry.leave()
        await after.kept()
        assert after.record.task_results[2].notes == "Held on to the wall"
        assert after.keys() == set()


@pytest.mark.parametrize("field", ["notes", "child_name"])
async def test_a_fact_that_was_being_typed_comes_back_in_its_session(
    paths: Paths, application: QApplication, tmp_path: Path, field: str
) -> None:
    async with sitting(paths, application) as before:
        before.page._banner.edit(field)
        go_to(before.page._banner.editor.line)
        write(HOSTILE)
        await until(before.keys)
        await before.kept()
        left = died(paths, tmp_path)
    async with sitting(left, application) as after:
        editor = after.page._banner.editor
        assert isinstance(editor, Entry | NotesEntry)
        assert editor.text() == HOSTILE
        assert getattr(after.record, field) != HOSTILE
        assert after.page._banner.finish_edit()
        assert getattr(after.record, field) == HOSTILE


async def test_where_something_was_being_typed_is_shown_first(
    paths: Paths, application: QApplication, tmp_path: Path
) -> None:
    async with sitting(paths, application) as before:
        first = before.record.id
        before.press("task.note")
        write("Held on")
        await until(before.keys)
        await before.kept()
        left = died(paths, tmp_path)
    async with Core.open(left, unlocked=unlocked(left)) as core:
        await begin_session(
            core.database,
            actor=RECORDS_HERE,
            new=NewSession(child_name="Newer", child_age=8),
            protocol=bundled()[0],
            session_id=core.clock.new_id(),
        )
    async with sitting(left, application) as after:
        assert after.record.id == first


async def test_a_value_for_a_signed_session_waits_for_its_reason(
    paths: Paths, application: QApplication
) -> None:
    async with sitting(paths, application) as before:
        before.page.opened.do(EditSession(before.record.id, {"completed_at": before.page._core.clock.now()}))
        before.page.opened.do_whole(SignOff(before.record.id), before.record.id)
        await until(before.page.opened.is_signed)
        before.page._metrics.edit_first()
        name = before.page._metrics.editor.row.name
        write("0.9")
        await before.lock()
    async with sitting(paths, application) as after:
        assert after.page.opened.is_signed()
        metrics = after.page._metrics
        assert metrics.model.row(metrics.model.place(name)).draft == "0.9"
        metrics.edit_first()
        QTest.keyClick(metrics.editor.entry.line, Qt.Key.Key_Return)
        dialog = await after.asked(ReasonDialog)
        dialog.line.edit.setText("typed before the lock")
        dialog.accept()
        await until(lambda: after.task.metrics)
        assert metrics.model.row(metrics.model.place(name)).draft == ""
        await after.kept()
        assert after.keys() == set()


async def test_a_metric_and_a_task_that_are_being_added_are_asked_for_again(
    paths: Paths, application: QApplication
) -> None:
    async with sitting(paths, application) as before:
        before.page.opened.select(before.record.task_results[1].id)
        before.page._metrics.add_metric()
        dialog = await before.asked(AddMetricDialog)
        dialog.name.edit.setFocus()
        write("Trunk sway")
        dialog.value.edit.setFocus()
        write("3.5")
        await before.lock()
    async with sitting(paths, application) as between:
        dialog = await between.asked(AddMetricDialog)
        assert (dialog.name.text(), dialog.value.text()) == ("Trunk sway", "3.5")
        dialog.accept()
        assert [metric.metric_value for metric in between.record.task_results[1].metrics] == [3.5]
        await until(lambda: is_gone(dialog))
        between.press("task.add")
        adding = await between.asked(AddTaskDialog)
        write("Climb a stair")
        adding.side.set_current("both")
        count = len(between.record.task_results)
        await between.lock()
    async with sitting(paths, application) as after:
        adding = await after.asked(AddTaskDialog)
        assert (adding.name.text(), adding.side.current()) == ("Climb a stair", "both")
        adding.accept()
        await until(lambda: len(after.record.task_results) == count + 1)
        await after.kept()
        assert after.keys() == set()


async def test_a_dialog_that_was_left_is_not_asked_again(paths: Paths, application: QApplication) -> None:
    async with sitting(paths, application) as before:
        before.press("session.new")
        dialog = await before.asked(NewSessionDialog)
        go_to(dialog.form.child.name.edit)
        write("Amina")
        await until(before.keys)
        dialog.reject()
        await before.kept()
        assert before.keys() == set()
        await before.lock()
    async with sitting(paths, application) as after:
        assert not after.office.shell.findChildren(NewSessionDialog)


async def test_nothing_is_locked_while_what_is_typed_cannot_be_kept(
    paths: Paths, application: QApplication
) -> None:
    async with sitting(paths, application) as window:
        window.page._metrics.edit_first()
        write("0.9x")
        with held(paths.database):
            window.page.lock_wanted.emit()
            await window.page._operations.settle()
            assert not window.office.leaving.is_set()
        await window.lock()


async def test_nothing_is_shown_while_it_cannot_be_locked(paths: Paths, application: QApplication) -> None:
    async with sitting(paths, application) as window:
        shell = window.office.shell
        window.page._metrics.edit_first()
        write("0.9x")
        with held(paths.database):
            window.page.lock_wanted.emit()
            await until(lambda: bool(shell.findChildren(UnlockForm)))
            (form,) = shell.findChildren(UnlockForm)
            assert not window.page.isVisible()
            assert "John Doe" not in shell.windowTitle()
            form.entered.emit(RECORDS_HERE, "a wrong passphrase")
            await until(form.secret.is_invalid)
            assert not window.page.isVisible()
            form.entered.emit(RECORDS_HERE, PASSPHRASE)
            await until(window.page.isVisible)
        await window.lock()


async def test_a_draft_is_not_forgotten_before_what_it_became_is_stored(
    paths: Paths, application: QApplication, tmp_path: Path
) -> None:
    async with sitting(paths, application) as window:
        window.page.opened.select(window.record.task_results[2].id)
        window.press("task.note")
        write("Held on to the wall")
        await window.kept()
        with held(paths.database):
            window.page._centre.tasks.note_entry.leave()
            await until(lambda: window.page._core.saver.trouble is not None)
        # The records can be written again, and the edit waits for its next try.
        window.page.opened.drafts.keep(Place("probe", window.record.id), {"text": "x"})
        await window.page.opened.drafts.stored()
        left = died(paths, tmp_path)
    notes = stores.rows(left.database, "SELECT notes FROM task_results WHERE notes <> ''", FILES)
    drafts = stores.rows(left.database, "SELECT content FROM drafts", FILES)
    assert notes or any("Held on" in str(draft) for draft in drafts)


async def test_who_opened_a_child_stands_in_the_trail_although_the_records_were_held(
    paths: Paths, application: QApplication
) -> None:
    def openings() -> int:
        found = stores.rows(paths.database, "SELECT count(*) FROM audit_log WHERE action = 'open'", FILES)
        return int(str(found[0][0]))

    async with sitting(paths, application) as window:
        before, opened, session = openings(), window.page.opened, window.record.id
        with held(paths.database):
            opened.close()
            opened.show(session)
            await window.page._operations.settle()
            assert opened.record is not None
            assert openings() == before
        await until(lambda: openings() == before + 1)
