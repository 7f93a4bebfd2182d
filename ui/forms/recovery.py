"""The recovery key: shown once, printed or copied by hand, and two of its groups typed back."""

import secrets
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.keys import GROUPS, recovery_letters
from ui.forms.form import Form, back, primary
from ui.theme import RADIUS, color, font
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.label import Label
from ui.widgets.layout import hbox, vbox

ASKED = 2
ACROSS, ACROSS_NARROW = 4, 2
HIDDEN = "• • • •"
PADDING = 20


class RecoveryForm(Form):
    """Shows a recovery key until it is kept, then asks for two groups. `kept` comes when both are right."""

    kept = Signal()
    back_wanted = Signal()
    print_wanted = Signal()
    pdf_wanted = Signal()

    def __init__(self, *, go_on: str, leave: str = "") -> None:
        """`leave` are other words than "Back" for the way out."""
        super().__init__()
        self.card = KeyCard()
        self.print_button = Button(self.tr("Print…"), icon="printer")
        self.pdf_button = Button(self.tr("Save as PDF…"), icon="file-down")
        self.written_button = Button(self.tr("I wrote it down by hand"), kind="ghost", icon="pencil")
        self.again_button = Button(self.tr("Show it again"), kind="ghost", icon="eye")
        self.continue_button = primary(go_on)
        self.back_button = back(leave or self.tr("Back"))
        self.fields = [LineField("", tall=True, max_length=20) for _ in range(ASKED)]
        self._asked: list[int] = []
        self._questions = QWidget()
        self._questions.setLayout(hbox(*((field, 1) for field in self.fields), spacing=16))
        self._ways = QWidget()
        ways = vbox(
            hbox(self.print_button, self.pdf_button, None, spacing=12), hbox(self.written_button, None)
        )
        self._ways.setLayout(ways)
        self._build()
        self._connect()

    def show_key(self, recovery_key: str) -> None:
        """Show a key, in full."""
        self.card.groups = recovery_key.split("-")
        self._ask([])

    def ask_back(self) -> None:
        """Hide two groups and ask for them."""
        self._ask(sorted(secrets.SystemRandom().sample(range(GROUPS), ASKED)))
        self.fields[0].edit.setFocus()

    def forget(self) -> None:
        """Keep the key no longer."""
        self.card.groups = []
        self._ask([])

    def _build(self) -> None:
        why = self.tr(
            "If the passphrase is forgotten, this key is the only way back into the records. "
            "Keep the print in a locked place, away from this laptop."
        )
        self.build(
            self.tr("Keep your recovery key"),
            why,
            self.card,
            self._ways,
            self._questions,
            hbox(self.again_button, None),
            buttons=hbox(self.back_button, None, self.continue_button),
            first=self.print_button,
        )

    def _connect(self) -> None:
        self.print_button.clicked.connect(lambda _checked: self.print_wanted.emit())
        self.pdf_button.clicked.connect(lambda _checked: self.pdf_wanted.emit())
        self.written_button.clicked.connect(lambda _checked: self.ask_back())
        self.again_button.clicked.connect(lambda _checked: self._ask([]))
        self.back_button.clicked.connect(lambda _checked: self.back_wanted.emit())
        self.continue_button.clicked.connect(lambda _checked: self._submit())
        first, second = self.fields
        first.edit.returnPressed.connect(second.edit.setFocus)
        second.edit.returnPressed.connect(self._submit)
        for field in self.fields:
            field.edited.connect(lambda _text, field=field: self._typed(field))

    def _ask(self, places: list[int]) -> None:
        self._asked = places
        self.card.hide_groups(places)
        asking = bool(places)
        for widget in (self._questions, self.again_button):
            widget.setVisible(asking)
        self._ways.setVisible(not asking)
        self.continue_button.setEnabled(asking)
        for field, place in zip(self.fields, places, strict=False):
            field.set_text("")
            field.clear_error()
            field.rename(self.tr("To check, type group {number}").format(number=place + 1))

    def _typed(self, field: LineField) -> None:
        field.clear_error()
        right = self._is_right(field)
        field.set_hint(self.tr("That matches.") if right else "")

    def _is_right(self, field: LineField) -> bool:
        wanted = self.card.groups[self._asked[self.fields.index(field)]]
        return recovery_letters(field.text()) == wanted

    def _submit(self) -> None:
        wrong = [field for field in self.fields if not self._is_right(field)]
        for field in wrong:
            field.set_error(self.tr("Compare this with your copy."))
        if wrong:
            wrong[0].edit.setFocus()
        else:
            self.kept.emit()


class KeyCard(Label):
    """The groups of a key with their numbers, some hidden; its text is what a screen reader hears."""

    def __init__(self) -> None:
        super().__init__("", "recovery", "")
        self.groups: list[str] = []
        self._hidden: list[int] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hide_groups(self, places: list[int]) -> None:
        """Hide the groups at these places, from 0."""
        self._hidden = places
        spoken = (
            f"{place + 1}: {self.tr('hidden') if place in places else ' '.join(group)}"
            for place, group in enumerate(self.groups)
        )
        self.setText(f"{self.tr('Recovery key')}. {', '.join(spoken)}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = self._width(ACROSS)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(ACROSS_NARROW), self.heightForWidth(self.width()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return ceil(-(-GROUPS // self._across(width)) * self._pitch()) + 2 * PADDING

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("border_strong"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(color("bg"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS.card, RADIUS.card)
        across = self._across(self.width())
        cell = (self.width() - 2 * PADDING) / across
        for place, group in enumerate(self.groups):
            x = PADDING + place % across * cell  # letters run from left to right in every language
            y = PADDING + place // across * self._pitch()
            self._paint_group(painter, QRectF(x, y, cell, self._pitch()), place, group)

    def _across(self, width: int) -> int:
        return ACROSS if width >= self._width(ACROSS) else ACROSS_NARROW

    def _width(self, across: int) -> int:
        return ceil(across * self._cell()) + 2 * PADDING

    def _paint_group(self, painter: QPainter, room: QRectF, place: int, group: str) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        painter.setFont(font("caption"))
        painter.setPen(color("muted"))
        painter.drawText(room, middle, f"{place + 1}")
        painter.setFont(font("recovery"))
        painter.setPen(color("text"))
        painter.drawText(room.adjusted(18, 0, 0, 0), middle, HIDDEN if place in self._hidden else group)

    def _cell(self) -> float:
        return QFontMetricsF(font("recovery")).horizontalAdvance("WMWM") + 26

    def _pitch(self) -> float:
        return QFontMetricsF(font("recovery")).height() + 18
