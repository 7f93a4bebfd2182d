"""The vault: the encrypted database with its key file.

A random data key opens the database (SQLCipher, every page encrypted and authenticated); the key file's slots give
that key to whoever knows a secret. A key that does not open the file never touches it.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from filelock import FileLock, Timeout

from desktop import in_use, os_keyring, restoring
from desktop.encrypted_copy import encrypt_copy, flush
from desktop.errors import DatabaseUnavailable, Invalid, WrongKey
from desktop.files import replace_file
from desktop.header import first_bytes, is_ours, is_plain
from desktop.keys import (
    KEY_BYTES,
    WRONG_PASSPHRASE,
    DataKeys,
    KeyFile,
    UnusableKeys,
    new_keyring_secret,
    new_recovery_key,
    read_keys,
    write_keys,
)
from desktop.paths import Paths
from desktop.sealing import unseals
from desktop.trouble import file_trouble, translated, unavailable
from desktop.vault_files import VaultFiles, connect_without_key
from desktop.wal import refuse_damaged_log

LOCK_PATIENCE_S = 30.0
MOST_NOTED = 100_000  # characters, of failed unlocks
MOST_READ = 2 * MOST_NOTED
LARGEST_KEYS = 1_000_000  # bytes
FAILED, RECOVERED_BY, COPIED, CHECKED = "failed_unlock", "recovered", "save_copy", "check"
# Nothing else is noted at the door: whoever can write there would else write into the trail.
_NOTE = re.compile(
    rf"(?P<at>[0-9T:+-]{{25}}) (?P<action>{FAILED}|{RECOVERED_BY}|{COPIED}|{CHECKED}) (?P<person>[0-9a-f-]{{1,36}})"
)

log = logging.getLogger(__name__)


# In whose name the trail has what is done by the recovery key alone.
RECOVERED = UUID("6e0b8a52-4d37-5b6e-9d1f-2f7c3a90c1d5")


@dataclass(frozen=True)
class Noted:
    """What happened at the door: when, what, and to whose passphrase, "-" where that is not known."""

    at: str
    action: str
    person: str


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
    """The key file of one data folder. Its calls take time, some 0.2 s where a passphrase is tried.

    One program at a time changes the keys or gives the records another one; the others wait for it.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def exists(self) -> bool:
        """Tell whether there is a vault, also one whose keys are gone: encrypted records are no place for another.

        A restore that was cut off is brought to its end first. Raises DatabaseUnavailable when the folder cannot be
        read.
        """
        if restoring.is_begun(self._paths):
            with self._alone():
                self._finish_restore()
        return self._is_there()

    def _finish_restore(self) -> None:
        if restoring.is_begun(self._paths):
            restoring.go_on(self._paths)

    def take(self) -> FileLock:
        """Keep the vault from being replaced by a backup until `in_use.give_back`; many programs may take it."""
        with self._alone():
            if not in_use.by_somebody(self._paths):
                self._finish_restore()
            return in_use.take(self._paths)

    @contextmanager
    def replaceable(self) -> Iterator[None]:
        """Keep everybody out while a backup takes the vault's place; raises DatabaseUnavailable while it is open."""
        with self._alone():
            if in_use.by_somebody(self._paths):
                raise unavailable(
                    "locked", "Please close Kinelog first, and whatever else works with the records."
                )
            yield

    def _is_there(self) -> bool:
        with file_trouble(self._paths.data):
            header = first_bytes(self._paths.database)
            return self._has_keys() or (bool(header) and not is_plain(header))

    def _has_keys(self) -> bool:
        return any(path.exists() for path in self._places())

    def keys(self) -> KeyFile:
        """Return the key file, from its copy when it is damaged; raises DatabaseUnavailable when both are."""
        for _, keys in self._readable():
            return keys
        raise unavailable("keys", f"Put {self._paths.keys.name} of a backup into {self._paths.data}.")

    def unusable_files(self) -> list[str]:
        """Return the names of key files that are damaged or missing; the other one is used until keys change."""
        usable = {path for path, _ in self._readable()}
        return [path.name for path in self._places() if path not in usable]

    def content(self, unlocked: Unlocked) -> bytes:
        """Return the key file as it is written; raises DatabaseUnavailable when somebody else wrote it."""
        return write_keys(self._genuine(unlocked.key))

    # Making it

    def make(self, new: NewVault) -> None:
        """Keep a new vault's keys; raises Invalid when there is one, DatabaseUnavailable when it cannot be written."""
        with file_trouble(self._paths.data):
            self._paths.create()
        with self._alone():
            if self.exists():
                self.keys()  # which tells when they are gone
                raise Invalid("This folder has a vault already.")
            try:
                self._write(new.keys.signed(new.unlocked.key))
            except DatabaseUnavailable:
                self._forget()
                raise

    def unmake(self, new: NewVault) -> None:
        """Take `make` back, unless the records are encrypted by now or the keys are another vault's."""
        with self._alone():
            ours = self._has_keys() and self.keys().vault == new.keys.vault
            if ours and (not self._has_records() or not self._opens(new.unlocked.key)):
                self._forget()

    def make_ready(self, unlocked: Unlocked) -> Unlocked:
        """Have the records encrypted, by another key where somebody left, or not there because they are new.

        Returns the vault as it opens now. Raises DatabaseUnavailable when they should be there and are not, or cannot
        be encrypted; another key that cannot be given now is given the next time.
        """
        self.take_over(unlocked)
        keys = self._genuine(unlocked.key)
        if keys.begun and not self._has_records():
            raise unavailable(
                "gone", f"{self._paths.database} is missing. Put it, or a backup, in its place."
            )
        if not keys.rekey_due or self._is_needed(unlocked.key):
            return unlocked
        try:
            return self.rekey(unlocked)
        except DatabaseUnavailable as held:  # by another program, or there is no room
            log.warning("The records keep their key for now: %s", held.kind)
            return unlocked

    def _is_needed(self, key: bytes) -> bool:
        """Tell whether files are kept here that the present key alone unseals; any other of such a name is none."""
        return any(unseals(key, path) for path in self._paths.kept())

    def begin(self, unlocked: Unlocked) -> None:
        """Note that the records are made: from now on they must be there."""
        if not self._genuine(unlocked.key).begun:
            self._change(unlocked.key, lambda keys: replace(keys, begun=True))

    # Ways in

    def unlock(self, passphrase: str, *, person: UUID | None = None) -> Unlocked:
        """Return the key by the passphrase of `person`, or of anybody; raises WrongKey and DatabaseUnavailable."""
        with self._noting_failure(person), self._alone():
            return self._opened(lambda keys: keys.open(passphrase, person=person))

    def recover(self, recovery_key: str) -> Unlocked:
        """Return the key by the recovery key; raises WrongKey and DatabaseUnavailable."""
        with self._noting_failure(None), self._alone():
            return self._opened(lambda keys: keys.recover(recovery_key))

    def unlock_by_keyring(self) -> Unlocked:
        """Return the key by the secret in the computer's keyring; raises WrongKey without one, DatabaseUnavailable."""
        secret = os_keyring.find(self.keys().vault) or ""
        with self._noting_failure(None), self._alone():
            return self._opened(lambda keys: keys.open_keyring(secret))

    def prove(self, unlocked: Unlocked, passphrase: str) -> None:
        """Prove that `passphrase` is that of who unlocked: raises WrongKey when it opens another key, or nothing."""
        keys = self._genuine(unlocked.key)
        if keys.open(passphrase, person=unlocked.person).key != unlocked.key:
            raise WrongKey(WRONG_PASSPHRASE)

    def _opened(self, way: Callable[[KeyFile], DataKeys]) -> Unlocked:
        """Return the key by a way in, from whichever key file it opens: one of them may have been changed."""
        self._finish_restore()
        wrong: WrongKey | None = None
        for _, keys in self._readable():
            try:
                found = way(keys)
            except WrongKey as error:
                wrong = error
                continue
            unlocked = self._settled(found)
            if self.unusable_files():
                self._write(self._genuine(unlocked.key))
            return unlocked
        self.keys()  # which tells when there is none
        raise wrong or WrongKey(WRONG_PASSPHRASE)

    def use_keyring(self, unlocked: Unlocked, *, person: UUID, name: str) -> None:
        """Let the computer's keyring open the records as `person`; raises AppError when it keeps no secrets."""
        secret = new_keyring_secret()
        os_keyring.keep(self.keys().vault, secret)
        key = unlocked.key
        self._change(key, lambda keys: keys.with_keyring(key, secret, person=person, name=name))

    def leave_keyring(self, unlocked: Unlocked) -> None:
        """Let the computer's keyring open the records no more, whether it can be reached or not."""
        self._change(unlocked.key, KeyFile.without_keyring)
        os_keyring.forget(self.keys().vault)

    def add(self, unlocked: Unlocked, *, person: UUID, name: str, passphrase: str) -> None:
        """Let `person` in by a passphrase, a new one when they had one."""
        key = unlocked.key
        self._change(
            key, lambda keys: keys.with_passphrase(key, person=person, name=name, passphrase=passphrase)
        )

    def rename(self, unlocked: Unlocked, person: UUID, name: str) -> None:
        """Show `person` by another name."""
        self._change(unlocked.key, lambda keys: keys.named(person, name))

    def remove(self, unlocked: Unlocked, person: UUID) -> None:
        """Take away the slot of `person`; raises Invalid for the last one. `make_ready` gives another key then."""
        self._change(unlocked.key, lambda keys: keys.without(person))

    def change_recovery_key(self, unlocked: Unlocked, recovery_key: str) -> None:
        """Let `recovery_key` open the vault; the one before no longer does."""
        self._change(unlocked.key, lambda keys: keys.with_recovery(unlocked.key, recovery_key))

    # Another key for the records

    def rekey(self, unlocked: Unlocked) -> Unlocked:
        """Encrypt the records anew under another data key, which every slot opens; no connection may be open.

        Raises DatabaseUnavailable when another program holds them or there is no room, and WrongKey when they have
        another key already; the present one then holds on.
        """
        with self._alone():
            refuse_damaged_log(self._paths.database)  # before a connection takes it in
            with translated():
                connection = VaultFiles(unlocked.key).connect_freely(self._paths.database)
            following = os.urandom(KEY_BYTES)
            self._change(unlocked.key, lambda keys: keys.announcing(following, by=unlocked.key))
            self._encrypt(connection, following)
            self._settle(unlocked.key, following, rekeyed=True)
        return replace(unlocked, key=following)

    def take_over(self, unlocked: Unlocked) -> bool:
        """Encrypt the plain records of an earlier Kinelog, if that is what is there; returns whether it was.

        The plain file and its logs are gone afterwards. Raises DatabaseUnavailable as `rekey` does, and for a plain
        file in the place of records that were encrypted already.
        """
        path = self._paths.database
        with file_trouble(self._paths.data):
            header = first_bytes(path)
        if not is_plain(header):
            return False
        if not is_ours(header):
            raise unavailable("foreign")
        with self._alone():
            if self._genuine(unlocked.key).begun:
                raise unavailable("foreign", "Somebody put an unencrypted file in the place of the records.")
            refuse_damaged_log(path)
            self._encrypt(connect_without_key(path), unlocked.key)
        return True

    def _encrypt(self, connection: Any, key: bytes) -> None:
        with translated(), file_trouble(self._paths.data):
            encrypt_copy(self._paths.database, connection, key)

    def _settled(self, found: DataKeys) -> Unlocked:
        """Return the key that opens the records now: a crash may have come before or after they got the next."""
        self._genuine(found.key)
        if found.next_key is None or not self._has_records():
            return Unlocked(found.key, found.person)
        done = self._opens(found.next_key)
        if not done and not self._opens(found.key):  # damaged: neither key may be given up for it
            raise unavailable("damaged")
        self._settle(found.key, found.next_key if done else found.key, rekeyed=done)
        return Unlocked(found.next_key if done else found.key, found.person)

    def _settle(self, key: bytes, now: bytes, *, rekeyed: bool) -> None:
        """Leave `now` as the one key that slots give, in a file that `key` proves genuine."""
        keys = self._genuine(key).settled(now, by=key)
        self._write(replace(keys, rekey_due=keys.rekey_due and not rekeyed).signed(now))

    def _opens(self, key: bytes) -> bool:
        try:
            with translated():
                VaultFiles(key).connect(self._paths.database).close()
        except WrongKey:
            return False
        return True

    # What happened while the trail was locked

    def note(self, action: str, person: UUID | None = None) -> None:
        """Note something for the audit trail, which is locked itself; raises DatabaseUnavailable when it cannot be."""
        line = f"{datetime.now(UTC).isoformat(timespec='seconds')} {action} {person or '-'}\n"
        with file_trouble(self._paths.data), self._paths.notes.open("a", encoding="ascii") as file:
            file.write(line)

    def notes(self) -> list[Noted]:
        """Return what was noted until now; what is no note is left out, and what is noted from now on stays."""
        told = self._told()
        with file_trouble(self._paths.data):
            try:
                if not told.exists():
                    self._paths.notes.rename(told)
                with told.open(encoding="ascii", errors="replace") as file:
                    lines = file.read(MOST_READ).splitlines()
            except FileNotFoundError:
                return []
        return [Noted(**match.groupdict()) for line in lines if (match := _NOTE.fullmatch(line))]

    def forget_notes(self) -> None:
        """Forget what `notes` returned, once it stands in the trail."""
        with file_trouble(self._paths.data):
            self._told().unlink(missing_ok=True)

    def _told(self) -> Path:
        return self._paths.notes.with_name(f"{self._paths.notes.name}.told")

    @contextmanager
    def _noting_failure(self, person: UUID | None) -> Iterator[None]:
        try:
            yield
        except WrongKey:
            self._note_failure(person)
            raise

    def _note_failure(self, person: UUID | None) -> None:
        """Note a failed unlock while there is room; they are many when somebody tries, and crowd nothing else out."""
        with suppress(OSError, DatabaseUnavailable):
            if not self._paths.notes.exists() or self._paths.notes.stat().st_size < MOST_NOTED:
                self.note(FAILED, person)

    # The files

    def _change(self, key: bytes, change: Callable[[KeyFile], KeyFile]) -> None:
        with self._alone():
            self._write(change(self._genuine(key)).signed(key))

    def _genuine(self, key: bytes) -> KeyFile:
        """Return the keys that were written by who has `key`; raises DatabaseUnavailable when somebody changed them."""
        for _, keys in self._readable():
            if keys.is_signed_by(key):
                return keys
        raise unavailable("keys", f"Somebody changed it. Put the one of a backup into {self._paths.data}.")

    def _readable(self) -> Iterator[tuple[Path, KeyFile]]:
        for path in self._places():
            try:
                with path.open("rb") as file:
                    yield path, read_keys(file.read(LARGEST_KEYS))
            except (UnusableKeys, OSError) as error:
                log.warning("%s cannot be used: %s", path.name, type(error).__name__)

    def _write(self, keys: KeyFile) -> None:
        """Put both files in place, on the disk before anything relies on them; one that cannot be leaves both."""
        content = write_keys(keys)
        first, second = self._places()
        with file_trouble(self._paths.data):
            before = _content(first)
            replace_file(first, content)
            try:
                replace_file(second, content)
            except OSError:
                if before is not None:
                    replace_file(first, before)
                raise
            flush(self._paths.data)

    def _forget(self) -> None:
        with file_trouble(self._paths.data):
            for path in self._places():
                path.unlink(missing_ok=True)

    def _has_records(self) -> bool:
        with file_trouble(self._paths.data):
            return bool(first_bytes(self._paths.database))

    def _places(self) -> tuple[Path, Path]:
        return self._paths.keys, self._paths.keys_copy

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs, and other threads, from changing the keys; raises DatabaseUnavailable when they do."""
        lock = FileLock(self._paths.keys_lock, timeout=LOCK_PATIENCE_S, mode=0o600, is_singleton=True)
        with file_trouble(self._paths.data):
            try:
                lock.acquire()
            except Timeout:  # which is an OSError
                raise unavailable("locked", "Another program is changing the keys.") from None
        try:
            yield
        finally:
            lock.release()


def _content(path: Path) -> bytes | None:
    """Return what a key file holds, None when there is none; never more than one has."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_KEYS)
    except FileNotFoundError:
        return None
