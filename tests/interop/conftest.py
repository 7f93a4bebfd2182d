"""Files that Kinelog has handed out, written once for all tests that let another program read them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.database import Database, sqlite_url
from desktop.export.formats import ExportOptions, write_export
from tests.helpers import stores
from tests.helpers.clocks import StillClock
from tests.helpers.records import ASSESSOR, stored
from tests.interop.recorded import MEASURED, TYPED


def on_records(folder: Path, work: Callable[[Database], Awaitable[None]]) -> None:
    """Do something with an encrypted database that has no records yet, at noon UTC on 23 November 2025."""

    async def opened() -> None:
        url = sqlite_url(stores.migrated_file(folder, stores.VAULT))
        async with stores.opened(url, files=stores.VAULT, clock=StillClock()) as database:
            await work(database)

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, opened()).result()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is in `recorded` as sessions.xlsx, comma.csv and semicolon.csv."""
    folder = tmp_path_factory.mktemp("tables")
    sessions = (*TYPED, MEASURED)
    forms = {
        "sessions.xlsx": ExportOptions("xlsx"),
        "comma.csv": ExportOptions("csv", convention="comma"),
        "semicolon.csv": ExportOptions("csv", convention="semicolon"),
    }

    async def write(database: Database) -> None:
        await stored(database, *sessions)
        ids = [session.id for session in sessions]
        for name, options in forms.items():
            await write_export(database, folder / name, ids, actor=ASSESSOR, options=options)

    on_records(folder, write)
    return folder
