"""What a statement on the vault may do, whoever had it run.

Records are read and written; the tables and triggers that hold and watch them stay as they are, and nothing is carried
out in clear. SQLite asks when it prepares a statement: https://www.sqlite.org/c3ref/set_authorizer.html.
"""

from sqlcipher3 import dbapi2 as sqlcipher

from desktop.header import APPLICATION_ID

STAGED = "incoming"  # how the names of TEMP tables begin: another name would stand before a table of ours

_READING = frozenset(
    {
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "foreign_key_check",
        "integrity_check",
        "quick_check",
        "wal_checkpoint",
    }
)
# What may be set, and to what; an empty set stands for any number.
_SETTINGS: dict[str, frozenset[str]] = {
    "foreign_keys": frozenset({"on"}),
    "recursive_triggers": frozenset({"on"}),
    "journal_mode": frozenset({"wal"}),
    "synchronous": frozenset({"full"}),
    "temp_store": frozenset({"memory"}),
    "query_only": frozenset({"on"}),
    "application_id": frozenset({str(APPLICATION_ID)}),
    "cache_size": frozenset(),
    "busy_timeout": frozenset(),
}
_CIPHER = frozenset({"cipher_version", "cipher_integrity_check"})
_FUNCTIONS = frozenset({"sqlcipher_export", "load_extension", "fts3_tokenizer"})
_OUT = frozenset({sqlcipher.SQLITE_ATTACH, sqlcipher.SQLITE_DETACH})
_TEMPORARY = frozenset(
    {
        sqlcipher.SQLITE_CREATE_TEMP_TABLE,
        sqlcipher.SQLITE_DROP_TEMP_TABLE,
    }
)
_SCHEMA = frozenset(
    {
        sqlcipher.SQLITE_ALTER_TABLE,
        sqlcipher.SQLITE_ANALYZE,
        sqlcipher.SQLITE_CREATE_INDEX,
        sqlcipher.SQLITE_CREATE_TABLE,
        sqlcipher.SQLITE_CREATE_TEMP_INDEX,
        sqlcipher.SQLITE_CREATE_TEMP_TRIGGER,
        sqlcipher.SQLITE_CREATE_TEMP_VIEW,
        sqlcipher.SQLITE_CREATE_TRIGGER,
        sqlcipher.SQLITE_CREATE_VIEW,
        sqlcipher.SQLITE_CREATE_VTABLE,
        sqlcipher.SQLITE_DROP_INDEX,
        sqlcipher.SQLITE_DROP_TABLE,
        sqlcipher.SQLITE_DROP_TEMP_INDEX,
        sqlcipher.SQLITE_DROP_TEMP_TRIGGER,
        sqlcipher.SQLITE_DROP_TEMP_VIEW,
        sqlcipher.SQLITE_DROP_TRIGGER,
        sqlcipher.SQLITE_DROP_VIEW,
        sqlcipher.SQLITE_DROP_VTABLE,
        sqlcipher.SQLITE_REINDEX,
    }
)


def records_only(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Allow what works with records, and refuse what changes tables, triggers, their settings or the key."""
    if action in _SCHEMA or (action in _TEMPORARY and not (first or "").startswith(STAGED)):
        return int(sqlcipher.SQLITE_DENY)
    if action == sqlcipher.SQLITE_PRAGMA and not _is_allowed((first or "").lower(), second):
        return int(sqlcipher.SQLITE_DENY)
    return _answer(refused=_carries_out(action, second))


def schema_too(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Allow a migration also to change tables and triggers, and to switch foreign keys off meanwhile."""
    if action == sqlcipher.SQLITE_PRAGMA:
        name = (first or "").lower()
        return _answer(refused=not (name == "foreign_keys" or _is_allowed(name, second)))
    return _answer(refused=_carries_out(action, second))


def _answer(*, refused: bool) -> int:
    return int(sqlcipher.SQLITE_DENY if refused else sqlcipher.SQLITE_OK)


def _carries_out(action: int, second: str | None) -> bool:
    return action in _OUT or (action == sqlcipher.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS)


def _is_allowed(pragma: str, value: str | None) -> bool:
    """Tell whether a pragma may be asked for, or be set to `value`."""
    if pragma.startswith("cipher") or "key" in pragma.split("_", maxsplit=1)[0]:
        return pragma in _CIPHER and value is None
    if value is None or pragma in _READING:
        return True
    allowed = _SETTINGS.get(pragma)
    if allowed is None:
        return False
    return value.lower() in allowed if allowed else value.lstrip("-").isdecimal()
