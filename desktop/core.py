"""The application without a window: everything is put together here and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Self

from sqlalchemy import func, select

from desktop import in_use
from desktop.background import to_its_end
from desktop.backups import BEFORE_MIGRATION, make_backup
from desktop.clock import Clock, SystemClock
from desktop.database import Database, sqlite_url
from desktop.models import Person, Session, TaskResult
from desktop.paths import Paths
from desktop.saving import Saver
from desktop.schema import init_db
from desktop.services.auditing import enter_unlocking
from desktop.settings import Settings, load_settings
from desktop.trouble import file_trouble
from desktop.vault import Unlocked, Vault
from desktop.vault_files import VaultFiles


@dataclass(frozen=True)
class Core:
    """One opened data folder, and who unlocked it."""

    paths: Paths
    unlocked: Unlocked
    settings: Settings
    clock: Clock
    database: Database
    saver: Saver

    @classmethod
    @asynccontextmanager
    async def open(
        cls, paths: Paths, *, unlocked: Unlocked, clock: Clock | None = None, repairing: bool = False
    ) -> AsyncIterator[Self]:
        """Open the vault below `paths`, making the records when they are new and encrypting those of before.

        Raises DatabaseUnavailable when they cannot be opened, WrongKey when the key is not theirs; a file that is
        damaged or not ours stays as it is. With `repairing` the rules of the audit trail need not be in order.
        """
        clock = clock or SystemClock()
        settings = _prepare(paths)
        vault = Vault(paths)
        in_use_by_us = await to_its_end(vault.take)
        try:
            unlocked = await to_its_end(vault.make_ready, unlocked)
            database = Database(sqlite_url(paths.database), clock=clock, files=VaultFiles(unlocked.key))
            try:
                await init_db(database, repairing=repairing, before=partial(_back_up, paths, unlocked, clock))
                await _observe_ids(database)
                await asyncio.to_thread(vault.begin, unlocked)
                noted = await asyncio.to_thread(vault.notes)
                await enter_unlocking(database, actor=unlocked.actor, noted=noted)
                await asyncio.to_thread(vault.forget_notes)
                yield cls(paths, unlocked, settings, clock, database, Saver(database))
            finally:
                await database.close()
        finally:
            await asyncio.to_thread(in_use.give_back, in_use_by_us)


async def _back_up(paths: Paths, unlocked: Unlocked, clock: Clock) -> None:
    """Keep the records as they are before a migration changes them."""
    made = partial(make_backup, now=clock.now(), occasion=BEFORE_MIGRATION)
    await to_its_end(made, paths, unlocked, paths.backups)


def _prepare(paths: Paths) -> Settings:
    with file_trouble(paths.data):
        paths.create()
        return load_settings(paths.settings)


async def _observe_ids(database: Database) -> None:
    """Keep new ids above the stored ones, also when the laptop's clock went back."""
    newest = (
        # Ids that other programs made have other versions and stand above all of ours.
        select(model.id)
        .where(func.substr(func.hex(model.id), 13, 1) == "7")
        .order_by(model.id.desc())
        .limit(1)
        .scalar_subquery()
        for model in (Session, TaskResult, Person)
    )
    async with database.read() as db:
        for found in (await db.execute(select(*newest))).one():
            if found is not None:
                database.clock.observe(found)
