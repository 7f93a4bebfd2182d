"""How a session looks in the list."""

from math import ceil

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from desktop.listing import SessionLine
from ui.models import sessions
from ui.models.sessions import SessionsModel
from ui.theme import HEIGHT, RADIUS, Role, color, font, look
from ui.widgets.label import tooltip
from ui.widgets.painting import draw_box
from ui.widgets.ring import draw_ring

INSET = 8  # around the ground of a chosen row
TEXT_START = 68
TEXT_END = 20
RING = 36
RING_START = 21
LINE_GAP = 4
TIME_GAP = 10
BAR = (3, 40)
STACKED_FROM = 1.3

Index = QModelIndex | QPersistentModelIndex


def is_stacked() -> bool:
    """Whether the text is so large that a name and a time have no room beside each other."""
    return look().text_scale >= STACKED_FROM


def row_height() -> int:
    """How high a session is at the text size in use."""
    below = 2 if is_stacked() else 1
    text = ceil(_line("strong") + below * _line("caption")) + below * LINE_GAP
    return max(HEIGHT.session_row, text + 28)


def heading_height() -> int:
    """How high a heading is at the text size in use."""
    return ceil(_line("caption_strong")) + 24


class SessionDelegate(QStyledItemDelegate):
    """Paints sessions and headings; the selected session is the open one."""

    def __init__(self, model: SessionsModel, parent: QObject) -> None:
        super().__init__(parent)
        self.shows_focus = False
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        heading = self._model.heading_at(index.row()) is not None
        return QSize(0, heading_height() if heading else row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        heading = self._model.heading_at(index.row())
        if heading is not None:
            self._paint_heading(painter, option, heading)
        else:
            self._paint_ground(painter, option)
            line = self._model.row_at(index.row())
            if line is None:
                self._paint_waiting(painter, option)
            else:
                self._paint_session(painter, option, line)
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        line = self._model.row_at(index.row())
        if event.type() != QEvent.Type.ToolTip or line is None:
            return super().helpEvent(event, view, option, index)
        room = name_room(option, self._when(line)).width()
        wanted = QFontMetricsF(font("strong")).horizontalAdvance(line.child_name)
        QToolTip.showText(event.globalPos(), tooltip(line.child_name) if wanted > room else "", view)
        return True

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        rect = option.rect.adjusted(TEXT_END, 0, -TEXT_END, -8)
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        _draw(painter, option, rect, text, role="caption_strong", tone="muted", align=align)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver) and _enabled(option)
        focused = self.shows_focus and bool(option.state & QStyle.StateFlag.State_HasFocus)
        box = QRectF(option.rect.adjusted(INSET, 2, -INSET, -2))
        fill = color("accent_soft") if chosen else color("hover") if hovered else None
        edge = color("accent") if focused else None
        draw_box(painter, box, radius=RADIUS.item, fill=fill, edge=edge, width=2)
        if chosen:
            width, height = BAR
            bar = QRect(option.rect.left() + INSET, option.rect.center().y() - height // 2, width, height)
            draw_box(painter, QRectF(_turned(option, bar)), radius=2, fill=color("accent"))

    def _paint_waiting(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        for rect, width in zip(_lines(option.rect), (120, 80), strict=False):
            bar = QRect(rect.left(), rect.center().y() - 4, min(width, rect.width()), 8)
            draw_box(painter, QRectF(_turned(option, bar)), radius=4, fill=color("sunken"))

    def _paint_session(self, painter: QPainter, option: QStyleOptionViewItem, line: SessionLine) -> None:
        middle = option.rect.center().y()
        ring = QRect(option.rect.left() + RING_START, middle - RING // 2, RING, RING)
        early = sessions.is_cut_short(line)
        done, total = (1, 1) if line.completed_at and not early else (line.rated, line.planned)
        painter.setOpacity(1 if _enabled(option) else 0.5)
        tone = "subtle" if early else "accent"
        draw_ring(painter, QRectF(_turned(option, ring)), done=done, total=total, tone=tone)
        painter.setOpacity(1)
        when = self._when(line)
        upper, *lower = _lines(option.rect)
        text, muted = ("text", "muted") if _enabled(option) else ("subtle", "subtle")
        _draw(painter, option, name_room(option, when), line.child_name, role="strong", tone=text)
        if not is_stacked():
            end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            _draw(painter, option, upper, when, role="num_caption", tone=muted, align=end)
        for rect, said in zip(lower, self._below(line), strict=True):
            _draw(painter, option, rect, said, role="caption", tone=muted)

    def _below(self, line: SessionLine) -> tuple[str, ...]:
        """Return what stands below the name."""
        if is_stacked():
            return sessions.dated(line, self._model.today()), sessions.visit(line)
        return (sessions.below(line),)

    def _when(self, line: SessionLine) -> str:
        return sessions.when(line, self._model.today())


def name_room(option: QStyleOptionViewItem, when: str) -> QRect:
    """Return where a name stands, beside the time or in a line of its own."""
    upper, *_ = _lines(option.rect)
    if is_stacked():
        return upper
    taken = ceil(QFontMetricsF(font("num_caption")).horizontalAdvance(when)) + TIME_GAP
    return upper.adjusted(0, 0, -taken, 0)


def _lines(rect: QRect) -> list[QRect]:
    """Return the room for the name and for each line below, as in a window read from left to right."""
    heights = [ceil(_line("strong"))] + [ceil(_line("caption"))] * (2 if is_stacked() else 1)
    top = rect.center().y() - (sum(heights) + LINE_GAP * (len(heights) - 1)) // 2
    start, width = rect.left() + TEXT_START, rect.width() - TEXT_START - TEXT_END
    tops = (top + sum(heights[:place]) + LINE_GAP * place for place in range(len(heights)))
    return [QRect(start, y, width, height) for y, height in zip(tops, heights, strict=True)]


def _draw(
    painter: QPainter,
    option: QStyleOptionViewItem,
    rect: QRect,
    text: str,
    *,
    role: Role,
    tone: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
) -> None:
    """Draw one line where it stands in this reading direction, itself in the direction of its own letters."""
    painter.setFont(font(role))
    painter.setPen(color(tone))
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    shown = QFontMetricsF(font(role)).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    turned = QStyle.visualAlignment(option.direction, align) | Qt.AlignmentFlag.AlignAbsolute
    flags = turned | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip
    painter.drawText(_turned(option, rect), flags, shown)


def _turned(option: QStyleOptionViewItem, rect: QRect) -> QRect:
    return QStyle.visualRect(option.direction, option.rect, rect)


def _enabled(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & QStyle.StateFlag.State_Enabled)


def _line(role: Role) -> float:
    return QFontMetricsF(font(role)).height()
