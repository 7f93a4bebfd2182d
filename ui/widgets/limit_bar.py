"""How much of the time limit has passed."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import color
from ui.widgets.painting import draw_box

HIGH = 10
TRACK = 0.35


class LimitBar(QWidget):
    """A bar that fills from where reading begins; the words beside it say the limit."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._share = 0.0

    def show_share(self, share: float) -> None:
        """Fill the bar, from 0 to 1."""
        self._share = min(max(share, 0.0), 1.0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(10 * HIGH, HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        track = color("border_strong")
        track.setAlphaF(TRACK)
        draw_box(painter, whole, radius=HIGH / 2, fill=track)
        wide = self._share * whole.width()
        x = whole.width() - wide if self.isRightToLeft() else 0.0
        if wide > 0:
            passed = QRectF(x, 0, max(wide, HIGH), HIGH)
            draw_box(painter, passed & whole, radius=HIGH / 2, fill=color("accent_fill"))
