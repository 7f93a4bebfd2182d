"""A delete never hides what it did not see: records above and below each other."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from desktop.sync.clashes import add_conflict, wait
from desktop.sync.merge import Clash
from desktop.sync.versions import known, put, stored


def revive_parents(connection: Any, arrived: Mapping[str, Sequence[bytes]]) -> int:
    """Keep alive what was deleted on one side while something below it was edited or made on the other.

    `arrived` are the rows that a page brought, by table. Returns how many deletes were taken back.
    """
    revived = 0
    for name, below in _BELOW.items():
        wanted = {row[0] for query in below for row in connection.execute(query)}
        if _has_unsent_deletes(connection, name):
            for query, child in _ABOVE[name]:
                wanted.update(known(connection, query, arrived.get(child, ())))
        revived += sum(_revive(connection, name, row_id) for row_id in sorted(wanted))
    return revived


def _has_unsent_deletes(connection: Any, name: str) -> bool:
    query = f"SELECT 1 FROM sync_outbox o JOIN {name} p ON p.id = o.id AND p.deleted WHERE o.tbl = ? LIMIT 1"
    return connection.execute(query, (name,)).fetchone() is not None


def _revive(connection: Any, name: str, row_id: bytes) -> bool:
    """Take a delete back that did not see what lies under it, and keep it as a conflict; False where there is none."""
    row = stored(connection, name, name, row_id)
    if row is None or not row.deleted:
        return False
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
    return True


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
