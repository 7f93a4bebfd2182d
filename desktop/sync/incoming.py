"""Pages: what the centre has that this laptop has not, merged into the records.

On the database's thread, in one local transaction a page. What was not edited here is overwritten; the rest is merged
field by field (`merge`), and what clashes is kept as a conflict. A delete never beats an edit or a child that it did
not see.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from desktop.search import index_sessions
from desktop.sync.exchange import Page
from desktop.sync.merge import Clash, Merged, Row, merge
from desktop.sync.outgoing import CONFLICTS, remember
from desktop.sync.tables import NAMES, PARENTS, recorded
from desktop.sync.values import as_text

_AT_ONCE = 500  # ids in one statement
_CONFLICT_IDS = UUID("8d0b6c3e-4a53-5c5e-9b1c-6f2d9a7e4c10")


@dataclass
class Applied:
    """What a page did here: rows that are new or newer, by table, and how many conflicts it made."""

    rows: dict[str, list[bytes]] = field(default_factory=dict)
    conflicts: int = 0


def apply(connection: Any, page: Page) -> Applied:
    """Merge a page into the records, and move the cursor behind it."""
    applied = Applied()
    with applying(connection):
        for name in NAMES:
            if rows := page.rows.get(name):
                applied.rows[name] = _apply_rows(connection, name, rows, applied)
        _revive_parents(connection, applied)
        index_sessions(connection, _sessions_of(connection, applied))
        newest = max((row[-2] or 0 for rows in page.rows.values() for row in rows), default=0)
        connection.execute(
            "UPDATE sync_state SET cursor = max(cursor, ?), hlc = max(hlc, ?)", (page.to, newest)
        )
        remember(connection, [*page.links, (page.head, page.head_chain)])
    return applied


def _sessions_of(connection: Any, applied: Applied) -> list[bytes]:
    """Return the sessions whose words can be others now."""
    found = set(applied.rows.get("sessions", ()))
    tasks = applied.rows.get("task_results", ())
    found.update(_known(connection, "SELECT session_id FROM task_results WHERE id IN", list(tasks)))
    return sorted(found)


@contextmanager
def applying(connection: Any) -> Iterator[None]:
    """Write rows of the centre within the block: they are no edits, and the trail has one entry for all of them."""
    connection.execute("UPDATE sync_state SET applying = 1")
    yield  # what fails rolls back the whole transaction
    connection.execute("UPDATE sync_state SET applying = 0")


# Rows


def _apply_rows(connection: Any, name: str, rows: Sequence[tuple[Any, ...]], applied: Applied) -> list[bytes]:
    """Write one table's rows of a page, and return the ids of those that brought something."""
    columns = _columns(name)
    ids = [row[0] for row in rows]
    edited = set(_known(connection, f"SELECT id FROM sync_outbox WHERE tbl = '{name}' AND id IN", ids))
    revs = dict(_rows_by_id(connection, f"SELECT id, rev FROM {name} WHERE id IN", ids))
    at_rev = columns.index("rev")
    newer = [row for row in rows if row[at_rev] > revs.get(row[0], -1)]
    clean = [row for row in newer if row[0] not in edited]
    if clean:
        values = ", ".join("?" * len(columns))
        excluded = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
        connection.executemany(
            f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {excluded}",
            clean,
        )
    for row in rows:
        if row[0] in edited:
            _rebase(connection, name, row, applied)
    return [row[0] for row in newer]


def _rebase(connection: Any, name: str, incoming: tuple[Any, ...], applied: Applied) -> None:
    """Merge one row that was edited here too."""
    row_id = incoming[0]
    remote = row_of(name, incoming)
    base = _stored(connection, f"base_{name}", name, row_id)
    local = _stored(connection, name, name, row_id)
    hlc, origin = connection.execute(
        "SELECT o.hlc, s.replica_id FROM sync_outbox o, sync_state s WHERE o.tbl = ? AND o.id = ?",
        (name, row_id),
    ).fetchone()
    assert local is not None
    edited = Row(local.values, local.deleted, local.rev, local.srv_seq, hlc, UUID(bytes=origin))
    merged = merge(remote, edited, base, dirty=True)
    if merged.row is edited:
        return  # the page is older than what both had in common
    _write(connection, name, row_id, merged)
    if name != CONFLICTS:  # of two who resolve one, the later is seen
        for clash in merged.clashes:
            add_conflict(connection, name, row_id, clash)
            applied.conflicts += 1


def _write(connection: Any, name: str, row_id: bytes, merged: Merged) -> None:
    """Store a merged row, what it has in common with the centre now, and whether it waits."""
    put(connection, name, row_id, merged.row)
    connection.execute(f"DELETE FROM base_{name} WHERE id = ?", (row_id,))
    if merged.dirty and merged.base is not None:
        put(connection, f"base_{name}", row_id, merged.base, columns_of=name)
        connection.execute(
            "UPDATE sync_outbox SET hlc = ?, status = 'waiting', error = NULL WHERE tbl = ? AND id = ?",
            (merged.row.hlc, name, row_id),
        )
    else:
        connection.execute("DELETE FROM sync_outbox WHERE tbl = ? AND id = ?", (name, row_id))


def put(connection: Any, table: str, row_id: bytes, row: Row, *, columns_of: str = "") -> None:
    """Write a row into a table of records, or into one with versions of them."""
    columns = _columns(columns_of or table)
    values = _values(columns_of or table, row_id, row)
    excluded = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT (id) DO UPDATE SET {excluded}",
        values,
    )


def _columns(name: str) -> tuple[str, ...]:
    """Return the columns of a page's rows, in their order."""
    return ("id", *recorded(name), "rev", "srv_seq", "hlc", "origin")


def row_of(name: str, stored: tuple[Any, ...]) -> Row:
    """Return a row of a page as the merge knows it."""
    values = dict(zip(_columns(name)[1:], stored[1:], strict=True))
    rev, srv_seq, hlc, origin = (values.pop(column) for column in ("rev", "srv_seq", "hlc", "origin"))
    deleted = bool(values.pop("deleted"))
    return Row(values, deleted, rev, srv_seq, hlc or 0, UUID(bytes=origin) if origin else None)


def _values(name: str, row_id: bytes, row: Row) -> tuple[Any, ...]:
    origin = None if row.origin is None else row.origin.bytes
    told = {**row.values, "deleted": int(row.deleted), "id": row_id}
    told |= {"rev": row.rev, "srv_seq": row.srv_seq, "hlc": row.hlc, "origin": origin}
    return tuple(told[column] for column in _columns(name))


def _stored(connection: Any, table: str, name: str, row_id: bytes) -> Row | None:
    found = connection.execute(
        f"SELECT {', '.join(_columns(name))} FROM {table} WHERE id = ?", (row_id,)
    ).fetchone()
    return None if found is None else row_of(name, tuple(found))


def _rows_by_id(connection: Any, query: str, ids: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        yield from connection.execute(f"{query} ({', '.join('?' * len(part))})", part)


def _known(connection: Any, query: str, ids: Sequence[bytes]) -> Iterator[bytes]:
    return (row[0] for row in _rows_by_id(connection, query, ids))


# Trees


def _revive_parents(connection: Any, applied: Applied) -> None:
    """Keep alive what was deleted on one side while something below it was edited or made on the other."""
    for parent_name, below in _BELOW.items():
        wanted: set[bytes] = set()
        for query in below:
            wanted.update(row[0] for row in connection.execute(query))
        for row_id in sorted(wanted):
            _revive(connection, parent_name, row_id, applied)
        for query, child in _ABOVE[parent_name]:
            unsent = f"SELECT 1 FROM sync_outbox o JOIN {parent_name} p ON p.id = o.id AND p.deleted WHERE o.tbl = ?"
            if connection.execute(unsent + " LIMIT 1", (parent_name,)).fetchone() is None:
                break
            for row_id in sorted(set(_known(connection, query, applied.rows.get(child, [])))):
                _revive(connection, parent_name, row_id, applied)


def _revive(connection: Any, name: str, row_id: bytes, applied: Applied) -> None:
    """Take a delete back that did not see what lies under it, and keep it as a conflict."""
    row = _stored(connection, name, name, row_id)
    if row is None or not row.deleted:
        return
    waiting = connection.execute(
        "SELECT o.hlc, s.replica_id FROM sync_outbox o, sync_state s WHERE o.tbl = ? AND o.id = ?",
        (name, row_id),
    ).fetchone()
    hlc, origin = (waiting[0], UUID(bytes=waiting[1])) if waiting else (row.hlc, row.origin)
    if waiting is None and row.rev:
        put(connection, f"base_{name}", row_id, row, columns_of=name)
    connection.execute(f"UPDATE {name} SET deleted = 0 WHERE id = ?", (row_id,))
    wait(connection, name, row_id)
    clash = Clash("deleted", "delete_vs_edit", False, False, True, hlc, origin)
    add_conflict(connection, name, row_id, clash)
    applied.conflicts += 1


def wait(connection: Any, name: str, row_id: bytes) -> None:
    """Put a row into the outbox that the sync itself has changed."""
    connection.execute(
        "UPDATE sync_state SET change_no = change_no + 1, "
        "hlc = max(hlc + 1, (SELECT at FROM audit_context) / 1000 << 16)"
    )
    connection.execute(
        "INSERT INTO sync_outbox (tbl, id, change_no, hlc, status, tries) "
        "SELECT ?, ?, change_no, hlc, 'waiting', 0 FROM sync_state WHERE true "
        "ON CONFLICT (tbl, id) DO UPDATE SET change_no = excluded.change_no, hlc = excluded.hlc, "
        "status = 'waiting', error = NULL",
        (name, row_id),
    )


def _edited_below(parent: str, path: str, child: str) -> str:
    """Return the query for deleted rows that nobody here deleted since, with something below that was edited here."""
    return (
        f"SELECT p.id FROM sync_outbox o JOIN {child} c ON c.id = o.id {path} "
        f"WHERE o.tbl = '{child}' AND o.status = 'waiting' AND NOT c.deleted AND p.deleted "
        f"AND NOT EXISTS (SELECT 1 FROM sync_outbox w WHERE w.tbl = '{parent}' AND w.id = p.id)"
    )


def _deleted_above(parent: str, path: str, child: str) -> str:
    """Return the query for rows whose delete is not sent yet, above some that came in."""
    return (
        f"SELECT p.id FROM {child} c {path} JOIN sync_outbox w ON w.tbl = '{parent}' AND w.id = p.id "
        f"WHERE p.deleted AND NOT c.deleted AND c.id IN"
    )


_TASK_OF = "JOIN task_results p ON p.id = c.task_id"
_SESSION_OF = "JOIN sessions p ON p.id = c.session_id"
_SESSION_OF_METRIC = (
    "JOIN task_results t ON t.id = c.task_id AND NOT t.deleted JOIN sessions p ON p.id = t.session_id"
)
_PATHS = (
    ("task_results", _TASK_OF, "metrics"),
    ("sessions", _SESSION_OF, "task_results"),
    ("sessions", _SESSION_OF_METRIC, "metrics"),
)
# Tasks first: one that lives again keeps its session alive too.
_BELOW = {
    parent: [_edited_below(*path) for path in _PATHS if path[0] == parent]
    for parent in ("task_results", "sessions")
}
_ABOVE = {
    parent: [(_deleted_above(*path), path[2]) for path in _PATHS if path[0] == parent]
    for parent in ("task_results", "sessions")
}


# Conflicts


def add_conflict(connection: Any, name: str, row_id: bytes, clash: Clash) -> None:
    """Keep what a clash left out; it waits for the centre, with its record."""
    origin = None if clash.loser_origin is None else clash.loser_origin.bytes
    told = (
        f"{name}:{row_id.hex()}:{clash.field}:{clash.loser_hlc}:{clash.loser_origin}:{as_text(clash.loser)}"
    )
    conflict_id = uuid5(_CONFLICT_IDS, told).bytes
    at, actor = connection.execute("SELECT at, actor FROM audit_context").fetchone()
    values = {
        "id": conflict_id,
        "tbl": name,
        "row_id": row_id,
        "session_id": _session_of(connection, name, row_id),
        "field": clash.field,
        "kind": clash.kind,
        "base": as_text(clash.base),
        "winner": as_text(clash.winner),
        "loser": as_text(clash.loser),
        "loser_hlc": clash.loser_hlc,
        "loser_origin": origin,
        "status": "open",
        "created_at": at,
        "updated_at": at,
        "created_by": actor,
        "updated_by": actor,
        "utc_offset_minutes": 0,
    }
    made = connection.execute(
        f"INSERT INTO conflicts ({', '.join(values)}) VALUES ({', '.join('?' * len(values))}) ON CONFLICT DO NOTHING",
        tuple(values.values()),
    )
    if made.rowcount:
        wait(connection, CONFLICTS, conflict_id)


def _session_of(connection: Any, name: str, row_id: bytes) -> bytes | None:
    """Return the session that a record is in, None for what is in none."""
    while name in PARENTS:
        parent, column = PARENTS[name]
        (row_id,) = connection.execute(f"SELECT {column} FROM {name} WHERE id = ?", (row_id,)).fetchone()
        name = parent
    return row_id if name == "sessions" else None
