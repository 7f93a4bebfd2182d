"""A table of words that is read and chosen from, row by row."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from ui.theme import font, set_font

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
PADDING = 16
WIDE_SHARE = 0.2  # of the room, which the wide column has at least


class PlainModel(QAbstractTableModel):
    """Rows of words under their headings; each row is read out as one sentence."""

    def __init__(self, headings: Sequence[str]) -> None:
        super().__init__()
        self._headings = headings
        self._rows: Sequence[Sequence[str]] = ()
        self._sentences: Sequence[str] = ()

    def show(self, rows: Sequence[Sequence[str]], sentences: Sequence[str]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows, self._sentences = rows, sentences
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._headings):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.FontRole:
            return font("caption_strong")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(self._rows[index.row()][index.column()].split())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sentences[index.row()]
        return None


class PlainTable(QTableView):
    """Shows one row at a time as chosen; `chosen` brings its place, -1 for none, and Enter `taken`.

    `wide` is the column that takes the room that is left.
    """

    chosen = Signal(int)
    taken = Signal()

    def __init__(self, headings: Sequence[str], *, name: str, wide: int, samples: Sequence[str]) -> None:
        super().__init__()
        self._samples = samples
        self._wide = wide
        self._widths: list[int] = []
        self.words = PlainModel(headings)
        self.setModel(self.words)
        self.setAccessibleName(name)
        self.setProperty("role", "plain")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        set_font(self, "body")
        self.selectionModel().currentRowChanged.connect(lambda current: self.chosen.emit(current.row()))
        self._fit()

    def show_rows(self, rows: Sequence[Sequence[str]], sentences: Sequence[str]) -> None:
        """Show other rows, and the first as chosen."""
        self.words.show(rows, sentences)
        if rows:
            self.setCurrentIndex(self.words.index(0, 0))
        self.chosen.emit(0 if rows else -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.taken.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _fit(self) -> None:
        metrics, headings = QFontMetricsF(font("body")), QFontMetricsF(font("caption_strong"))
        self.verticalHeader().setDefaultSectionSize(max(40, ceil(metrics.height()) + PADDING))
        self._widths = []
        for column, sample in enumerate(self._samples):
            heading = str(self.words.headerData(column, Qt.Orientation.Horizontal) or "")
            width = max(metrics.horizontalAdvance(sample), headings.horizontalAdvance(heading))
            self._widths.append(ceil(width) + 2 * PADDING)
        self._share_width()

    def _share_width(self) -> None:
        """Give each column its width; where that is too much for all, each gives way alike and is elided."""
        wanted = sum(width for column, width in enumerate(self._widths) if column != self._wide)
        room = self.viewport().width() * (1 - WIDE_SHARE)
        share = min(1.0, room / wanted) if wanted else 1.0
        for column, width in enumerate(self._widths):
            if column != self._wide:
                self.setColumnWidth(column, int(width * share))
