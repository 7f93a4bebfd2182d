"""A fact about the child that becomes its editor when it is pressed."""

from math import ceil

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui.keyboard import LEAVES_SPACE
from ui.theme import HEIGHT, RADIUS, Role, color, font, set_font
from ui.widgets.label import set_tooltip
from ui.widgets.painting import draw_box

PAD = 4
PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)


class Fact(QAbstractButton):
    """A small caption over a value, or a value alone; a missing value says so quietly.

    `stepped` asks for the fact beside it, `focused` says that the keyboard is here.
    """

    stepped = Signal(int)
    focused = Signal()

    def __init__(
        self,
        caption: str,
        *,
        what: str = "",
        role: Role = "medium",
        tone: str = "text",
        whole: bool = False,
    ) -> None:
        """`what` names the fact where no caption does; one that is `whole` leaves the "…" to others."""
        super().__init__()
        self._whole = whole
        self._caption, self._role, self._tone = caption, role, tone
        self._what = what or caption
        self._value, self._missing = "", False
        self.setProperty(LEAVES_SPACE, True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(self.tr("Enter edits"))
        set_font(self, role)

    def stay_still(self) -> None:
        """Be shown only: neither keyboard nor pointer reach it."""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleDescription("")

    def value(self) -> str:
        """What is shown."""
        return self._value

    def show_value(self, value: str, *, missing: str) -> None:
        """Show a value; while there is none, `missing`."""
        self._value, self._missing = value or missing, not value
        self.setAccessibleName(f"{self._what}, {self._value}")
        self.updateGeometry()
        self._tell_whole()
        self.update()

    def is_elided(self) -> bool:
        """Whether a part of the value has no room."""
        return self._value_width() > self.width() - 2 * PAD

    def sizeHint(self) -> QSize:
        width = max(self._value_width(), QFontMetricsF(font("caption")).horizontalAdvance(self._caption))
        height = ceil(self._caption_height() + self._value_height()) + 2 * PAD
        return QSize(ceil(width) + 2 * PAD + 2, max(height, HEIGHT.control))

    def minimumSizeHint(self) -> QSize:
        if self._whole:
            return self.sizeHint()
        few = ceil(QFontMetricsF(font(self._role)).horizontalAdvance("MM…")) + 2 * PAD
        return QSize(min(few, self.sizeHint().width()), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        # F2 edits what has the keyboard; without this the window's own F2 would come first.
        overridden = event.type() == QEvent.Type.ShortcutOverride
        if overridden and isinstance(event, QKeyEvent) and event.key() in PRESS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        towards = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in PRESS:
            self.click()
        elif event.key() in towards:
            step = towards[Qt.Key(event.key())]
            sideways = event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}
            self.stepped.emit(-step if sideways and self.isRightToLeft() else step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_whole()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.hasFocus():
            draw_box(painter, rect, radius=RADIUS.key, edge=color("accent"), width=2)
        elif self.underMouse() and self.isEnabled():
            draw_box(painter, rect, radius=RADIUS.key, fill=color("hover"))
        room = rect.adjusted(PAD, PAD, -PAD, -PAD)
        spare = room.height() - self._caption_height() - self._value_height()
        caption = QRectF(room.x(), room.y() + spare / 2, room.width(), self._caption_height())
        value = QRectF(room.x(), caption.bottom(), room.width(), self._value_height())
        if self._caption:
            self._draw(painter, caption, self._caption, role="caption", tone="muted")
        tone = "subtle" if self._missing else self._tone
        self._draw(painter, value, self._value, role=self._role, tone=tone)

    def _draw(self, painter: QPainter, rect: QRectF, text: str, *, role: Role, tone: str) -> None:
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        metrics = QFontMetricsF(font(role))
        line = " ".join(text.split("\n"))
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.setFont(font(role))
        painter.setPen(color(tone))
        shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, rect.width() + 1)
        painter.drawText(rect, flags | Qt.TextFlag.TextSingleLine, shown)

    def _value_width(self) -> float:
        return QFontMetricsF(font(self._role)).horizontalAdvance(" ".join(self._value.split("\n")))

    def _value_height(self) -> float:
        return QFontMetricsF(font(self._role)).height()

    def _caption_height(self) -> float:
        return QFontMetricsF(font("caption")).height() if self._caption else 0.0

    def _tell_whole(self) -> None:
        whole = self._value if self.is_elided() or "\n" in self._value else ""
        set_tooltip(self, whole)
