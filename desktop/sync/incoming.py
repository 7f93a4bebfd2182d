"""Pages: what the centre has that this laptop has not, merged into the records.

On the database's thread, in one local transaction a page. What was not edited here is overwritten; the rest is merged
field by field (`merge`), and what clashes is kept as a conflict. A delete never beats an edit or a child that it did
not see.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from desktop.search import index_sessions
from desktop.sync.clashes import add_conflict
from desktop.sync.exchange import Page
from desktop.sync.families import revive_parents
from desktop.sync.merge import Merged, Row, merge
from desktop.sync.outgoing import CONFLICTS, remember
from desktop.sync.tables import NAMES, page_columns
from desktop.sync.versions import known, put, row_of, rows_by_id, stored


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
        applied.conflicts += revive_parents(connection, applied.rows)
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
    found.update(known(connection, "SELECT session_id FROM task_results WHERE id IN", list(tasks)))
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
    columns = page_columns(name)
    ids = [row[0] for row in rows]
    edited = set(known(connection, f"SELECT id FROM sync_outbox WHERE tbl = '{name}' AND id IN", ids))
    revs = dict(rows_by_id(connection, f"SELECT id, rev FROM {name} WHERE id IN", ids))
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
    base = stored(connection, f"base_{name}", name, row_id)
    local = stored(connection, name, name, row_id)
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
