"""Invented visits: sessions of the motor screening, from today back over the months."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from desktop import __version__
from desktop.crud import local_day, metric_id
from desktop.protocols import PlannedTask, Protocol, plan
from desktop.sample.children import Child, invent_child
from desktop.sample.measures import NOT_YET, measure
from desktop.schemas import MetricRecord, SessionRecord, TaskRecord

_VISITS_A_DAY = 12
_LAST_SEEN_DAYS = (0, 1, 0, 2, 1, 0, 5, 9)  # of the first children, so that a list has its usual days
_NOTES = (
    "Shy at first, then eager.",
    "Ran in from the garden, a little out of breath.",
    "Prefers the left hand for drawing.",
    "Grandmother came along; Arabic and English spoken.",
    "New shoes since last week.",
)
_SITES = ("Riverside clinic", "Nursery, Mill Lane", "Primary school")


@dataclass(frozen=True)
class Setting:
    """What all visits of one filling share; `now` is the moment before which they lie."""

    now: datetime
    utc_offset_minutes: int
    assessors: Sequence[UUID]
    protocol: Protocol

    @cached_property
    def planned(self) -> tuple[PlannedTask, ...]:
        return plan(self.protocol)

    @cached_property
    def units(self) -> dict[str, dict[str, str]]:
        """The units of each task's metrics, by their names."""
        return {
            task.key: {metric.name: metric.unit for metric in task.metrics} for task in self.protocol.tasks
        }

    @cached_property
    def today(self) -> date:
        return local_day(self.now, self.utc_offset_minutes)


def invent_sessions(random: Random, setting: Setting, count: int) -> Iterator[SessionRecord]:
    """Give `count` sessions, those of one child after another, oldest first."""
    span = max(30, count // _VISITS_A_DAY)
    left, place = count, 0
    while left:
        first_ones = place < len(_LAST_SEEN_DAYS)
        ago = _LAST_SEEN_DAYS[place] if first_ones else random.randrange(1, span)
        last = setting.today - timedelta(days=ago)
        days = _visits(random, last, at_most=left)
        child = invent_child(random, seen=days[0])
        for number, day in enumerate(days):
            yield _Visit(random, setting, child, day).session(first=number == 0)
        left -= len(days)
        place += 1


def _visits(random: Random, last: date, *, at_most: int) -> list[date]:
    """Return the days of one child's visits, some months apart."""
    days = [last]
    while len(days) < at_most and random.random() < 0.6:
        days.append(days[-1] - timedelta(days=random.randrange(75, 160)))
    return days[::-1]


def _start(random: Random, setting: Setting, day: date) -> datetime:
    """Return when a visit on this local day began, never after now."""
    offset = timedelta(minutes=setting.utc_offset_minutes)
    minute = random.randrange(8 * 60, 16 * 60 + 30, 5)
    usual = datetime.combine(day, time(), UTC) + timedelta(minutes=minute) - offset
    if usual + timedelta(hours=1) <= setting.now:
        return usual
    midnight = datetime.combine(day, time(), UTC) - offset
    return max(midnight, setting.now - timedelta(minutes=random.randrange(15, 180)))


class _Visit:
    """One child on one day; `at` moves on as the tasks are rated."""

    def __init__(self, random: Random, setting: Setting, child: Child, day: date) -> None:
        self._random = random
        self._setting = setting
        self._child = child
        self._day = day
        self._began = self._at = _start(random, setting, day)
        self._assessor = random.choice(setting.assessors)
        self._id_time = int(self._began.timestamp() * 1000)
        self._id_counter = random.getrandbits(10)

    def session(self, *, first: bool) -> SessionRecord:
        """Return the session of this visit, perhaps still under way."""
        random, child, setting = self._random, self._child, self._setting
        session_id = self._new_id()
        rated = self._rated()
        tasks = tuple(
            self._task(session_id, row, rated=place < rated) for place, row in enumerate(setting.planned)
        )
        return SessionRecord.model_construct(
            **self._stamps(session_id, self._began),
            child_id=child.id,
            child_code=child.code,
            child_name=child.name,
            child_identifier=child.identifier,
            child_age=child.months_on(self._day) // 12,
            child_date_of_birth=child.born,
            child_sex=child.sex,
            gestational_weeks=child.gestational_weeks,
            handedness=child.handedness,
            child_height_cm=child.height_on(self._day),
            child_weight_kg=child.weight_on(self._day),
            session_type="initial" if first else "follow_up",
            site=random.choice(_SITES),
            consent="given",
            consent_at=self._began,
            notes=random.choice(_NOTES) if random.random() < 0.25 else "",
            remark=None,
            completed_at=self._at if rated == len(tasks) else None,
            assessor=self._assessor,
            protocol_name=setting.protocol.name,
            protocol_version=setting.protocol.version,
            started_at=self._began,
            signed_off_by=None,
            signed_off_at=None,
            signed_off_hash=None,
            app_version=__version__,
            task_results=tasks,
        )

    def _rated(self) -> int:
        """Return how many tasks are rated: usually all, today perhaps half or none."""
        planned = len(self._setting.planned)
        if self._day == self._setting.today:
            return self._random.choice((0, planned // 2, planned))
        return self._random.randrange(1, planned) if self._random.random() < 0.04 else planned

    def _task(self, session_id: UUID, row: PlannedTask, *, rated: bool) -> TaskRecord:
        task_id, began, found = self._new_id(), self._at, NOT_YET
        if rated:
            names = tuple(self._setting.units[row.task_name])
            months = self._child.months_on(self._day)
            found = measure(self._random, row.task_name, names, months=months, skill=self._child.skill)
            seconds, micro = self._random.randrange(40, 110), self._random.randrange(1_000_000)
            self._at = min(self._at + timedelta(seconds=seconds, microseconds=micro), self._setting.now)
        return TaskRecord.model_construct(
            **self._stamps(task_id, self._began),
            session_id=session_id,
            position=row.position,
            task_name=row.task_name,
            side=row.side,
            trial=row.trial,
            practice=row.practice,
            status=found.status,
            duration_seconds=found.duration_seconds,
            deviation=found.deviation,
            notes=found.notes,
            remark=None,
            started_at=None if found.duration_seconds is None else began,
            metrics=tuple(self._metric(task_id, row, name, value) for name, value in found.values.items()),
        )

    def _metric(self, task_id: UUID, row: PlannedTask, name: str, value: float) -> MetricRecord:
        return MetricRecord.model_construct(
            **self._stamps(metric_id(task_id, name), self._at),
            task_id=task_id,
            metric_name=name,
            metric_value=value,
            unit=self._setting.units[row.task_name][name],
            source="manual",
            remark=None,
        )

    def _new_id(self) -> UUID:
        """Return a UUIDv7 (RFC 9562, 5.7) of the visit's beginning, above the last one."""
        self._id_counter += 1
        bits = self._id_time << 80 | 0x7 << 76 | self._id_counter << 64 | 0b10 << 62
        return UUID(int=bits | self._random.getrandbits(62))

    def _stamps(self, row_id: UUID, created_at: datetime) -> dict[str, Any]:
        return {
            "id": row_id,
            "created_at": created_at,
            "updated_at": self._at,
            "created_by": self._assessor,
            "updated_by": self._assessor,
            "utc_offset_minutes": self._setting.utc_offset_minutes,
        }
