"""Saving a task with ten metrics, beside the same rows through the bare driver."""

from functools import partial
from pathlib import Path
from uuid import UUID

import aiosqlite

from desktop import crud
from desktop.database import Database
from desktop.models import Metric, TaskResult
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from desktop.types import microseconds
from tests.benchmarks.measuring import Line, line, timed_ms
from tests.benchmarks.places import plain, vault

ROUNDS = 300
METRICS = [
    NewMetric(metric_name=f"metric_{number}", metric_value=number / 7, unit="cm") for number in range(10)
]
TASK = NewTaskResult(task_name="raise_hand", side="left", status="success", duration_seconds=15.5)


async def measure(folder: Path) -> list[Line]:
    """Take turns: our way on a plain file and on a vault, and the bare driver on a plain file of the same schema."""
    async with (
        plain(folder / "ours.sqlite3") as ours,
        plain(folder / "bare.sqlite3") as other,
        vault(folder / "vault.sqlite3") as encrypted,
        aiosqlite.connect(folder / "bare.sqlite3", isolation_level=None) as driver,
    ):
        sessions = [await _session(database) for database in (ours, encrypted, other)]
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            await driver.execute(f"PRAGMA {pragma}")
        samples: tuple[list[float], ...] = ([], [], [])
        for _ in range(ROUNDS):
            for database, session_id, into in zip((ours, encrypted), sessions, samples, strict=False):
                into.append(await timed_ms(partial(_save, database, session_id)))
            rows = _rows(other, sessions[2])
            samples[2].append(await timed_ms(partial(_save_bare, driver, *rows)))
    what = "Save a task with ten metrics"
    return [
        line(f"{what}, plain file", samples[0], unit="ms", bare=samples[2], limit=4),
        line(f"{what}, vault and audit", samples[1], unit="ms", bare=samples[2], limit=8),
    ]


async def _session(database: Database) -> UUID:
    async with database.write(actor=database.clock.new_id()) as db:
        session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
    return session.id


async def _save(database: Database, session_id: UUID) -> None:
    async with database.write(actor=session_id) as db:
        task = await crud.create_task_result(db, session_id, TASK)
        await crud.create_metrics_batch(db, task.id, METRICS)


def _rows(database: Database, session_id: UUID) -> tuple[dict[str, object], list[dict[str, object]]]:
    now = microseconds(database.clock.now())
    stamps = {
        "created_at": now,
        "updated_at": now,
        "created_by": session_id.bytes,
        "updated_by": session_id.bytes,
        "utc_offset_minutes": 0,
    }
    task_id = database.clock.new_id()
    task = {"id": task_id.bytes, "session_id": session_id.bytes, **TASK.model_dump(), "position": 1, **stamps}
    metrics = [
        {
            "id": crud.metric_id(task_id, metric.metric_name).bytes,
            "task_id": task_id.bytes,
            **metric.model_dump(),
            **stamps,
        }
        for metric in METRICS
    ]
    return task, metrics


async def _save_bare(
    driver: aiosqlite.Connection, task: dict[str, object], metrics: list[dict[str, object]]
) -> None:
    await driver.execute("BEGIN IMMEDIATE")
    await driver.execute(_insert(TaskResult.__tablename__, task), task)
    await driver.executemany(_insert(Metric.__tablename__, metrics[0]), metrics)
    await driver.execute("COMMIT")


def _insert(table: str, row: dict[str, object]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
