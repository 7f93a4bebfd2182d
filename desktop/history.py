"""How a metric changed over a child's visits. Numbers only: what they mean is for the clinician to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from sys import float_info

from desktop.listing import HistoryPoint
from desktop.schemas import SessionRecord, TaskRecord

_EXACT = Context(prec=1000)


@dataclass(frozen=True)
class Difference:
    """By how much the last value differs from the first one, and when that was measured."""

    amount: float
    since: datetime


def difference(points: Sequence[HistoryPoint]) -> Difference | None:
    """Return the last value less the first one, as the digits say: 0.95 less 0.9 is 0.05; None below two values.

    A difference beyond the largest double is that double.
    """
    if len(points) < 2:
        return None
    first, last = points[0], points[-1]
    amount = float(_EXACT.subtract(Decimal(repr(last.value)), Decimal(repr(first.value))))
    return Difference(max(min(amount, float_info.max), -float_info.max), first.started_at)


def is_noise(amount: float, measurement_error: float | None) -> bool:
    """Tell whether a difference is no larger than the protocol's measurement error; False where it names none."""
    return measurement_error is not None and abs(amount) <= measurement_error


def up_to(
    points: Sequence[HistoryPoint], session: SessionRecord, task: TaskRecord, metric_name: str
) -> list[HistoryPoint]:
    """Return `points` until this session, with the value that is in it now: the last scored trial's."""
    earlier = [
        point
        for point in points
        if point.session_id != session.id
        and (point.started_at, point.session_id) < (session.started_at, session.id)
    ]
    value = _latest(session, task, metric_name)
    return earlier if value is None else [*earlier, HistoryPoint(session.id, session.started_at, value)]


def _latest(session: SessionRecord, task: TaskRecord, metric_name: str) -> float | None:
    trials = sorted(
        (other.trial, other.id, metric.metric_value)
        for other in session.task_results
        if (other.task_name, other.side) == (task.task_name, task.side) and not other.practice
        for metric in other.metrics
        if metric.metric_name == metric_name
    )
    return trials[-1][2] if trials else None
