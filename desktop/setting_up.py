"""The first start: a vault, and the person who records here."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

from desktop import passphrases
from desktop.background import to_its_end
from desktop.backups import Contents
from desktop.clock import SystemClock
from desktop.core import Core
from desktop.database import Database, sqlite_url
from desktop.header import first_bytes, is_ours, is_plain
from desktop.keys import Slot
from desktop.paths import Paths
from desktop.restore import restore, unlock_backup
from desktop.schemas import PersonRecord, validated_edit
from desktop.services.auditing import enter
from desktop.services.people import create_person, find_person
from desktop.settings import load_settings, save_settings
from desktop.trouble import file_trouble
from desktop.vault import RECOVERED_BY, NewVault, Unlocked, Vault, set_up


async def prepare_vault(paths: Paths, *, name: str, passphrase: str) -> NewVault:
    """Return a vault with `name` as who unlocks it; nothing is on the disk yet.

    Raises Invalid for a name or passphrase that cannot be.
    """
    name = validated_edit(PersonRecord, frozenset({"name"}), {"name": name})["name"]
    await asyncio.to_thread(passphrases.check, passphrase, known=(name,))
    person = load_settings(paths.settings).assessor or SystemClock().new_id()
    return await asyncio.to_thread(set_up, person=person, name=name, passphrase=passphrase)


async def make_vault(paths: Paths, new: NewVault, *, site: str | None = None) -> None:
    """Put a prepared vault in its place, with who unlocks it recorded; plain records of before are encrypted.

    Raises Invalid when there is a vault already, DatabaseUnavailable when the records cannot be opened or encrypted;
    the folder is then as it was.
    """
    vault = Vault(paths)
    await asyncio.to_thread(vault.make, new)
    try:
        async with Core.open(paths, unlocked=new.unlocked) as core:
            await introduce(core, name=new.name, site=site)
    except BaseException:
        vault.unmake(new)
        raise


async def introduce(core: Core, *, name: str, site: str | None = None) -> None:
    """Record who unlocked as somebody who records here, and note it in the settings."""
    person = core.unlocked.person
    if person is None:
        raise ValueError("The recovery key is nobody")
    if await find_person(core.database, person) is None:
        await create_person(core.database, name=name, person_id=person)
    settings = replace(core.settings, assessor=person, site=core.settings.site if site is None else site)
    await asyncio.to_thread(save_settings, core.paths.settings, settings)


async def replace_passphrase(vault: Vault, unlocked: Unlocked, *, slot: Slot, passphrase: str) -> Unlocked:
    """Give the person of a slot another passphrase; returns the vault as that person unlocks it.

    Raises Invalid for a passphrase that cannot be.
    """
    if slot.person is None:
        raise ValueError("A recovery key has no passphrase")
    await asyncio.to_thread(passphrases.check, passphrase, known=(slot.name,))
    await asyncio.to_thread(vault.add, unlocked, person=slot.person, name=slot.name, passphrase=passphrase)
    vault.note(RECOVERED_BY, slot.person)
    return replace(unlocked, person=slot.person)


async def restore_backup(paths: Paths, folder: Path, secret: str) -> Contents:
    """Put a backup in the place of the records, and enter that in its trail; raises as `restore` does."""
    clock = SystemClock()
    unlocked = await asyncio.to_thread(unlock_backup, folder, secret)
    await asyncio.to_thread(Vault(paths).exists)  # which ends a restore that was cut off
    contents = await to_its_end(partial(restore, now=clock.now()), paths, folder, unlocked)
    async with Core.open(paths, unlocked=unlocked) as core:
        await enter(core.database, actor=core.unlocked.actor, action="restore", sessions=contents.sessions)
    return contents


async def earlier_name(paths: Paths) -> str:
    """Return who recorded here before there was a vault, empty when nobody did."""
    person = load_settings(paths.settings).assessor
    with file_trouble(paths.data):
        header = first_bytes(paths.database)
    if person is None or not is_plain(header) or not is_ours(header):
        return ""
    database = Database(sqlite_url(paths.database), clock=SystemClock())
    try:
        found = await find_person(database, person)
    finally:
        await database.close()
    return found.name if found else ""
