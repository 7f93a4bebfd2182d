"""The dialog that lets sessions leave this laptop: as a file, or on paper."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

import shiboken6
from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from desktop.background import in_background
from desktop.core import Core
from desktop.crud import local_day
from desktop.database import Database
from desktop.errors import AppError
from desktop.export.formats import ExportOptions
from desktop.export.forms import ENDINGS
from desktop.export.naming import export_name
from desktop.export.report.making import make_pictures
from desktop.export.selection import select_sessions
from desktop.schemas import SessionRecord
from desktop.services.auditing import enter, enter_opening
from desktop.services.exporting import export_sessions
from ui import words
from ui.asking import let_control_enter_press, pick_folder, pick_save
from ui.dialogs.export_choices import ExportChoices, Scope
from ui.dialogs.export_preview import ExportPreview
from ui.dialogs.running_bar import RunningBar
from ui.operations import Operations, Progress
from ui.printing import DPI, choose_printer, print_pages
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, rule, vbox

SIZE = 1040, 760
AROUND = 32
PREVIEW_DPI = 110.0
PREVIEW_SOON = 150  # milliseconds after a choice
KINDS = {"clinician": "report", "family": "letter", "day": "day"}
MOST_PREVIEWED = 20  # sessions; a report on hundreds is not drawn to be looked at


class ExportDialog(QDialog):
    """Asks what and how, shows the pages, and writes. `saved` brings the path of the file that was written."""

    saved = Signal(Path)

    def __init__(
        self, parent: QWidget | None, *, core: Core, record: SessionRecord, operations: Operations
    ) -> None:
        super().__init__(parent)
        self._core, self._record, self._operations = core, record, operations
        self._seen = {record.id}
        self.setWindowTitle(self.tr("Export"))
        self.setProperty("ground", "surface")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.choices = ExportChoices(record)
        self.preview = ExportPreview()
        self.export = Button(
            self.tr("Export…"),
            kind="primary",
            icon="file-down",
            key=key_text("Ctrl+Return"),
            height=HEIGHT.dialog_primary,
        )
        self.export.setDefault(True)
        self.print = Button(self.tr("Print…"), icon="printer", height=HEIGHT.dialog_primary)
        self.cancel = Button(self.tr("Cancel"), key=key_text("Esc"), height=HEIGHT.dialog_primary)
        for button in (self.print, self.cancel):
            button.setAutoDefault(False)
        self._bar = RunningBar(operations, (self, "write"), name=self.tr("Export"))
        self._trouble = label(role="caption", tone="bad", wrap=True)
        safe = self.tr("The file is not encrypted. Keep it in a safe place.")
        self._safe = label(safe, "caption", "muted", wrap=True)
        self._drawing = QTimer(self, singleShot=True, interval=PREVIEW_SOON)
        self._build()
        self._connect()
        self._say("")
        self._read_scopes()
        self._draw()

    def done(self, result: int) -> None:
        for what in ("draw", "scopes", "write"):
            self._operations.cancel((self, what))
        self._drawing.stop()
        super().done(result)

    # Building

    def _build(self) -> None:
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.choices)
        body = hbox((scroll, 6), rule(vertical=True), (self.preview, 5), spacing=0)
        said = vbox(
            hbox(IconLabel("info", "muted", size=18), (self._safe, 1), spacing=8), self._trouble, spacing=2
        )
        foot = hbox(
            (said, 1), self._bar, self.cancel, self.print, self.export, spacing=12, margins=(28, 14, 28, 14)
        )
        head = vbox(label(self.tr("Export"), "heading"), margins=(28, 18, 28, 14))
        self.setLayout(vbox(head, rule(), (body, 1), rule(), foot, spacing=0))
        parent = self.parentWidget()
        room = parent.window().size() if parent is not None else self.maximumSize()
        self.resize(min(SIZE[0], room.width() - AROUND), min(SIZE[1], room.height() - AROUND))
        self.choices.cards["pdf"].setFocus()

    def _connect(self) -> None:
        self.choices.changed.connect(self._changed)
        self._drawing.timeout.connect(self._draw)
        self.export.clicked.connect(lambda _checked: self.ask_where())
        self.print.clicked.connect(lambda _checked: self.print_report())
        self.cancel.clicked.connect(lambda _checked: self._cancel())
        let_control_enter_press(self)

    # What there is

    def _read_scopes(self) -> None:
        record, database = self._record, self._core.database
        day = words.session_day(record)

        async def find(own: Database) -> list[Scope]:
            return [
                Scope("child", tuple(await select_sessions(own, child_id=record.child_id))),
                Scope("day", tuple(await select_sessions(own, day=day)), day),
                Scope("all", tuple(await select_sessions(own))),
            ]

        async def read(_progress: Progress) -> list[Scope]:
            return await in_background(database, find)

        self._operations.start(
            read, title=self.tr("Find the sessions"), key=(self, "scopes"), done=self.choices.offer
        )

    def _changed(self) -> None:
        self.print.setVisible(self.choices.form() == "pdf")
        self._say("")
        self._drawing.start()

    # The preview

    def _draw(self) -> None:
        scope, options = self.choices.scope(), self.choices.options()
        if options.form != "pdf":
            self._operations.cancel((self, "draw"))
            self.preview.show_words(self._about(options))
            return
        ids = scope.ids[:MOST_PREVIEWED]

        async def draw(_progress: Progress) -> list[bytes]:
            await self._enter_looking(ids)
            return await self._pictures(ids, options, PREVIEW_DPI)

        self._operations.start(
            draw,
            title=self.tr("Draw the pages"),
            key=(self, "draw"),
            done=self.preview.show_pages,
            failed=lambda error: self.preview.show_words(str(error)),
        )

    async def _enter_looking(self, ids: Sequence[UUID]) -> None:
        """Have the trail say whose pages are looked at, once each; the open session stands in it already."""
        others = set(ids) - self._seen
        if others:
            await enter_opening(self._core.database, actor=self._core.unlocked.actor, of=others)
            self._seen |= others

    async def _pictures(self, ids: Sequence[UUID], options: ExportOptions, dpi: float) -> list[bytes]:
        wanted, actor = options.report(), self._core.unlocked.actor
        return await in_background(
            self._core.database, partial(make_pictures, ids=ids, actor=actor, options=wanted, dpi=dpi)
        )

    def _about(self, options: ExportOptions) -> str:
        """Return what a file without pages holds."""
        texts = {
            "xlsx": self.tr("A workbook: sessions, tasks and metrics, a codebook, and where it comes from."),
            "csv": self.tr(
                "One table with a row for each metric, its task and its session. A spreadsheet may take a name such "
                "as 007 for a number; a workbook keeps it."
            ),
            "json": self.tr("The whole records. Kinelog takes them in again, bit for bit."),
            "fhir": self.tr("A FHIR R4 bundle. Sending it twice changes nothing."),
            "redcap": self.tr("A ZIP file with data dictionary and data, to import into a REDCap project."),
            "datapackage": self.tr("A ZIP file with three tables and what their columns mean."),
        }
        return texts.get(options.form, "")

    # Writing

    def ask_where(self) -> None:
        """Ask for a file and write it."""
        options, scope = self.choices.options(), self.choices.scope()
        ending = ENDINGS[options.form]
        kind = KINDS[options.kind] if options.form == "pdf" else "export"
        whose = self._record.child_code if scope.key in {"session", "child"} else ""
        name = export_name(self._day_of(scope), whose, kind, ending=ending)

        async def ask(_progress: Progress) -> Path | None:
            if self.choices.into_folder():
                return await pick_folder(self, title=self.tr("Export into a folder"))
            filters = [f"{options.form.upper()} (*.{ending})"]
            return await pick_save(
                self, title=self.tr("Export"), name=name, filters=filters, folder=Path.home()
            )

        def chosen(path: Path | None) -> None:
            if path is not None:
                self.write(path)

        self._operations.start(ask, title=self.tr("Choose a file"), key=(self, "ask"), done=chosen)

    def _day_of(self, scope: Scope) -> date:
        """Return the day that the name of a file tells: of the session or, for all of them, today."""
        if scope.key != "all":
            return words.session_day(self._record)
        return local_day(self._core.clock.now(), self._core.clock.utc_offset_minutes())

    def write(self, path: Path) -> None:
        """Write what is chosen to `path`."""
        options, ids, actor = self.choices.options(), self.choices.scope().ids, self._core.unlocked.actor
        self._say("")

        async def write(progress: Progress) -> Path:
            self._core.paths.refuse_own(path)

            async def work(database: Database) -> int:
                return await export_sessions(
                    database, path, ids, actor=actor, options=options, progress=progress
                )

            await in_background(self._core.database, work)
            return path

        self._run(write, self.tr("Export"), self._written)

    def _written(self, path: Path) -> None:
        if shiboken6.isValid(self):
            self.saved.emit(path)
            self.accept()

    def print_report(self) -> None:
        """Ask for a printer and print the report."""
        options, ids = self.choices.options(), self.choices.scope().ids
        title = self.tr("Report {code}").format(code=self._record.child_code)

        async def work(_progress: Progress) -> bool:
            printer = await choose_printer(self, title)
            if printer is None:
                return False
            actor = self._core.unlocked.actor
            await enter(
                self._core.database, actor=actor, action="print", of=set(ids), format="pdf", sessions=len(ids)
            )
            print_pages(printer, await self._pictures(ids, options, DPI))
            return True

        self._run(work, self.tr("Print the report"), lambda printed: self.accept() if printed else None)

    def _run(self, work: Callable[[Progress], object], title: str, done: Callable[..., object]) -> None:
        self._operations.start(
            work,  # type: ignore[arg-type]
            title=title,
            key=(self, "write"),
            cancellable=True,
            busy=self.export,
            done=done,  # type: ignore[arg-type]
            failed=self._failed,
        )

    def _failed(self, error: AppError) -> None:
        if shiboken6.isValid(self):
            self._say(str(error))

    def _cancel(self) -> None:
        """Stop what is being written, or leave."""
        if self._bar.isVisible():
            self._operations.cancel((self, "write"))
        else:
            self.reject()

    # Showing

    def _say(self, trouble: str) -> None:
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        self._bar.hide()


def open_folder_of(path: Path) -> None:
    """Show the folder of a file in the platform's own way."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))
