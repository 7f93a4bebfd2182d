"""What is edited on an enrolled laptop waits for the centre: triggers see it, by whatever path it is written.

They write in the transaction of the edit itself: a row of the outbox, the reading of the hybrid clock, and once the
version that was the same here and at the centre. Rows that the centre sent are no edits: `applying` says so.
"""

from desktop.sync.tables import NAMES, recorded, records

ENROLLED = "(SELECT replica_id IS NOT NULL AND NOT applying FROM sync_state)"
# After Kulkarni et al., see `hybrid_clock`; the transaction's own time, so that the program's clock counts.
_TICK = (
    "UPDATE sync_state SET change_no = change_no + 1, "
    "hlc = max(hlc + 1, (SELECT at FROM audit_context) / 1000 << 16);"
)


def triggers(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that create and that drop the triggers of one table, on SQLite."""
    told = recorded(name)
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in told)
    create = (
        f"CREATE TRIGGER capture_{name}_insert AFTER INSERT ON {name} WHEN {ENROLLED} BEGIN {_TICK} {_wait(name)} END",
        f"CREATE TRIGGER capture_{name}_update AFTER UPDATE OF {', '.join(told)} ON {name} "
        f"WHEN {ENROLLED} AND ({differs}) BEGIN {_keep(name)} {_TICK} {_wait(name)} END",
    )
    drop = tuple(f"DROP TRIGGER IF EXISTS capture_{name}_{event}" for event in ("insert", "update"))
    return create, drop


def _wait(name: str) -> str:
    """Return the statement that puts the edited row into the outbox, or its newer edit."""
    return (
        "INSERT INTO sync_outbox (tbl, id, change_no, hlc, status, tries) "
        f"SELECT '{name}', NEW.id, change_no, hlc, 'waiting', 0 FROM sync_state WHERE true "
        "ON CONFLICT (tbl, id) DO UPDATE SET change_no = excluded.change_no, hlc = excluded.hlc, "
        "status = 'waiting', error = NULL;"
    )


def _keep(name: str) -> str:
    """Return the statements that keep the version before an edit: where it is common, and where it is in flight."""
    columns = [column.name for column in records(name).columns]
    listed = ", ".join(columns)
    old = ", ".join(f"OLD.{column}" for column in columns)
    in_flight = ", ".join("o.hlc" if column == "hlc" else f"OLD.{column}" for column in columns)
    return (
        f"INSERT INTO base_{name} ({listed}) SELECT {old} WHERE OLD.rev > 0 "
        f"AND NOT EXISTS (SELECT 1 FROM sync_outbox WHERE tbl = '{name}' AND id = OLD.id); "
        f"INSERT INTO sent_{name} ({listed}) SELECT {in_flight} FROM sync_outbox o "
        f"WHERE o.tbl = '{name}' AND o.id = OLD.id AND o.sending = o.change_no;"
    )


TRIGGERS = {name: triggers(name) for name in NAMES}
