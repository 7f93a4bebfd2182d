"""Who is assessed: a name that is typed, or a known child."""

from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop.clock import Clock
from desktop.database import Database
from desktop.listing import ChildLine, find_children
from desktop.search import fold
from ui.dialogs.child_popup import ChildPopup
from ui.models.children import about, seen_on
from ui.operations import Operations, Progress
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import frame, hbox, vbox

LONGEST_NAME = 255
FEWEST_LETTERS = 2
PAUSE = 120  # milliseconds after a key before children are looked for


class ChildChoice(QWidget):
    """A line for the name; while it is typed known children are offered, and a chosen one becomes a card.

    `known` brings the child that was chosen, None when another is wanted; `edited` comes with each typed letter.
    """

    known = Signal(object)  # ChildLine | None
    edited = Signal()

    def __init__(self, *, database: Database, operations: Operations, clock: Clock) -> None:
        super().__init__()
        self._database, self._operations, self._clock = database, operations, clock
        self.child: ChildLine | None = None
        hint = self.tr("Type a name. Children seen before are offered.")
        self.name = LineField(self.tr("Child"), hint=hint, max_length=LONGEST_NAME)
        self.popup = ChildPopup(self.name.edit, clock=clock, name=self.tr("Children seen before"))
        self._card = Card()
        self._pages = (self.name, self._card)
        self.setLayout(vbox(*self._pages, spacing=0))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._connect()
        self._show_page(self.name)

    def text(self) -> str:
        """Return the name, typed or known."""
        return self.child.child_name if self.child else self.name.text()

    def last_seen(self) -> date | None:
        """Return the day of the chosen child's last session."""
        return seen_on(self.child, self._clock) if self.child else None

    def choose(self, child: ChildLine) -> None:
        """Take a known child."""
        self.forget_search()
        self.child = child
        self._card.show_child(child.child_name, about(child, seen_on(child, self._clock)))
        self._show_page(self._card)
        self.known.emit(child)

    def focus_problem(self) -> None:
        """Put the keyboard focus where the child is named."""
        if self.child:
            self._card.change.setFocus()
        else:
            self.name.setFocus()

    def forget_search(self) -> None:
        """Look for no children any more."""
        self._pause.stop()
        self._operations.cancel((self, "find"))
        self.popup.close()

    def _connect(self) -> None:
        self.name.edited.connect(self._typed)
        self._pause.timeout.connect(self._search)
        self.popup.chosen.connect(self.choose)
        self._card.change.clicked.connect(self._change)

    def _typed(self) -> None:
        self.name.clear_error()
        self._pause.start()
        self.edited.emit()

    def _search(self) -> None:
        text = self.name.text()
        if len(fold(text)) < FEWEST_LETTERS:
            self._operations.cancel((self, "find"))
            self.popup.close()
            return

        async def find(_progress: Progress) -> list[ChildLine]:
            return await find_children(self._database, text)

        self._operations.start(
            find, title=self.tr("Find the child"), key=(self, "find"), done=self.popup.offer
        )

    def _change(self) -> None:
        self.child = None
        self._show_page(self.name)
        self.name.setFocus()
        self.name.edit.selectAll()
        self.known.emit(None)

    def _show_page(self, page: QWidget) -> None:
        for other in self._pages:
            other.setVisible(other is page)


class Card(QFrame):
    """A known child."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ElidedLabel(role="strong")
        self._about = label(role="caption", tone="muted", wrap=True)
        self.change = Button(self.tr("Change"), kind="ghost")
        self.change.setAutoDefault(False)
        inner = hbox(
            IconLabel("user-round", "accent", size=24),
            (vbox(self._name, self._about, spacing=2), 1),
            self.change,
            spacing=14,
            margins=(16, 10, 8, 10),
        )
        well = frame(inner, role="well")
        self.setLayout(vbox(label(self.tr("Child"), "strong"), well, spacing=6))

    def show_child(self, name: str, text: str) -> None:
        """Show who was chosen."""
        self._name.setText(name)
        self._about.setText(text)
        self.change.set_name(self.tr("Change the child, {name}").format(name=name))
