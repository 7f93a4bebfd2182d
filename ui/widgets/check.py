"""A box to tick."""

from math import ceil

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from ui.theme import HEIGHT, RADIUS, color, draw_icon, set_font, tokens
from ui.widgets.painting import draw_box, ring_width

BOX = 20
GAP = 10
EDGE = 4  # room for the ring of the focus


class Check(QCheckBox):
    """A tick box with its words; a click on either ticks it."""

    def __init__(self, text: str, *, on: bool = False) -> None:
        super().__init__()
        self._text = ""
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        set_font(self, "body")
        self.setText(text)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        width = 2 * EDGE + BOX + GAP + ceil(metrics.horizontalAdvance(self._text))
        return QSize(width, max(HEIGHT.control, ceil(metrics.height()) + 12))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mirrored = self.isRightToLeft()
        x = self.width() - EDGE - BOX if mirrored else EDGE
        box = QRectF(x, (self.height() - BOX) / 2, BOX, BOX)
        self._paint_box(painter, box)
        room = QRectF(self.rect()).adjusted(EDGE, 0, -(EDGE + BOX + GAP), 0)
        if not mirrored:
            room = QRectF(self.rect()).adjusted(EDGE + BOX + GAP, 0, -EDGE, 0)
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        painter.setFont(self.font())
        painter.setPen(color("text" if self.isEnabled() else "subtle"))
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, flags | Qt.TextFlag.TextSingleLine, self._text)

    def _paint_box(self, painter: QPainter, box: QRectF) -> None:
        if self.isChecked():
            fill = color("accent_fill" if self.isEnabled() else "border")
            draw_box(painter, box, radius=RADIUS.key, fill=fill)
            draw_icon(painter, "check", QPointF(box.center()), token="on_accent", size=14, stroke=3)
        else:
            edge = color("border_strong" if self.isEnabled() else "border")
            draw_box(painter, box, radius=RADIUS.key, fill=color("surface"), edge=edge, width=tokens().line)
        if self.hasFocus():
            ring = box.adjusted(-EDGE, -EDGE, EDGE, EDGE)
            draw_box(painter, ring, radius=RADIUS.key + EDGE, edge=color("accent"), width=ring_width())
