"""What the list of tasks says of a task result: its row in words."""

from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from desktop import trials
from desktop.protocols import Protocol, judge
from desktop.schemas import TaskRecord
from ui import words
from ui.theme import status_word

NOTHING = "–"
TIME_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One row. `flagged` says that `metrics` is a warning, `noted` that there is more to read of this task, `movable`
    that it may be on another side.
    """

    id: UUID
    task: str
    side: str
    trial: str
    time: str
    state: trials.State
    status: str
    metrics: str
    flagged: bool
    noted: bool
    movable: bool
    sentence: str


def task_line(
    task: TaskRecord, protocol: Protocol | None, *, running: UUID | None, selected: UUID | None
) -> TaskLine:
    """Return the row of a task result; `running` is the one being timed, `selected` the chosen one."""
    state = trials.state_of(task, running=running)
    outside = out_of_range(task, protocol)
    name = words.task_label(protocol, task.task_name)
    return TaskLine(
        id=task.id,
        task=_tr("{task} · practice").format(task=name) if task.practice else name,
        side=words.side(task.side),
        trial=str(task.trial),
        time=NOTHING
        if task.duration_seconds is None
        else words.duration(task.duration_seconds, TIME_DECIMALS),
        state=state,
        status=status_word(state),
        metrics=_metrics(task, state, outside=outside, selected=task.id == selected),
        flagged=outside > 0 or state == "recovered",
        noted=bool(task.notes or task.deviation or task.remark),
        movable=len(trials.sides_of(task, protocol.task(task.task_name) if protocol else None)) > 1,
        sentence=_sentence(task, name, state, outside=outside),
    )


def out_of_range(task: TaskRecord, protocol: Protocol | None) -> int:
    """Return how many values of a task result lie outside of the expected range, where there is one."""
    spec = protocol.task(task.task_name) if protocol else None
    if spec is None:
        return 0
    known = ((spec.metric(metric.metric_name), metric.metric_value) for metric in task.metrics)
    return sum(judge(metric, value) in {"below", "above"} for metric, value in known if metric is not None)


def spoken_seconds(seconds: float) -> str:
    """Return a time as it is read out: "12.4 seconds"."""
    return _tr("{seconds} seconds").format(seconds=words.number(round(seconds, TIME_DECIMALS)))


def _metrics(task: TaskRecord, state: trials.State, *, outside: int, selected: bool) -> str:
    if state == "recovered":
        return _tr("Check the time")
    if outside:
        return _tr("{count} out of range").format(count=outside)
    if task.metrics:
        return _tr("{count} recorded").format(count=len(task.metrics))
    return _tr("Ready") if selected and state == "to_do" else NOTHING


def _sentence(task: TaskRecord, name: str, state: trials.State, *, outside: int) -> str:
    status = _tr("recovered run, check the time") if state == "recovered" else status_word(state).lower()
    parts = [name, words.side(task.side).lower(), _tr("trial {number}").format(number=task.trial)]
    if task.practice:
        parts.append(_tr("practice"))
    parts.append(status)
    if task.duration_seconds is not None:
        parts.append(spoken_seconds(task.duration_seconds))
    if outside:
        text = _tr("1 metric out of range") if outside == 1 else _tr("{count} metrics out of range")
        parts.append(text.format(count=outside))
    elif task.metrics:
        text = _tr("1 metric recorded") if len(task.metrics) == 1 else _tr("{count} metrics recorded")
        parts.append(text.format(count=len(task.metrics)))
    if task.notes:
        parts.append(_tr("has a note"))
    return ", ".join(part for part in parts if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TaskLine", text)
