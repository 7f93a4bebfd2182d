"""A small rounded mark of icon and word: never colour alone."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.theme import color, draw_icon, font, set_font
from ui.widgets.painting import draw_box

ICON = 16
GAP = 6
SOFT = {"ok": "ok_soft", "warn": "warn_soft", "bad": "bad_soft", "accent": "accent_soft"}


def pill_size(text: str, icon: str = "") -> QSize:
    """The room a pill takes, in pixels."""
    metrics = QFontMetricsF(font("caption_strong"))
    width = metrics.horizontalAdvance(text) + (9 + ICON + GAP if icon else 12) + 12
    return QSize(ceil(width), max(28, ceil(metrics.height()) + 8))


def draw_pill(
    painter: QPainter,
    rect: QRectF,
    text: str,
    *,
    icon: str = "",
    tone: str = "muted",
    ground: str = "",
    mirrored: bool = False,
) -> None:
    """A pill over the whole of `rect`, for delegates too; `mirrored` puts the icon at the right.

    `ground` is a token where the tone's own soft ground would not be seen.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_box(painter, rect, radius=rect.height() / 2, fill=color(ground or SOFT.get(tone, "sunken")))
    start = 12.0
    if icon:
        x = rect.right() - 9 - ICON / 2 if mirrored else rect.x() + 9 + ICON / 2
        draw_icon(painter, icon, QPointF(x, rect.center().y()), token=tone, size=ICON)
        start = 9.0 + ICON + GAP
    room = rect.adjusted(8, 0, -start, 0) if mirrored else rect.adjusted(start, 0, -8, 0)
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    painter.setFont(font("caption_strong"))
    painter.setPen(color(tone))
    flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(room, flags | Qt.TextFlag.TextSingleLine, text)
    painter.restore()


class Pill(QLabel):
    """A pill that stands by itself."""

    def __init__(self, text: str = "", *, icon: str = "", tone: str = "muted", ground: str = "") -> None:
        super().__init__()
        self._ground = ground
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_font(self, "caption_strong")
        self._icon = self._tone = ""
        self.show_words(text, icon=icon, tone=tone)

    def show_words(self, text: str, *, icon: str = "", tone: str = "muted") -> None:
        """Say something else."""
        self._icon, self._tone = icon, tone
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return pill_size(self.text(), self._icon)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_pill(
            QPainter(self),
            QRectF(self.rect()),
            self.text(),
            icon=self._icon,
            tone=self._tone,
            ground=self._ground,
            mirrored=self.isRightToLeft(),
        )
