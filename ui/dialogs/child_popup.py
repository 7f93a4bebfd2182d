"""The list of known children under the name that is being typed."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.clock import Clock
from desktop.listing import ChildLine
from ui.models.children import ChildrenModel
from ui.theme import RADIUS, Role, color, font
from ui.widgets.painting import draw_box

ROWS = 6
PADDING = 12
GAP = 2

Index = QModelIndex | QPersistentModelIndex


class ChildPopup(QObject):
    """Offers children below a line; Down and Enter or a click choose one, Esc closes the list."""

    chosen = Signal(object)  # ChildLine

    def __init__(self, line: QWidget, *, clock: Clock, name: str) -> None:
        super().__init__(line)
        self._line = line
        self.model = ChildrenModel(clock)
        self.view = QListView()
        self.view.setProperty("role", "popup")
        self.view.setAccessibleName(name)
        # The completer only opens the list and steers it: the line's own would write names into it.
        self._completer = QCompleter(self.model, self)
        self._completer.setWidget(line)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(ROWS)
        self._completer.setWrapAround(False)
        self._completer.setPopup(self.view)
        self.view.setItemDelegate(ChildDelegate(self.model, self.view))
        self._completer.activated[QModelIndex].connect(self._choose)  # type: ignore[index]

    def offer(self, lines: Sequence[ChildLine]) -> None:
        """Show these children, or nothing when there is none."""
        self.model.show(lines)
        if lines and self._line.hasFocus():
            self._completer.complete(QRect(0, self._line.height() + 2, self._line.width(), 0))
            # The completer made the first row current: Enter after a new name must not take a known child.
            self.view.setCurrentIndex(QModelIndex())
        else:
            self.close()

    def close(self) -> None:
        """Take the list away."""
        self.view.hide()

    def _choose(self, index: QModelIndex) -> None:
        line = self.model.line(index.row())
        if line is not None:
            self._line.window().activateWindow()  # which the list is on some platforms
            self.chosen.emit(line)


class ChildDelegate(QStyledItemDelegate):
    """Paints a child in two lines."""

    def __init__(self, model: ChildrenModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ceil(_line("strong") + _line("caption")) + GAP + 2 * PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = self._model.line(index.row())
        if line is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            draw_box(painter, QRectF(option.rect), radius=RADIUS.item, fill=color("accent_soft"))
        room = option.rect.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        upper = QRect(room.left(), room.top(), room.width(), ceil(_line("strong")))
        lower = QRect(room.left(), upper.bottom() + 1 + GAP, room.width(), ceil(_line("caption")))
        _draw(painter, option, upper, line.child_name, role="strong", tone="text")
        _draw(painter, option, lower, self._model.about(line), role="caption", tone="muted")
        painter.restore()


def _draw(
    painter: QPainter, option: QStyleOptionViewItem, rect: QRect, text: str, *, role: Role, tone: str
) -> None:
    painter.setFont(font(role))
    painter.setPen(color(tone))
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    start = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    flags = QStyle.visualAlignment(option.direction, start) | Qt.AlignmentFlag.AlignAbsolute
    shown = QFontMetricsF(font(role)).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, flags | Qt.TextFlag.TextSingleLine, shown)


def _line(role: Role) -> float:
    return QFontMetricsF(font(role)).height()
