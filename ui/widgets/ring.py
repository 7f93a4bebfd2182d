"""How many of a session's tasks are done, as a ring."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ui.theme import color, draw_icon, font

WIDTH = 3


def draw_ring(painter: QPainter, rect: QRectF, *, done: int, total: int, tone: str = "accent") -> None:
    """A ring with the number done, or a tick when all are."""
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
