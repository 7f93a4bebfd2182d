"""What is here, counted and hashed so that a laptop and the centre can be compared: the same bytes on both sides.

Each row is written in one fixed binary form, and the rows of a table follow each other in the order of their ids. Where
a row stands in the sync is no part of it, but its `rev`: that is the version which both must have.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Boolean, Column, Date, Double, Integer, Table, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from desktop.models import Base
from desktop.sync.tables import SYNCED
from desktop.types import Id, Instant, microseconds

_NOT_COMPARED = frozenset({"srv_seq", "hlc", "origin"})
_ROWS_AT_ONCE = 1000
_ABSENT, _PRESENT = b"\x00", b"\x01"

Encoder = Callable[[Any], bytes]


@dataclass(frozen=True)
class Counted:
    """One table: its rows that are not deleted, and the SHA-256 of all its rows."""

    rows: int
    digest: str


async def receipt(db: AsyncSession) -> dict[str, Counted]:
    """Return what each synced table holds, read at one moment."""
    return {model.__tablename__: await _counted(db, model) for model in SYNCED}


async def _counted(db: AsyncSession, model: type[Base]) -> Counted:
    columns = compared(cast(Table, model.__table__))
    encode = row_encoder(columns)
    deleted = [column.name for column in columns].index("deleted")
    digest, living = hashlib.sha256(), 0
    query = select(*columns).order_by(model.__table__.c.id).execution_options(yield_per=_ROWS_AT_ONCE)
    async for row in await db.stream(query):
        digest.update(encode(row))
        living += not row[deleted]
    return Counted(living, digest.hexdigest())


def compared(table: Table) -> list[Column[Any]]:
    """Return the columns that are compared, in an order that does not depend on how the table was made."""
    return sorted(
        (column for column in table.columns if column.name not in _NOT_COMPARED), key=lambda one: one.name
    )


def row_encoder(columns: Iterable[Column[Any]]) -> Callable[[Iterable[Any]], bytes]:
    """Return what writes a row of these columns in its one binary form; no two rows have the same."""
    encoders = [_encoder(column.type) for column in columns]

    def encode(row: Iterable[Any]) -> bytes:
        return b"".join(
            _ABSENT if value is None else _PRESENT + write(value)
            for write, value in zip(encoders, row, strict=True)
        )

    return encode


def _encoder(kind: TypeEngine[Any]) -> Encoder:
    """Return how a column's values are written: all of one kind are as long as each other, or say how long they are."""
    for known, encoder in _ENCODERS:
        if isinstance(kind, known):
            return encoder
    return _text


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw


def _day(value: date) -> bytes:
    return struct.pack(">q", value.toordinal())


def _instant(value: datetime) -> bytes:
    return struct.pack(">q", microseconds(value))


# The first that fits counts: BigInteger is an Integer.
_ENCODERS: tuple[tuple[type[TypeEngine[Any]], Encoder], ...] = (
    (Id, lambda value: value.bytes),
    (Instant, _instant),
    (Date, _day),
    (Boolean, struct.Struct(">?").pack),
    (Double, struct.Struct(">d").pack),
    (Integer, struct.Struct(">q").pack),
)
