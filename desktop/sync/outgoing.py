"""Batches: which edits go next, what of them is in flight, and what the centre's answer means here.

Each function is one step of a local transaction, on the database's thread: set-based statements over typed columns.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from desktop.sync.exchange import Answer, Batch
from desktop.sync.tables import NAMES, PARENTS, recorded, records

CONFLICTS = "conflicts"
_SENDING = "UPDATE sync_outbox SET sending = change_no WHERE status = 'waiting' AND sending IS NULL AND"
# A child of a new record that the centre refused would be refused too.
_UNBLOCKED = """AND NOT (o.tbl = 'task_results' AND EXISTS (
    SELECT 1 FROM task_results t JOIN sessions s ON s.id = t.session_id AND s.rev = 0
    JOIN sync_outbox p ON p.tbl = 'sessions' AND p.id = s.id AND p.status = 'quarantined' WHERE t.id = o.id
)) AND NOT (o.tbl = 'metrics' AND EXISTS (
    SELECT 1 FROM metrics m JOIN task_results t ON t.id = m.task_id JOIN sessions s ON s.id = t.session_id
    LEFT JOIN sync_outbox p ON p.tbl = 'task_results' AND p.id = t.id AND p.status = 'quarantined' AND t.rev = 0
    LEFT JOIN sync_outbox q ON q.tbl = 'sessions' AND q.id = s.id AND q.status = 'quarantined' AND s.rev = 0
    WHERE m.id = o.id AND (p.id IS NOT NULL OR q.id IS NOT NULL)
))"""


def freeze(connection: Any, *, limit: int, nonce: bytes) -> bool:
    """Put the oldest edits into a batch, at most `limit` and what they need beside them; False when none waits."""
    blocked = connection.execute("SELECT 1 FROM sync_outbox WHERE status = 'quarantined' LIMIT 1").fetchone()
    connection.execute(
        "UPDATE sync_outbox SET sending = change_no WHERE (tbl, id) IN ("
        f"SELECT o.tbl, o.id FROM sync_outbox o WHERE o.status = 'waiting' {_UNBLOCKED if blocked else ''} "
        "ORDER BY o.change_no LIMIT ?)",
        (limit,),
    )
    _add_rows_of_conflicts(connection)
    _add_parents(connection)
    _add_conflicts_of_rows(connection)
    if not _in_flight(connection):
        return False
    connection.execute(
        "INSERT INTO sync_inflight (batch_no, chain, cursor) SELECT batch_no + 1, ?, cursor FROM sync_state",
        (_next_chain(connection, nonce),),
    )
    return True


def halve(connection: Any, *, nonce: bytes) -> bool:
    """Keep the first half of the batch in flight, parents first; False when it is one record with its conflicts."""
    kept = []
    for name in NAMES:
        found = "SELECT id FROM sync_outbox WHERE tbl = ? AND sending IS NOT NULL ORDER BY change_no"
        if name != CONFLICTS:
            kept += [(name, row[0]) for row in connection.execute(found, (name,))]
    if not kept:
        kept = [(CONFLICTS, row[0]) for row in connection.execute(found, (CONFLICTS,))]
    if len(kept) < 2:
        return False
    _take_back(connection)
    half = kept[: len(kept) // 2]
    connection.executemany("UPDATE sync_outbox SET sending = change_no WHERE tbl = ? AND id = ?", half)
    _add_conflicts_of_rows(connection)
    connection.execute("UPDATE sync_inflight SET chain = ?", (_next_chain(connection, nonce),))
    return True


def quarantine(connection: Any, reason: str) -> tuple[str, bytes]:
    """Set the one record of the batch in flight aside, with the centre's reason, and return which it is."""
    order = "ORDER BY tbl = 'conflicts' LIMIT 1"
    name, row_id = connection.execute(
        f"SELECT tbl, id FROM sync_outbox WHERE sending IS NOT NULL {order}"
    ).fetchone()
    thaw(connection)
    connection.execute(
        "UPDATE sync_outbox SET status = 'quarantined', error = ?, tries = tries + 1 WHERE tbl = ? AND id = ?",
        (reason, name, row_id),
    )
    return name, row_id


def thaw(connection: Any) -> None:
    """Take the batch in flight back: its edits wait again, and what was edited meanwhile is the newest of them."""
    _take_back(connection)
    connection.execute("DELETE FROM sync_inflight")


def read_batch(connection: Any) -> Batch | None:
    """Return the batch in flight as it was frozen, None when there is none."""
    found = connection.execute(
        "SELECT f.batch_no, s.batch_chain, f.chain, f.cursor FROM sync_inflight f, sync_state s"
    ).fetchone()
    if found is None:
        return None
    rows = {name: list(_frozen(connection, name)) for name in NAMES}
    deleted = {name: ("id", *recorded(name)).index("deleted") for name in NAMES}
    holds_delete = any(row[deleted[name]] for name, listed in rows.items() for row in listed)
    number, chain_before, chain, cursor = found
    return Batch(
        number=number,
        chain_before=chain_before,
        chain=chain,
        cursor=cursor,
        holds_delete=holds_delete,
        rows={name: listed for name, listed in rows.items() if listed},
    )


def acknowledge(connection: Any, answer: Answer) -> None:
    """Write what the centre accepted into the records' standing; what was edited again meanwhile stays waiting."""
    for name, ids in answer.rejected.items():
        listed = [(name, row_id) for row_id in sorted(ids)]
        connection.executemany("UPDATE sync_outbox SET sending = NULL WHERE tbl = ? AND id = ?", listed)
        connection.executemany(f"DELETE FROM sent_{name} WHERE id = ?", [(row_id,) for _, row_id in listed])
    for name in _tables_in_flight(connection):
        _accept(connection, name, answer.seq)
    connection.execute(
        "UPDATE sync_state SET (batch_no, batch_chain) = (SELECT batch_no, chain FROM sync_inflight), "
        # Nobody else wrote in between: there is nothing to pull up to here.
        "cursor = CASE WHEN cursor + 1 = ?1 THEN ?1 ELSE cursor END",
        (answer.seq,),
    )
    connection.execute("DELETE FROM sync_inflight")
    remember(connection, [(answer.seq, answer.chain)])


def remember(connection: Any, links: Iterable[tuple[int, bytes]]) -> None:
    """Keep commits of the centre, by which its history is known again."""
    connection.executemany(
        "INSERT INTO sync_chain (seq, chain) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET chain = excluded.chain",
        list(links),
    )


def _next_chain(connection: Any, nonce: bytes) -> bytes:
    (before,) = connection.execute("SELECT batch_chain FROM sync_state").fetchone()
    return hashlib.sha256(before + nonce).digest()


def _add_parents(connection: Any) -> None:
    for name in ("metrics", "task_results"):
        parent, column = PARENTS[name]
        connection.execute(
            f"{_SENDING} tbl = '{parent}' AND id IN (SELECT t.{column} FROM sync_outbox o JOIN {name} t ON t.id = o.id "
            f"WHERE o.tbl = '{name}' AND o.sending IS NOT NULL)"
        )


def _add_rows_of_conflicts(connection: Any) -> None:
    """A conflict that the centre does not have goes with its record, if that is to be sent at all."""
    for name in NAMES:
        if name != CONFLICTS:
            connection.execute(
                f"{_SENDING} tbl = '{name}' AND id IN (SELECT c.row_id FROM sync_outbox o "
                f"JOIN conflicts c ON c.id = o.id WHERE o.tbl = '{CONFLICTS}' AND o.sending IS NOT NULL "
                f"AND c.rev = 0 AND c.tbl = '{name}')"
            )


def _add_conflicts_of_rows(connection: Any) -> None:
    connection.execute(
        f"{_SENDING} tbl = '{CONFLICTS}' AND id IN (SELECT c.id FROM sync_outbox w JOIN conflicts c ON c.id = w.id "
        f"JOIN sync_outbox o ON o.tbl = c.tbl AND o.id = c.row_id AND o.sending IS NOT NULL "
        f"WHERE w.tbl = '{CONFLICTS}' AND w.sending IS NULL)"
    )


def _in_flight(connection: Any) -> bool:
    return (
        connection.execute("SELECT 1 FROM sync_outbox WHERE sending IS NOT NULL LIMIT 1").fetchone()
        is not None
    )


def _tables_in_flight(connection: Any) -> list[str]:
    found = {
        row[0] for row in connection.execute("SELECT DISTINCT tbl FROM sync_outbox WHERE sending IS NOT NULL")
    }
    return [name for name in NAMES if name in found]


def _take_back(connection: Any) -> None:
    for name in _tables_in_flight(connection):
        connection.execute(f"DELETE FROM sent_{name}")
    connection.execute("UPDATE sync_outbox SET sending = NULL WHERE sending IS NOT NULL")


def _frozen(connection: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Give the rows of one table in flight; what was edited since is read as it was frozen."""
    listed = ", ".join(f"t.{column}" for column in ("id", *recorded(name), "rev"))
    along = ""
    if name == CONFLICTS:
        along = ", EXISTS (SELECT 1 FROM sync_outbox r WHERE r.tbl = t.tbl AND r.id = t.row_id AND r.sending NOT NULL)"
    waiting = f"FROM sync_outbox o JOIN {{}} t ON t.id = o.id WHERE o.tbl = '{name}' AND o.sending"
    query = (
        f"SELECT {listed}, o.hlc{along} {waiting.format(name)} = o.change_no "
        f"UNION ALL SELECT {listed}, t.hlc{along} {waiting.format(f'sent_{name}')} != o.change_no ORDER BY 1"
    )
    yield from connection.execute(query)


def _accept(connection: Any, name: str, seq: int) -> None:
    columns = [column.name for column in records(name).columns]
    moved = {"rev": "rev + 1", "srv_seq": "?1", "origin": "(SELECT replica_id FROM sync_state)"}
    sent = f"SELECT id FROM sent_{name}"
    connection.execute(f"DELETE FROM base_{name} WHERE id IN ({sent})")
    connection.execute(
        f"INSERT INTO base_{name} ({', '.join(columns)}) "
        f"SELECT {', '.join(moved.get(column, column) for column in columns)} FROM sent_{name}",
        (seq,),
    )
    connection.execute(
        f"DELETE FROM base_{name} WHERE id IN "
        f"(SELECT id FROM sync_outbox WHERE tbl = '{name}' AND sending = change_no)"
    )
    connection.execute(
        f"UPDATE {name} SET rev = {name}.rev + 1, srv_seq = ?1, hlc = o.hlc, origin = {moved['origin']} "
        f"FROM sync_outbox o WHERE o.tbl = '{name}' AND o.sending IS NOT NULL AND {name}.id = o.id",
        (seq,),
    )
    connection.execute(f"DELETE FROM sync_outbox WHERE tbl = '{name}' AND sending = change_no")
    connection.execute(f"UPDATE sync_outbox SET sending = NULL WHERE tbl = '{name}' AND sending IS NOT NULL")
    connection.execute(f"DELETE FROM sent_{name}")
