"""A file with a hundred thousand metrics."""

from desktop.clock import Clock
from desktop.codes import new_code
from desktop.crud import metric_id
from desktop.edits import Stamp
from desktop.export.canonical import Document
from desktop.schemas import MetricRecord, SessionRecord, TaskRecord

SESSIONS, TASKS, METRICS = 500, 20, 10  # 100,000 metrics


def large_document(clock: Clock, sessions: int = SESSIONS) -> Document:
    """Return a valid document of so many sessions with 20 tasks and 10 metrics each."""
    stamp = Stamp(clock.new_id(), clock.now(), 0)
    made = tuple(_session(clock, stamp, number) for number in range(sessions))
    return Document.model_construct(format="kinelog", version=1, people=(), protocols=(), sessions=made)


def _session(clock: Clock, stamp: Stamp, number: int) -> SessionRecord:
    session_id = clock.new_id()
    tasks = tuple(_task(clock, stamp, session_id, position) for position in range(TASKS))
    return SessionRecord(
        id=session_id,
        child_id=clock.new_id(),
        child_code=new_code(8),
        child_name=f"Child {number}",
        child_age=6,
        assessor=stamp.actor,
        protocol_name="motor-screening",
        protocol_version=1,
        started_at=stamp.now,
        app_version="0.1.0",
        task_results=tasks,
        **stamp.new(),
    )


def _task(clock: Clock, stamp: Stamp, session_id: object, position: int) -> TaskRecord:
    task_id = clock.new_id()
    metrics = tuple(
        MetricRecord(
            id=metric_id(task_id, f"metric_{number}"),
            task_id=task_id,
            metric_name=f"metric_{number}",
            metric_value=position + number / 7,
            unit="cm",
            **stamp.new(),
        )
        for number in range(METRICS)
    )
    return TaskRecord(
        id=task_id,
        session_id=session_id,
        position=position,
        task_name="raise_hand",
        side="left",
        status="success",
        duration_seconds=15.5,
        metrics=metrics,
        **stamp.new(),
    )
