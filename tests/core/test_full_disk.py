"""A disk without room: it is said, what was there before stays, and no half file is left."""

import random
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from sqlalchemy import URL

from desktop.database import Database
from desktop.errors import AppError
from desktop.export.formats import ExportOptions, write_export
from desktop.export.forms import Format
from desktop.services.importing import run_import
from tests.helpers import stores
from tests.helpers.records import ASSESSOR, a_document, a_session

ROOM = 40_000  # bytes: enough for what SQLite shares between its readers, and less than any of the exports
SESSIONS = 8


@pytest.fixture
async def records(vault_url: URL) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        yield database


async def full_pages(database: Database) -> list[UUID]:
    """Store sessions with notes that no packing makes much smaller."""
    letters = random.Random(7)
    sessions = [a_session(notes=letters.randbytes(9_500).hex()) for _ in range(SESSIONS)]
    await run_import(database, a_document(*sessions), actor=ASSESSOR)
    return [session.id for session in sessions]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes: the system refuses, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("form", get_args(Format))
async def test_an_export_without_room_is_told_and_leaves_nothing(
    records: Database, tmp_path: Path, form: Format
):
    ids = await full_pages(records)
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "earlier"
    path.write_bytes(b"what was there")
    with room_for(ROOM), pytest.raises(AppError, match="earlier cannot be written: File too large"):
        await write_export(records, path, ids, actor=ASSESSOR, options=ExportOptions(form))
    assert path.read_bytes() == b"what was there"
    assert list(folder.iterdir()) == [path]
    await write_export(records, path, ids, actor=ASSESSOR, options=ExportOptions(form))
    assert len(path.read_bytes()) > ROOM


async def test_reports_without_room_are_told_and_none_is_half(records: Database, tmp_path: Path):
    ids = await full_pages(records)
    folder = tmp_path / "reports"
    folder.mkdir()
    with room_for(ROOM), pytest.raises(AppError, match="cannot be written: File too large"):
        await write_export(records, folder, ids, actor=ASSESSOR, options=ExportOptions("pdf"))
    assert list(folder.iterdir()) == []
