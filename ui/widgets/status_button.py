"""The big key that rates a task."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui.theme import HEIGHT, RADIUS, STATUS, Role, color, draw_icon, set_font, status_word, tokens
from ui.widgets.keycap import shortcut_words
from ui.widgets.painting import draw_box, draw_key, key_width, ring_width

GAP = 8
LINE_GAP = 5


class StatusButton(QAbstractButton):
    """An outcome to choose: icon, word and digit. Checked, it is filled and has a thick edge."""

    def __init__(self, status: str, *, big: bool = False) -> None:
        """`status` is a key of STATUS; `big` is the 84 px one of the stage."""
        super().__init__()
        self.status = status
        self._big = big
        self._key = STATUS[status].key
        self.setCheckable(True)
        self.setText(status_word(status))
        self.setAccessibleName(status_word(status))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        role: Role = "strong" if big else "caption_strong"
        set_font(self, role)
        self.setAccessibleDescription(shortcut_words(self._key))

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        word = ceil(metrics.horizontalAdvance(self.text()))
        least = HEIGHT.status_stage if self._big else HEIGHT.status
        height = max(least, ceil(self._icon_size() + LINE_GAP + metrics.height()) + 14)
        return QSize(max(64, word + 12, ceil(self._top_width()) + 12), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        line = QFontMetricsF(self.font()).height()
        top = (self.height() - self._icon_size() - LINE_GAP - line) / 2
        self._paint_icon_and_key(painter, top)
        painter.setFont(self.font())
        painter.setPen(color(self._tone(checked_tone=STATUS[self.status].tone)))
        word = QRectF(0, top + self._icon_size() + LINE_GAP, self.width(), line)
        painter.drawText(word, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, self.text())

    def _icon_size(self) -> float:
        return 26 if self._big else 22

    def _top_width(self) -> float:
        return self._icon_size() + (GAP + key_width(self._key) if self._key else 0)

    def _tone(self, *, checked_tone: str) -> str:
        if not self.isEnabled():
            return "subtle"
        return checked_tone if self.isChecked() else "text"

    def _paint_ground(self, painter: QPainter) -> None:
        outcome = STATUS[self.status]
        fill, edge, width = "raised", "border_strong", float(tokens().line)
        if not self.isEnabled():
            fill, edge = "sunken", "border"
        elif self.isChecked():
            fill, edge, width = outcome.soft, outcome.tone, ring_width()
        elif self.isDown() or self.underMouse():
            fill = "hover"
        box = QRectF(self.rect())
        draw_box(painter, box, radius=RADIUS.status, fill=color(fill), edge=color(edge), width=width)
        if self.hasFocus():
            gap = ring_width() + 1 if self.isChecked() else 0
            inner = box.adjusted(gap, gap, -gap, -gap)
            draw_box(painter, inner, radius=RADIUS.status - gap, edge=color("accent"), width=ring_width())

    def _paint_icon_and_key(self, painter: QPainter, top: float) -> None:
        size, width = self._icon_size(), self._top_width()
        start = (self.width() - width) / 2
        mirrored = self.isRightToLeft()
        x = start + width - size / 2 if mirrored else start + size / 2
        token = STATUS[self.status].tone if self.isEnabled() else "subtle"
        draw_icon(
            painter, STATUS[self.status].icon, QPointF(x, top + size / 2), token=token, size=size, stroke=2
        )
        if self._key:
            cap = key_width(self._key)
            x = start if mirrored else start + size + GAP
            draw_key(painter, QRectF(x, top, cap, size), self._key)
