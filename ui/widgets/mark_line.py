"""A line to tick: one of several, or by itself; its mark is drawn in the theme's own strokes."""

from math import ceil

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy

from ui.theme import HEIGHT, color, draw_icon, font
from ui.widgets.painting import draw_box, ring_width

MARK, DOT, ROOM = 10.0, 5.0, 34


class RadioLine(QRadioButton):
    """One of several lines, of which one is chosen."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        _prepare(self)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(ROOM, _size(self).height())

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = _paint_line(painter, self)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(_edge(self)), ring_width()))
        painter.drawEllipse(middle, MARK, MARK)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(_edge(self)))
            painter.drawEllipse(middle, DOT, DOT)


class CheckLine(QCheckBox):
    """A line that is ticked or not."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        _prepare(self)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(ROOM, _size(self).height())

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = _paint_line(painter, self)
        box = QRectF(middle.x() - MARK, middle.y() - MARK, 2 * MARK, 2 * MARK)
        fill = color("accent_fill") if self.isChecked() and self.isEnabled() else None
        draw_box(painter, box, radius=5, fill=fill, edge=color(_edge(self)), width=ring_width())
        if self.isChecked():
            draw_icon(painter, "check", middle, size=16, token="on_accent" if self.isEnabled() else "subtle")


def _prepare(button: QAbstractButton) -> None:
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def _size(button: QAbstractButton) -> QSize:
    metrics = QFontMetricsF(font("body"))
    width = ceil(metrics.horizontalAdvance(button.text())) + ROOM + 8
    return QSize(width, max(HEIGHT.control, ceil(metrics.height()) + 12))


def _edge(button: QAbstractButton) -> str:
    if not button.isEnabled():
        return "border"
    return "accent" if button.isChecked() or button.hasFocus() else "border_strong"


def _paint_line(painter: QPainter, button: QAbstractButton) -> QPointF:
    """Paint words and focus; returns the middle of the mark."""
    box, mirrored = QRectF(button.rect()), button.isRightToLeft()
    if button.hasFocus():
        draw_box(painter, box, radius=6, edge=color("accent"), width=ring_width())
    words = box.adjusted(8, 0, -ROOM, 0) if mirrored else box.adjusted(ROOM, 0, -8, 0)
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
    metrics = QFontMetricsF(font("body"))
    shown = metrics.elidedText(button.text(), Qt.TextElideMode.ElideRight, words.width())
    painter.setFont(font("body"))
    painter.setPen(color("text" if button.isEnabled() else "subtle"))
    painter.drawText(words, flags, shown)
    x = box.right() - ROOM / 2 if mirrored else box.left() + ROOM / 2
    return QPointF(x, box.center().y())
