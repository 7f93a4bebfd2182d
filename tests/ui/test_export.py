"""Exporting from the window: what is shown is what is written, and it is said where it went."""

import json
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from desktop.export.canonical import content_hash
from desktop.protocols import bundled
from desktop.schemas import NewSession
from desktop.services.recording import begin_session, load_session
from tests.helpers.waiting import signal, until
from tests.ui.desk import Desk
from ui.dialogs.export import ExportDialog
from ui.dialogs.export_choices import Scope

HOSTILE = "<img src=x> Ada"


@pytest.fixture
async def dialog(desk: Desk) -> AsyncIterator[ExportDialog]:
    window = QWidget()
    window.resize(1440, 900)
    await desk.begin(HOSTILE)
    record = desk.opened.record
    assert record is not None
    made = ExportDialog(window, core=desk.core, record=record, operations=desk.operations)
    made.open()
    await until(made.isActiveWindow)
    await desk.operations.settle()
    yield made
    await desk.operations.settle()
    made.reject()
    window.deleteLater()


def entered(desk: Desk) -> list[str]:
    with closing(desk.core.database.files.connect(desk.core.paths.database)) as connection:
        found = connection.execute("SELECT action FROM audit_log WHERE entity = 'vault' ORDER BY seq")
        return [action for (action,) in found if action.startswith(("export", "print"))]


async def test_the_real_pages_are_shown_before_anything_is_written(desk: Desk, dialog: ExportDialog) -> None:
    assert dialog.preview.text() == "Page 1 of 1"
    assert not dialog.preview.view._picture.isNull()
    assert entered(desk) == []


async def test_a_report_is_written_and_stands_in_the_trail(
    desk: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    saved = signal(dialog.saved)
    dialog.write(tmp_path / "report.pdf")
    assert await saved == (tmp_path / "report.pdf",)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert not dialog.isVisible()
    assert entered(desk) == ["export"]


async def test_where_it_goes_is_asked_and_no_name_is_proposed(
    desk: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    dialog.choices.cards["json"].click()
    dialog.export.click()
    await until(lambda: dialog.findChildren(QFileDialog))
    (picker,) = dialog.findChildren(QFileDialog)
    proposed = Path(picker.selectedFiles()[0]).name
    record = desk.opened.record
    assert record is not None
    assert record.child_code in proposed
    assert "Ada" not in proposed
    picker.setDirectory(str(tmp_path))
    picker.selectFile(str(tmp_path / proposed))
    picker.accept()
    await until(lambda: list(tmp_path.glob("*.json")))
    await desk.operations.settle()
    (written,) = tmp_path.glob("*.json")
    (session,) = json.loads(written.read_bytes())["sessions"]
    assert session["child_name"] == HOSTILE
    stored = (await load_session(desk.core.database, record.id)).record
    assert content_hash(stored)


async def test_what_cannot_be_written_is_said_and_the_dialog_stays(
    desk: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    dialog.write(tmp_path / "not there" / "report.pdf")
    await desk.operations.settle()
    assert dialog.isVisible()
    assert "cannot be written" in dialog._trouble.text()
    assert entered(desk) == ["export", "export_failed"]
    dialog.write(desk.core.paths.database)
    await desk.operations.settle()
    assert dialog._trouble.text()
    assert dialog.isVisible()


async def test_the_cards_show_what_there_is_to_choose(dialog: ExportDialog) -> None:
    shown = {
        form: (
            dialog.choices.kind.isVisibleTo(dialog.choices),
            dialog.choices.language.isVisibleTo(dialog.choices),
            dialog.choices.convention.isVisibleTo(dialog.choices),
            dialog.choices.deidentified.isEnabled(),
            dialog.print.isVisibleTo(dialog),
        )
        for form, card in dialog.choices.cards.items()
        if card.click() is None
    }
    assert shown == {
        "pdf": (True, True, False, True, True),
        "xlsx": (False, True, False, True, False),
        "csv": (False, False, True, True, False),
        "json": (False, False, False, False, False),
        "fhir": (False, True, False, True, False),
        "redcap": (False, False, False, True, False),
        "datapackage": (False, False, False, True, False),
    }


async def test_a_letter_is_about_names(dialog: ExportDialog, desk: Desk) -> None:
    dialog.choices.deidentified.click()
    assert dialog.choices.options().deidentified
    dialog.choices.kind.button("family").click()
    assert not dialog.choices.options().deidentified
    await until(lambda: not dialog._drawing.isActive())
    await desk.operations.settle()


async def test_the_sessions_of_the_child_and_of_the_day_are_offered(desk: Desk, dialog: ExportDialog) -> None:
    texts = [radio.text() for radio in dialog.choices.scopes.values()]
    assert texts[1] == "All sessions of this child (1)"
    assert texts[2].endswith("(1)")
    assert texts[3] == "All sessions (1)"
    dialog.choices.scopes["day"].click()
    scope = dialog.choices.scope()
    assert scope.day is not None
    assert dialog.choices.options().day == scope.day
    assert desk.opened.record is not None
    assert scope.ids == (desk.opened.record.id,)
    await until(lambda: not dialog._drawing.isActive())
    await desk.operations.settle()


async def test_all_of_it_by_keyboard(dialog: ExportDialog, desk: Desk) -> None:
    assert dialog.choices.cards["pdf"].hasFocus()
    QTest.keyClick(dialog.choices.cards["pdf"], Qt.Key.Key_Down)
    assert dialog.choices.form() != "pdf"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    await desk.operations.settle()


async def test_each_session_gets_a_file_of_its_own_where_that_is_wanted(
    desk: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    assert not dialog.choices.each.isVisibleTo(dialog.choices)
    first = desk.opened.record
    assert first is not None
    await desk.begin("Another")
    other = desk.opened.record
    assert other is not None
    dialog.choices.offer([Scope("day", (first.id, other.id), date(2026, 3, 14))])
    dialog.choices.scopes["day"].click()
    assert dialog.choices.each.isVisibleTo(dialog.choices)
    dialog.choices.each.click()
    assert dialog.choices.into_folder()
    saved = signal(dialog.saved)
    dialog.write(tmp_path)
    await saved
    assert len(list(tmp_path.glob("*_report*.pdf"))) == 2


async def test_what_a_report_says_is_chosen(desk: Desk, dialog: ExportDialog) -> None:
    assert dialog.choices.options().leave_out == frozenset()
    dialog.choices.notes.click()
    assert dialog.choices.options().leave_out == {"notes"}
    await until(lambda: not dialog._drawing.isActive())
    await desk.operations.settle()
    dialog.choices.kind.button("family").click()
    assert not dialog.choices.notes.isVisibleTo(dialog.choices)
    await until(lambda: not dialog._drawing.isActive())
    await desk.operations.settle()


async def test_a_report_is_printed_through_the_platform_s_dialog(
    desk: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    dialog.print.click()
    await until(lambda: dialog.findChildren(QPrintDialog))
    (asked,) = dialog.findChildren(QPrintDialog)
    printer = asked.printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    asked.done(QDialog.DialogCode.Accepted)
    await desk.operations.settle()
    (page,) = PdfReader(tmp_path / "printed.pdf").pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]  # A4, in points
    assert len(page.images) == 1
    assert "Ada" not in printer.docName()
    assert entered(desk) == ["print"]
    assert not dialog.isVisible()


async def test_who_thinks_better_of_printing_leaves_no_trace(desk: Desk, dialog: ExportDialog) -> None:
    dialog.print.click()
    await until(lambda: dialog.findChildren(QPrintDialog))
    (asked,) = dialog.findChildren(QPrintDialog)
    asked.reject()
    await desk.operations.settle()
    assert entered(desk) == []
    assert dialog.isVisible()


async def test_all_sessions_go_into_one_file_that_names_no_child(
    desk: Desk, dialog: ExportDialog, tmp_path: Path
) -> None:
    record = desk.opened.record
    assert record is not None
    dialog.choices.cards["csv"].click()
    dialog.choices.scopes["all"].click()
    dialog.export.click()
    await until(lambda: dialog.findChildren(QFileDialog))
    (picker,) = dialog.findChildren(QFileDialog)
    assert record.child_code not in picker.selectedFiles()[0]
    picker.reject()
    await desk.operations.settle()
    saved = signal(dialog.saved)
    dialog.write(tmp_path / "all.csv")
    await saved
    assert (tmp_path / "all.csv").read_text().count(str(record.id)) == len(record.task_results)


async def test_the_list_of_a_day_is_of_that_day_alone(desk: Desk, dialog: ExportDialog) -> None:
    dialog.choices.kind.button("day").click()
    assert dialog.choices.scope().key == "day"
    assert [key for key, radio in dialog.choices.scopes.items() if radio.isEnabled()] == ["day"]
    dialog.choices.kind.button("clinician").click()
    assert all(radio.isEnabled() for radio in dialog.choices.scopes.values())
    await until(lambda: not dialog._drawing.isActive())
    await desk.operations.settle()


def looked_at(desk: Desk) -> list[bytes]:
    query = "SELECT entity_id FROM audit_log WHERE action = 'open' AND entity = 'sessions'"
    with closing(desk.core.database.files.connect(desk.core.paths.database)) as connection:
        return [session for (session,) in connection.execute(query)]


async def test_whose_pages_are_looked_at_stands_in_the_trail_once(desk: Desk, dialog: ExportDialog) -> None:
    other = await begin_session(
        desk.core.database,
        actor=desk.actor,
        new=NewSession(child_name="Somebody else", child_age=7),
        protocol=bundled()[0],
        session_id=desk.core.clock.new_id(),
    )
    before = looked_at(desk)
    assert desk.opened.record is not None
    assert set(before) == {desk.opened.record.id.bytes}
    dialog.choices.offer([Scope("all", (desk.opened.record.id, other))])
    dialog.choices.scopes["all"].click()
    for _ in range(2):
        await until(lambda: not dialog._drawing.isActive())
        await desk.operations.settle()
        assert looked_at(desk) == [*before, other.bytes]
        dialog.choices.notes.click()
    await until(lambda: not dialog._drawing.isActive())
    await desk.operations.settle()
