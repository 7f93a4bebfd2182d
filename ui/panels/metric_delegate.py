"""Paints the metrics as cards: name, value with its unit, where it lies, in words too."""

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.protocols import unit_text
from ui import ranges, words
from ui.models.metrics import ROW, MetricRow
from ui.panels.metric_editor import MetricEditor
from ui.theme import RADIUS, Role, color, draw_icon, font
from ui.widgets.painting import draw_box
from ui.widgets.range_bar import STANDINGS, draw_range

Index = QModelIndex | QPersistentModelIndex
SIDE = 16
GAP = 8
BAR = 20
ICON = 16
BETWEEN = 3
THIN_SPACE = "\u2009"
START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NOT_TURNED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter


def _height(role: Role) -> float:
    return QFontMetricsF(font(role)).height()


def _width(role: Role, text: str) -> float:
    return QFontMetricsF(font(role)).horizontalAdvance(text)


def missing_text() -> str:
    """Return what stands in the place of a value."""
    return QCoreApplication.translate("MetricDelegate", "Not recorded")


def is_missing_below(row: MetricRow, room: float) -> bool:
    """Tell whether that stands in a line of its own, because beside it the name of the metric would be cut."""
    wanted = _width("medium", row.label) + GAP + _width("body", missing_text()) + 2
    return row.value is None and wanted > room


@dataclass(frozen=True)
class _Line:
    """A line of small text under the bar, `icon` before it."""

    text: str
    tone: str
    role: Role = "caption"
    icon: str = ""

    def width(self) -> float:
        return ceil(_width(self.role, self.text)) + (ICON + 4 if self.icon else 0)


class MetricDelegate(QStyledItemDelegate):
    """`editor_opened` hands out the editor that the view has just made, `editor_closed` the one that goes."""

    editor_opened = Signal(QWidget)
    editor_closed = Signal(QWidget)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.compact = False
        self._editing: tuple[str, MetricEditor] | None = None

    # What is painted

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW)
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else option.rect.width()
        if row is None:
            return QSize(width, 0)
        if self._editing is not None and self._editing[0] == row.name:
            return QSize(width, self._editing[1].height_for(width))
        lines = len(self._lines(row, width - 2 * SIDE))
        below = lines * _height("caption") + max(lines - 1, 0) * BETWEEN
        bar = BAR if self._bar(row) else 4
        return QSize(width, round(2 * self._top() + max(28, _height("value")) + bar + below))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if row is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if self._editing is None or self._editing[0] != row.name:
            self._paint_ground(painter, option, rect)
            self._paint_row(painter, option, rect.adjusted(SIDE, self._top(), -SIDE, -self._top()), row)
        if index.row() > 0:
            painter.fillRect(QRectF(rect.x() + SIDE, rect.y(), rect.width() - 2 * SIDE, 1), color("border"))
        painter.restore()

    def _top(self) -> int:
        return 8 if self.compact else 12

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF) -> None:
        state = option.state
        focused = bool(state & QStyle.StateFlag.State_HasFocus) and bool(
            state & QStyle.StateFlag.State_Active
        )
        box = rect.adjusted(5, 4, -5, -3)
        if focused:
            fill, edge = color("accent_soft"), color("accent")
            draw_box(painter, box, radius=RADIUS.item, fill=fill, edge=edge, width=2)
        elif state & QStyle.StateFlag.State_MouseOver:
            draw_box(painter, box, radius=RADIUS.item, fill=color("hover"))

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, room: QRectF, row: MetricRow
    ) -> None:
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        first = QRectF(room.x(), room.y(), room.width(), max(28, _height("value")))
        taken = self._paint_value(painter, first, row, mirrored=mirrored)
        name = first.adjusted(taken + GAP, 0, 0, 0) if mirrored else first.adjusted(0, 0, -taken - GAP, 0)
        painter.setFont(font("medium"))
        painter.setPen(color("text"))
        self._draw_elided(painter, name, row.label, "medium", mirrored=mirrored)
        y = first.bottom()
        bar = self._bar(row)
        if bar is not None and row.spec is not None:
            expected = ranges.interval(row.spec.expected, row.spec.possible)
            draw_range(
                painter,
                QRectF(room.x(), y, room.width(), BAR),
                possible=bar,
                value=row.value,
                expected=expected,
            )
        self._paint_lines(painter, QRectF(room.x(), y + (BAR if bar else 4), room.width(), 0), row, mirrored)

    def _paint_value(self, painter: QPainter, rect: QRectF, row: MetricRow, *, mirrored: bool) -> float:
        """Paint the value at the end of the line and return the width it took; number before unit always."""
        if row.value is None:
            if is_missing_below(row, rect.width()):
                return 0.0
            text = missing_text()
            width = _width("body", text) + 2
            painter.setFont(font("body"))
            painter.setPen(color("subtle"))
            x = rect.x() if mirrored else rect.right() - width
            painter.drawText(QRectF(x, rect.y(), width, rect.height()), NOT_TURNED, text)
            return width
        number, unit = self._value_texts(row)
        gap = _width("value", THIN_SPACE) if unit else 0.0
        unit_width = _width("body", unit) + gap if unit else 0.0
        number = QFontMetricsF(font("value")).elidedText(
            number, Qt.TextElideMode.ElideRight, rect.width() * 0.7 - unit_width
        )
        number_width = _width("value", number) + 1
        width = number_width + unit_width
        x = rect.x() if mirrored else rect.right() - width
        painter.setFont(font("value"))
        painter.setPen(color("text"))
        painter.drawText(QRectF(x, rect.y(), number_width + 1, rect.height()), NOT_TURNED, number)
        if unit:
            drop = QFontMetricsF(font("value")).ascent() - QFontMetricsF(font("body")).ascent()
            lower = (_height("value") - _height("body")) / 2
            box = QRectF(x + number_width + gap, rect.y() + drop - lower, unit_width + 1, rect.height())
            painter.setFont(font("body"))
            painter.setPen(color("muted"))
            painter.drawText(box, NOT_TURNED, unit)
        return width

    def _value_texts(self, row: MetricRow) -> tuple[str, str]:
        """The number, the degree sign with it, and the unit that stands behind it."""
        number = words.number(row.value) if row.value is not None else ""
        unit = unit_text(row.unit)
        if unit in {"", "°"}:
            return number + unit, ""
        return number, unit

    def _bar(self, row: MetricRow) -> tuple[float, float] | None:
        return ranges.interval(row.spec.possible, row.spec.possible) if row.spec is not None else None

    def _lines(self, row: MetricRow, width: float) -> list[list[_Line]]:
        """The lines under the bar; judgement and range share one where there is room."""
        made: list[list[_Line]] = []
        if is_missing_below(row, width):
            made.append([_Line(missing_text(), "subtle")])
        where = ranges.range_words(row.spec) if row.spec is not None else ""
        if where:
            made.append([_Line(where, "muted")])
        if row.judgement is not None:
            look = STANDINGS[row.judgement]
            judged = _Line(ranges.judgement_word(row.judgement), look.tone, "caption_strong", look.icon)
            if made and made[-1][0].width() + GAP + judged.width() <= width:
                made[-1].append(judged)
            else:
                made.append([judged])
        if row.remark:
            made.append([_Line(row.remark.replace("\n", " "), "muted", icon="message-square-text")])
        if row.draft:
            text = self.tr("“{text}” is not recorded yet").format(text=words.isolated(row.draft))
            made.append([_Line(text, "warn", "caption_strong", "pencil")])
        return made

    def _paint_lines(self, painter: QPainter, rect: QRectF, row: MetricRow, mirrored: bool) -> None:
        height = _height("caption")
        for place, line in enumerate(self._lines(row, rect.width())):
            box = QRectF(rect.x(), rect.y() + place * (height + BETWEEN), rect.width(), height)
            self._paint_line(painter, box, line[0], at_end=False, mirrored=mirrored)
            for other in line[1:]:
                self._paint_line(painter, box, other, at_end=True, mirrored=mirrored)

    def _paint_line(
        self, painter: QPainter, rect: QRectF, line: _Line, *, at_end: bool, mirrored: bool
    ) -> None:
        width = min(line.width(), rect.width())
        at_right = at_end != mirrored
        box = QRectF(rect.right() - width if at_right else rect.x(), rect.y(), width, rect.height())
        if line.icon:
            centre = box.center()
            centre.setX(box.right() - ICON / 2 if mirrored else box.x() + ICON / 2)
            draw_icon(painter, line.icon, centre, token=line.tone, size=ICON)
            box = box.adjusted(0, 0, -ICON - 4, 0) if mirrored else box.adjusted(ICON + 4, 0, 0, 0)
        painter.setFont(font(line.role))
        painter.setPen(color(line.tone))
        self._draw_elided(painter, box, line.text, line.role, mirrored=mirrored)

    def _draw_elided(self, painter: QPainter, rect: QRectF, text: str, role: Role, *, mirrored: bool) -> None:
        shown = QFontMetricsF(font(role)).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.drawText(rect, flags | Qt.TextFlag.TextSingleLine, shown)
        painter.restore()

    # The editor

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        row: MetricRow = index.data(ROW)
        editor = MetricEditor(row, parent)
        self._editing = row.name, editor
        editor.resized.connect(lambda: self._grown(row.name))
        self.sizeHintChanged.emit(index)
        self.editor_opened.emit(editor)
        return editor

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        if self._editing is not None and self._editing[1] is editor:
            self._editing = None
            self.editor_closed.emit(editor)
            self.sizeHintChanged.emit(index)
        super().destroyEditor(editor, index)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """What is being typed stays when the record changes."""

    def setModelData(self, editor: QWidget, model: QObject, index: Index) -> None:
        """The panel records; a view that closes its editor does not."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return False  # keys and focus are the editor's own

    def _grown(self, name: str) -> None:
        if self._editing is not None and self._editing[0] == name:
            self.sizeHintChanged.emit(QModelIndex())
