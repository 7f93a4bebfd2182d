"""The receipt: the same records give the same bytes, and no others do."""

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from sqlalchemy import update

from desktop import crud
from desktop.database import Database
from desktop.models import Metric, Session, TaskResult
from desktop.schemas import SessionRecord
from desktop.services.importing import run_import
from desktop.sync.exchange import Counted
from desktop.sync.local import LocalVault
from desktop.sync.receipt import compared, row_encoder
from desktop.sync.tables import NAMES, records
from desktop.types import microseconds
from tests.helpers.records import ASSESSOR, a_document, a_metric, a_person, a_session, a_task, sessions

NUMBERS = (0.1, -0.0, 5e-324, 1.7976931348623157e308, 2.0**53 + 2, -1.5)
TEXTS = ("", "ليلى بنت حداد", "Zoë 😀\n", "'; DROP TABLE sessions; --")


def some_records() -> tuple[SessionRecord, ...]:
    made = []
    for text in TEXTS:
        session = a_session(notes=text)
        task = a_task(session.id, notes=text)
        metrics = tuple(
            a_metric(task.id, f"value_{place}", number + 0.0) for place, number in enumerate(NUMBERS)
        )
        task = task.model_copy(update={"metrics": metrics})
        made.append(session.model_copy(update={"task_results": (task,)}))
    return tuple(made)


async def receipt_of(database: Database) -> dict[str, Counted]:
    return await LocalVault(database).receipt()


async def test_all_is_counted(sqlite: Database):
    await run_import(sqlite, a_document(*some_records(), people=(a_person(),)), actor=ASSESSOR)
    here = await receipt_of(sqlite)
    assert {table: counted.rows for table, counted in here.items()} == {
        "people": 1, "protocols": 0, "sessions": 4, "task_results": 4, "metrics": 24, "conflicts": 0,
    }  # fmt: skip
    assert here["protocols"].digest == hashlib.sha256().hexdigest()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Session, {"notes": "other"}),
        (Session, {"child_height_cm": None}),
        (Session, {"rev": 1}),
        (TaskResult, {"practice": True}),
        (TaskResult, {"status": "failed"}),
        (Metric, {"metric_value": 0.10000000000000002}),
        (Metric, {"created_by": UUID(int=9)}),
    ],
)
async def test_one_changed_value_is_another_receipt(
    sqlite: Database, model: type[Any], values: dict[str, Any]
):
    records = some_records()
    await run_import(sqlite, a_document(*records), actor=ASSESSOR)
    before = await receipt_of(sqlite)
    task = records[0].task_results[0]
    row_id = {Session: records[0].id, TaskResult: task.id, Metric: task.metrics[0].id}[model]
    async with sqlite.write(actor=ASSESSOR) as db:
        await db.execute(update(model).where(model.id == row_id).values(**values))
    after = await receipt_of(sqlite)
    assert {name for name in after if after[name] != before[name]} == {model.__tablename__}
    assert after[model.__tablename__].rows == before[model.__tablename__].rows


async def test_what_is_deleted_is_not_counted_and_still_compared(sqlite: Database):
    first, second = some_records()[:2]
    await run_import(sqlite, a_document(first, second), actor=ASSESSOR)
    before = await receipt_of(sqlite)
    async with sqlite.write(actor=ASSESSOR) as db:
        await crud.delete_session(db, first.id)
    after = await receipt_of(sqlite)
    assert (before["sessions"].rows, after["sessions"].rows) == (2, 1)
    assert before["sessions"].digest != after["sessions"].digest


async def test_where_a_row_stands_in_the_sync_is_no_difference(sqlite: Database):
    (session, *_) = some_records()
    await run_import(sqlite, a_document(session), actor=ASSESSOR)
    before = await receipt_of(sqlite)
    async with sqlite.write(actor=ASSESSOR) as db:
        await db.execute(update(Session).values(srv_seq=7, hlc=1 << 40, origin=uuid4()))
    assert await receipt_of(sqlite) == before


@given(one=sessions(), other=sessions())
def test_no_two_rows_are_written_alike(one: SessionRecord, other: SessionRecord):
    columns = [column for column in compared("sessions") if column.name not in {"rev", "deleted"}]
    encode = row_encoder(columns)
    rows = [[_stored(getattr(record, column.name)) for column in columns] for record in (one, other)]
    assert (encode(rows[0]) == encode(rows[1])) is (rows[0] == rows[1])


def _stored(value: Any) -> Any:
    """Return a value as SQLite has it."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, datetime):
        return microseconds(value)
    return value.isoformat() if isinstance(value, date) else value


def test_every_column_that_is_synced_is_compared():
    for name in NAMES:
        named = {column.name for column in compared(name)}
        assert set(records(name).columns.keys()) - named == {"srv_seq", "hlc", "origin"}
