"""Database objects that are derived from the tables: dropped before a migration, created after it.

Each is written by name, per database, as the statements that create and drop it. A later feature registers its
triggers here and nowhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect

from desktop import audit
from desktop.sync import capture
from desktop.sync.tables import NAMES

_CREATED = re.compile(r"CREATE (?:VIRTUAL TABLE|TRIGGER) (\w+)")


@dataclass(frozen=True)
class Derived:
    """What hangs on one table in one dialect: statements in the order in which they run."""

    dialect: str
    table: str
    create: tuple[str, ...]
    drop: tuple[str, ...]


# Three letters or more are found inside words through this index; it stores no text of its own.
SEARCH_INDEX = Derived(
    dialect="sqlite",
    table="session_search",
    create=(
        "CREATE VIRTUAL TABLE session_words USING fts5("
        "words, content='session_search', content_rowid='number', tokenize='trigram')",
        "CREATE TRIGGER session_words_insert AFTER INSERT ON session_search BEGIN "
        "INSERT INTO session_words(rowid, words) VALUES (new.number, new.words); END",
        "CREATE TRIGGER session_words_delete AFTER DELETE ON session_search BEGIN "
        "INSERT INTO session_words(session_words, rowid, words) VALUES ('delete', old.number, old.words); END",
        "CREATE TRIGGER session_words_update AFTER UPDATE ON session_search BEGIN "
        "INSERT INTO session_words(session_words, rowid, words) VALUES ('delete', old.number, old.words); "
        "INSERT INTO session_words(rowid, words) VALUES (new.number, new.words); END",
        "INSERT INTO session_words(session_words) VALUES ('rebuild')",
    ),
    drop=(
        "DROP TRIGGER IF EXISTS session_words_insert",
        "DROP TRIGGER IF EXISTS session_words_delete",
        "DROP TRIGGER IF EXISTS session_words_update",
        "DROP TABLE IF EXISTS session_words",
    ),
)
AUDIT_TRAIL = (
    *(Derived("sqlite", model.__tablename__, *audit.triggers(model)) for model in audit.AUDITED),
    Derived("sqlite", "audit_log", *audit.guards()),
    Derived("sqlite", "sync_state", *audit.applying()),
)
CAPTURE = tuple(Derived("sqlite", name, *capture.triggers(name)) for name in NAMES)
REGISTRY = (SEARCH_INDEX, *AUDIT_TRAIL, *CAPTURE)


def create(connection: Connection) -> None:
    """Create every derived object of this database whose table is there."""
    tables = set(inspect(connection).get_table_names())
    for derived in REGISTRY:
        if derived.dialect == connection.dialect.name and derived.table in tables:
            for statement in derived.create:
                connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Drop every derived object of this database, whether it is there or not."""
    for derived in reversed(REGISTRY):
        if derived.dialect == connection.dialect.name:
            for statement in derived.drop:
                connection.exec_driver_sql(statement)


def restore(connection: Connection) -> None:
    """Make every derived object as it should be, and remove triggers that are not ours."""
    ours = {
        name for derived in REGISTRY for statement in derived.create for name in _CREATED.findall(statement)
    }
    for name in set(altered(connection)) - ours:
        quoted = name.replace('"', '""')
        connection.exec_driver_sql(f'DROP TRIGGER "{quoted}"')
    drop(connection)
    create(connection)


def altered(connection: Connection) -> list[str]:
    """Return the names of derived objects that are missing or not as they should be, and of triggers too many."""
    if connection.dialect.name != "sqlite":
        return []
    there = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' OR name = 'session_words'"
    found = {str(name): str(sql) for name, sql in connection.exec_driver_sql(there)}
    wanted = {
        match[1]: statement
        for derived in REGISTRY
        if derived.dialect == "sqlite"
        for statement in derived.create
        if (match := _CREATED.match(statement))
    }
    return sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))


def is_not_derived(name: str | None, kind: str, _parents: Mapping[Any, str | None]) -> bool:
    """Tell Alembic to leave the search index's tables alone."""
    return not (kind == "table" and (name or "").startswith("session_words"))
