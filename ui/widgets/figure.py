"""The drawing of the empty window: a child who raises an arm."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import color

SIDE = 168
SHOULDER = QPointF(84, 70)
LIMB = 9.0
RAISED, SWEPT, LOW = QPointF(122, 30), QPointF(137.5, 53), QPointF(139, 81)
REACH = 72.0


class Figure(QWidget):
    """A still drawing; the words below it say what it means."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent_soft"))
        painter.drawEllipse(QRectF(0, 0, SIDE, SIDE))
        for hand, strength in ((LOW, 0.25), (SWEPT, 0.42)):
            self._limb(painter, SHOULDER, hand, strength=strength)
        self._body(painter)
        self._arc(painter)

    def _body(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        painter.drawEllipse(QPointF(84, 38), 15, 15)
        self._limb(painter, QPointF(84, 66), QPointF(84, 104), width=12)
        self._limb(painter, SHOULDER, RAISED)
        self._limb(painter, SHOULDER, QPointF(56, 90), QPointF(46, 114.5))
        self._limb(painter, QPointF(84, 104), QPointF(70, 150))
        self._limb(painter, QPointF(84, 104), QPointF(100, 150))

    def _limb(self, painter: QPainter, *joints: QPointF, width: float = LIMB, strength: float = 1.0) -> None:
        tone = color("accent")
        tone.setAlphaF(strength)
        pen = QPen(tone, width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(list(joints))

    def _arc(self, painter: QPainter) -> None:
        pen = QPen(color("accent"), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setDashPattern([0.7, 2.3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        around = QRectF(SHOULDER.x() - REACH, SHOULDER.y() - REACH, 2 * REACH, 2 * REACH)
        painter.drawArc(around, -14 * 16, 64 * 16)
