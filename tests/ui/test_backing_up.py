"""Backups in the window: made by themselves, and told of in the settings."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.backup_notes import Notes
from desktop.backups import list_backups
from desktop.paths import Paths
from desktop.settings import Settings
from tests.ui.desk import Desk
from tests.ui.dialogs import opened
from ui.backing_up import BUSY_MS, LOOK_EVERY_MS, BackupKeeper
from ui.dialogs.backup_page import BackupPage


def keeper(desk: Desk, **settings: str) -> BackupKeeper:
    return BackupKeeper(
        desk.core, settings=Settings(**settings), operations=desk.operations, recorder=desk.recorder
    )


@pytest.fixture
async def page(desk: Desk) -> AsyncIterator[BackupPage]:
    window = QWidget()
    window.resize(960, 680)
    made = BackupPage(desk.core, second_place="", operations=desk.operations)
    made.setParent(window)
    window.show()
    await desk.operations.settle()
    yield made
    window.deleteLater()


async def test_a_backup_is_made_by_itself_and_once_while_nothing_changes(desk: Desk) -> None:
    await desk.begin()
    keeping = keeper(desk)
    noted: list[Notes] = []
    keeping.kept.connect(noted.append)
    for _ in range(2):
        keeping.look()
        await desk.operations.settle()
    assert len(list_backups(desk.core.paths.backups)) == 1
    assert [notes.rehearsal_trouble for notes in noted] == ["", ""]
    assert keeping._timer.interval() == LOOK_EVERY_MS


async def test_no_backup_is_begun_while_a_run_is_timed(desk: Desk) -> None:
    await desk.begin()
    desk.recorder.start()
    keeping = keeper(desk)
    keeping.look()
    await desk.operations.settle()
    assert list_backups(desk.core.paths.backups) == []
    assert keeping._timer.interval() == BUSY_MS
    desk.recorder.stop()
    await desk.operations.settle()


async def test_a_backup_that_fails_is_told_and_the_next_that_succeeds_takes_that_back(desk: Desk) -> None:
    await desk.begin()
    keeping = keeper(desk)
    desk.core.paths.backups.write_text("a file in the folder's place")
    keeping.look()
    await desk.operations.settle()
    assert desk.notifier.messages()[0].title == "Make a backup"
    desk.core.paths.backups.unlink()
    keeping.look()
    await desk.operations.settle()
    assert desk.notifier.messages() == ()


async def test_the_settings_make_a_backup_and_try_it(desk: Desk, page: BackupPage) -> None:
    await desk.begin()
    assert "None yet" in page.last.text()
    assert not page.rehearse.isEnabled()
    page.make.click()
    await desk.operations.settle()
    assert "Backups kept: 1" in page.last.text()
    page.rehearse.click()
    await desk.operations.settle()
    assert "Everything could be read" in page.trial.text()
    (backup,) = list_backups(desk.core.paths.backups)
    Paths(backup.folder).keys.write_bytes(b"{}")
    (backup.folder / "kinelog.sqlite3").write_bytes(b"no database")
    page.rehearse.click()
    await desk.operations.settle()
    assert "Failed" in page.trial.text()


async def test_a_second_place_is_chosen_gets_a_copy_and_is_given_up(
    desk: Desk, page: BackupPage, tmp_path: Path
) -> None:
    await desk.begin()
    stick, places = tmp_path / "stick", []
    stick.mkdir()
    page.place_changed.connect(places.append)
    page.choose.click()
    dialog = await opened(page.window(), QFileDialog)
    dialog.setDirectory(str(stick))
    dialog.accept()
    await desk.operations.settle()
    assert places == [str(stick)]
    page.make.click()
    await desk.operations.settle()
    assert len(list_backups(stick)) == 1
    assert "Last copy" in page.second.text()
    page.forget.click()
    assert places == [str(stick), ""]
    await desk.operations.settle()
    assert not page.forget.isVisible()
