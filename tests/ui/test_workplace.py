"""From the first picture to the last: trouble, the first start, settings that are worn and kept."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from filelock import FileLock
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from desktop.core import Core
from desktop.database import sqlite_url
from desktop.paths import Paths
from desktop.protocols import bundled
from desktop.schemas import NewSession
from desktop.services.people import create_person
from desktop.services.reading import read_document
from desktop.services.recording import begin_session
from desktop.settings import Settings, load_settings, save_settings
from tests.helpers import stores
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE, unlocked
from tests.helpers.waiting import signal, until
from tests.ui.office import FILES, Office, at_work, held
from ui import theme
from ui.entrance.opening import OpeningPage
from ui.entrance.setup import SetupPage
from ui.entrance.unlock import UnlockPage
from ui.panels.trouble import TroublePage
from ui.shell import Shell, Skeleton
from ui.window import MainPage


@pytest.fixture
async def new_office(tmp_path: Path, application: QApplication) -> AsyncIterator[Office]:
    """A workplace at its first start."""
    async with at_work(Paths(tmp_path / "kinelog"), application) as office:
        yield office


@pytest.fixture
async def office(tmp_path: Path, application: QApplication) -> AsyncIterator[Office]:
    """A workplace with a vault whose records somebody overwrote."""
    paths = Paths(tmp_path / "kinelog")
    unlocked(paths)
    paths.database.write_bytes(b"This is no database at all, but somebody needs it. " * 40)
    async with at_work(paths, application) as office:
        page = await office.page_of(UnlockPage)
        assert isinstance(page, UnlockPage)
        page.form.entered.emit(RECORDS_HERE, PASSPHRASE)
        yield office


@dataclass
class Recording:
    """A workplace with a session open."""

    office: Office
    page: MainPage
    core: Core

    def rate(self) -> None:
        record = self.page.opened.record
        assert record is not None
        self.page.opened.edit_task(record.task_results[0].id, status="success")


@pytest.fixture
async def recording(office: Office) -> Recording:
    await office.page_of(TroublePage)
    office.paths.database.unlink()
    async with Core.open(office.paths, unlocked=unlocked(office.paths)) as core:
        await create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
        await begin_session(
            core.database,
            actor=RECORDS_HERE,
            new=NewSession(child_name="John Doe", child_age=8),
            protocol=bundled()[0],
            session_id=core.clock.new_id(),
        )
    trouble = office.page()
    assert isinstance(trouble, TroublePage)
    trouble.retry_wanted.emit()
    page = await office.unlock()
    await until(lambda: page.opened.record is not None)
    await page._operations.settle()
    return Recording(office, page, page._core)


async def test_the_shell_is_painted_before_anything_is_read(application: QApplication) -> None:
    shell = Shell()
    shell.show()
    await asyncio.wait_for(shell.painted(), 10)
    assert isinstance(shell.centralWidget().currentWidget(), Skeleton)
    shell.let_go()
    shell.deleteLater()


async def test_a_file_that_is_not_ours_is_told_and_stays_as_it_is(office: Office) -> None:
    before = digest(office.paths.database)
    page = await office.page_of(TroublePage)
    assert isinstance(page, TroublePage)
    page.retry_wanted.emit()
    door = await office.page_of(
        UnlockPage
    )  # nobody sits before the page of the trouble for hours, and then goes on
    assert isinstance(door, UnlockPage)
    door.form.entered.emit(RECORDS_HERE, PASSPHRASE)
    await office.page_of(TroublePage)
    assert digest(office.paths.database) == before


async def test_the_first_start_makes_a_vault_and_opens_the_window(new_office: Office) -> None:
    page = await new_office.page_of(SetupPage)
    assert isinstance(page, SetupPage)
    assert not new_office.paths.data.exists()
    page.name_form.named.emit("Lena Okafor")
    page.passphrase_form.chosen.emit(PASSPHRASE)
    await until(page.recovery_form.isVisible)
    assert not new_office.paths.keys.exists()
    page.recovery_form.ask_back()
    page.recovery_form.kept.emit()
    main = await new_office.page_of(MainPage)
    assert isinstance(main, MainPage)
    settings = load_settings(new_office.paths.settings)
    assert settings.assessor == unlocked(new_office.paths).person
    main.settings_changed.emit(replace(settings, appearance="dark", text_scale=1.3))
    await until(lambda: load_settings(new_office.paths.settings).appearance == "dark")
    assert theme.look().text_scale == 1.3
    assert theme.tokens() is theme.DARK


async def test_records_that_take_long_to_open_are_waited_for_in_words(
    tmp_path: Path, application: QApplication
) -> None:
    paths = Paths(tmp_path / "kinelog")
    unlocked(paths)
    async with at_work(paths, application) as office:
        door = await office.page_of(UnlockPage)
        assert isinstance(door, UnlockPage)
        await until(lambda: not door._operations.running())
        entered = signal(door.unlocked)
        door.form.entered.emit(RECORDS_HERE, PASSPHRASE)
        await entered
        with FileLock(paths.keys_lock):  # as while another program gives the records another key
            page = await office.page_of(OpeningPage)
            assert "Opening your records…" in [label.text() for label in page.findChildren(QLabel)]
        await office.page_of(MainPage)


async def test_nothing_is_made_when_the_window_is_closed_during_the_set_up(new_office: Office) -> None:
    page = await new_office.page_of(SetupPage)
    assert isinstance(page, SetupPage)
    page.name_form.named.emit("Lena Okafor")
    page.passphrase_form.chosen.emit(PASSPHRASE)
    await until(page.recovery_form.isVisible)
    new_office.shell.close()
    await asyncio.wait_for(new_office.work, 10)
    assert not new_office.paths.data.exists()


async def test_plain_records_of_before_are_taken_over_under_the_same_name(
    tmp_path: Path, application: QApplication
) -> None:
    paths = Paths(tmp_path / "kinelog")
    paths.create()
    async with stores.opened(sqlite_url(stores.migrated_file(paths.data).rename(paths.database))) as database:
        person = await create_person(database, name="Lena Okafor")
    save_settings(paths.settings, Settings(assessor=person, site="Kids' Centre"))
    async with at_work(paths, application) as office:
        page = await office.page_of(SetupPage)
        assert isinstance(page, SetupPage)
        assert page.name_form.name_field.text() == "Lena Okafor"
        page.name_form.named.emit("Lena Okafor")
        page.passphrase_form.chosen.emit(PASSPHRASE)
        await until(page.recovery_form.isVisible)
        page.recovery_form.kept.emit()
        await office.page_of(MainPage)
        assert not paths.database.read_bytes().startswith(b"SQLite format 3")
        assert load_settings(paths.settings) == Settings(assessor=person, site="Kids' Centre")


async def test_the_close_button_leaves_from_the_trouble_page(office: Office) -> None:
    await office.page_of(TroublePage)
    office.shell.close()
    await asyncio.wait_for(office.work, 10)


async def test_a_lock_leaves_with_everything_saved_and_says_what_to_show_again(recording: Recording) -> None:
    recording.rate()
    shown = recording.page.opened.record
    assert shown is not None
    recording.page.lock_wanted.emit()
    await asyncio.wait_for(recording.office.work, 10)
    assert recording.office.workplace.locking
    assert recording.office.workplace.session == str(shown.id)
    status = "SELECT status FROM task_results WHERE status IS NOT NULL"
    assert stores.rows(recording.office.paths.database, status, FILES) == [("success",)]


async def test_nothing_is_locked_while_a_run_is_timed_or_an_edit_waits(recording: Recording) -> None:
    recording.page.recorder.start()
    await until(lambda: not recording.core.saver.waiting)
    recording.page.lock_wanted.emit()
    recording.page.recorder.stop()
    with held(recording.office.paths.database):
        recording.rate()
        await until(lambda: recording.core.saver.trouble is not None)
        recording.page.lock_wanted.emit()
    recording.core.saver.try_again()
    await until(lambda: not recording.core.saver.waiting)
    assert not recording.office.work.done()
    assert not recording.office.leaving.is_set()


async def test_leaving_waits_for_no_answer(recording: Recording) -> None:
    recording.page.recorder.start()
    recording.office.shell.close()
    await until(lambda: QApplication.activeModalWidget() is not None)
    await recording.office.leave()


async def test_an_edit_that_cannot_be_saved_keeps_the_window_open_until_somebody_decides(
    recording: Recording,
) -> None:
    with held(recording.office.paths.database):
        recording.rate()
        recording.office.shell.close()
        await until(lambda: QApplication.activeModalWidget() is not None)
        question = QApplication.activeModalWidget()
        assert isinstance(question, QMessageBox)
        assert "not saved" in question.text()
        question.reject()
        await until(lambda: not question.isVisible())
        assert not recording.office.work.done()
        assert recording.page.isEnabled()
    recording.core.saver.try_again()
    await until(lambda: not recording.core.saver.waiting)


async def test_leaving_when_nothing_can_be_saved_keeps_it_in_a_file(recording: Recording) -> None:
    with held(recording.office.paths.database):
        recording.rate()
        await recording.office.leave()
    (path,) = recording.office.paths.kept()
    assert b"John Doe" not in path.read_bytes()
    (session,) = read_document(path, key=KEY).sessions
    assert session.task_results[0].status == "success"


async def test_changes_that_the_user_gave_up_are_kept_nowhere(recording: Recording) -> None:
    with held(recording.office.paths.database):
        recording.rate()
        recording.office.shell.close()
        await until(lambda: QApplication.activeModalWidget() is not None)
        question = QApplication.activeModalWidget()
        assert isinstance(question, QMessageBox)
        next(button for button in question.buttons() if button.text() == "Close without saving").click()
        await asyncio.wait_for(recording.office.work, 10)
    assert recording.office.paths.kept() == []


async def test_leaving_saves_what_was_entered_last(recording: Recording) -> None:
    recording.rate()
    await recording.office.leave()
    status = "SELECT status FROM task_results WHERE status IS NOT NULL"
    assert stores.rows(recording.office.paths.database, status, FILES) == [("success",)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
