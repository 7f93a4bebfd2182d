"""How a row of the task table is painted."""

from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from ui.models.task_lines import TaskLine
from ui.models.tasks import LINE, NUMERIC, Column
from ui.theme import HEIGHT, RADIUS, STATUS, Role, color, draw_icon, font, look, tokens
from ui.widgets.painting import draw_box, ring_width

Index = QModelIndex | QPersistentModelIndex

PADDING = 8
ICON = 22
ICON_X = 23
NAME_X = 46
FLAG = 18
NOTE = 16
CHEVRON = 16
BAR = 4

_ROLES: dict[int, Role] = {
    Column.TASK: "strong",
    Column.SIDE: "body",
    Column.TRIAL: "num",
    Column.TIME: "num",
    Column.STATUS: "caption_strong",
    Column.METRICS: "caption",
}


def cell_role(column: int) -> Role:
    """Return the role of the text in a column."""
    return _ROLES[column]


def row_height(*, compact: bool) -> int:
    """Return how high a row is at the text size in use, in pixels."""
    line = QFontMetricsF(font("strong")).height()
    return max(HEIGHT.table_row_small if compact else HEIGHT.table_row, ceil(line) + 25)


class TaskDelegate(QStyledItemDelegate):
    """Paints icon, name and words of a task result; the chosen row is marked over its whole width."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = index.data(LINE)
        if not isinstance(line, TaskLine):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(option.rect)
        self._paint_ground(painter, option, index)
        rect = QRectF(option.rect).adjusted(PADDING, 0, -PADDING, 0)
        rtl = option.direction == Qt.LayoutDirection.RightToLeft
        if index.column() == Column.TASK:
            self._paint_task(painter, QRectF(option.rect), line, rtl=rtl)
        elif index.column() == Column.STATUS:
            self._paint_status(painter, rect, line, option, rtl=rtl)
        elif index.column() == Column.METRICS:
            self._paint_metrics(painter, rect, line, rtl=rtl)
        elif index.column() == Column.SIDE:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            self._paint_side(painter, rect, line, opens=chosen and line.movable, rtl=rtl)
        else:
            text = str(index.data() or "")
            _write(painter, rect, text, cell_role(index.column()), "text", right=index.column() in NUMERIC)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, option.rect.height())

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = option.rect
        table = option.widget
        width = table.viewport().width() if isinstance(table, QTableView) else rect.width()
        whole = QRect(0, rect.y(), width, rect.height())
        if option.state & QStyle.StateFlag.State_Selected:
            _paint_chosen(painter, QRectF(whole).adjusted(0, 1, 0, -2), option)
        else:
            y = rect.bottom() + 0.5
            painter.setPen(color("border"))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right() + 1, y))

    def _paint_task(self, painter: QPainter, rect: QRectF, line: TaskLine, *, rtl: bool) -> None:
        status = STATUS[line.state]
        x = rect.right() - ICON_X if rtl else rect.x() + ICON_X
        draw_icon(painter, status.icon, QPointF(x, rect.center().y()), token=status.tone, size=ICON)
        room = rect.adjusted(PADDING if rtl else NAME_X, 0, -(NAME_X if rtl else PADDING), 0)
        note = NOTE + PADDING if line.noted else 0
        width = _write(painter, _shortened(room, note, rtl=rtl), line.task, "strong", "text")
        if line.noted:
            at = room.right() - width - note + NOTE / 2 if rtl else room.x() + width + note - NOTE / 2
            draw_icon(
                painter, "message-square-text", QPointF(at, rect.center().y()), token="muted", size=NOTE
            )

    def _paint_side(self, painter: QPainter, rect: QRectF, line: TaskLine, *, opens: bool, rtl: bool) -> None:
        width = _write(painter, rect, line.side, "body", "text")
        if opens:
            away = width + PADDING / 2 + CHEVRON / 2
            x = rect.right() - away if rtl else rect.x() + away
            draw_icon(painter, "chevron-down", QPointF(x, rect.center().y() + 1), token="muted", size=CHEVRON)

    def _paint_status(
        self, painter: QPainter, rect: QRectF, line: TaskLine, option: QStyleOptionViewItem, *, rtl: bool
    ) -> None:
        width = _write(painter, rect, line.status, "caption_strong", STATUS[line.state].tone)
        table = option.widget
        if line.flagged and isinstance(table, QTableView) and table.isColumnHidden(Column.METRICS):
            away = width + PADDING + NOTE / 2
            x = rect.right() - away if rtl else rect.x() + away
            draw_icon(painter, "triangle-alert", QPointF(x, rect.center().y()), token="warn", size=NOTE)

    def _paint_metrics(self, painter: QPainter, rect: QRectF, line: TaskLine, *, rtl: bool) -> None:
        if not line.flagged:
            _write(painter, rect, line.metrics, "caption", "muted")
            return
        x = rect.right() - FLAG / 2 if rtl else rect.x() + FLAG / 2
        draw_icon(painter, "triangle-alert", QPointF(x, rect.center().y()), token="warn", size=FLAG)
        room = rect.adjusted(0 if rtl else FLAG + 6, 0, -(FLAG + 6) if rtl else 0, 0)
        _write(painter, room, line.metrics, "caption_strong", "warn")


def _paint_chosen(painter: QPainter, box: QRectF, option: QStyleOptionViewItem) -> None:
    focused = bool(option.widget and option.widget.hasFocus())
    edge = color("accent") if focused or tokens().line > 1 else None
    draw_box(painter, box, radius=RADIUS.item, fill=color("accent_soft"), edge=edge, width=ring_width())
    at = box.right() - BAR if look().right_to_left else box.x()
    bar = QRectF(at, box.y() + 9, BAR, box.height() - 18)
    draw_box(painter, bar, radius=2, fill=color("accent"))


def _shortened(rect: QRectF, by: float, *, rtl: bool) -> QRectF:
    return rect.adjusted(by, 0, 0, 0) if rtl else rect.adjusted(0, 0, -by, 0)


def _write(
    painter: QPainter, rect: QRectF, text: str, role: Role, tone: str, *, right: bool = False
) -> float:
    """Write one line, with "…" where it has no room; returns how wide it is."""
    painter.setFont(font(role))
    painter.setPen(color(tone))
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    at_right = right or look().right_to_left
    side = Qt.AlignmentFlag.AlignRight if at_right else Qt.AlignmentFlag.AlignLeft
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # each text runs as it is written
    flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(rect, flags, shown)
    return metrics.horizontalAdvance(shown)
