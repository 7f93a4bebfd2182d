"""Known children that a name finds."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt

from desktop.clock import Clock
from desktop.crud import local_day
from desktop.listing import ChildLine
from ui import words

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class ChildrenModel(QAbstractListModel):
    """One child a row."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._lines: Sequence[ChildLine] = ()

    def show(self, lines: Sequence[ChildLine]) -> None:
        """Show these children."""
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def line(self, row: int) -> ChildLine | None:
        """Return the child in `row`."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def about(self, line: ChildLine) -> str:
        """Return what tells one child from another of the same name."""
        return about(line, seen_on(line, self._clock))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return None
        line = self.line(index.row())
        if line is None or role == Qt.ItemDataRole.DisplayRole:
            return line and line.child_name
        return f"{line.child_name}, {self.about(line)}"


def seen_on(line: ChildLine, clock: Clock) -> date:
    """Return the day of the child's last session, as this laptop counts days."""
    return local_day(line.last_seen, clock.utc_offset_minutes())


def about(line: ChildLine, last_seen: date) -> str:
    """Return "Born 14 Jul 2019 · last seen 8 Sep 2025 · 3 sessions"."""
    sessions = _tr("1 session") if line.sessions == 1 else _tr("{count} sessions").format(count=line.sessions)
    parts = [_tr("last seen {day}").format(day=words.day(last_seen)), sessions]
    if line.child_date_of_birth is not None:
        parts.insert(0, _tr("Born {day}").format(day=words.day(line.child_date_of_birth)))
    if line.child_identifier:
        parts.append(line.child_identifier)
    return words.SEPARATOR.join(map(words.isolated, parts))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Children", text)
