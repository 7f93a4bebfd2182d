"""The dialog that takes in a file of records: first what it would do, then all of it or nothing."""

from collections.abc import Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from desktop.background import in_background
from desktop.core import Core
from desktop.database import Database
from desktop.errors import AppError
from desktop.export.canonical import Document
from desktop.services.importing import Outcome, run_import
from desktop.services.reading import read_document
from desktop.services.refusals import Refusal, Refused
from ui import words
from ui.dialogs.running_bar import RunningBar
from ui.operations import Operations, Progress
from ui.theme import HEIGHT
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import label, set_tone
from ui.widgets.layout import hbox, rule, vbox
from ui.widgets.mark_line import ROOM, CheckLine
from ui.widgets.plain_table import PlainTable

SIZE = 720, 560
AROUND = 32
MOST_NAMES = 6


class ImportDialog(QDialog):
    """Reads `path` and tells what it holds; `taken` brings what was done."""

    taken = Signal(object)  # Outcome

    def __init__(self, parent: QWidget | None, *, path: Path, core: Core, operations: Operations) -> None:
        super().__init__(parent)
        self._path, self._core, self._operations = path, core, operations
        self._document: Document | None = None
        self._plan: Outcome | None = None
        self.setWindowTitle(self.tr("Import"))
        self.setProperty("ground", "surface")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.verdict = label(role="strong", wrap=True)
        self._icon = IconLabel("info", "muted")
        self.new = _Count("plus", "accent", self.tr("New"))
        self.same = _Count("check", "ok", self.tr("Here already, the same"))
        self.different = _Count("git-compare", "warn", self.tr("Here already, different"))
        self.refused = _Count("octagon-x", "bad", self.tr("Places that do not fit"))
        self.replace = CheckLine(self.tr("Replace those that differ with what the file says"))
        self._replace_about = label(
            self.tr("Their former values stay in the history, and each can be brought back."),
            "caption",
            "muted",
            wrap=True,
        )
        headings = [self.tr("Where"), self.tr("What does not fit")]
        samples = [self.tr("Session 100, task 10, metric 10"), ""]
        self.places = PlainTable(headings, name=self.tr("What does not fit"), wide=1, samples=samples)
        self.place_words = label(role="body", wrap=True)
        self._people = label(role="caption", tone="muted", wrap=True)
        self._bar = RunningBar(operations, (self, "import"), name=self.tr("Import"))
        self.take = Button(
            self.tr("Import"), kind="primary", icon="download", key=key_text("Ctrl+Return"),
            height=HEIGHT.dialog_primary,
        )  # fmt: skip
        self.take.setDefault(True)
        self.cancel = Button(self.tr("Cancel"), key=key_text("Esc"), height=HEIGHT.dialog_primary)
        self.cancel.setAutoDefault(False)
        self._build()
        self._connect()
        self._look()

    def done(self, result: int) -> None:
        self._operations.cancel((self, "import"))
        super().done(result)

    # Building

    def _build(self) -> None:
        name = label(words.isolated(self._path.name), "caption", "muted", wrap=True)
        head = vbox(label(self.tr("Import"), "heading"), name, spacing=4, margins=(28, 20, 28, 16))
        counts = vbox(self.new, self.same, self.different, self.refused, spacing=10)
        body = vbox(
            hbox(self._icon, (self.verdict, 1), spacing=10),
            counts,
            self._people,
            vbox(self.replace, hbox((self._replace_about, 1), margins=(ROOM, 0, 0, 0)), spacing=0),
            (self.places, 100),
            self.place_words,
            None,
            spacing=14,
            margins=(28, 20, 28, 20),
        )
        foot = hbox(self._bar, None, self.cancel, self.take, spacing=12, margins=(28, 14, 28, 14))
        self.setLayout(vbox(head, rule(), (body, 1), rule(), foot, spacing=0))
        parent = self.parentWidget()
        room = parent.window().size() if parent is not None else self.maximumSize()
        self.resize(min(SIZE[0], room.width() - AROUND), min(SIZE[1], room.height() - AROUND))

    def _connect(self) -> None:
        self.take.clicked.connect(lambda _checked: self._take())
        self.cancel.clicked.connect(lambda _checked: self.reject())
        self.replace.toggled.connect(lambda _checked: self._allow())
        self.places.chosen.connect(self._show_place)

    # What the file would do

    def _look(self) -> None:
        """Read the file and compare it with what is here; nothing is changed."""
        self._show(None, ())
        self._say(self.tr("Reading the file…"), "info", "muted")
        core, path = self._core, self._path

        async def look(progress: Progress) -> tuple[Document, Outcome]:
            async def work(database: Database) -> tuple[Document, Outcome]:
                document, actor = read_document(path, key=core.unlocked.key), core.unlocked.actor
                plan = await run_import(
                    database, document, actor=actor, update=True, dry_run=True, progress=progress
                )
                return document, plan

            return await in_background(core.database, work)

        self._operations.start(
            look,
            title=self.tr("Read the file"),
            key=(self, "import"),
            done=self._looked,
            failed=self._cannot,
        )

    def _looked(self, found: tuple[Document, Outcome]) -> None:
        if not shiboken6.isValid(self):
            return
        self._document, plan = found
        self._show(plan, ())
        if plan.new or plan.updated:
            self._say(self.tr("Nothing has been changed yet."), "info", "muted")
        elif plan.same or plan.people or plan.protocols:
            self._say(self.tr("Everything in this file is here already."), "circle-check", "ok")
        else:
            self._say(self.tr("This file holds no sessions."), "info", "muted")
        wanted = self.replace if plan.updated else self.take if self.take.isEnabled() else self.cancel
        wanted.setFocus()

    def _cannot(self, error: AppError) -> None:
        """Show why the file is not taken; nothing of it is."""
        if not shiboken6.isValid(self):
            return
        refusals = error.refusals if isinstance(error, Refused) else ()
        self._show(None, [one for one in refusals if one.place])
        told = self.tr("This file cannot be imported, and nothing was changed.")
        self._say(told if refusals else f"{error} {told}", "octagon-x", "bad")

    # Taking it in

    def _take(self) -> None:
        document, update = self._document, self.replace.isChecked()
        if document is None:
            return

        async def take(progress: Progress) -> Outcome:
            async def work(database: Database) -> Outcome:
                actor = self._core.unlocked.actor
                return await run_import(database, document, actor=actor, update=update, progress=progress)

            return await in_background(self._core.database, work)

        self._operations.start(
            take,
            title=self.tr("Import"),
            key=(self, "import"),
            cancellable=True,
            busy=self.take,
            done=self._finish,
            failed=self._cannot,
        )

    def _finish(self, outcome: Outcome) -> None:
        if shiboken6.isValid(self):
            self.taken.emit(outcome)
            self.accept()

    # Showing

    def _show(self, plan: Outcome | None, refusals: Sequence[Refusal]) -> None:
        self._plan = plan
        self._bar.hide()
        for count, number in (
            (self.new, plan.new if plan else 0),
            (self.same, plan.same if plan else 0),
            (self.different, plan.updated if plan else 0),
            (self.refused, len(refusals)),
        ):
            count.show_number(number)
            count.setVisible(plan is not None if count is not self.refused else bool(refusals))
        self._show_people(plan.people if plan else ())
        differ = plan is not None and plan.updated > 0
        for widget in (self.replace, self._replace_about):
            widget.setVisible(differ)
        rows = [(one.place, one.reason) for one in refusals]
        self.places.show_rows(rows, [f"{place}: {reason}" for place, reason in rows])
        self.places.setVisible(bool(rows))
        self.place_words.setVisible(bool(rows))
        self._allow()

    def _show_people(self, names: Sequence[str]) -> None:
        """Name those whom the file brings: a second one of a known name is no surprise then."""
        shown = [words.isolated(name) for name in names[:MOST_NAMES]]
        if len(names) > MOST_NAMES:
            shown.append(self.tr("{count} more").format(count=words.number(len(names) - MOST_NAMES)))
        self._people.setText(self.tr("New people: {names}").format(names=", ".join(shown)))
        self._people.setVisible(bool(names))

    def _show_place(self, row: int) -> None:
        """Show the whole reason, for which a row may be too short."""
        whole = str(self.places.words.data(self.places.words.index(row, 1)) or "") if row >= 0 else ""
        self.place_words.setText(whole)

    def _allow(self) -> None:
        plan = self._plan
        does = plan is not None and bool(plan.new or plan.updated or plan.people or plan.protocols)
        self.take.setEnabled(does and (plan is None or not plan.updated or self.replace.isChecked()))

    def _say(self, text: str, icon: str, tone: str) -> None:
        self._icon.show_icon(icon, tone)
        self.verdict.setText(text)
        set_tone(self.verdict, tone if tone == "bad" else "")
        announce(self.verdict, text)


class _Count(QWidget):
    """How many sessions are of one kind."""

    def __init__(self, icon: str, tone: str, what: str) -> None:
        super().__init__()
        self._what = what
        self._number = label(role="strong")
        self.setLayout(hbox(IconLabel(icon, tone), (label(what), 1), self._number, spacing=12))

    def show_number(self, number: int) -> None:
        """Show another number."""
        self._number.setText(words.number(number))
        self.setAccessibleName(f"{self._what}: {words.number(number)}")

    def text(self) -> str:
        """Return the number as it is shown."""
        return self._number.text()
