"""The stopwatch: one run at a time, on the monotonic clock alone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.helpers.clocks import StillClock
from tests.helpers.waiting import signal
from ui.stopwatch import Stopwatch


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def test_a_run_takes_as_long_as_the_monotonic_clock_says(clock: StillClock) -> None:
    watch, task_id = Stopwatch(clock), uuid4()
    watch.begin(task_id)
    clock.pass_time(seconds=12.4375)
    clock.wall -= timedelta(hours=2)
    assert (watch.task_id, watch.elapsed()) == (task_id, 12.4375)
    assert watch.end() == 12.4375
    assert (watch.task_id, watch.elapsed()) == (None, 0.0)


def test_a_run_is_never_longer_than_its_limit(clock: StillClock) -> None:
    watch = Stopwatch(clock)
    watch.begin(uuid4(), limit_s=30.0)
    clock.pass_time(seconds=30.02)
    assert watch.end() == 30.0


def test_beginning_and_ending_are_told(clock: StillClock) -> None:
    watch = Stopwatch(clock)
    told: list[bool] = []
    watch.changed.connect(lambda: told.append(watch.run is not None))
    watch.begin(uuid4())
    watch.end()
    assert told == [True, False]


async def test_the_time_so_far_is_told_while_it_runs(clock: StillClock) -> None:
    watch = Stopwatch(clock)
    watch.begin(uuid4())
    clock.pass_time(seconds=7.5)
    assert await signal(watch.ticked) == (7.5,)
    watch.end()


async def test_the_limit_is_told_when_it_is_reached(clock: StillClock) -> None:
    watch = Stopwatch(clock)
    heard = signal(watch.limit_reached)
    watch.begin(uuid4(), limit_s=0.02)
    await heard
    watch.end()


async def test_a_run_that_has_ended_reaches_no_limit(clock: StillClock) -> None:
    watch = Stopwatch(clock)
    reached: list[bool] = []
    watch.limit_reached.connect(lambda: reached.append(True))
    watch.begin(uuid4(), limit_s=0.02)
    watch.end()
    heard = signal(watch.ticked)
    watch.begin(uuid4())
    await heard  # a tenth of a second later
    watch.end()
    assert reached == []
