"""What a merge leaves out is kept, and what it changed waits for the centre."""

from typing import Any
from uuid import UUID, uuid5

from desktop.sync.merge import Clash
from desktop.sync.outgoing import CONFLICTS
from desktop.sync.tables import PARENTS
from desktop.sync.values import as_text

_CONFLICT_IDS = UUID("8d0b6c3e-4a53-5c5e-9b1c-6f2d9a7e4c10")


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
