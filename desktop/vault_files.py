"""Opening the files of a vault: every page encrypted and authenticated by SQLCipher, with one data key."""

import hmac
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from desktop.authorizer import records_only, schema_too
from desktop.driver import BUSY_TIMEOUT_S
from desktop.errors import WrongKey
from desktop.keys import KEY_BYTES


class VaultFiles:
    """Files that one data key opens."""

    module: Any = sqlcipher
    encrypted: bool = True

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"A data key has {KEY_BYTES} bytes")
        self._key = key

    def __repr__(self) -> str:
        return "VaultFiles()"

    def connect(self, path: Path) -> Any:
        """Return a connection for working with records; raises WrongKey when the key is not that of the file.

        The file stays as it is then.
        """
        connection = self.connect_freely(path)
        connection.set_authorizer(records_only)
        return connection

    def open_schema(self, connection: Any) -> None:
        """Let a connection change tables and triggers, as a migration does."""
        connection.set_authorizer(schema_too)

    def close_schema(self, connection: Any) -> None:
        """Let a connection work with records alone again."""
        connection.set_authorizer(records_only)

    def secret(self, purpose: bytes) -> bytes:
        """Return 32 bytes that only who has the data key knows, the same ones for the same purpose."""
        return hmac.digest(self._key, purpose, "sha256")

    def connect_freely(self, path: Path) -> Any:
        """Return a connection that may also attach other files: to copy the whole vault, and for nothing else."""
        connection = connect_without_key(path)
        try:
            connection.execute("PRAGMA cipher_log_level=NONE")
            connection.execute(f"PRAGMA key=\"x'{self._key.hex()}'\"")
            connection.execute(
                "SELECT count(*) FROM sqlite_master"
            )  # the first read tells whether it is right
            connection.execute("PRAGMA secure_delete=FAST")
        except sqlcipher.DatabaseError as error:
            connection.close()
            if error.sqlite_errorcode == sqlcipher.SQLITE_NOTADB:
                raise WrongKey(
                    "The records cannot be opened with this key: they belong to another key file, or are damaged."
                ) from None
            raise
        return connection


def connect_without_key(path: Path) -> Any:
    """Return a connection without a key to the file at `path`; never makes a file."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlcipher.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
