"""The task results of the open session, a row each."""

from collections.abc import Sequence
from enum import IntEnum
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.protocols import Protocol
from desktop.schemas import SessionRecord
from ui.models.task_lines import TaskLine, task_line
from ui.theme import font

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

LINE = Qt.ItemDataRole.UserRole
_START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """The columns, in the order of reading."""

    TASK = 0
    SIDE = 1
    TRIAL = 2
    TIME = 3
    STATUS = 4
    METRICS = 5


NUMERIC = (Column.TRIAL, Column.TIME)


class TasksModel(QAbstractTableModel):
    """Shows a session's task results; rows come, go and change singly, so that what is selected stays so."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session_id: UUID | None = None
        self._lines: list[TaskLine] = []

    def show(
        self,
        record: SessionRecord | None,
        protocol: Protocol | None,
        *,
        running: UUID | None = None,
        selected: UUID | None = None,
    ) -> None:
        """Show the task results of `record`; of the same session only what differs is changed."""
        tasks = record.task_results if record else ()
        lines = [task_line(task, protocol, running=running, selected=selected) for task in tasks]
        session_id = record.id if record else None
        if session_id != self._session_id:
            self.beginResetModel()
            self._session_id, self._lines = session_id, lines
            self.endResetModel()
            return
        self._remove_others({line.id for line in lines})
        self._order_as(lines)
        self._change_to(lines)

    def row_of(self, task_id: UUID | None) -> int | None:
        """Return the row of a task result, None when it is not shown."""
        return next((row for row, line in enumerate(self._lines) if line.id == task_id), None)

    def line_at(self, row: int) -> TaskLine | None:
        """Return what stands in `row`, None outside of the table."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.TextAlignmentRole,
            LINE,
        }:
            return None
        line = self.line_at(index.row()) if index.isValid() else None
        if line is None:
            return None
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() in NUMERIC else _START
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == Column.TASK:
            return line.sentence
        return _cell(line, index.column())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in NUMERIC else _START
        return font("caption_strong") if role == Qt.ItemDataRole.FontRole else None

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Task"),
            self.tr("Side"),
            self.tr("Trial"),
            self.tr("Time"),
            self.tr("Status"),
            self.tr("Metrics"),
        )

    def _remove_others(self, kept: set[UUID]) -> None:
        for row in reversed(range(len(self._lines))):
            if self._lines[row].id not in kept:
                self.beginRemoveRows(_ROOT, row, row)
                del self._lines[row]
                self.endRemoveRows()

    def _order_as(self, lines: Sequence[TaskLine]) -> None:
        """Put each line's row in its place; what is not there yet is inserted."""
        known = {line.id for line in self._lines}
        for row, line in enumerate(lines):
            if line.id not in known:
                self.beginInsertRows(_ROOT, row, row)
                self._lines.insert(row, line)
                self.endInsertRows()
            elif self._lines[row].id != line.id:
                former = next(
                    place for place in range(row, len(self._lines)) if self._lines[place].id == line.id
                )
                self.beginMoveRows(_ROOT, former, former, _ROOT, row)
                self._lines.insert(row, self._lines.pop(former))
                self.endMoveRows()

    def _change_to(self, lines: Sequence[TaskLine]) -> None:
        for row, line in enumerate(lines):
            if self._lines[row] != line:
                self._lines[row] = line
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))


def _cell(line: TaskLine, column: int) -> str:
    return (line.task, line.side, line.trial, line.time, line.status, line.metrics)[column]
