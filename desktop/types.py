"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, LargeBinary, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Id(TypeDecorator[UUID]):
    """A UUID: 16 bytes on SQLite, so that ids sort by their creation; `uuid` on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else UUID(bytes=value)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant: integer microseconds since 1970 on SQLite, `timestamptz` on PostgreSQL."""

    impl = BigInteger()
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, datetime):
            return from_microseconds(value)
        return _in_utc(value)


class IdText(TypeEngine[str]):
    """An Id that is read as text, without a UUID in between and by nothing but one function: for many rows."""

    __visit_name__ = "large_binary"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        return _id_text


class InstantText(TypeEngine[str]):
    """An Instant that is read as ISO 8601 text in UTC, with six digits and "Z"."""

    __visit_name__ = "big_integer"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        return _instant_text


def _id_text(value: Any) -> str | None:
    if not isinstance(value, bytes):
        return None if value is None else str(value)
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@lru_cache(4096)
def _instant_text(value: Any) -> str | None:
    if value is None:
        return None
    instant = from_microseconds(value) if isinstance(value, int) else _in_utc(value)
    return f"{instant.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _in_utc(value: datetime) -> datetime:
    """Return an instant of PostgreSQL: asyncpg takes the calendar's first and last microsecond for infinite, naive."""
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Return whole microseconds since 1970; raises TypeError for a naive datetime."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the UTC instant `count` microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=count)
