"""A clock that stands still until a test moves it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from desktop.clock import IdSource

NOON = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class StillClock:
    """Starts at noon UTC on 23 November 2025; `pass_time` moves wall time and the monotonic clock alike."""

    wall: datetime = NOON
    offset_minutes: int = 0
    ticks: float = 0.0
    _ids: IdSource = field(default_factory=IdSource)

    def pass_time(self, **spans: float) -> None:
        span = timedelta(**spans)
        self.wall += span
        self.ticks += span.total_seconds()

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    def utc_offset_minutes(self) -> int:
        return self.offset_minutes

    def new_id(self) -> UUID:
        return self._ids.next(round(self.wall.timestamp() * 1000))

    def observe(self, newest: UUID) -> None:
        self._ids.observe(newest)
