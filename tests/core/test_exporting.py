"""What leaves stands in the trail: who took what, of whom, and what came to nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from desktop.database import Database
from desktop.errors import AppError
from desktop.export import csv_file
from desktop.export.formats import ExportOptions
from desktop.models import AuditEntry
from desktop.services.auditing import history, verify
from desktop.services.exporting import export_sessions
from desktop.services.importing import run_import
from tests.helpers import stores
from tests.helpers.records import ASSESSOR, a_document, a_session


@pytest.fixture
async def records(vault_url: URL) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        yield database


async def entered(database: Database) -> list[str]:
    async with database.read() as db:
        vault = AuditEntry.entity == "vault"
        return list(await db.scalars(select(AuditEntry.action).where(vault).order_by(AuditEntry.seq)))


async def test_the_trail_says_whose_records_left(records: Database, tmp_path: Path):
    taken, left = a_session(), a_session()
    await run_import(records, a_document(taken, left), actor=ASSESSOR)
    options = ExportOptions("csv")
    await export_sessions(records, tmp_path / "x", [taken.id], actor=ASSESSOR, options=options)
    told = [event for event in await history(records, taken.id) if event.action == "export"]
    assert [(event.entity, event.entity_id, event.actor) for event in told] == [
        ("sessions", taken.id, ASSESSOR)
    ]
    assert "export" not in {event.action for event in await history(records, left.id)}
    assert await entered(records) == ["export"]
    assert not (await verify(records)).trouble


async def test_an_export_that_came_to_nothing_says_so(
    records: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    session = a_session()
    await run_import(records, a_document(session), actor=ASSESSOR)
    wanted = {"actor": ASSESSOR, "options": ExportOptions("csv")}
    with pytest.raises(AppError):
        await export_sessions(records, tmp_path / "none" / "x", [session.id], **wanted)

    def fault(*_: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(csv_file, "cells_of", fault)
    with pytest.raises(RuntimeError):
        await export_sessions(records, tmp_path / "x", [session.id], **wanted)
    assert await entered(records) == ["export", "export_failed"] * 2
