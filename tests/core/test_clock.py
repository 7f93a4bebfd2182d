"""Time and identity: ids rise whatever the wall clock does."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.clock import IdSource, SystemClock

NOW_MS = 1_763_899_200_000
instants = st.integers(0, 2**47)


def milliseconds(row_id: UUID) -> int:
    return row_id.int >> 80


def test_an_id_is_a_uuid_of_version_7_that_says_when():
    made = IdSource().next(NOW_MS)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert milliseconds(made) == NOW_MS


@given(walls=st.lists(instants, min_size=2, max_size=50))
def test_ids_rise_wherever_the_wall_clock_goes(walls: list[int]):
    source = IdSource()
    made = [source.next(wall) for wall in walls]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert [row_id.bytes for row_id in made] == sorted(row_id.bytes for row_id in made)
    assert {row_id.version for row_id in made} == {7}


def test_ten_thousand_ids_of_one_millisecond_rise():
    source = IdSource()
    made = [source.next(NOW_MS) for _ in range(10_000)]
    assert made == sorted(set(made))
    assert milliseconds(made[-1]) - NOW_MS == 10_000 // 4096


@given(before=instants, after=instants)
def test_after_a_restart_ids_rise_above_the_stored_ones(before: int, after: int):
    stored = IdSource().next(before)
    restarted = IdSource()
    restarted.observe(stored)
    assert restarted.next(after) > stored


def test_an_older_id_does_not_set_the_source_back():
    source = IdSource()
    newest = source.next(NOW_MS)
    source.observe(IdSource().next(NOW_MS - 10_000))
    assert source.next(NOW_MS - 20_000) > newest


@pytest.mark.parametrize("foreign", [UUID(int=2**128 - 1), uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, "x")])
def test_ids_that_are_not_ours_are_ignored(foreign: UUID):
    source = IdSource()
    source.observe(foreign)
    assert milliseconds(source.next(NOW_MS)) == NOW_MS


def test_an_id_from_the_end_of_time_does_not_stop_the_source():
    source = IdSource()
    source.observe(UUID("ffffffff-ffff-7fff-bfff-ffffffffffff"))
    assert milliseconds(source.next(NOW_MS)) == NOW_MS


def test_ids_of_many_threads_are_all_different_and_rise_in_each():
    clock, start = SystemClock(), threading.Barrier(8)

    def make(_number: int) -> list[UUID]:
        start.wait()
        return [clock.new_id() for _ in range(2000)]

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(8)))
    assert all(ids == sorted(ids) for ids in made)
    assert len({row_id for ids in made for row_id in ids}) == 16_000


def test_the_clock_says_utc_and_the_offset_of_this_place(monkeypatch: pytest.MonkeyPatch):
    import time

    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    try:
        for zone, minutes in (("UTC0", 0), ("IST-5:30", 330), ("NST3:30", -210)):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert clock.utc_offset_minutes() == minutes
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_monotonic_clock_never_goes_back():
    clock = SystemClock()
    read = [clock.monotonic() for _ in range(1000)]
    assert read == sorted(read)
