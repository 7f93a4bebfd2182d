"""Who can write into the data folder and knows no passphrase, and disks that fail while keys change."""

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop import access, crud, restoring
from desktop import core as core_module
from desktop import vault as vault_module
from desktop.backups import REPLACED, look_through, make_backup
from desktop.core import Core
from desktop.database import sqlite_url
from desktop.driver import on_thread
from desktop.errors import AppError, DatabaseUnavailable, WrongKey
from desktop.keys import KeyFile, new_recovery_key, read_keys, write_keys
from desktop.keys import _seal as seal_key
from desktop.paths import Paths
from desktop.restore import restore, unlock_backup
from desktop.schema import init_db
from desktop.schemas import NewSession
from desktop.services.auditing import verify
from desktop.vault import Unlocked, Vault
from desktop.vault_files import VaultFiles
from tests.helpers import stores
from tests.helpers.clocks import NOON
from tests.helpers.logs import WatchedLog
from tests.helpers.vaults import CHEAP, KEY, PASSPHRASE, RECORDS_HERE, unlocked

FILES = VaultFiles(KEY)
OTHER_WORDS = "the passer-by's own words"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "kinelog")


@pytest.fixture
async def recorded(paths: Paths) -> Paths:
    """A vault with one child in it."""
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await record(core, "Ada Marsh")
    return paths


async def record(core: Core, name: str) -> None:
    async with core.database.write(actor=RECORDS_HERE) as db:
        await crud.create_session(db, NewSession(child_name=name, child_age=8))


async def names(core: Core) -> set[str]:
    async with core.database.read() as db:
        return {session.child_name for session in await crud.list_sessions(db)}


def actions(paths: Paths) -> list[str]:
    found = stores.rows(paths.database, "SELECT action FROM audit_log ORDER BY seq", FILES)
    return [str(action) for (action,) in found]


def opens(paths: Paths) -> bool:
    with closing(VaultFiles(Vault(paths).unlock(PASSPHRASE).key).connect(paths.database)) as connection:
        return connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


@contextmanager
def killed_at(target: object, name: str) -> Iterator[None]:
    """Let a program die at a step."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, name, dies)
        with pytest.raises(KeyboardInterrupt):
            yield


# What lies in the folder


@pytest.mark.parametrize("action", ["erase", "insert", "unlock"])
async def test_a_line_at_the_door_is_no_entry_of_the_trail(recorded: Paths, tmp_path: Path, action: str):
    before = actions(recorded)
    recorded.notes.write_text(f"2026-11-27T12:00:00+00:00 {action} -\n")
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        assert not (await verify(core.database)).trouble
        made = make_backup(recorded, core.unlocked, tmp_path / "b", now=NOON)
        assert look_through(made.folder, KEY).sessions == 1
    assert actions(recorded) == [*before, "unlock"]


async def test_plain_records_never_take_the_place_of_the_vault(recorded: Paths, tmp_path: Path):
    """The key file that says that none were made yet is not the one that who knows the key has written."""
    keys = read_keys(recorded.keys.read_bytes())
    recorded.keys.write_bytes(write_keys(replace(keys, begun=False)))
    forged = tmp_path / "forged.sqlite3"
    async with stores.opened(sqlite_url(forged)) as database:
        await init_db(database)
    recorded.database.write_bytes(forged.read_bytes())
    with pytest.raises(DatabaseUnavailable, match="unencrypted"):
        async with Core.open(recorded, unlocked=unlocked(recorded)):
            pass


async def test_a_passphrase_opens_no_vault_that_a_thief_made(recorded: Paths):
    """The public halves of the slots stand in the file: who seals a key to them has to know the bond too."""
    keys = read_keys(recorded.keys.read_bytes())
    thief = os.urandom(32)
    slots = tuple(
        replace(slot, sealed=seal_key(thief, slot.public, keys._about(slot), bond=b""), sealed_next=None)
        for slot in keys.slots
    )
    for path in (recorded.keys, recorded.keys_copy):
        path.write_bytes(write_keys(replace(keys, slots=slots, begun=False).signed(thief)))
    with pytest.raises(WrongKey):
        Vault(recorded).unlock(PASSPHRASE)


async def test_a_slot_that_somebody_put_in_proves_nothing(recorded: Paths):
    """A laptop that is left open for a minute is not open for good."""
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        kept = recorded.keys.read_bytes()
        mine = KeyFile(read_keys(kept).vault).with_passphrase(
            os.urandom(32), person=RECORDS_HERE, name="Lena Okafor", passphrase=OTHER_WORDS, cost=CHEAP
        )
        recorded.keys.write_bytes(write_keys(mine))
        with pytest.raises(WrongKey):
            await access.change_passphrase(core, current=OTHER_WORDS, new="correct horse battery staple")
    recorded.keys.write_bytes(kept)
    assert Vault(recorded).unlock(PASSPHRASE).key == KEY


def test_a_changed_slot_in_one_file_is_made_good_by_the_copy(paths: Paths):
    unlocked(paths)
    keys = read_keys(paths.keys.read_bytes())
    slots = tuple(replace(slot, salt=os.urandom(16)) for slot in keys.slots)
    paths.keys.write_bytes(write_keys(replace(keys, slots=slots)))
    assert Vault(paths).unlock(PASSPHRASE).key == KEY


async def test_any_file_of_that_name_does_not_keep_a_leavers_key(recorded: Paths):
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        vault = Vault(recorded)
        vault.add(core.unlocked, person=UUID(int=7), name="Leaver", passphrase="leaver leaver leaver")
        (recorded.data / "unsaved-2020-01-01-000000.kinelog").write_bytes(b"")
        vault.remove(core.unlocked, UUID(int=7))
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        assert core.unlocked.key != KEY


# Disks that fail


@pytest.mark.parametrize("step", ["_settle", "_encrypt"])
@pytest.mark.parametrize("harm", ["flipped", "empty"])
async def test_a_damaged_file_costs_no_key_while_another_is_being_given(
    recorded: Paths, step: str, harm: str
):
    with killed_at(Vault, step):
        Vault(recorded).rekey(Unlocked(KEY, RECORDS_HERE))
    good = recorded.database.read_bytes()
    bad = bytearray(good if harm == "flipped" else b"")
    if bad:
        bad[100] ^= 1
    recorded.database.write_bytes(bad)
    with suppress(AppError):  # told as damaged, or as a key that does not fit
        Vault(recorded).unlock(PASSPHRASE)
    recorded.database.write_bytes(good)
    assert opens(recorded)


@pytest.mark.parametrize("harm", ["flip", "missing"])
async def test_what_a_restore_replaced_opens_although_a_key_file_was_damaged(
    recorded: Paths, tmp_path: Path, watched_log: WatchedLog, harm: str
):
    watched_log.allow("cannot be used")
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        made = make_backup(recorded, core.unlocked, tmp_path / "usb", now=NOON)
        await record(core, "Recorded since")
    if harm == "flip":
        raw = bytearray(recorded.keys.read_bytes())
        raw[len(raw) // 2] ^= 1
        recorded.keys.write_bytes(raw)
    else:
        recorded.keys.unlink()
    restore(recorded, made.folder, unlock_backup(made.folder, PASSPHRASE), now=NOON)
    (former,) = (folder for folder in recorded.backups.iterdir() if folder.name.endswith(REPLACED))
    restore(recorded, former, unlock_backup(former, PASSPHRASE), now=NOON)
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        assert await names(core) == {"Ada Marsh", "Recorded since"}


async def test_a_restore_that_was_cut_off_is_ended_before_anything_is_recorded(
    recorded: Paths, tmp_path: Path
):
    """A window stood at the door when `kinelogctl restore` was killed; then somebody unlocks it and records."""
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        made = make_backup(recorded, core.unlocked, tmp_path / "usb", now=NOON)
    assert Vault(recorded).exists()
    with killed_at(restoring, "go_on"):
        restore(recorded, made.folder, unlock_backup(made.folder, PASSPHRASE), now=NOON)
    async with Core.open(recorded, unlocked=Vault(recorded).unlock(PASSPHRASE)) as core:
        await record(core, "Recorded after the unlocking")
    assert Vault(recorded).exists()
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        assert "Recorded after the unlocking" in await names(core)


def test_a_recovery_key_that_is_refused_leaves_the_present_one(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    present = new_recovery_key()
    unlocked(paths)
    vault = Vault(paths)
    vault.change_recovery_key(Unlocked(KEY, RECORDS_HERE), present)
    write, calls = vault_module.replace_file, []

    def full(path: Path, content: bytes) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    monkeypatch.setattr(vault_module, "replace_file", full)
    with pytest.raises(DatabaseUnavailable, match="full"):
        vault.change_recovery_key(Unlocked(KEY, RECORDS_HERE), new_recovery_key())
    monkeypatch.undo()
    assert vault.recover(present).key == KEY


async def test_the_next_key_is_on_the_disk_before_the_records_have_it(
    recorded: Paths, monkeypatch: pytest.MonkeyPatch
):
    acts: list[tuple[str, str]] = []
    flush, rename = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        acts.append(("fsync", os.readlink(f"/proc/self/fd/{descriptor}")))
        flush(descriptor)

    def replaced(path: Path, target: Path) -> Path:
        acts.append(("rename", str(target)))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replaced)
    Vault(recorded).rekey(Unlocked(KEY, RECORDS_HERE))
    between = acts[
        acts.index(("rename", str(recorded.keys))) : acts.index(("rename", str(recorded.database)))
    ]
    assert ("fsync", str(recorded.data)) in between


# The trail


@pytest.mark.parametrize("act", ["change_passphrase", "new_recovery_key"])
async def test_no_way_in_is_made_without_the_trail(recorded: Paths, act: str):
    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        before = recorded.keys.read_bytes()
        acts: dict[str, Callable[[], Any]] = {
            "change_passphrase": lambda: access.change_passphrase(
                core, current=PASSPHRASE, new="correct horse battery staple"
            ),
            "new_recovery_key": lambda: access.change_recovery_key(
                core, new_recovery_key(), current=PASSPHRASE
            ),
        }
        with closing(FILES.connect(recorded.database)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable):
                await acts[act]()
        assert recorded.keys.read_bytes() == before
        await acts[act]()
    assert act in actions(recorded)


async def test_a_failed_unlock_is_not_forgotten_while_somebody_unlocks(
    recorded: Paths, monkeypatch: pytest.MonkeyPatch
):
    enter = core_module.enter_unlocking

    async def slow(*arguments: Any, **named: Any) -> None:
        await enter(*arguments, **named)
        with pytest.raises(WrongKey):
            await asyncio.to_thread(Vault(recorded).unlock, "a wrong passphrase")

    monkeypatch.setattr(core_module, "enter_unlocking", slow)
    async with Core.open(recorded, unlocked=unlocked(recorded)):
        pass
    monkeypatch.undo()
    async with Core.open(recorded, unlocked=unlocked(recorded)):
        pass
    assert actions(recorded).count("failed_unlock") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sync_state",
        "REPLACE INTO sync_state SELECT * FROM sync_state",
        "UPDATE sync_state SET applying = 1",
    ],
)
async def test_no_statement_silences_the_trail(recorded: Paths, statement: str):
    def work(connection: Any) -> None:
        connection.execute(statement)
        connection.execute("UPDATE sessions SET child_name = 'Somebody Else'")

    async with Core.open(recorded, unlocked=unlocked(recorded)) as core:
        with pytest.raises(Exception, match=r"never removed|one transaction"):
            async with core.database.write(actor=RECORDS_HERE) as db:
                await on_thread(await db.connection(), work)
        assert await names(core) == {"Ada Marsh"}
