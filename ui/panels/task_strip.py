"""The way through the session while one task is being timed."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import STATUS, Role, color, draw_icon, font
from ui.widgets.painting import draw_box

GAP = 6
BAR = 4
ICON = 20
LEAST = 8
CURRENT_LEAST = 160


class TaskStrip(QWidget):
    """A mark for each task, in the tone of its state; the current one says in words which it is.

    Where there are many tasks the marks lose their number first and then their icon.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._states: Sequence[str] = ()
        self._current = 0
        self._words = ""

    def show_states(self, states: Sequence[str], *, current: int, words: str) -> None:
        """Show the states of all tasks, the keys of STATUS, and in `words` the current one."""
        self._states, self._current, self._words = states, current, words
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = QFontMetricsF(font("caption_strong")).height()
        return QSize(CURRENT_LEAST + len(self._states) * (LEAST + GAP), ceil(BAR + 10 + max(line, ICON)))

    def minimumSizeHint(self) -> QSize:
        return QSize(CURRENT_LEAST, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current, other = self._widths()
        x = 0.0
        for place, state in enumerate(self._states):
            wide = current if place == self._current else other
            left = self.width() - x - wide if self.isRightToLeft() else x
            self._paint_mark(painter, QRectF(left, 0, wide, self.height()), place, state)
            x += wide + GAP

    def _widths(self) -> tuple[float, float]:
        """The width of the current mark and of each other one, in pixels."""
        others = len(self._states) - 1
        if others < 1:
            return float(self.width()), 0.0
        room = self.width() - others * GAP
        wanted = ICON + 10 + QFontMetricsF(font("caption_strong")).horizontalAdvance(self._words) + 4
        current = min(max(wanted, CURRENT_LEAST), room - others * LEAST)
        return current, (room - current) / others

    def _paint_mark(self, painter: QPainter, rect: QRectF, place: int, state: str) -> None:
        status = STATUS[state]
        bar = QRectF(rect.x(), 0, rect.width(), BAR)
        draw_box(painter, bar, radius=BAR / 2, fill=color("border" if state == "to_do" else status.tone))
        is_current = place == self._current
        role: Role = "caption_strong" if is_current else "caption"
        text = self._words if is_current else str(place + 1)
        words = QFontMetricsF(font(role)).horizontalAdvance(text)
        below = rect.adjusted(0, BAR + 6, 0, 0)
        if rect.width() < ICON:
            return
        x = below.right() - ICON / 2 if self.isRightToLeft() else below.x() + ICON / 2
        draw_icon(painter, status.icon, QPointF(x, below.center().y()), token=status.tone, size=ICON)
        if is_current or rect.width() >= ICON + 8 + words:
            self._write(painter, below, text, role=role, tone="text" if is_current else "muted")

    def _write(self, painter: QPainter, rect: QRectF, text: str, *, role: Role, tone: str) -> None:
        away = ICON + 8
        room = rect.adjusted(0, 0, -away, 0) if self.isRightToLeft() else rect.adjusted(away, 0, 0, 0)
        painter.setFont(font(role))
        painter.setPen(color(tone))
        shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, flags | Qt.TextFlag.TextSingleLine, shown)
