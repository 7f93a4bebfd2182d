"""An icon that stands beside words."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import draw_icon


class IconLabel(QWidget):
    """A still icon; what it means is said by the words beside it."""

    def __init__(self, icon: str, tone: str = "muted", *, size: int = 20, directional: bool = False) -> None:
        super().__init__()
        self._icon, self._tone, self._size, self._directional = icon, tone, size, directional
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, icon: str, tone: str) -> None:
        """Show another icon in another tone."""
        self._icon, self._tone = icon, tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_icon(
            QPainter(self),
            self._icon,
            QRectF(self.rect()).center(),
            token=self._tone,
            size=self._size,
            mirrored=self._directional and self.isRightToLeft(),
        )
