"""Importing 100,000 metrics: the time beside a bare executemany, and what the window feels of it."""

import sqlite3
import tempfile
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop.background import in_background
from desktop.clock import SystemClock
from desktop.database import Database
from desktop.export.canonical import Document
from desktop.services.importing import run_import
from desktop.types import microseconds
from tests.benchmarks.documents import large_document
from tests.benchmarks.lateness import in_window, lateness_of
from tests.benchmarks.measuring import Line, line, percentile, timed_ms
from tests.benchmarks.places import plain, vault

ROUNDS = 7


async def measure_time(folder: Path) -> list[Line]:
    """Import and insert the same rows in turn, each time into a fresh file of the same schema."""
    ours, encrypted, bare = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            place = Path(name)
            document = large_document(SystemClock())
            for into, made in ((ours, plain(place / "ours")), (encrypted, vault(place / "vault"))):
                async with made as database:
                    into.append(await timed_ms(partial(_import, database, document)))
            async with plain(place / "bare"):
                pass
            rows = _rows(document)
            start = time.perf_counter()
            _insert(place / "bare", rows)
            bare.append((time.perf_counter() - start) * 1000)
    return [
        line("Import 100,000 metrics, plain file", ours, unit="ms", bare=bare, limit=4),
        line("Import 100,000 metrics, vault and audit", encrypted, unit="ms", bare=bare, limit=8),
    ]


def measure_lateness(folder: Path) -> list[Line]:
    """Run a 5 ms timer on the window's thread while the import runs beside it."""
    lateness = in_window(partial(_lateness, folder))
    return [
        line(
            "Timer lateness p99 while importing",
            lateness,
            unit="ms",
            limit=16,
            of=percentile(99),
            note=f"(worst {max(lateness):.1f} ms of {len(lateness)})",
        )
    ]


async def _lateness(folder: Path) -> list[float]:
    async with vault(folder / "lateness.sqlite3") as opened:
        document = large_document(SystemClock())
        return await lateness_of(lambda: in_background(opened, lambda database: _import(database, document)))


async def _import(database: Database, document: Document) -> None:
    await run_import(database, document, actor=document.sessions[0].assessor)


def _rows(document: Document) -> dict[str, list[dict[str, object]]]:
    tasks = [task for session in document.sessions for task in session.task_results]
    metrics = [metric for task in tasks for metric in task.metrics]
    return {
        "sessions": _plain(document.sessions, {"task_results"}),
        "task_results": _plain(tasks, {"metrics"}),
        "metrics": _plain(metrics, set()),
    }


def _plain(records: Iterable[Any], without: set[str]) -> list[dict[str, object]]:
    def value(stored: object) -> object:
        if isinstance(stored, UUID):
            return stored.bytes
        return microseconds(stored) if hasattr(stored, "tzinfo") else stored  # type: ignore[arg-type]

    names = [name for name in type(next(iter(records))).model_fields if name not in without]
    return [{name: value(getattr(record, name)) for name in names} for record in records]


def _insert(path: Path, tables: dict[str, list[dict[str, object]]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    for table, rows in tables.items():
        columns = list(rows[0])
        marks = ", ".join(f":{name}" for name in columns)
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.close()
