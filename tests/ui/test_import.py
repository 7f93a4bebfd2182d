"""Importing from the window: first what a file would do, then all of it or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget

from desktop.core import Core
from desktop.database import sqlite_url
from desktop.export.canonical import canonical
from desktop.export.formats import ExportOptions, write_export
from desktop.export.forms import Format
from desktop.export.selection import select_sessions
from desktop.paths import Paths
from desktop.services.importing import Outcome, run_import
from desktop.services.people import create_person
from tests.helpers import stores
from tests.helpers.records import a_document, a_person, a_session
from tests.helpers.vaults import RECORDS_HERE, unlocked
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.office import at_work
from ui.dialogs.import_records import ImportDialog

FORMS: tuple[Format, ...] = ("json", "csv")


@asynccontextmanager
async def looking_at(desk: Desk, path: Path) -> AsyncIterator[ImportDialog]:
    """Open the dialog on a file and wait for what it says."""
    window = QWidget()
    window.resize(1024, 640)
    dialog = ImportDialog(window, path=path, core=desk.core, operations=desk.operations)
    dialog.open()
    await desk.operations.settle()
    yield dialog
    dialog.reject()
    await desk.operations.settle()
    window.deleteLater()


def counts(dialog: ImportDialog) -> tuple[str, str, str, str]:
    return dialog.new.text(), dialog.same.text(), dialog.different.text(), dialog.refused.text()


async def stored(desk: Desk) -> int:
    return len(await select_sessions(desk.core.database))


@pytest.fixture
async def there(desk: Desk, tmp_path: Path) -> dict[str, Path]:
    """Files of one session that differs from what is here, one that is the same, and one that is new."""
    changed, same, new = a_session(), a_session(), a_session(child_name="<b>New</b>")
    url = sqlite_url(tmp_path / "other.sqlite3")
    stores.migrate(url)
    files = {form: tmp_path / f"file.{form}" for form in FORMS}
    async with stores.opened(url) as database:
        await run_import(database, a_document(changed, same, new), actor=desk.actor)
        for form, path in files.items():
            ids = [changed.id, same.id, new.id]
            await write_export(database, path, ids, actor=desk.actor, options=ExportOptions(form))
    here = changed.model_copy(update={"notes": "Changed since"})
    await run_import(desk.core.database, a_document(here, same), actor=desk.actor)
    return files


@pytest.mark.parametrize("form", FORMS)
async def test_what_a_file_would_do_is_told_before_anything_is_done(
    desk: Desk, there: dict[str, Path], form: str
) -> None:
    async with looking_at(desk, there[form]) as dialog:
        assert counts(dialog) == ("1", "1", "1", "0")
        assert dialog.verdict.text() == "Nothing has been changed yet."
        assert not dialog.take.isEnabled()  # something differs, and nobody said what is to be done
        dialog.replace.click()
        assert dialog.take.isEnabled()
    assert await stored(desk) == 2


@pytest.mark.parametrize("form", FORMS)
async def test_a_file_is_taken_in_whole_and_the_second_time_is_nothing(
    desk: Desk, there: dict[str, Path], form: str
) -> None:
    async with looking_at(desk, there[form]) as dialog:
        heard: list[Outcome] = []
        dialog.taken.connect(heard.append)
        dialog.replace.click()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await desk.operations.settle()
        assert [(one.new, one.same, one.updated) for one in heard] == [(1, 1, 1)]
        assert not dialog.isVisible()
    assert await stored(desk) == 3
    async with looking_at(desk, there[form]) as dialog:
        assert counts(dialog)[:3] == ("0", "3", "0")
        assert dialog.verdict.text() == "Everything in this file is here already."
        assert not dialog.take.isEnabled()


async def test_people_whom_a_file_brings_are_named(desk: Desk, tmp_path: Path) -> None:
    people = tuple(a_person(id=uuid4(), name=f"Dr. Haddad {number}") for number in range(8))
    (tmp_path / "file.json").write_bytes(canonical(a_document(a_session(), people=people)))
    async with looking_at(desk, tmp_path / "file.json") as dialog:
        told = [one.text() for one in dialog.findChildren(QLabel) if "New people" in one.text()]
        assert len(told) == 1
        assert "Dr. Haddad 5" in told[0]
        assert told[0].endswith("2 more")


async def test_lines_that_do_not_fit_are_listed_and_nothing_is_taken(
    desk: Desk, there: dict[str, Path]
) -> None:
    lines = there["csv"].read_bytes().split(b"\r\n")
    lines[2:2] = [b"<b>1</b>,2", b"3"]
    there["csv"].write_bytes(b"\r\n".join(lines))
    async with looking_at(desk, there["csv"]) as dialog:
        assert dialog.refused.text() == "2"
        model = dialog.places.words
        assert [model.data(model.index(row, 0)) for row in range(2)] == ["Line 3", "Line 4"]
        assert dialog.place_words.text().startswith("It has 2 cells")
        assert "nothing was changed" in dialog.verdict.text()
        assert not dialog.take.isEnabled()
    assert await stored(desk) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "damaged"), (b"PK\x03\x04", "Workbooks"), (b'{"format":"x"}', "does not hold Kinelog's records")],
)
async def test_a_file_that_is_none_of_ours_is_told_apart(
    desk: Desk, tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    async with looking_at(desk, tmp_path / "file") as dialog:
        assert reason in dialog.verdict.text()
        assert not dialog.take.isEnabled()
        assert not dialog.places.isVisibleTo(dialog)


async def test_a_file_that_is_gone_is_told(desk: Desk, tmp_path: Path) -> None:
    async with looking_at(desk, tmp_path / "gone.json") as dialog:
        assert "cannot be read" in dialog.verdict.text()


async def test_an_import_that_is_broken_off_leaves_nothing_half(desk: Desk, tmp_path: Path) -> None:
    many = 400
    url = sqlite_url(tmp_path / "other.sqlite3")
    stores.migrate(url)
    async with stores.opened(url) as database:
        await run_import(database, a_document(*(a_session() for _ in range(many))), actor=desk.actor)
        ids = await select_sessions(database)
        await write_export(
            database, tmp_path / "many.json", ids, actor=desk.actor, options=ExportOptions("json")
        )
    async with looking_at(desk, tmp_path / "many.json") as dialog:
        assert counts(dialog)[0] == str(many)
        dialog.take.click()
        await until(lambda: desk.operations._runs)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await desk.operations.settle()
        assert not dialog.isVisible()
    assert await stored(desk) in {0, many}
    async with looking_at(desk, tmp_path / "many.json") as dialog:
        assert counts(dialog)[:3] in {(str(many), "0", "0"), ("0", str(many), "0")}


async def test_a_clinician_imports_with_the_keyboard_and_finds_the_child(
    desk: Desk, there: dict[str, Path], tmp_path: Path, qapp: QApplication
) -> None:
    paths = Paths(tmp_path / "practice")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
    async with at_work(paths, qapp) as office:
        page = await office.unlock()
        page.findChild(QAction, "session.import").trigger()
        await until(lambda: office.shell.findChildren(QFileDialog))
        (picker,) = office.shell.findChildren(QFileDialog)
        picker.setDirectory(str(there["csv"].parent))
        name = picker.findChild(QLineEdit, "fileNameEdit")
        name.setText(str(there["csv"]))
        picker.accept()
        await until(lambda: office.shell.findChildren(ImportDialog))
        (dialog,) = office.shell.findChildren(ImportDialog)
        await until(dialog.take.isEnabled)
        assert counts(dialog) == ("3", "0", "0", "0")
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(lambda: not office.shell.findChildren(ImportDialog))
        await page._operations.settle()
        model = page._sessions.model
        for row in range(model.rowCount()):
            model.row_at(row)
        await page._operations.settle()
        listed = [str(model.index(row, 0).data()) for row in range(model.rowCount())]
        assert [line for line in listed if "<b>New</b>" in line], listed
