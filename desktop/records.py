"""Stored rows as frozen records, for the window, exports and hashes."""

from typing import Any, TypeVar

from pydantic import BaseModel

from desktop.models import Metric, Person, Session, StoredProtocol, TaskResult
from desktop.schemas import MetricRecord, PersonRecord, ProtocolRecord, SessionRecord, TaskRecord

Record = TypeVar("Record", bound=BaseModel)


def metric_record(metric: Metric) -> MetricRecord:
    """Return a metric as a record."""
    return _copy(MetricRecord, metric)


def task_record(task: TaskResult) -> TaskRecord:
    """Return a task result, read with its metrics, as a record."""
    return _copy(TaskRecord, task, metrics=tuple(metric_record(metric) for metric in task.metrics))


def session_record(session: Session) -> SessionRecord:
    """Return a session, read with its tree, as a record."""
    return _copy(
        SessionRecord, session, task_results=tuple(task_record(task) for task in session.task_results)
    )


def person_record(person: Person) -> PersonRecord:
    """Return a person as a record."""
    return _copy(PersonRecord, person)


def protocol_record(protocol: StoredProtocol) -> ProtocolRecord:
    """Return a stored protocol as a record."""
    return _copy(ProtocolRecord, protocol)


def _copy(kind: type[Record], row: object, **children: Any) -> Record:
    # What is stored was validated when it was recorded; reading it must never refuse it.
    values = {name: getattr(row, name) for name in kind.model_fields if name not in children}
    return kind.model_construct(**values, **children)
