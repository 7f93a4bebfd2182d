"""Text on the window: always plain, never markup, whatever a name contains."""

import html

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from ui.theme import Role, set_font
from ui.widgets.layout import restyle

START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Label(QLabel):
    """Plain text that begins where reading begins, also when it is written in the other direction.

    QLabel would set a Latin name at the left of an Arabic window.
    """

    def __init__(self, text: str, role: Role, tone: str, align: Qt.AlignmentFlag = START) -> None:
        super().__init__()
        self._align = align
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setProperty("tone", tone)
        set_font(self, role)
        self._turn()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._turn()

    def _turn(self) -> None:
        turned = QStyle.visualAlignment(self.layoutDirection(), self._align)
        self.setAlignment(turned | Qt.AlignmentFlag.AlignAbsolute)


def label(
    text: str = "",
    role: Role = "body",
    tone: str = "",
    *,
    wrap: bool = False,
    align: Qt.AlignmentFlag = START,
    name: str = "",
    buddy: QWidget | None = None,
) -> Label:
    """A label in a role's font and a tone's colour: "muted", "subtle", "accent", "ok", "warn", "bad", "toast"."""
    made = Label(text, role, tone, align)
    made.setWordWrap(wrap)
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
    on.setToolTip(tooltip(text))


def tooltip(text: str) -> str:
    """Return `text` as a tooltip that shows it as it is written; empty for none."""
    return f"<p style='white-space:pre-wrap'>{html.escape(text)}</p>" if text else ""


class ElidedLabel(Label):
    """One line that ends in "…" where it has no room; the whole text is its tooltip and its accessible name.

    `least` is what there is always room for.
    """

    def __init__(self, text: str = "", role: Role = "body", tone: str = "") -> None:
        self.least = ""
        super().__init__(text, role, tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self._end = ""
        super().setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(text)  # or else Qt reads out the tooltip's mark-up
        self.updateGeometry()

    def show_parts(self, text: str, end: str) -> None:
        """Show `text`, and behind it `end`, which is whole also where `text` has no room."""
        self.setText(text + end)
        self._end = end

    def shown(self) -> str:
        """Return what there is room for."""
        head, metrics = self.text().removesuffix(self._end), self.fontMetrics()
        room = self.contentsRect().width() - metrics.horizontalAdvance(self._end)
        return metrics.elidedText(head, Qt.TextElideMode.ElideRight, room) + self._end

    def minimumSizeHint(self) -> QSize:
        few = max(self.fontMetrics().horizontalAdvance(text) for text in ("MMM…", self.least))
        return QSize(min(few, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        set_tooltip(self, self.text() if self.is_elided() else "")

    def is_elided(self) -> bool:
        """Whether a part of the text has no room."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # "…" ends the text as it is read
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment() | Qt.TextFlag.TextSingleLine, self.shown())
