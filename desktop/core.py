"""The application without a window: everything is put together here and nowhere else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from sqlalchemy import func, select

from desktop.clock import Clock, SystemClock
from desktop.database import Database, sqlite_url
from desktop.models import Person, Session, TaskResult
from desktop.paths import Paths
from desktop.saving import Saver
from desktop.schema import init_db
from desktop.settings import Settings, load_settings
from desktop.trouble import unavailable


@dataclass(frozen=True)
class Core:
    """One opened data folder."""

    paths: Paths
    settings: Settings
    clock: Clock
    database: Database
    saver: Saver

    @classmethod
    @asynccontextmanager
    async def open(cls, paths: Paths, *, clock: Clock | None = None) -> AsyncIterator[Self]:
        """Open the records below `paths`, making the folder and the database when they are new.

        Raises DatabaseUnavailable when they cannot be opened; a file that is damaged or not ours stays as it is.
        """
        clock = clock or SystemClock()
        settings = _prepare(paths)
        database = Database(sqlite_url(paths.database), clock=clock)
        try:
            await init_db(database)
            await _observe_ids(database)
            yield cls(paths, settings, clock, database, Saver(database))
        finally:
            await database.close()


def _prepare(paths: Paths) -> Settings:
    try:
        paths.create()
        return load_settings(paths.settings)
    except PermissionError:
        raise unavailable("read_only", f"Kinelog may not use the folder {paths.data}.") from None
    except OSError as error:
        raise unavailable("gone", f"{error.strerror}: {paths.data}.") from None


async def _observe_ids(database: Database) -> None:
    """Keep new ids above the stored ones, also when the laptop's clock went back."""
    async with database.read() as db:
        for model in (Session, TaskResult, Person):
            # Ids that other programs made have other versions and stand above all of ours.
            made_here = func.substr(func.hex(model.id), 13, 1) == "7"
            newest = await db.scalar(select(model.id).where(made_here).order_by(model.id.desc()).limit(1))
            if newest is not None:
                database.clock.observe(newest)
