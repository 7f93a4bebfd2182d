"""Steps: what was done in one go, kept so that it can be taken back, also after a restart.

A step is no copy of values: it names the entries of the audit trail that its transaction made, and these hold what
was before and after. Taking it back writes the former values as a new edit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from desktop.types import microseconds

DONE, UNDONE, GONE = "done", "undone", "gone"


@dataclass(frozen=True)
class NewStep:
    """A step to keep: its id, the session it was made in, and whether it concerns a session as a `whole`.

    What concerns a session as a whole, such as its deletion, is taken back from wherever the assessor is then.
    """

    id: UUID
    session_id: UUID
    whole: bool = False


def keep(connection: Any, step: NewStep, *, actor: UUID, at: datetime) -> None:
    """Keep what this transaction has changed as a step; before its entries are sealed, on the database's thread.

    What was taken back before cannot be made again from then on. A transaction that changed nothing is no step.
    """
    first, last = connection.execute(
        "SELECT min(seq), max(seq) FROM audit_log INDEXED BY ix_audit_log_seq WHERE hash IS NULL"
    ).fetchone()
    if first is None:
        return
    connection.execute(
        f"UPDATE undo_steps SET state = '{GONE}' WHERE actor = ? AND state = '{UNDONE}' AND (session_id = ? OR whole)",
        (actor.bytes, step.session_id.bytes),
    )
    connection.execute(
        'INSERT INTO undo_steps (id, at, actor, session_id, whole, "first", "last", state) '
        f"VALUES (?, ?, ?, ?, ?, ?, ?, '{DONE}')",
        (step.id.bytes, microseconds(at), actor.bytes, step.session_id.bytes, step.whole, first, last),
    )
