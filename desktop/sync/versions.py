"""Versions of a record: as a page brings them, as they are stored, and as the merge knows them."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from desktop.sync.merge import Row
from desktop.sync.tables import page_columns

_AT_ONCE = 500  # ids in one statement


def put(connection: Any, table: str, row_id: bytes, row: Row, *, columns_of: str = "") -> None:
    """Write a row into a table of records, or into one with versions of them."""
    columns = page_columns(columns_of or table)
    values = _values(columns_of or table, row_id, row)
    excluded = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT (id) DO UPDATE SET {excluded}",
        values,
    )


def row_of(name: str, stored: tuple[Any, ...]) -> Row:
    """Return a row of a page as the merge knows it."""
    values = dict(zip(page_columns(name)[1:], stored[1:], strict=True))
    rev, srv_seq, hlc, origin = (values.pop(column) for column in ("rev", "srv_seq", "hlc", "origin"))
    deleted = bool(values.pop("deleted"))
    return Row(values, deleted, rev, srv_seq, hlc or 0, UUID(bytes=origin) if origin else None)


def _values(name: str, row_id: bytes, row: Row) -> tuple[Any, ...]:
    origin = None if row.origin is None else row.origin.bytes
    told = {**row.values, "deleted": int(row.deleted), "id": row_id}
    told |= {"rev": row.rev, "srv_seq": row.srv_seq, "hlc": row.hlc, "origin": origin}
    return tuple(told[column] for column in page_columns(name))


def stored(connection: Any, table: str, name: str, row_id: bytes) -> Row | None:
    """Return the version of a record of `name` that `table` holds, None when it holds none."""
    found = connection.execute(
        f"SELECT {', '.join(page_columns(name))} FROM {table} WHERE id = ?", (row_id,)
    ).fetchone()
    return None if found is None else row_of(name, tuple(found))


def rows_by_id(connection: Any, query: str, ids: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a query that ends in "IN", for as many ids as there are."""
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        yield from connection.execute(f"{query} ({', '.join('?' * len(part))})", part)


def known(connection: Any, query: str, ids: Sequence[bytes]) -> Iterator[bytes]:
    """Give the first column of such rows."""
    return (row[0] for row in rows_by_id(connection, query, ids))
