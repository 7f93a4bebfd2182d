"""The coloured side of a page before the records: our mark, where one is, and a limb that sweeps through an arc."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Role, color, draw_icon, font
from ui.widgets.label import Label
from ui.widgets.layout import hbox, vbox
from ui.widgets.logo import Logo

WIDTH = 400
SWEEP = ((16, 0.6), (35, 0.42), (54, 0.32), (71, 0.24), (86, 0.16))  # degrees from upright, strength
ARM = 170.0
ROOM_FOR_ARM = 300  # a lower window has words alone
DISC = 28


class BrandPanel(QWidget):
    """Says what is being done and, of several steps, which one it is."""

    def __init__(self, title: str, *, text: str = "", steps: Sequence[str] = ()) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        name = hbox(Logo(size=36), BrandLabel("Kinelog", "title"), None, spacing=10)
        words = [BrandLabel(title, "hero")]
        if text:
            words.append(BrandLabel(text, "lead", token="brand_muted"))
        self.steps = Steps(steps)
        column = vbox(name, 20, *words, 12, self.steps, None, spacing=12, margins=(44, 40, 32, 40))
        self.setLayout(column)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("brand"))
        if self.height() - self.steps.geometry().bottom() < ROOM_FOR_ARM:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isRightToLeft():
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.translate(QPointF(76, self.height() - 72))
        self._paint_arc(painter)
        for degrees, strength in SWEEP:
            self._paint_limb(painter, degrees, strength)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("brand_text"))
        painter.drawEllipse(QPointF(0, 0), 15, 15)

    def _paint_arc(self, painter: QPainter) -> None:
        line = color("brand_text")
        line.setAlphaF(0.4)
        painter.setPen(QPen(line, 2, Qt.PenStyle.DashLine))
        reach = ARM + 24
        painter.drawArc(QRectF(-reach, -reach, 2 * reach, 2 * reach), 0, 82 * 16)

    def _paint_limb(self, painter: QPainter, degrees: float, strength: float) -> None:
        line = color("brand_text")
        line.setAlphaF(strength)
        painter.save()
        painter.rotate(degrees)
        painter.setPen(QPen(line, 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(0, 0), QPointF(0, -ARM))
        painter.restore()


class Steps(Label):
    """The steps of a set-up: those done with a tick, the one of now in bold; its text is what a screen reader hears."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("", "body", "")
        self._names, self._now = names, 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setVisible(bool(names))
        self.show_step(0)

    def show_step(self, number: int) -> None:
        """Be at the step `number`, from 0."""
        self._now = number
        if self._names:
            text = self.tr("Step {number} of {count}: {name}")
            self.setText(text.format(number=number + 1, count=len(self._names), name=self._names[number]))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, len(self._names) * self._pitch())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, name in enumerate(self._names):
            self._paint_step(painter, number, name)

    def _paint_step(self, painter: QPainter, number: int, name: str) -> None:
        pitch, right_to_left = self._pitch(), self.isRightToLeft()
        x = self.width() - DISC - 1 if right_to_left else 1
        disc = QRectF(x, number * pitch + (pitch - DISC) / 2, DISC, DISC)
        filled = number <= self._now
        painter.setPen(QPen(color("brand_text" if filled else "brand_muted"), 1.6))
        painter.setBrush(color("brand_text") if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(disc)
        if number < self._now:
            draw_icon(painter, "check", disc.center(), token="brand", size=16)
        else:
            painter.setFont(font("caption_strong"))
            painter.setPen(color("brand" if filled else "brand_muted"))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, f"{number + 1}")
        painter.setFont(font("strong" if number == self._now else "body"))
        painter.setPen(color("brand_text" if number == self._now else "brand_muted"))
        room = QRectF(0, number * pitch, self.width() - DISC - 14, pitch)
        room.moveLeft(0 if right_to_left else DISC + 14)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _pitch(self) -> int:
        return ceil(max(QFontMetricsF(font("strong")).height(), DISC)) + 18


class BrandLabel(Label):
    """Words on the coloured side."""

    def __init__(self, text: str, role: Role, *, token: str = "brand_text") -> None:
        super().__init__(text, role, "")
        self._token = token
        self.setWordWrap(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(color(self._token))
        painter.drawText(self.contentsRect(), self.alignment() | Qt.TextFlag.TextWordWrap, self.text())
