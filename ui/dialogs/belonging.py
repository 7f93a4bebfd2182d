"""Whose a session is: it belongs to another child, or two children are one."""

from PySide6.QtWidgets import QDialog, QWidget

from desktop.core import Core
from desktop.edits import MergeChildren, MoveSession
from desktop.listing import ChildLine
from desktop.schemas import SessionRecord
from ui import words
from ui.asking import let_control_enter_press
from ui.dialogs.child_choice import ChildChoice
from ui.operations import Operations
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.segmented import Segmented

WIDTH = 620
MOVE, MERGE = "move", "merge"


class BelongingDialog(QDialog):
    """Finds the child that is meant. When it was accepted, `act` is what to do, and `told` says what was done."""

    def __init__(
        self, parent: QWidget | None, *, core: Core, record: SessionRecord, operations: Operations
    ) -> None:
        super().__init__(parent)
        self._record = record
        self.act: MoveSession | MergeChildren | None = None
        self.told = ""
        self.setWindowTitle(self.tr("Belongs to another child"))
        self.setProperty("ground", "surface")
        self.child = ChildChoice(database=core.database, operations=operations, clock=core.clock)
        choices = [(MOVE, self.tr("Only this session")), (MERGE, self.tr("All: both are the same child"))]
        self.scope = Segmented(choices, name=self.tr("What is moved"), current=MOVE)
        self._about = label(role="caption", tone="muted", wrap=True)
        self._accept = Button(kind="primary", height=HEIGHT.dialog_primary, key=key_text("Return"))
        self._accept.setDefault(True)
        cancel = Button(self.tr("Cancel"), kind="ghost", key=key_text("Esc"), height=HEIGHT.dialog_primary)
        cancel.setAutoDefault(False)
        whose = self.tr("It is now a session of {name}, {day}.").format(
            name=words.isolated(record.child_name), day=words.day(words.session_day(record))
        )
        self.setLayout(
            vbox(
                label(self.tr("Belongs to another child"), "heading"),
                label(whose, "body", "muted", wrap=True),
                self.child,
                vbox(label(self.tr("What is moved"), "strong"), hbox(self.scope, None), spacing=6),
                self._about,
                hbox(None, cancel, self._accept, spacing=12),
                spacing=16,
                margins=(28, 20, 28, 20),
            )
        )
        self.setMinimumWidth(WIDTH)
        self.child.known.connect(lambda _child: self._show())
        self.scope.chosen.connect(lambda _key: self._show())
        self._accept.clicked.connect(lambda _checked: self.accept())
        cancel.clicked.connect(lambda _checked: self.reject())
        let_control_enter_press(self)
        self._show()
        self.child.name.setFocus()

    def accept(self) -> None:
        """Accept a known child, and not the one whose session it is already."""
        child = self.child.child
        if child is None:
            self.child.name.set_error(self.tr("Choose a child from those seen before."))
            self.child.focus_problem()
        elif child.child_id == self._record.child_id:
            self._about.setText(self.tr("It is a session of this child already."))
            self.child.focus_problem()
        else:
            self._decide(child)
            super().accept()

    def done(self, result: int) -> None:
        self.child.forget_search()
        super().done(result)

    def _decide(self, child: ChildLine) -> None:
        name = words.isolated(child.child_name)
        if self.scope.current() == MERGE:
            self.act = MergeChildren(self._record.id, kept=child.child_id, merged=self._record.child_id)
            self.told = self.tr("Both are {name} now").format(name=name)
        else:
            self.act = MoveSession(self._record.id, child.child_id)
            self.told = self.tr("Session moved to {name}").format(name=name)

    def _show(self) -> None:
        merging = self.scope.current() == MERGE
        self._accept.setText(self.tr("Merge the children") if merging else self.tr("Move the session"))
        kept = self.child.child.child_name if self.child.child else self.tr("the chosen child")
        text = (
            self.tr("All sessions take the name, date of birth and code of {name}. Ctrl+Z parts them again.")
            if merging
            else self.tr(
                "The session takes the name, date of birth and code of {name}. Ctrl+Z moves it back."
            )
        )
        self._about.setText(text.format(name=words.isolated(kept)))
