"""The vault: the encrypted database with its key file.

A random data key opens the database (SQLCipher, every page encrypted and authenticated); the key file's slots give
that key to whoever knows a secret. A key that does not open the file never touches it.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlcipher3 import dbapi2 as sqlcipher

from desktop.driver import BUSY_TIMEOUT_S
from desktop.encrypted_copy import encrypt_copy
from desktop.errors import DatabaseUnavailable, Invalid, WrongKey
from desktop.files import replace_file
from desktop.header import first_bytes, is_ours, is_plain
from desktop.keys import KEY_BYTES, DataKeys, KeyFile, UnusableKeys, new_recovery_key, read_keys, write_keys
from desktop.paths import Paths
from desktop.trouble import file_trouble, translated, unavailable

_ALLOWED = frozenset({"cipher_version", "cipher_integrity_check"})

log = logging.getLogger(__name__)


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
        """Return a connection; raises WrongKey when the key is not that of the file, which stays as it is."""
        connection = self.connect_freely(path)
        connection.set_authorizer(_authorize)
        return connection

    def connect_freely(self, path: Path) -> Any:
        """Return a connection that may also attach other files: to copy the whole vault, and for nothing else."""
        connection = _connect(path)
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


def _connect(path: Path) -> Any:
    """Return a connection without a key to the file at `path`; never makes a file."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlcipher.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Refuse what could carry the records out in clear, or change their key."""
    pragma = (first or "").lower()
    refused = (
        action in {sqlcipher.SQLITE_ATTACH, sqlcipher.SQLITE_DETACH}
        or (action == sqlcipher.SQLITE_FUNCTION and second in {"sqlcipher_export", "load_extension"})
        or (
            action == sqlcipher.SQLITE_PRAGMA
            and pragma not in _ALLOWED
            and ("key" in pragma.split("_")[0] or pragma.startswith("cipher"))
        )
    )
    return int(sqlcipher.SQLITE_DENY if refused else sqlcipher.SQLITE_OK)


# In whose name the trail has what is done by the recovery key alone.
RECOVERED = UUID("6e0b8a52-4d37-5b6e-9d1f-2f7c3a90c1d5")


@dataclass(frozen=True)
class FailedUnlock:
    """A try to unlock that did not: when, and whose passphrase was tried, where that is known."""

    at: str
    person: str | None


@dataclass(frozen=True)
class Unlocked:
    """The data key, and who unlocked: None by the recovery key. Never shown."""

    key: bytes
    person: UUID | None

    @property
    def actor(self) -> UUID:
        """In whose name is written what is done now."""
        return self.person or RECOVERED

    def __repr__(self) -> str:
        return f"Unlocked(person={self.person})"


@dataclass(frozen=True)
class NewVault:
    """A vault that is set up and not yet made: nothing is on the disk until `Vault.make`."""

    keys: KeyFile
    unlocked: Unlocked
    recovery_key: str

    @property
    def name(self) -> str:
        """The name of who unlocks it."""
        return self.keys.people()[0].name

    def __repr__(self) -> str:
        return f"NewVault({self.keys.vault})"


def set_up(*, person: UUID, name: str, passphrase: str) -> NewVault:
    """Return a new vault with a slot for `person` and a recovery key; takes some 0.2 s."""
    key, recovery_key = os.urandom(KEY_BYTES), new_recovery_key()
    keys = KeyFile(uuid4()).with_passphrase(key, person=person, name=name, passphrase=passphrase)
    return NewVault(keys.with_recovery(key, recovery_key), Unlocked(key, person), recovery_key)


class Vault:
    """The key file of one data folder. Its calls take time, some 0.2 s where a passphrase is tried."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def exists(self) -> bool:
        """Tell whether there is a vault; raises DatabaseUnavailable when the folder cannot be read."""
        with file_trouble(self._paths.data):
            return any(path.exists() for path in self._places())

    def keys(self) -> KeyFile:
        """Return the key file, from its copy when it is damaged; raises DatabaseUnavailable when both are."""
        for path in self._places():
            try:
                return read_keys(path.read_bytes())
            except (UnusableKeys, OSError) as error:
                log.warning("%s cannot be used: %s", path.name, type(error).__name__)
        raise unavailable("keys", f"Put {self._paths.keys.name} of a backup into {self._paths.data}.")

    def make(self, new: NewVault) -> None:
        """Keep a new vault's keys; raises Invalid when there is one, DatabaseUnavailable when it cannot be written."""
        if self.exists():
            raise Invalid("This folder has a vault already.")
        self._write(new.keys)

    def unmake(self, new: NewVault) -> None:
        """Take `make` back, unless the records are encrypted by now."""
        with file_trouble(self._paths.data):
            if not first_bytes(self._paths.database) or not self._opens(new.unlocked.key):
                for path in self._places():
                    path.unlink(missing_ok=True)

    def unlock(self, passphrase: str, *, person: UUID | None = None) -> Unlocked:
        """Return the key by the passphrase of `person`, or of anybody; raises WrongKey and DatabaseUnavailable."""
        with self._noting_failure(person):
            return self._settled(self.keys().open(passphrase, person=person))

    def recover(self, recovery_key: str) -> Unlocked:
        """Return the key by the recovery key; raises WrongKey and DatabaseUnavailable."""
        with self._noting_failure(None):
            return self._settled(self.keys().recover(recovery_key))

    def make_ready(self, unlocked: Unlocked) -> Unlocked:
        """Have the records encrypted, by another key where somebody left, or not there because they are new.

        Returns the vault as it opens now. Raises DatabaseUnavailable when they should be there and are not, or cannot
        be encrypted; another key that cannot be given now is given the next time.
        """
        self.take_over(unlocked)
        keys = self.keys()
        if keys.begun and not self._paths.database.exists():
            raise unavailable(
                "gone", f"{self._paths.database} is missing. Put it, or a backup, in its place."
            )
        if not keys.rekey_due:
            return unlocked
        try:
            return self.rekey(unlocked)
        except DatabaseUnavailable as held:  # by another program, or there is no room
            log.warning("The records keep their key for now: %s", held.kind)
            return unlocked

    def begin(self) -> None:
        """Note that the records are made: from now on they must be there."""
        if not self.keys().begun:
            self._change(lambda keys: replace(keys, begun=True))

    def add(self, unlocked: Unlocked, *, person: UUID, name: str, passphrase: str) -> None:
        """Let `person` in by a passphrase, a new one when they had one."""
        self._change(
            lambda keys: keys.with_passphrase(unlocked.key, person=person, name=name, passphrase=passphrase)
        )

    def rename(self, person: UUID, name: str) -> None:
        """Show `person` by another name."""
        self._change(lambda keys: keys.named(person, name))

    def remove(self, person: UUID) -> None:
        """Take away the slot of `person`; raises Invalid for the last one. `make_ready` gives another key then."""
        self._change(lambda keys: keys.without(person))

    def renew_recovery_key(self, unlocked: Unlocked) -> str:
        """Return a new recovery key; the one before no longer opens the vault."""
        recovery_key = new_recovery_key()
        self._change(lambda keys: keys.with_recovery(unlocked.key, recovery_key))
        return recovery_key

    def rekey(self, unlocked: Unlocked) -> Unlocked:
        """Encrypt the records anew under another data key, which every slot opens; no connection may be open.

        Raises DatabaseUnavailable when another program holds them or the disk is full; the old key then holds on.
        """
        following = os.urandom(KEY_BYTES)
        self._change(lambda keys: keys.announcing(following))
        with translated():
            connection = VaultFiles(unlocked.key).connect_freely(self._paths.database)
        self._encrypt(connection, following)
        self._change(lambda keys: replace(keys.settled(following), rekey_due=False))
        return replace(unlocked, key=following)

    def take_over(self, unlocked: Unlocked) -> bool:
        """Encrypt the plain records of an earlier Kinelog, if that is what is there; returns whether it was.

        The plain file and its logs are gone afterwards. Raises DatabaseUnavailable as `rekey` does.
        """
        path = self._paths.database
        with file_trouble(self._paths.data):
            header = first_bytes(path)
        if not is_plain(header):
            return False
        if not is_ours(header):
            raise unavailable("foreign")
        self._encrypt(_connect(path), unlocked.key)
        return True

    def _encrypt(self, connection: Any, key: bytes) -> None:
        with translated(), file_trouble(self._paths.data):
            encrypt_copy(self._paths.database, connection, key)

    def take_failed(self) -> list[FailedUnlock]:
        """Return the tries that did not unlock since the last call, and forget them."""
        path = self._paths.failed_unlocks
        with file_trouble(self._paths.data):
            if not path.exists():
                return []
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            path.unlink()
        return [FailedUnlock(at, person or None) for at, _, person in (line.partition(" ") for line in lines)]

    @contextmanager
    def _noting_failure(self, person: UUID | None) -> Iterator[None]:
        """Note a try that does not unlock: the trail, which it belongs in, is locked itself."""
        try:
            yield
        except WrongKey:
            with suppress(OSError), self._paths.failed_unlocks.open("a", encoding="utf-8") as file:
                file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {person or ''}\n")
            raise

    def _settled(self, found: DataKeys) -> Unlocked:
        """Return the key that opens the records now: a crash may have come before or after they got the next."""
        if found.next_key is None:
            return Unlocked(found.key, found.person)
        done = self._opens(found.next_key)
        key = found.next_key if done else found.key
        self._change(lambda keys: replace(keys.settled(key), rekey_due=keys.rekey_due and not done))
        return Unlocked(key, found.person)

    def _opens(self, key: bytes) -> bool:
        try:
            with translated():
                VaultFiles(key).connect(self._paths.database).close()
        except WrongKey:
            return False
        return True

    def _change(self, change: Callable[[KeyFile], KeyFile]) -> None:
        self._write(change(self.keys()))

    def _write(self, keys: KeyFile) -> None:
        content = write_keys(keys)
        with file_trouble(self._paths.data):
            self._paths.create()
            for path in self._places():
                replace_file(path, content)

    def _places(self) -> tuple[Path, Path]:
        return self._paths.keys, self._paths.keys_copy
