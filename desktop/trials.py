"""Attempts at a task: which is next, what state each is in. Pure questions about a session record."""

from typing import Literal
from uuid import UUID

from desktop.edits import AddTask, EditTasks
from desktop.protocols import Task
from desktop.schemas import NewTaskResult, SessionRecord, Side, Status, TaskRecord

SIDES: tuple[Side, ...] = ("left", "both", "right")

State = Status | Literal["to_do", "unrated", "running", "recovered"]


def state_of(task: TaskRecord, *, running: UUID | None = None) -> State:
    """Return what is shown of a task result; only the rating is stored, all else follows from it.

    A run that was begun and has no time, and is not the one `running` here, was cut off: it is "recovered".
    """
    if task.id == running:
        return "running"
    if task.status is not None:
        return task.status
    if task.duration_seconds is not None:
        return "unrated"
    return "recovered" if task.started_at is not None else "to_do"


def is_recorded(task: TaskRecord) -> bool:
    """Tell whether anything was recorded, so that another run must be a new trial."""
    return task.status is not None or task.duration_seconds is not None or task.started_at is not None


def trials_of(session: SessionRecord, task: TaskRecord) -> list[TaskRecord]:
    """Return all attempts at the same task and side, the first trial first."""
    same = (other for other in session.task_results if _same(other, task))
    return sorted(same, key=lambda other: (other.trial, other.id))


def next_trial(session: SessionRecord, task: TaskRecord, *, task_id: UUID) -> AddTask:
    """Return the edit that adds another attempt at the task and side of `task`, right after its others."""
    last = max(trials_of(session, task), key=lambda other: other.trial)
    blank = NewTaskResult(task_name=task.task_name, side=task.side, position=last.position)
    new = blank.model_copy(update={"trial": last.trial + 1})  # the edit refuses one too many
    return AddTask(session.id, task_id, new)


def on_side(session: SessionRecord, task: TaskRecord, side: Side) -> TaskRecord | None:
    """Return the attempt at the same task and trial on another side, None when there is none."""
    for other in session.task_results:
        alike = (other.task_name, other.trial, other.practice) == (task.task_name, task.trial, task.practice)
        if alike and other.side == side:
            return other
    return None


def sides_of(task: TaskRecord, spec: Task | None) -> tuple[Side, ...]:
    """Return the sides that an attempt may be on, in the order of the body; a free task has all of them."""
    offered = SIDES if spec is None else spec.sides
    return tuple(side for side in SIDES if side in offered or (offered and side == task.side))


def change_side(session: SessionRecord, task: TaskRecord, side: Side) -> EditTasks:
    """Return the edit that moves an attempt, with all that was recorded, to another side.

    It changes places with an attempt there of which nothing was entered, so that the plan stays whole; otherwise it
    comes behind those that are there.
    """
    there = [other for other in session.task_results if _same(other, task.model_copy(update={"side": side}))]
    blank = [other for other in there if not _is_entered(other)]
    place = next((other for other in blank if other.trial == task.trial), blank[0] if blank else None)
    if place is not None:
        places = {task.id: _place(place), place.id: _place(task)}
        return EditTasks(session.id, task.id, places)
    last = max(there, key=lambda other: other.trial, default=None)
    trial, position = (last.trial + 1, last.position) if last else (1, task.position)
    return EditTasks(session.id, task.id, {task.id: {"side": side, "trial": trial, "position": position}})


def next_open(session: SessionRecord, after: UUID | None = None) -> TaskRecord | None:
    """Return the first unrated attempt behind the one `after`, else the first of all, else None."""
    tasks = session.task_results
    place = next((index for index, task in enumerate(tasks) if task.id == after), -1)
    return next((task for task in (*tasks[place + 1 :], *tasks[: place + 1]) if task.status is None), None)


def progress(session: SessionRecord) -> tuple[int, int]:
    """Return how many attempts are rated, and how many there are."""
    return sum(task.status is not None for task in session.task_results), len(session.task_results)


def _is_entered(task: TaskRecord) -> bool:
    return is_recorded(task) or bool(task.metrics or task.notes or task.deviation)


def _place(task: TaskRecord) -> dict[str, object]:
    return {"side": task.side, "trial": task.trial, "position": task.position}


def _same(one: TaskRecord, other: TaskRecord) -> bool:
    return (one.task_name, one.side, one.practice) == (other.task_name, other.side, other.practice)
