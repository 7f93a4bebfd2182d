"""Sessions as rows of a table: the values of the columns in `desktop.export.columns`, in their order."""

from collections.abc import Iterator, Mapping
from typing import Any

from desktop.export.columns import METRIC_KEPT, METRICS, SESSION_KEPT, SESSIONS, TASK_KEPT, TASKS, shown
from desktop.export.snapshot import Exported, Snapshot

Row = list[Any]
_NAMED = ("assessor", "signed_off_by")


class Table:
    """Makes the rows of one export; a value is text, a number, True or False, or None where nothing is known.

    `whole` tables have every field of the records, so that they can be taken in again.
    """

    def __init__(self, snapshot: Snapshot, *, whole: bool = False) -> None:
        self._people = snapshot.people
        self.sessions, self.tasks, self.metrics = (
            shown((*columns, *(kept if whole else ())), deidentified=snapshot.deidentified)
            for columns, kept in ((SESSIONS, SESSION_KEPT), (TASKS, TASK_KEPT), (METRICS, METRIC_KEPT))
        )
        self._session_fields, self._task_fields, self._metric_fields = (
            tuple(column.record_field for column in columns)
            for columns in (self.sessions, self.tasks, self.metrics)
        )

    def session_row(self, exported: Exported) -> Row:
        """Return the values of the session's columns."""
        tree = exported.tree
        found = {
            **tree,
            "age_months": exported.age_months,
            "corrected_age_months": exported.corrected_months,
            "visit": exported.visit,
            "content_hash": exported.content_hash,
            **{f"{name}_name": self._people.get(tree[name], tree[name]) for name in _NAMED},
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
