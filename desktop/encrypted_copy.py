"""Putting records under another key: a verified copy that takes the place of the file in one step."""

import logging
import os
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from desktop.trouble import unavailable

log = logging.getLogger(__name__)
BESIDE = ".kinelog-copy"


def encrypt_copy(path: Path, connection: Any, key: bytes) -> None:
    """Copy all that `connection` to the file at `path` reads under `key`, verify it, and put it in its place.

    `connection`, of SQLCipher's module and in no transaction, is closed at the end. Until the last step the file
    stays as it was, and nobody can write to it. Raises the module's errors when it is held by another program,
    DatabaseUnavailable when there is no room or the copy does not hold the same.
    """
    beside = path.with_name(f"{path.name}{BESIDE}")
    try:
        _hold(connection)
        _make_empty(beside)
        # The one statement that takes no bound key; it is ours, and no text of a user.
        connection.execute(f"ATTACH DATABASE ? AS copy KEY \"x'{key.hex()}'\"", (str(beside),))
        _export(connection)
        for pragma in ("application_id", "user_version"):
            (number,) = connection.execute(f"PRAGMA main.{pragma}").fetchone()
            connection.execute(f"PRAGMA copy.{pragma}={int(number)}")
        _verify(connection)
        connection.execute("DETACH DATABASE copy")
        flush(beside)
        beside.replace(path)
        try:
            flush(path.parent)
        except OSError as error:  # it is done: whoever thinks otherwise would give up the key that it has now
            log.warning("The folder could not be flushed: %s", error.strerror)
    finally:
        connection.close()
        beside.unlink(missing_ok=True)


def _hold(connection: Any) -> None:
    """Keep everybody else out until the connection is closed, with the whole log in the file and none beside it."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")


def _make_empty(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _export(connection: Any) -> None:
    try:
        connection.execute("SELECT sqlcipher_export('copy')")
    except sqlcipher.Error as error:
        # What went wrong with the disk comes as the error of a function, told only by SQLite's own words.
        words = str(error)
        raise unavailable("full" if "full" in words else "gone", f"A copy cannot be made: {words}.") from None


def _verify(connection: Any) -> None:
    """Raise DatabaseUnavailable unless the copy is whole and has the same tables with the same rows."""
    schema = "SELECT type, name, tbl_name, sql FROM {}.sqlite_master ORDER BY type, name"
    rows = connection.execute(schema.format("main")).fetchall()
    whole = connection.execute("PRAGMA copy.integrity_check").fetchall() == [("ok",)]
    if not whole or rows != connection.execute(schema.format("copy")).fetchall():
        raise unavailable("damaged", "A copy of it is not the same; the file stays as it is.")
    for kind, name, _table, sql in rows:
        if kind == "table" and not sql.upper().startswith("CREATE VIRTUAL"):
            quoted = '"' + name.replace('"', '""') + '"'
            for one, other in (("main", "copy"), ("copy", "main")):
                differs = f"SELECT 1 FROM (SELECT * FROM {one}.{quoted} EXCEPT SELECT * FROM {other}.{quoted}) LIMIT 1"
                if connection.execute(differs).fetchone():
                    raise unavailable("damaged", f"A copy of it has other {name}; the file stays as it is.")


def flush(path: Path) -> None:
    """Have the file, or the names in the folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
