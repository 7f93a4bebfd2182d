"""The running time, as large as there is room for."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import color, font

LEAST = 40


class BigTime(QWidget):
    """Paints a time and nothing else when it changes; no screen reader is told, since it changes all the time."""

    def __init__(self, *, name: str, sample: str) -> None:
        """`sample` is a text as wide as a usual time, so that the size does not change with each digit."""
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._text = self._sample = sample

    def text(self) -> str:
        return self._text

    def show_time(self, text: str) -> None:
        """Show another time."""
        if text != self._text:
            self._text = text
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("stage"))
        return QSize(
            round(metrics.horizontalAdvance(self._sample)),
            round(metrics.tightBoundingRect("0").height() * 1.3),
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * LEAST, LEAST)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fitted = self._fitted()
        painter.setFont(fitted)
        painter.setPen(color("text"))
        metrics = QFontMetricsF(fitted)
        digits = metrics.tightBoundingRect("0")
        wide = max(metrics.horizontalAdvance(self._sample), metrics.horizontalAdvance(self._text))
        x = (self.width() - wide) / 2
        line = QRectF(x, (self.height() - digits.height()) / 2, wide, digits.height())
        # On the base line, since a font's own line is much higher than its digits.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.drawText(line.bottomLeft(), self._text)

    def _fitted(self) -> QFont:
        made = font("stage")
        metrics = QFontMetricsF(made)
        wide = max(metrics.horizontalAdvance(self._sample), metrics.horizontalAdvance(self._text))
        fits = min(1.0, self.width() / wide, self.height() / (metrics.tightBoundingRect("0").height() * 1.1))
        made.setPixelSize(max(12, int(made.pixelSize() * fits)))
        return made
