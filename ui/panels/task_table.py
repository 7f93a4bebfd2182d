"""The table of tasks: its columns and rows at every width and text size."""

from math import ceil

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from ui import words
from ui.models.task_lines import TIME_DECIMALS
from ui.models.tasks import Column, TasksModel
from ui.panels.task_delegate import (
    CHEVRON,
    FLAG,
    NAME_X,
    NOTE,
    PADDING,
    TaskDelegate,
    cell_role,
    row_height,
)
from ui.theme import STATUS, Role, font, set_font, status_word

NAME_SAMPLE = "One-leg stance"
LONGEST_TIME = 3599.0
HEADER = 40


class TaskTable(QTableView):
    """Shows one row of a session at a time as chosen; Enter, F2 and a double click ask for `edit_wanted`.

    A click on the side of the chosen row, and a double click on any, asks for `side_wanted`.
    """

    edit_wanted = Signal()
    side_wanted = Signal()
    chosen = Signal(int)

    def __init__(self, model: TasksModel) -> None:
        super().__init__()
        self._compact = False
        self._pressed_chosen = False
        self._widths: dict[Column, int] = {}
        self._name_width = 0
        self.setModel(model)
        self.setItemDelegate(TaskDelegate(self))
        self.setAccessibleName(self.tr("Tasks"))
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
        self.verticalHeader().setMinimumSectionSize(0)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(0)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.TASK, QHeaderView.ResizeMode.Stretch)
        set_font(self, "body")
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.selectionModel().currentRowChanged.connect(lambda current: self.chosen.emit(current.row()))
        self._fit()

    def set_compact(self, compact: bool) -> None:
        """Take the form for windows below 1280 pixels."""
        if compact != self._compact:
            self._compact = compact
            self._fit()

    def choose_row(self, row: int | None) -> None:
        """Mark a row, or none, and bring it into sight."""
        if row is None:
            self.selectionModel().clear()
        elif row != self.currentIndex().row() or not self.selectionModel().hasSelection():
            index = self.model().index(row, Column.TASK)
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts of the window; one that is none must not choose another task."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2} and not event.modifiers():
            self.edit_wanted.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pressed = self.indexAt(event.position().toPoint())
        self._pressed_chosen = pressed.isValid() and pressed.row() == self.currentIndex().row()
        super().mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drop_metrics()
        self.scrollTo(self.currentIndex())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == Column.SIDE and self._pressed_chosen:
            self.side_wanted.emit()

    def _double_clicked(self, index: QModelIndex) -> None:
        (self.side_wanted if index.column() == Column.SIDE else self.edit_wanted).emit()

    def _fit(self) -> None:
        """Derive widths and heights from the fonts in use."""
        self.verticalHeader().setDefaultSectionSize(row_height(compact=self._compact))
        line = QFontMetricsF(font("caption_strong")).height()
        self.horizontalHeader().setFixedHeight(max(HEADER, ceil(line) + 20))
        self._widths = {column: self._width(column) for column in Column if column != Column.TASK}
        self._name_width = NAME_X + _advance("strong", NAME_SAMPLE) + PADDING
        for column, width in self._widths.items():
            self.setColumnWidth(column, width)
        self._drop_metrics()

    def _width(self, column: Column) -> int:
        texts = {
            Column.SIDE: [words.side(side) for side in ("left", "both", "right")],
            Column.TRIAL: ["88"],
            Column.TIME: [words.duration(LONGEST_TIME, TIME_DECIMALS)],
            Column.STATUS: [status_word(status) for status in STATUS],
            Column.METRICS: [self.tr("88 out of range"), self.tr("Check the time")],
        }[column]
        role: Role = "caption_strong" if column == Column.METRICS else cell_role(column)
        wide = max(_advance(role, text) for text in texts)
        title = _advance("caption_strong", str(self.model().headerData(column, Qt.Orientation.Horizontal)))
        beside = {Column.SIDE: CHEVRON + PADDING // 2, Column.METRICS: FLAG + 6}.get(column, 0)
        return max(title, wide + beside) + 2 * PADDING

    def _drop_metrics(self) -> None:
        if not self._widths:  # not yet fitted
            return
        hidden = self._compact or sum(self._widths.values()) + self._name_width > self.viewport().width()
        self.setColumnHidden(Column.METRICS, hidden)
        flag = NOTE + PADDING if hidden else 0  # then it stands beside the status
        self.setColumnWidth(Column.STATUS, self._widths[Column.STATUS] + flag)


def _advance(role: Role, text: str) -> int:
    return ceil(QFontMetricsF(font(role)).horizontalAdvance(text)) + 2
