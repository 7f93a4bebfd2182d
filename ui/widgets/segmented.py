"""One choice out of a few, side by side."""

from collections.abc import Mapping, Sequence
from math import ceil

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QSizePolicy, QWidget

from ui.theme import HEIGHT, RADIUS, color, font, set_font, tokens
from ui.widgets.keycap import shortcut_words
from ui.widgets.layout import hbox
from ui.widgets.painting import draw_box, ring_width

INSET = 3


class Segment(QRadioButton):
    """One of the choices; for a screen reader it is a radio button."""

    def __init__(self, text: str, *, min_width: int, shortcut: str) -> None:
        super().__init__()
        self._text = ""
        self._min_width = min_width
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        set_font(self, "strong")
        self.setText(text)
        self.setAccessibleDescription(shortcut_words(shortcut))

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        width = max(self._min_width, ceil(metrics.horizontalAdvance(self._text)) + 28)
        return QSize(width, max(HEIGHT.control, ceil(metrics.height()) + 14))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, INSET, 0, -INSET)
        radius = RADIUS.control - 2
        if self.hasFocus():
            draw_box(
                painter, box, radius=radius, fill=color("raised"), edge=color("accent"), width=ring_width()
            )
        elif self.isChecked():
            edge = color("border_strong")
            draw_box(painter, box, radius=radius, fill=color("raised"), edge=edge, width=tokens().line)
        elif self.underMouse() and self.isEnabled():
            draw_box(painter, box, radius=radius, fill=color("hover"))
        painter.setFont(font("strong" if self.isChecked() else "medium"))
        painter.setPen(color(self._tone()))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, self._text)

    def _tone(self) -> str:
        if not self.isEnabled():
            return "subtle"
        return "text" if self.isChecked() else "muted"


class Segmented(QWidget):
    """Choices in a row of which one is taken; `chosen` comes only when the user takes another."""

    chosen = Signal(str)

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        name: str,
        current: str | None = None,
        physical: bool = False,
        shortcuts: Mapping[str, str] | None = None,
        min_width: int = 64,
        click_focus: bool = True,
    ) -> None:
        """`options` are (key, words). A `physical` order, such as left and right of a body, is never mirrored.

        Without `click_focus` a click leaves the keyboard where it is.
        """
        super().__init__()
        self._click_focus = Qt.FocusPolicy.ClickFocus if click_focus else Qt.FocusPolicy.NoFocus
        self._keys = [key for key, _ in options]
        self._group = QButtonGroup(self)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        row = hbox(spacing=0, margins=(INSET, 0, INSET, 0))
        for index, (key, words) in enumerate(options):
            segment = Segment(words, min_width=min_width, shortcut=(shortcuts or {}).get(key, ""))
            self._group.addButton(segment, index)
            row.addWidget(segment)
        self.setLayout(row)
        if physical:
            self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.set_current(current)
        self._group.idClicked.connect(self._say)

    def current(self) -> str | None:
        """The key of the choice taken, or None."""
        index = self._group.checkedId()
        return self._keys[index] if index >= 0 else None

    def set_current(self, key: str | None) -> None:
        """Take a choice, or none, without a signal; KeyError for an unknown one."""
        if key is None:
            self._clear()
        else:
            self.button(key).setChecked(True)
        self._one_tab_stop()

    def button(self, key: str) -> Segment:
        """The button of one choice, to disable or explain it; KeyError for an unknown one."""
        if key not in self._keys:
            raise KeyError(key)
        segment = self._group.button(self._keys.index(key))
        assert isinstance(segment, Segment)
        return segment

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_box(
            painter,
            QRectF(self.rect()),
            radius=RADIUS.control,
            fill=color("sunken"),
            edge=color("border"),
            width=tokens().line,
        )

    def _clear(self) -> None:
        self._group.setExclusive(False)
        for segment in self._group.buttons():
            segment.setChecked(False)
        self._group.setExclusive(True)

    def _one_tab_stop(self) -> None:
        stop = self._group.checkedButton() or self._group.buttons()[0]
        for segment in self._group.buttons():
            tab = Qt.FocusPolicy.TabFocus if segment is stop else Qt.FocusPolicy.NoFocus
            segment.setFocusPolicy(tab | self._click_focus)

    def _say(self, index: int) -> None:
        self._one_tab_stop()
        self.chosen.emit(self._keys[index])
