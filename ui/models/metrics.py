"""The metrics of the selected task result, as the panel lists them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from desktop.edits import metric_of
from desktop.protocols import Judgement, MetricSpec, Protocol, judge
from desktop.schemas import TaskRecord
from ui import ranges, words

ROW = Qt.ItemDataRole.UserRole
Draft = Callable[[UUID, str], str]
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric: `value` is None until it is recorded, `draft` was typed and is not recorded.

    `spec` is what the protocol says, None for a metric that was added freely.
    """

    name: str
    label: str
    unit: str | None
    spec: MetricSpec | None
    value: float | None
    remark: str
    draft: str = ""

    @property
    def judgement(self) -> Judgement | None:
        """Where the value lies against what is expected; None without one or the other."""
        return None if self.spec is None or self.value is None else judge(self.spec, self.value)


def metric_rows(protocol: Protocol | None, task: TaskRecord | None, draft: Draft) -> list[MetricRow]:
    """Return the metrics the protocol names in its order, recorded or not, then the free ones as recorded.

    `draft` tells what was typed for a metric of a task and is not recorded.
    """
    if task is None:
        return []
    spec = protocol.task(task.task_name) if protocol else None
    named = spec.metrics if spec else ()
    known = {metric.name for metric in named}
    free = sorted(
        (metric for metric in task.metrics if metric.metric_name not in known),
        key=lambda metric: (metric.created_at, metric.metric_name),
    )
    return [
        *(_row(protocol, task, metric.name, metric, draft) for metric in named),
        *(_row(protocol, task, metric.metric_name, None, draft) for metric in free),
    ]


def spoken(row: MetricRow) -> str:
    """Return a metric as one sentence for a screen reader."""
    not_recorded = QCoreApplication.translate("MetricsModel", "Not recorded")
    parts = [row.label, not_recorded if row.value is None else words.measured(row.value, row.unit)]
    if row.spec is not None:
        parts.append(ranges.range_words(row.spec))
    if row.judgement is not None:
        parts.append(ranges.judgement_word(row.judgement))
    return ", ".join(part for part in (*parts, row.remark, row.draft) if part)


class MetricsModel(QAbstractListModel):
    """Rows change in place while the same metrics are listed, so that an open editor stays."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[MetricRow] = []

    def show_rows(self, rows: Sequence[MetricRow]) -> None:
        """List other rows, telling the view only of those that differ."""
        if [row.name for row in rows] != [row.name for row in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        before, self._rows = self._rows, list(rows)
        for place, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place), self.index(place))

    def row(self, place: int) -> MetricRow | None:
        """Return the metric in a place, None outside of the list."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def place(self, name: str) -> int:
        """Return where a metric is listed, -1 when it is not."""
        return next((place for place, row in enumerate(self._rows) if row.name == name), -1)

    def rows(self) -> tuple[MetricRow, ...]:
        return tuple(self._rows)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        editable = Qt.ItemFlag.ItemIsEditable if index.isValid() else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | editable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row)
        return None


def _row(
    protocol: Protocol | None,
    task: TaskRecord,
    name: str,
    spec: MetricSpec | None,
    draft: Draft,
) -> MetricRow:
    metric = metric_of(task, name)
    unit = metric.unit if metric and metric.unit is not None else spec and spec.unit
    return MetricRow(
        name=name,
        label=words.metric_label(protocol, task.task_name, name),
        unit=unit or None,
        spec=spec,
        value=metric.metric_value if metric else None,
        remark=(metric.remark or "") if metric else "",
        draft=draft(task.id, name),
    )
