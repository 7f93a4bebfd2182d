"""Time and identity: the two things that tests must control."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Where every time and every id comes from."""

    def now(self) -> datetime:
        """Return the wall time as an aware UTC instant, in whole microseconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; only differences mean something."""
        ...

    def utc_offset_minutes(self) -> int:
        """Return how far local time is ahead of UTC now, in minutes."""
        ...

    def new_id(self) -> UUID:
        """Return an id greater than every id made or observed before."""
        ...

    def observe(self, newest: UUID) -> None:
        """Keep later ids above `newest`, the greatest id that is already stored."""
        ...


_END_OF_TIME = 253_402_300_800_000 << 12  # the year 10,000; far above it ids would end


@dataclass
class IdSource:
    """Makes UUIDv7 ids that rise on one device even when its clock goes back.

    The layout is RFC 9562, 5.7: 48 bits of Unix milliseconds, then, as its method 1 of section 6.2 allows, a
    12-bit counter and 62 random bits. When the wall clock is behind the last id, the last id's time is used on.
    """

    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def next(self, unix_ms: int) -> UUID:
        """Return the next id for the wall time `unix_ms`."""
        with self._lock:
            ticks = max(unix_ms << 12, self._last + 1)
            self._last = ticks
        return _uuid7(ticks, secrets.randbits(62))

    def observe(self, newest: UUID) -> None:
        """Never again make an id at or below `newest`; ids of another version, or of after 9999, are ignored."""
        bits = newest.int
        ticks = (bits >> 80) << 12 | bits >> 64 & 0xFFF
        if newest.version == 7 and ticks < _END_OF_TIME:
            with self._lock:
                self._last = max(self._last, ticks)


def _uuid7(ticks: int, random: int) -> UUID:
    milliseconds, counter = ticks >> 12, ticks & 0xFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random)


@dataclass(frozen=True)
class SystemClock:
    """The laptop's own clock."""

    _ids: IdSource = field(default_factory=IdSource)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.perf_counter()

    def utc_offset_minutes(self) -> int:
        offset = datetime.now().astimezone().utcoffset()
        return round(offset.total_seconds() / 60) if offset else 0

    def new_id(self) -> UUID:
        return self._ids.next(time.time_ns() // 1_000_000)

    def observe(self, newest: UUID) -> None:
        self._ids.observe(newest)


def wall_time(instant: datetime, utc_offset_minutes: int) -> datetime:
    """Return `instant` as the clock on the wall showed it where it was recorded."""
    try:
        return instant + timedelta(minutes=utc_offset_minutes)
    except OverflowError:  # before the year 1 or after 9999
        return instant
