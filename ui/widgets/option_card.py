"""A card to choose: icon, what it is and what it is for, with the mark of a radio button at its end."""

from math import ceil

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QRadioButton, QSizePolicy

from ui.theme import RADIUS, color, draw_icon, font, tokens
from ui.widgets.painting import draw_box, ring_width

ICON_ROOM, MARK_ROOM, PADDING = 48, 40, 12
MARK, DOT = 9.0, 5.0


class OptionCard(QRadioButton):
    """One of several cards; for a screen reader it is a radio button with a description."""

    def __init__(self, title: str, about: str, *, icon: str) -> None:
        super().__init__()
        self._title, self._about, self._icon = title, about, icon
        self.setText(title.replace("&", "&&"))
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        strong, caption = QFontMetricsF(font("strong")), QFontMetricsF(font("caption"))
        words = max(strong.horizontalAdvance(self._title), caption.horizontalAdvance(self._about))
        height = strong.height() + caption.height() + 2 * PADDING
        return QSize(ceil(words) + ICON_ROOM + MARK_ROOM, ceil(height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, checked = QRectF(self.rect()), self.isChecked()
        fill = "accent_soft" if checked else "hover" if self.underMouse() else "raised"
        edge = "accent" if checked or self.hasFocus() else "border_strong"
        width = ring_width() if checked or self.hasFocus() else tokens().line
        draw_box(painter, box, radius=RADIUS.card, fill=color(fill), edge=color(edge), width=width)
        mirrored = self.isRightToLeft()
        tone = "accent" if checked else "muted"
        x = box.right() - ICON_ROOM / 2 if mirrored else box.left() + ICON_ROOM / 2
        draw_icon(painter, self._icon, QPointF(x, box.center().y()), token=tone)
        self._paint_mark(painter, box, mirrored=mirrored)
        self._paint_words(painter, box, mirrored=mirrored)

    def _paint_mark(self, painter: QPainter, box: QRectF, *, mirrored: bool) -> None:
        x = box.left() + MARK_ROOM / 2 if mirrored else box.right() - MARK_ROOM / 2
        middle = QPointF(x, box.center().y())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("accent" if self.isChecked() else "border_strong"), ring_width()))
        painter.drawEllipse(middle, MARK, MARK)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            painter.drawEllipse(middle, DOT, DOT)

    def _paint_words(self, painter: QPainter, box: QRectF, *, mirrored: bool) -> None:
        start, end = (MARK_ROOM, ICON_ROOM) if mirrored else (ICON_ROOM, MARK_ROOM)
        words = box.adjusted(start, PADDING, -end, -PADDING)
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.TextFlag.TextSingleLine
        painter.setFont(font("strong"))
        painter.setPen(color("text"))
        painter.drawText(words, flags | Qt.AlignmentFlag.AlignTop, self._title)
        painter.setFont(font("caption"))
        painter.setPen(color("muted"))
        painter.drawText(words, flags | Qt.AlignmentFlag.AlignBottom, self._about)
