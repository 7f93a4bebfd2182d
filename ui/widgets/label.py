"""Text on the window: always plain, never markup, whatever a name contains."""

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import Role, set_font
from ui.widgets.layout import restyle


def label(
    text: str = "",
    role: Role = "body",
    tone: str = "",
    *,
    wrap: bool = False,
    align: Qt.AlignmentFlag | None = None,
    name: str = "",
    buddy: QWidget | None = None,
) -> QLabel:
    """A label in a role's font and a tone's colour: "muted", "subtle", "accent", "ok", "warn", "bad", "toast"."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wrap)
    made.setProperty("tone", tone)
    set_font(made, role)
    if align is not None:
        made.setAlignment(align)
    if name:
        made.setAccessibleName(name)
    if buddy is not None:
        made.setBuddy(buddy)
    return made


def set_tone(of: QWidget, tone: str) -> None:
    """Give a label or a frame another tone."""
    if of.property("tone") != tone:
        restyle(of, tone=tone)


def set_tooltip(on: QWidget, text: str) -> None:
    """Show text when the pointer rests, as it is written even where it looks like markup."""
    on.setToolTip(f"<p style='white-space:pre-wrap'>{html.escape(text)}</p>" if text else "")


class ElidedLabel(QLabel):
    """One line that ends in "…" where it has no room; the whole text is its tooltip and its accessible name."""

    def __init__(self, text: str = "", role: Role = "body", tone: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        set_font(self, role)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        few = self.fontMetrics().horizontalAdvance("MMM…")
        return QSize(min(few, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        set_tooltip(self, self.text() if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment() | Qt.TextFlag.TextSingleLine, shown)
