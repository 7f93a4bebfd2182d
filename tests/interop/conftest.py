"""Files that Kinelog has handed out, written once for all tests that let another program read them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from desktop.database import Database, sqlite_url
from desktop.export.formats import ExportOptions, write_export
from desktop.export.forms import Kind, Language
from desktop.export.selection import select_sessions
from desktop.export.trees import read_trees
from desktop.services.demo import fill
from tests.helpers import stores
from tests.helpers.clocks import StillClock
from tests.helpers.records import ASSESSOR, stored
from tests.interop.recorded import MEASURED, SCREENED, TYPED

KINDS: dict[str, Kind] = {"letter": "family", "day": "day"}
SEED = (
    49  # names in letters that the bundled fonts have, and today a finished follow-up and a visit just begun
)
LANGUAGES: tuple[Language, ...] = ("en", "ar")


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


async def write_reports(database: Database, folder: Path, ids: dict[str, list[UUID]], *, actor: UUID) -> None:
    """Write each kind of report in each language, named by them: of `ids["report"]`, and so on."""
    for name, sessions in ids.items():
        kind = KINDS.get(name, "clinician")
        for language in LANGUAGES:
            options = ExportOptions("pdf", kind=kind, language=language)
            path = folder / f"{name}-{language}.pdf"
            await write_export(database, path, sessions, actor=actor, options=options)


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with report-en.pdf, day-ar.pdf and so on, about children with every kind of name."""
    folder = tmp_path_factory.mktemp("reports")
    ids = [session.id for session in SCREENED]

    async def write(database: Database) -> None:
        await stored(database, *SCREENED)
        kinds = {"report": ids[:1], "reports": ids, "letter": ids, "day": ids}
        await write_reports(database, folder, kinds, actor=ASSESSOR)

    on_records(folder, write)
    return folder


@pytest.fixture(scope="session")
def sample_reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with report-en.pdf, day-ar.pdf and so on, about invented children: the same ones at every time."""
    folder = tmp_path_factory.mktemp("sample")

    async def write(database: Database) -> None:
        await fill(database, sessions=24, seed=SEED)
        async with database.read() as db:
            trees = [tree async for page in read_trees(db, await select_sessions(database)) for tree in page]
        today = sorted(
            (tree for tree in trees if tree["started_at"].startswith("2025-11-23")),
            key=lambda tree: tree["started_at"],
        )
        first, begun, other = (UUID(tree["id"]) for tree in today)
        kinds = {
            "report": [first],
            "reports": [begun, other],
            "letter": [first],
            "day": [other, first, begun],
        }
        await write_reports(database, folder, kinds, actor=UUID(today[0]["assessor"]))

    on_records(folder, write)
    return folder
