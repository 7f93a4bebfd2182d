"""How many of a session's tasks are done, as a ring."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import color, draw_icon, font

WIDTH = 3


def draw_ring(painter: QPainter, rect: QRectF, *, done: int, total: int, tone: str = "accent") -> None:
    """A ring with the number done, or a tick when all are; for delegates too."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if 0 < total <= done:
        draw_icon(painter, "circle-check", rect.center(), token="ok", size=26, stroke=1.9)
        painter.restore()
        return
    circle = rect.adjusted(2, 2, -2, -2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color("border"), WIDTH))
    painter.drawEllipse(circle)
    if done and total:
        painter.setPen(QPen(color(tone), WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(circle, 90 * 16, round(-360 * 16 * done / total))
    painter.setFont(font("key"))
    painter.setPen(color("text"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(done))
    painter.restore()


class Ring(QWidget):
    """A ring that stands by itself."""

    def __init__(self, done: int, total: int, *, size: int = 36) -> None:
        super().__init__()
        self._size = size
        self._done, self._total = done, total
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_progress(done, total)

    def set_progress(self, done: int, total: int) -> None:
        """Show how many of how many are done."""
        self._done, self._total = done, total
        words = self.tr("%1 of %2 done").replace("%1", str(done)).replace("%2", str(total))
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_ring(QPainter(self), QRectF(self.rect()), done=self._done, total=self._total)
