"""A sign-off counts while nothing is changed: a change needs a reason, and takes it away.

This holds for every transaction, whatever it writes by: which sessions it touched is read from the audit trail.
"""

from typing import Any
from uuid import UUID

from desktop.errors import SignedOff

# By the index of the entries that are not sealed yet: any other way reads the whole trail at each commit.
_NEW = (
    "SELECT entity_id FROM audit_log INDEXED BY ix_audit_log_seq "
    "WHERE hash IS NULL AND action IN ('insert', 'update') AND entity ="
)
_ANY = "SELECT 1 FROM sessions INDEXED BY ix_sessions_signed_off WHERE signed_off_at IS NOT NULL LIMIT 1"
_TOUCHED = f"""
    SELECT id FROM sessions WHERE signed_off_at IS NOT NULL AND id IN (
        {_NEW} 'sessions'
        UNION ALL SELECT session_id FROM task_results WHERE id IN ({_NEW} 'task_results')
        UNION ALL SELECT session_id FROM task_results WHERE id IN (
            SELECT task_id FROM metrics WHERE id IN ({_NEW} 'metrics')
        )
    ) AND id NOT IN ({_NEW} 'sessions' AND json_extract(after, '$.signed_off_at') IS NOT NULL)
"""


def take_away(connection: Any, *, reason: str) -> list[UUID]:
    """Take the sign-off from the sessions that this transaction changed, and return their ids.

    On the database's thread, before the entries are sealed. Raises SignedOff when there are such sessions and no
    reason was given.
    """
    if connection.execute(_ANY).fetchone() is None:
        return []
    touched = [row[0] for row in connection.execute(_TOUCHED)]
    if touched and not reason.strip():
        raise SignedOff("This session is signed off. It is changed with a reason only.")
    connection.executemany(
        "UPDATE sessions SET signed_off_by = NULL, signed_off_at = NULL, signed_off_hash = NULL, "
        "updated_at = (SELECT at FROM audit_context), updated_by = (SELECT actor FROM audit_context) WHERE id = ?",
        [(raw,) for raw in touched],
    )
    return [UUID(bytes=raw) for raw in touched]
