"""The child of the open session: who it is, in every state, and the facts that can be edited in place."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop import trials
from desktop.core import Core
from desktop.edits import EditSession
from desktop.schemas import SessionRecord
from desktop.services.people import list_people
from desktop.services.signing import SignOff
from desktop.services.visits import visits_before
from ui import theme, words
from ui.opened import OpenSession
from ui.operations import Operations, Progress
from ui.panels.child_editing import ChildEditing, Editor, Known
from ui.panels.child_facts import ChildFacts
from ui.panels.child_questions import Field, field_label
from ui.panels.entry import Entry
from ui.panels.fact import Fact
from ui.panels.notes_entry import NotesEntry
from ui.panels.session_state import session_state
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import ElidedLabel
from ui.widgets.layout import frame, hbox, vbox
from ui.widgets.pill import Pill

LETTERS: Mapping[str, str] = {"child_name": "m" * 16, "child_date_of_birth": "23 September 2025"}
USUAL_LETTERS = "00000000"
WIDEST_MESSAGE = 640
BESIDE = 10  # between the name and what stands beside it
PADDING = 56
WIDEST = 16777215  # Qt's own word for no limit


class ChildBanner(QWidget):
    """Name, facts and notes of the child. A press, Enter or F2 on a fact turns it into its editor.

    What is left half done is recorded when it can be taken; otherwise it stays open with its reason, and comes
    back with its session.
    """

    follow_up_wanted = Signal()
    delete_wanted = Signal()
    export_wanted = Signal()
    progress_wanted = Signal()

    def __init__(self, *, opened: OpenSession, operations: Operations, core: Core) -> None:
        super().__init__()
        self._opened, self._operations, self._core = opened, operations, core
        self._compact = self._unfolded = False
        self._editing = ChildEditing(opened, self)
        self._build()
        self._connect()
        self._show()

    # What others call

    def focus_first(self) -> None:
        """Bring the keyboard to the name, or to what is being edited."""
        editor = self._editing.editor
        (editor.line if editor is not None else self._name).setFocus()

    def edit_current(self) -> None:
        """Edit the fact that has the keyboard, else the name."""
        focused = QApplication.focusWidget()
        (focused if isinstance(focused, Fact) and self.isAncestorOf(focused) else self._name).click()

    def edit(self, field: Field) -> None:
        """Edit a fact."""
        if self._compact and field != "child_name":
            self._fold(unfolded=True)
        self._editing.edit(field)

    @property
    def editor(self) -> Editor | None:
        """The open editor."""
        return self._editing.editor

    def fact(self, field: Field) -> Fact:
        """Return the fact of a field; KeyError for one without."""
        return self._facts_by_field[field]

    def finish_edit(self) -> bool:
        """Record what is being typed; False when it cannot be taken, its editor stays open and says why."""
        return self._editing.finish()

    def finish_session(self) -> None:
        """Say that the session is complete, or take that back."""
        record = self._opened.record
        if record is not None:
            done = None if record.completed_at is not None else self._core.clock.now()
            rated, planned = trials.progress(record)
            text = self.tr("Session finished, {rated} of {planned} tasks rated")
            early = done is not None and rated < planned
            toast = text.format(rated=rated, planned=planned) if early else ""
            self._opened.do(EditSession(record.id, {"completed_at": done}), toast=toast)

    def sign_off(self) -> None:
        """Stand for what is recorded; a change takes it away, and needs a reason."""
        record = self._opened.record
        if record is not None and record.signed_off_at is None:
            self._opened.do_whole(SignOff(record.id), record.id, toast=self.tr("Session signed off"))

    def finish_words(self) -> str:
        """What the button that finishes or reopens says."""
        return self._finish.text()

    def state_words(self) -> str:
        """What is said of a session that is finished, empty for another."""
        shown = [part for part in (self._finished, self._done) if part.isVisibleTo(self)]
        return shown[0].accessibleName() if shown else ""

    def summary(self) -> str:
        """The facts in one line, as a small window shows them."""
        return self._summary.text()

    def set_compact(self, compact: bool) -> None:
        """Take one line in a small window; the arrow unfolds the rest."""
        self._compact = compact
        self._fold(unfolded=self._editing.editor is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room_to_name()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a text or its size is another one
            self._give_room_to_name()
        return super().event(event)

    # Building

    def _build(self) -> None:
        self._name = Fact("", what=field_label("child_name"), role="heading")
        self._visit, self._finished = Pill(), Pill()
        self._done = IconLabel("circle-check", "ok")
        self._done.setAccessibleName(words.finished(0, 0))
        self._summary = ElidedLabel(role="body", tone="muted")
        self._unfold = Button(
            icon="chevron-right", kind="icon", name=self.tr("Show all facts"), directional=True
        )
        self._finish = Button(kind="ghost")
        self.more_button = Button(icon="ellipsis-vertical", kind="icon", name=self.tr("More"))
        self._facts = ChildFacts()
        self._notes = Fact("", what=field_label("notes"), role="body", tone="muted")
        self._remark = ElidedLabel(role="caption", tone="muted")
        self._notes_line = frame(
            hbox(IconLabel("message-square-text"), self._notes, None, spacing=6, margins=(4, 0, 0, 0))
        )
        self._remark_line = frame(
            hbox(IconLabel("info", size=16), (self._remark, 1), spacing=12, margins=(6, 2, 0, 2))
        )
        self._head = hbox(
            self._name, self._visit, self._finished, self._done, (self._summary, 100), None, spacing=BESIDE
        )
        self._head.addWidget(self._unfold)
        self._message = vbox(spacing=0, margins=(4, 4, 0, 4))
        self._below = frame(self._message)
        self._below.setMaximumWidth(WIDEST_MESSAGE)
        row = hbox((self._head, 1), self._finish, self.more_button, spacing=8)
        self.setLayout(vbox(row, self._facts, self._below, self._notes_line, self._remark_line, spacing=0))
        self._facts_by_field: dict[Field, Fact] = {
            "child_name": self._name,
            **self._facts.facts,
            "notes": self._notes,
        }
        self.setAccessibleName(self.tr("Child"))

    def _connect(self) -> None:
        self._name.clicked.connect(lambda _checked: self.edit("child_name"))
        self._notes.clicked.connect(lambda _checked: self.edit("notes"))
        self._facts.wanted.connect(self._edit_fact)
        self._unfold.clicked.connect(lambda _checked: self._fold(unfolded=not self._unfolded))
        self._finish.clicked.connect(lambda _checked: self.finish_session())
        self.more_button.clicked.connect(lambda _checked: self._open_menu())
        self._editing.begun.connect(self._place)
        self._editing.ended.connect(self._clear)
        self._opened.switched.connect(self._switched)
        self._opened.changed.connect(self._show)
        for fact in self._facts_by_field.values():
            fact.focused.connect(lambda fact=fact: self._rove(fact))
            fact.stepped.connect(self._step)
        self._rove(self._name)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    # Showing

    def _switched(self) -> None:
        self._editing.known = Known()
        self._show()
        self._editing.leave()
        self.read_known()

    def read_known(self) -> None:
        """Read what is shown beside the session: the earlier visits, and the names of those who assess."""
        record = self._opened.record
        if record is None:
            return

        async def read(_progress: Progress) -> Known:
            people = await list_people(self._core.database)
            return Known(await visits_before(self._core.database, record.id), tuple(people))

        title = self.tr("Read the earlier visits")
        self._operations.start(read, title=title, key=(self, "known"), done=self._arrived)

    def _arrived(self, known: Known) -> None:
        self._editing.known = known
        self._show()

    def _show(self) -> None:
        record = self._opened.record
        self.setVisible(record is not None)
        if record is None:
            return
        self._name.show_value(record.child_name, missing="")
        follow_up = self._opened.visit > 1
        self._visit.show_words(
            words.visit(self._opened.visit),
            icon="history" if follow_up else "",
            tone="accent" if follow_up else "muted",
        )
        self._finish.setText(self._finish_or_reopen(record))
        names = {person.id: person.name for person in self._editing.known.people}
        self._facts.show_record(record, assessor=names.get(record.assessor, ""))
        self._notes.show_value(record.notes.strip(), missing=self.tr("Add notes"))
        self._remark.setText(" ".join((record.remark or "").split("\n")))
        self._summary.least = f"{words.age_in(record)} …"
        self._summary.setText(self._summed_up(record))
        self._fold(unfolded=self._unfolded)

    def _fold(self, *, unfolded: bool) -> None:
        """Show what the form of the banner has room for."""
        self._unfolded = unfolded
        whole = unfolded or not self._compact
        record = self._opened.record
        self._facts.setVisible(whole)
        self._notes_line.setVisible(whole)
        asked = isinstance(self._editing.editor, Entry)  # then the reason stands in its own line
        self._remark_line.setVisible(whole and record is not None and bool(record.remark) and not asked)
        self._summary.setVisible(not whole)
        self._show_finished(record)
        self._finish.setVisible(not self._compact)
        self._unfold.setVisible(self._compact)
        self._unfold.set_icon("chevron-down" if unfolded else "chevron-right")
        self._unfold.set_name(self.tr("Show one line") if unfolded else self.tr("Show all facts"))
        self._give_room_to_name()

    def _give_room_to_name(self) -> None:
        """Leave the visit out where it would cut the name: the right child comes first."""
        beside = (
            self._name,
            self._visit,
            self._finished,
            self._done,
            self._unfold,
            self._finish,
            self.more_button,
        )
        shown = [part for part in beside if part is self._visit or not part.isHidden()]
        wanted = sum(part.sizeHint().width() + BESIDE for part in shown)
        if not self._summary.isHidden():
            wanted += self._summary.minimumSizeHint().width() + BESIDE
        has_room = wanted <= self.width()
        if has_room == self._visit.isHidden():
            self._visit.setVisible(has_room)

    def _show_finished(self, record: SessionRecord | None) -> None:
        """Say that the session is finished or signed off; in a small window a tick says that nothing is open."""
        people = {person.id: person.name for person in self._editing.known.people}
        state = (
            session_state(record, people, signed_here=self._opened.signed_here)
            if record is not None
            else None
        )
        if state is not None:
            self._finished.show_words(state.text, icon=state.icon, tone=state.tone)
        short = state is not None and self._compact and state.short
        self._finished.setVisible(state is not None and not short)
        self._done.setVisible(short)

    def _summed_up(self, record: SessionRecord) -> str:
        height, weight = record.child_height_cm, record.child_weight_kg
        parts = (
            words.age_in(record),
            "" if height is None else words.measured(height, "cm"),
            "" if weight is None else words.measured(weight, "kg"),
        )
        return words.SEPARATOR.join(words.isolated(part) for part in parts if part)

    def _finish_or_reopen(self, record: SessionRecord) -> str:
        return self.tr("Finish session") if record.completed_at is None else self.tr("Reopen session")

    def _open_menu(self) -> None:
        record = self._opened.record
        if record is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        finish = "check" if record.completed_at is None else "rotate-ccw"
        menu.addAction(theme.icon("history"), self.tr("Follow-up of this child…"), self.follow_up_wanted.emit)
        menu.addAction(theme.icon(finish), self._finish_or_reopen(record), self.finish_session)
        if record.completed_at is not None and record.signed_off_at is None:
            menu.addAction(theme.icon("shield-check"), self.tr("Sign off session"), self.sign_off)
        menu.addAction(theme.icon("chart-line"), self.tr("Progress…"), self.progress_wanted.emit)
        menu.addAction(theme.icon("file-down"), self.tr("Export…"), self.export_wanted.emit)
        menu.addSeparator()
        menu.addAction(theme.icon("trash-2"), self.tr("Delete session"), self.delete_wanted.emit)
        left = 0 if self.isRightToLeft() else self.more_button.width() - menu.sizeHint().width()
        menu.popup(self.more_button.mapToGlobal(QPoint(left, self.more_button.height() + 4)))

    # Editing

    def _edit_fact(self, field: Field) -> None:
        record = self._opened.record
        counted = field == "child_age" and record is not None and record.child_date_of_birth is not None
        self.edit("child_date_of_birth" if counted else field)

    def _place(self, field: Field, editor: Editor) -> None:
        """Put an editor where its fact stands, and what it says below."""
        self._below.setMaximumWidth(WIDEST if isinstance(editor, NotesEntry) else WIDEST_MESSAGE)
        if isinstance(editor, NotesEntry):
            self._message.addWidget(editor)
            editor.show()
            if self._notes.hasFocus():
                editor.line.setFocus()
            self._notes_line.hide()
            return
        if isinstance(editor, Entry):
            self._remark_line.hide()
            letters = LETTERS.get(field, USUAL_LETTERS)
            editor.line.setFixedWidth(editor.line.fontMetrics().horizontalAdvance(letters) + PADDING)
            editor.line.selectAll()
            self._message.addWidget(editor.message)
        if field == "child_name":
            self._head.insertWidget(0, editor.line)
            editor.line.show()
            if self._name.hasFocus():
                editor.line.setFocus()  # first, or hiding the name would send the keyboard elsewhere
            self._name.hide()
        else:
            self._facts.put_editor(field, editor.line)

    def _clear(self, field: Field, editor: Editor) -> None:
        """Show the fact again, with the keyboard if its editor had it."""
        parts = (editor.line, editor.message) if isinstance(editor, Entry) else (editor,)
        focused = QApplication.focusWidget()
        had_focus = focused is not None and any(
            part is focused or part.isAncestorOf(focused) for part in parts
        )
        fact = self._facts_by_field[field]
        self._facts.take_editor()
        self._name.show()
        self._fold(unfolded=self._unfolded)
        if had_focus:
            fact.setFocus()
        for part in parts:
            part.hide()
            part.deleteLater()

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Record what is typed when the user goes elsewhere in the window."""
        editor = self._editing.editor
        if editor is None or now is None or now.window() is not self.window():
            return
        inside = now is editor.line or editor.line.isAncestorOf(now) or self._below.isAncestorOf(now)
        if not inside:
            self._editing.finish()

    def _rove(self, stop: Fact) -> None:
        """Keep one fact as the tab stop of them all: the one that had the keyboard last."""
        for fact in self._facts_by_field.values():
            tab = Qt.FocusPolicy.StrongFocus if fact is stop else Qt.FocusPolicy.ClickFocus
            fact.setFocusPolicy(tab)

    def _step(self, step: int) -> None:
        """Go to the fact beside the one that has the keyboard."""
        seen = [fact for fact in self._facts_by_field.values() if fact.isVisible()]
        focused = QApplication.focusWidget()
        here = next((place for place, fact in enumerate(seen) if fact is focused), 0)
        seen[min(max(here + step, 0), len(seen) - 1)].setFocus()
