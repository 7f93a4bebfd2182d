"""The list of sections at the side of a dialog."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import RADIUS, color, draw_icon, font
from ui.widgets.painting import draw_box

ICON = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
BAR = 4


class SectionDelegate(QStyledItemDelegate):
    """Icon and words; the chosen section has a ground and a bar."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetricsF(font("medium"))
        width = metrics.horizontalAdvance(str(index.data())) + 72
        return QSize(round(width), max(46, round(metrics.height()) + 20))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect).adjusted(0, 3, 0, -3)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        if chosen:
            edge = color("accent") if focused else None
            draw_box(painter, rect, radius=RADIUS.item, fill=color("accent_soft"), edge=edge, width=2)
            x = rect.right() - BAR if mirrored else rect.x()
            bar = QRectF(x, rect.center().y() - 10, BAR, 20)
            draw_box(painter, bar, radius=BAR / 2, fill=color("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            draw_box(painter, rect, radius=RADIUS.item, fill=color("hover"))
        x = rect.right() - 26 if mirrored else rect.x() + 26
        tone = "accent" if chosen else "muted"
        draw_icon(painter, str(index.data(ICON)), QPointF(x, rect.center().y()), token=tone)
        words = rect.adjusted(8, 0, -48, 0) if mirrored else rect.adjusted(48, 0, -8, 0)
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font("medium"))
        painter.setPen(color("text"))
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, flags, str(index.data()))
        painter.restore()


class SectionList(QListView):
    """Sections by (words, icon); `chosen` brings the place of the one that was made current."""

    chosen = Signal(int)

    def __init__(self, sections: Sequence[tuple[str, str]], *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        model = QStandardItemModel(self)
        for words, icon in sections:
            item = QStandardItem(words)
            item.setData(icon, ICON)
            item.setEditable(False)
            model.appendRow(item)
        self.setModel(model)
        self.setItemDelegate(SectionDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.selectionModel().currentChanged.connect(lambda index: self.chosen.emit(index.row()))

    def choose(self, place: int) -> None:
        """Make a section the current one."""
        self.setCurrentIndex(self.model().index(place, 0))

    def sizeHint(self) -> QSize:
        widths = [
            self.sizeHintForIndex(self.model().index(row, 0)).width()
            for row in range(self.model().rowCount())
        ]
        return QSize(max(widths, default=0), super().sizeHint().height())
