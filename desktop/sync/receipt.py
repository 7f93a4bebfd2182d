"""What is here, counted and hashed so that a laptop and the centre can be compared: the same bytes on both sides.

Each row is written in one fixed binary form and hashed; the hashes of a table's rows, in the order of their ids, are
hashed again. Where a row stands in the sync is no part of it, but its `rev`: that is the version which both must have.
The centre does all of this in one statement, so that a line a table crosses the network.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, Double, Integer
from sqlalchemy.types import TypeEngine

from desktop.sync.exchange import Counted
from desktop.sync.tables import NAMES, records
from desktop.types import Id, Instant

_NOT_COMPARED = frozenset({"srv_seq", "hlc", "origin"})
_ROWS_AT_ONCE = 1000
_ABSENT, _PRESENT = b"\x00", b"\x01"

Encoder = Callable[[Any], bytes]


def receipt(connection: Any) -> dict[str, Counted]:
    """Return what each synced table holds; on the database's thread, within one transaction."""
    return {name: _counted(connection, name) for name in NAMES}


def _counted(connection: Any, name: str) -> Counted:
    columns = compared(name)
    encode = row_encoder(columns)
    deleted = [column.name for column in columns].index("deleted")
    digest, living = hashlib.sha256(), 0
    listed = ", ".join(column.name for column in columns)
    rows = connection.execute(f"SELECT {listed} FROM {name} ORDER BY id")
    while page := rows.fetchmany(_ROWS_AT_ONCE):
        digest.update(b"".join(hashlib.sha256(encode(row)).digest() for row in page))
        living += sum(not row[deleted] for row in page)
    return Counted(living, digest.hexdigest())


def compared(name: str) -> list[Column[Any]]:
    """Return the columns that are compared, in an order that does not depend on how the table was made."""
    columns = (column for column in records(name).columns if column.name not in _NOT_COMPARED)
    return sorted(columns, key=lambda column: column.name)


def row_encoder(columns: Iterable[Column[Any]]) -> Callable[[Iterable[Any]], bytes]:
    """Return what writes a row of these columns, as SQLite stores it, in its one form; no two rows have the same."""
    encoders = [_encoder(column.type) for column in columns]

    def encode(row: Iterable[Any]) -> bytes:
        return b"".join(
            [
                _ABSENT if value is None else _PRESENT + write(value)
                for write, value in zip(encoders, row, strict=True)
            ]
        )

    return encode


def _encoder(kind: TypeEngine[Any]) -> Encoder:
    """Return how a column's values are written: all of one kind are as long as each other, or say how long they are."""
    return next((encoder for known, encoder, _ in _FORMS if isinstance(kind, known)), _text)


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw


def _day(value: str) -> bytes:
    return struct.pack(">q", date.fromisoformat(value).toordinal())


# How a kind of column is written here and, in PostgreSQL's words, at the centre. The first that fits counts:
# BigInteger is an Integer, and instants are microseconds since 1970.
_FORMS: tuple[tuple[type[TypeEngine[Any]], Encoder, str], ...] = (
    (Id, bytes, "uuid_send({0})"),
    (Date, _day, f"int8send(({{0}} - DATE '2000-01-01' + {date(2000, 1, 1).toordinal()})::bigint)"),
    (Boolean, struct.Struct(">?").pack, "CASE WHEN {0} THEN '\\x01'::bytea ELSE '\\x00'::bytea END"),
    (Double, struct.Struct(">d").pack, "float8send({0})"),
    (Integer, struct.Struct(">q").pack, "int8send({0}::bigint)"),
    (Instant, struct.Struct(">q").pack, "int8send((extract(epoch FROM {0}) * 1000000)::bigint)"),
)
_TEXT_FORM = "int4send(octet_length({0})) || convert_to({0}, 'UTF8')"


def centre_query() -> str:
    """Return the statement that counts and hashes at a centre ($1), a row a table: its name, rows and digest."""
    return " UNION ALL ".join(map(_centre_query, NAMES))


def _centre_query(name: str) -> str:
    row = " || ".join(_written_by_centre(column) for column in compared(name))
    return (
        f"SELECT '{name}' AS tbl, count(*) FILTER (WHERE NOT deleted) AS rows, "
        f"encode(sha256(coalesce(string_agg(sha256({row}), ''::bytea ORDER BY id), ''::bytea)), 'hex') AS digest "
        f"FROM {name} WHERE centre_id = $1"
    )


def _written_by_centre(column: Column[Any]) -> str:
    form = next((form for known, _, form in _FORMS if isinstance(column.type, known)), _TEXT_FORM)
    value = form.format(column.name)
    return f"CASE WHEN {column.name} IS NULL THEN '\\x00'::bytea ELSE '\\x01'::bytea || {value} END"
