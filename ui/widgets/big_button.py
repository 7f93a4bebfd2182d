"""The big button that starts and stops."""

from math import ceil

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy

from ui.widgets.button import Button
from ui.widgets.painting import key_height

LINE_GAP = 4
NARROW_PADDING = 12


class BigButton(Button):
    """A button that sets its key under its words where there is no room beside them."""

    def minimumSizeHint(self) -> QSize:
        wide = super().sizeHint()
        return QSize(
            ceil(self._words_width()) + 2 * NARROW_PADDING, max(wide.height(), ceil(self._stacked()) + 12)
        )

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def _across(self) -> QSizePolicy.Policy:
        return QSizePolicy.Policy.Preferred

    def _paint_content(self, painter: QPainter) -> None:
        room = self.width() - 2 * NARROW_PADDING
        if not self._shown_key() or self._content() <= room:
            super()._paint_content(painter)
            return
        top = (self.height() - self._stacked()) / 2
        x = (self.width() - self._words_width()) / 2
        for index, (what, gap, width) in enumerate(self._parts()[:-1]):
            x += gap if index else 0
            start = self.width() - x - width if self.isRightToLeft() else x
            self._paint_part(painter, what, QRectF(start, top, width, self._line()))
            x += width
        _, _, width = self._parts()[-1]
        below = top + self._line() + LINE_GAP
        key = QRectF((self.width() - width) / 2, below, width, key_height())
        self._paint_part(painter, "key", key)

    def _stacked(self) -> float:
        return self._line() + LINE_GAP + key_height()

    def _words_width(self) -> float:
        parts = [part for part in self._parts() if part[0] != "key"]
        return sum(width + (gap if index else 0) for index, (_, gap, width) in enumerate(parts))
