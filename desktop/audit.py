"""The audit trail: every change of a record, by whatever path, and what was read or taken out.

Triggers generated from the tables write it, in the transaction of the change itself: nothing is stored without them,
raw SQL included, and nothing without an actor. Before the commit the new entries are sealed: each has an HMAC of its
values, and one over that and the entry before, so that no entry can be changed, inserted or removed unseen. An
erasure for the law takes values and salt away; the chain still holds.

The rules behind: 21 CFR 11.10(e), HIPAA 45 CFR 164.312(b), GDPR articles 5, 17 and 32.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, Double, Table

from desktop.models import Base, Conflict, Metric, Person, Session, StoredProtocol, TaskResult
from desktop.types import Id, microseconds

AUDITED: tuple[type[Base], ...] = (Person, StoredProtocol, Session, TaskResult, Metric, Conflict)
# The id stands in the entry itself; where a row stands in the sync is no value of the record.
_UNTOLD = frozenset({"id", "rev", "srv_seq", "hlc", "origin"})
_COLUMNS = (
    "seq, at, actor, device, reason, action, entity, entity_id, before, after, salt, value_hash, prev, hash"
)
_KEPT = "seq, at, actor, device, action, entity, entity_id"
_EDITED = "coalesce((SELECT NOT applying FROM sync_state), 1)"
FIRST = b""  # what stands before the first entry
ERASURE = "erase"


# The triggers


def triggers(model: type[Base]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that create and that drop the triggers of one table, on SQLite."""
    table = cast(Table, model.__table__)
    told = [column for column in table.columns if column.name not in _UNTOLD]
    differs = " OR ".join(f"OLD.{column.name} IS NOT NEW.{column.name}" for column in told)
    name = table.name
    create = (
        f"CREATE TRIGGER audit_{name}_insert AFTER INSERT ON {name} WHEN {_EDITED} BEGIN "
        f"{_entry('insert', name, 'NULL', _whole(told))} END",
        f"CREATE TRIGGER audit_{name}_update AFTER UPDATE OF {', '.join(column.name for column in told)} ON {name} "
        f"WHEN {_EDITED} AND ({differs}) BEGIN "
        f"{_entry('update', name, _changed('OLD', told), _changed('NEW', told))} END",
        f"CREATE TRIGGER audit_{name}_id BEFORE UPDATE OF id ON {name} WHEN OLD.id IS NOT NEW.id BEGIN "
        "SELECT RAISE(ABORT, 'a record keeps its id'); END",
        f"CREATE TRIGGER audit_{name}_delete BEFORE DELETE ON {name} BEGIN "
        "SELECT RAISE(ABORT, 'records are hidden, never removed'); END",
    )
    drop = tuple(
        f"DROP TRIGGER IF EXISTS audit_{name}_{event}" for event in ("insert", "update", "id", "delete")
    )
    return create, drop


def guards() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that create and drop what keeps the trail itself from being changed.

    An entry is changed twice at most: when it is sealed, and when its values are erased, which is an entry of its own.
    """
    same = f"(NEW.{', NEW.'.join(_KEPT.split(', '))}) IS (OLD.{', OLD.'.join(_KEPT.split(', '))})"
    values = "(NEW.reason, NEW.before, NEW.after, NEW.salt) IS"
    sealed = f"OLD.hash IS NULL AND {values} (OLD.reason, OLD.before, OLD.after, OLD.salt)"
    hashes = "(NEW.value_hash, NEW.prev, NEW.hash) IS (OLD.value_hash, OLD.prev, OLD.hash)"
    erased = f"{hashes} AND {values} (NULL, NULL, NULL, NULL) AND OLD.action != '{ERASURE}'"
    create = (
        f"CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log "
        f"WHEN NOT ({same} AND ({sealed} OR {erased})) BEGIN "
        "SELECT RAISE(ABORT, 'the audit trail is never changed'); END",
        "CREATE TRIGGER audit_log_erased AFTER UPDATE ON audit_log "
        "WHEN OLD.salt IS NOT NULL AND NEW.salt IS NULL BEGIN "
        + _entry(ERASURE, "audit_log", "NULL", "json_object('seq', OLD.seq)", entity_id="NULL")
        + " END",
        "CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log BEGIN "
        "SELECT RAISE(ABORT, 'the audit trail is never changed'); END",
    )
    return create, tuple(
        f"DROP TRIGGER IF EXISTS audit_log_{event}" for event in ("update", "erased", "delete")
    )


def applying() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that create and drop what enters that rows of the centre are written from now on.

    Such rows are no edits of anybody here, and have no entry each; that it happened has one, whoever wants it so. The
    one row that says so is there always.
    """
    name = "audit_sync_applying"
    create = (
        *(
            f"CREATE TRIGGER {name}_{event} BEFORE {event} ON sync_state BEGIN "
            "SELECT RAISE(ABORT, 'the state of the sync is never removed'); END"
            for event in ("insert", "delete")
        ),
        f"CREATE TRIGGER {name} AFTER UPDATE OF applying ON sync_state WHEN NEW.applying AND NOT OLD.applying BEGIN "
        + _entry("sync", "vault", "NULL", "json_object('cursor', NEW.cursor)", entity_id="NULL")
        + " END",
    )
    return create, tuple(f"DROP TRIGGER IF EXISTS {name}{end}" for end in ("", "_insert", "_delete"))


def _entry(action: str, table: str, before: str, after: str, *, entity_id: str = "NEW.id") -> str:
    # Without an actor the columns are NULL, which the log refuses, and with it the change.
    context = ", ".join(f"(SELECT {name} FROM audit_context)" for name in ("at", "actor"))
    return (
        "INSERT INTO audit_log (at, actor, device, reason, action, entity, entity_id, before, after, salt) VALUES ("
        f"{context}, (SELECT device FROM installation), (SELECT reason FROM audit_context), "
        f"'{action}', '{table}', {entity_id}, {before}, {after}, randomblob(16));"
    )


def _whole(columns: Iterable[Column[Any]]) -> str:
    pairs = (f"'{column.name}', {_value('NEW', column)}" for column in columns)
    return f"json_object({', '.join(pairs)})"


def _changed(row: str, columns: Iterable[Column[Any]]) -> str:
    # IS NOT sees what came from nothing or went; <> would not.
    parts = (
        f"SELECT '{column.name}' AS k, {_value(row, column)} AS v WHERE OLD.{column.name} IS NOT NEW.{column.name}"
        for column in columns
    )
    return f"(SELECT json_group_object(k, v) FROM ({' UNION ALL '.join(parts)}))"


def _value(row: str, column: Column[Any]) -> str:
    """Return a value as JSON can hold it: ids in hex, doubles as the 17 digits that give back every bit."""
    name = f"{row}.{column.name}"
    if isinstance(column.type, Id):
        told = f"lower(hex({name}))"
    elif isinstance(column.type, Double):
        told = f"printf('%!.17g', {name})"
    else:
        return name
    return f"CASE WHEN {name} IS NULL THEN NULL ELSE {told} END" if column.nullable else told


# In a transaction, on the database's thread


def begin(connection: Any, *, actor: UUID, reason: str, at: datetime) -> None:
    """Say in whose name, why and when this transaction writes."""
    values = (actor.bytes, reason or None, microseconds(at))
    connection.execute("UPDATE audit_context SET actor = ?, reason = ?, at = ?", values)


def note(
    connection: Any, *, action: str, entity: str, entity_id: UUID | None = None, after: str | None = None
) -> None:
    """Enter what changes no record: an unlocking, an opening, an export. Inside a transaction that has begun."""
    connection.execute(
        "INSERT INTO audit_log (at, actor, device, reason, action, entity, entity_id, after, salt) "
        "SELECT c.at, c.actor, i.device, c.reason, ?, ?, ?, ?, randomblob(16) FROM audit_context c, installation i",
        (action, entity, entity_id and entity_id.bytes, after),
    )


def note_each(connection: Any, *, action: str, entity: str, ids: Iterable[UUID]) -> None:
    """Enter the same for each of many records. Inside a transaction that has begun."""
    connection.executemany(
        "INSERT INTO audit_log (at, actor, device, reason, action, entity, entity_id, salt) "
        "SELECT c.at, c.actor, i.device, c.reason, ?, ?, ?, randomblob(16) FROM audit_context c, installation i",
        [(action, entity, entity_id.bytes) for entity_id in ids],
    )


def seal(connection: Any) -> None:
    """Seal the entries that are not sealed yet, and forget the actor; the last act before a commit."""
    key = _key(connection)
    entries = connection.execute(
        f"SELECT {_COLUMNS} FROM audit_log WHERE hash IS NULL ORDER BY seq"
    ).fetchall()
    if entries:
        prev = _hash_before(connection, entries[0][0])
        sealed = []
        for entry in entries:
            value_hash = _value_hash(key, entry)
            made = _chain(key, prev, entry, value_hash)
            sealed.append((value_hash, prev, made, entry[0]))
            prev = made
        connection.executemany(
            "UPDATE audit_log SET value_hash = ?, prev = ?, hash = ? WHERE seq = ?", sealed
        )
    connection.execute("UPDATE audit_context SET actor = NULL, reason = NULL, at = NULL")


# Verifying


@dataclass(frozen=True)
class Verdict:
    """How the trail was found: `trouble` is empty when it is whole; the last entry's seal can be kept elsewhere."""

    entries: int
    trouble: str
    seal: str


PAGE = 5000
_TOLD_ERASED = (
    "SELECT json_extract(after, '$.seq') AS told FROM audit_log "
    f"WHERE action = '{ERASURE}' AND entity = 'audit_log' AND told IS NOT NULL"
)


def verify(connection: Any) -> Verdict:
    """Recompute every seal, from the first entry to the last."""
    key, prev, last = _key(connection), FIRST, 0
    erased: set[int] = set()
    told = {int(seq) for (seq,) in connection.execute(_TOLD_ERASED)}
    while entries := connection.execute(
        f"SELECT {_COLUMNS} FROM audit_log WHERE seq > ? ORDER BY seq LIMIT {PAGE}", (last,)
    ).fetchall():
        for entry in entries:
            trouble = _trouble(key, prev, last, entry)
            if trouble:
                return Verdict(last, trouble, prev.hex())
            if entry[10] is None:
                erased.add(entry[0])
            prev, last = entry[-1], entry[0]
    untold = erased - told
    trouble = f"The values of entry {min(untold)} were erased, and nobody did." if untold else ""
    return Verdict(last, trouble, prev.hex())


def _trouble(key: bytes, prev: bytes, last: int, entry: Sequence[Any]) -> str:
    seq, salt = entry[0], entry[10]
    if seq != last + 1:
        return f"Entry {last + 1} is missing."
    if entry[13] is None:
        return f"Entry {seq} is not sealed."
    if entry[12] != prev or not hmac.compare_digest(entry[13], _chain(key, prev, entry, entry[11])):
        return f"Entry {seq} was changed, or one before it taken away."
    if salt is not None and not hmac.compare_digest(entry[11], _value_hash(key, entry)):
        return f"The values of entry {seq} were changed."
    if salt is None and any(value is not None for value in (entry[4], entry[8], entry[9])):
        return f"The values of entry {seq} were put in after they had been erased."
    return ""


def _key(connection: Any) -> bytes:
    (key,) = connection.execute("SELECT audit_key FROM installation").fetchone()
    return bytes(key)


def _hash_before(connection: Any, seq: int) -> bytes:
    found = connection.execute(
        "SELECT hash FROM audit_log WHERE seq < ? ORDER BY seq DESC LIMIT 1", (seq,)
    ).fetchone()
    return bytes(found[0]) if found else FIRST


def _value_hash(key: bytes, entry: Sequence[Any]) -> bytes:
    return _mac(key, entry[10], entry[4], entry[8], entry[9])


def _chain(key: bytes, prev: bytes, entry: Sequence[Any], value_hash: bytes) -> bytes:
    return _mac(key, prev, *entry[:4], *entry[5:8], value_hash)


def _mac(key: bytes, *fields: object) -> bytes:
    """Return the HMAC of the fields, each with its length, so that none can be taken for two."""
    parts = []
    for field in fields:
        raw = b"" if field is None else field if isinstance(field, bytes) else str(field).encode()
        parts.append((b"-" if field is None else b"+") + len(raw).to_bytes(8, "big") + raw)
    return hmac.digest(key, b"".join(parts), sha256)
