"""A switch for a setting that takes effect at once."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from ui.theme import HEIGHT, color, draw_icon
from ui.widgets.painting import draw_box, ring_width

TRACK = QSize(48, 26)
MARGIN = 4


class Switch(QCheckBox):
    """On or off, told by the place of the knob and a tick in it; for a screen reader it is a check box."""

    def __init__(self, *, name: str, on: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(TRACK.width() + 2 * MARGIN, HEIGHT.control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(0, 0, TRACK.width(), TRACK.height())
        track.moveCenter(QRectF(self.rect()).center())
        radius = track.height() / 2
        if self.isChecked():
            draw_box(
                painter, track, radius=radius, fill=color("accent_fill" if self.isEnabled() else "border")
            )
        else:
            edge = color("border_strong" if self.isEnabled() else "border")
            draw_box(painter, track, radius=radius, fill=color("sunken"), edge=edge, width=1.5)
        self._paint_knob(painter, track)
        if self.hasFocus():
            ring = track.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
            draw_box(painter, ring, radius=ring.height() / 2, edge=color("accent"), width=ring_width())

    def _paint_knob(self, painter: QPainter, track: QRectF) -> None:
        at_right = self.isChecked() != self.isRightToLeft()
        reach = track.height() / 2
        x = track.right() - reach if at_right else track.left() + reach
        centre = QPointF(x, track.center().y())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("on_accent" if self.isChecked() else "border_strong"))
        painter.drawEllipse(centre, 9, 9)
        if self.isChecked():
            draw_icon(painter, "check", centre, token="accent_fill", size=12, stroke=3.2)
