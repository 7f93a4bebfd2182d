"""What a new session of a protocol lays out."""

from collections.abc import Iterator
from dataclasses import dataclass

from desktop.protocols.battery import Protocol
from desktop.schemas import Side


@dataclass(frozen=True)
class PlannedTask:
    """One row of a new session; `position` counts from 1 through the session, `trial` from 1 on each side."""

    position: int
    task_name: str
    side: Side
    trial: int
    practice: bool


def plan(protocol: Protocol) -> tuple[PlannedTask, ...]:
    """Return the rows in order: task by task, in each the sides as the protocol lists them, practice first.

    A practice trial is an attempt like another, so the first scored trial after one practice is trial 2.
    """
    return tuple(
        PlannedTask(position=position, task_name=name, side=side, trial=trial, practice=practice)
        for position, (name, side, trial, practice) in enumerate(_attempts(protocol), start=1)
    )


def _attempts(protocol: Protocol) -> Iterator[tuple[str, Side, int, bool]]:
    sides: tuple[Side, ...]
    for task in protocol.tasks:
        sides = task.sides or ("none",)
        for side in sides:
            for trial in range(1, task.practice_trials + task.trials + 1):
                yield task.key, side, trial, trial <= task.practice_trials
