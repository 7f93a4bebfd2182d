"""Saving a task with ten metrics, beside the same rows through the bare driver."""

from pathlib import Path
from uuid import UUID

import aiosqlite

from desktop import crud
from desktop.core import Core
from desktop.models import Metric, TaskResult
from desktop.paths import Paths
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from desktop.types import microseconds
from tests.benchmarks.measuring import Line, line, timed_ms

ROUNDS = 300
METRICS = [
    NewMetric(metric_name=f"metric_{number}", metric_value=number / 7, unit="cm") for number in range(10)
]
TASK = NewTaskResult(task_name="raise_hand", side="left", status="success", duration_seconds=15.5)


async def measure(folder: Path) -> list[Line]:
    """Alternate our way and the bare way on two files with the same schema and durability."""
    async with Core.open(Paths(folder / "ours")) as core, Core.open(Paths(folder / "bare")) as other:
        ours, bare = await _session(core), await _session(other)
        async with aiosqlite.connect(other.paths.database, isolation_level=None) as driver:
            for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
                await driver.execute(f"PRAGMA {pragma}")
            samples: list[float] = []
            bare_samples: list[float] = []
            for _ in range(ROUNDS):
                samples.append(await timed_ms(lambda: _save(core, ours)))
                rows = _rows(other, bare)
                bare_samples.append(await timed_ms(lambda rows=rows: _save_bare(driver, *rows)))
    return [line("Save a task with ten metrics", samples, unit="ms", bare=bare_samples, limit=4)]


async def _session(core: Core) -> UUID:
    async with core.database.write(actor=core.clock.new_id()) as db:
        session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
    return session.id


async def _save(core: Core, session_id: UUID) -> None:
    async with core.database.write(actor=session_id) as db:
        task = await crud.create_task_result(db, session_id, TASK)
        await crud.create_metrics_batch(db, task.id, METRICS)


def _rows(core: Core, session_id: UUID) -> tuple[dict[str, object], list[dict[str, object]]]:
    now = microseconds(core.clock.now())
    stamps = {
        "created_at": now,
        "updated_at": now,
        "created_by": session_id.bytes,
        "updated_by": session_id.bytes,
        "utc_offset_minutes": 0,
    }
    task_id = core.clock.new_id()
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
