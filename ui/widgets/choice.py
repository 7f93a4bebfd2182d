"""A list to choose from that folds out."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from ui.theme import draw_icon, set_font


class Choice(QComboBox):
    """A combo box with the theme's chevron."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        set_font(self, "body")

    def choose(self, value: object) -> None:
        """Choose the entry that stands for `value`, the first one where there is none."""
        values = [self.itemData(index) for index in range(self.count())]
        self.setCurrentIndex(values.index(value) if value in values else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        x = 22 if self.isRightToLeft() else self.width() - 22
        token = "muted" if self.isEnabled() else "subtle"
        draw_icon(QPainter(self), "chevron-down", QPointF(x, self.height() / 2), token=token)
