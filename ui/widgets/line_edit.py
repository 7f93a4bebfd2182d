"""A line to type in, with an icon before and a unit or a key after the text."""

from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit

from ui.theme import color, draw_icon, font, set_font
from ui.widgets.keycap import shortcut_words
from ui.widgets.painting import draw_key, key_width

PADDING = 12
ICON = 18


class LineEdit(QLineEdit):
    """A line edit; `suffix` is a unit such as "kg", `key` the shortcut that leads here."""

    def __init__(
        self,
        *,
        name: str,
        icon: str = "",
        suffix: str = "",
        key: str = "",
        placeholder: str = "",
        tall: bool = False,
        max_length: int = 0,
    ) -> None:
        super().__init__()
        self._icon, self._suffix, self._key = icon, suffix, key
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setProperty("tall", tall)
        if max_length:
            self.setMaxLength(max_length)
        self.setAccessibleDescription(shortcut_words(key))
        set_font(self, "body")

    def suffix(self) -> str:
        return self._suffix

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange}:
            self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._icon:
            x = PADDING + ICON / 2
            at = self.width() - x if self.isRightToLeft() else x
            draw_icon(painter, self._icon, QPointF(at, self.height() / 2), token="muted", size=ICON)
        if self._suffix:
            painter.setFont(font("body"))
            painter.setPen(color("muted"))
            painter.drawText(self._end(self._suffix_width()), Qt.AlignmentFlag.AlignCenter, self._suffix)
        elif self._key and not self.text():
            draw_key(painter, self._end(key_width(self._key)), self._key)

    def _end(self, width: float) -> QRectF:
        """The room at the end of the line, where unit or key stand."""
        x = PADDING if self.isRightToLeft() else self.width() - PADDING - width
        return QRectF(x, 0, width, self.height())

    def _suffix_width(self) -> float:
        return QFontMetricsF(font("body")).horizontalAdvance(self._suffix) + 2

    def _make_room(self) -> None:
        start = ICON + 8 if self._icon else 0
        end = 0
        if self._suffix:
            end = ceil(self._suffix_width()) + 8
        elif self._key:
            end = ceil(key_width(self._key)) + 4
        left, right = (end, start) if self.isRightToLeft() else (start, end)
        self.setTextMargins(left, 0, right, 0)
