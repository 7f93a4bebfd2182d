"""Sessions as rows of a table: the values of the columns in `desktop.export.columns`, in their order."""

from collections.abc import Iterator, Mapping
from typing import Any

from desktop.export.columns import METRICS, SESSIONS, TASKS, Column, shown
from desktop.export.snapshot import Exported, Snapshot

Row = list[Any]
# Columns that are called otherwise in a tree.
_SESSION_NAMES = {"session_id": "id", "session_notes": "notes", "session_remark": "remark"}
_TASK_NAMES = {
    "task_id": "id",
    "task_notes": "notes",
    "task_remark": "remark",
    "task_started_at": "started_at",
}
_METRIC_NAMES = {"metric_id": "id", "metric_remark": "remark"}
_PEOPLE = ("assessor", "signed_off_by")


class Table:
    """Makes the rows of one export; a value is text, a number, True or False, or None where nothing is known."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._people = snapshot.people
        self.sessions, self.tasks, self.metrics = (
            shown(columns, deidentified=snapshot.deidentified) for columns in (SESSIONS, TASKS, METRICS)
        )
        self._session_fields = _fields(self.sessions, _SESSION_NAMES)
        self._task_fields = _fields(self.tasks, _TASK_NAMES)
        self._metric_fields = _fields(self.metrics, _METRIC_NAMES)

    def session_row(self, exported: Exported) -> Row:
        """Return the values of the session's columns."""
        tree = exported.tree
        found = {
            **tree,
            "age_months": exported.age_months,
            "corrected_age_months": exported.corrected_months,
            "visit": exported.visit,
            "content_hash": exported.content_hash,
            **{name: self._people.get(tree[name], tree[name]) for name in _PEOPLE if tree[name]},
        }
        return [found[field] for field in self._session_fields]

    def task_row(self, task: Mapping[str, Any]) -> Row:
        """Return the values of a task result's columns."""
        return [task[field] for field in self._task_fields]

    def metric_row(self, metric: Mapping[str, Any]) -> Row:
        """Return the values of a metric's columns."""
        return [metric[field] for field in self._metric_fields]

    def flat_rows(self, exported: Exported) -> Iterator[Row]:
        """Give a row for each metric with its task result and session; parents without children have a row too."""
        session = self.session_row(exported)
        no_metric: Row = [None] * len(self.metrics)
        if not exported.tree["task_results"]:
            yield [*session, *[None] * len(self.tasks), *no_metric]
        for task in exported.tree["task_results"]:
            of_task = [*session, *self.task_row(task)]
            if not task["metrics"]:
                yield [*of_task, *no_metric]
            for metric in task["metrics"]:
                yield [*of_task, *self.metric_row(metric)]


def _fields(columns: tuple[Column, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(column.name, column.name) for column in columns)
