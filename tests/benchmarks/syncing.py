"""A first push and a first pull of 1,000 sessions, 20,000 tasks and 200,000 metrics, beside the bare ways.

The bare way up reads the rows with the vault's driver, copies them into a TEMP table and upserts them into the same
kind of tables; the bare way down fetches them and inserts them into a plain file with `executemany`.
"""

import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from desktop.centre import admin, devices
from desktop.centre.connecting import connect
from desktop.centre.enrolment import Enrolment
from desktop.clock import SystemClock
from desktop.database import Database, normalise_url
from desktop.services.importing import run_import
from desktop.sync.engine import Engine, Report
from desktop.sync.local import LocalVault
from desktop.sync.postgres import PostgresCentre
from desktop.sync.tables import recorded
from tests.benchmarks.documents import large_document
from tests.benchmarks.measuring import Line, line
from tests.benchmarks.places import plain, vault
from tests.helpers import stores
from tests.helpers.postgres import PostgresServer, running_server

SESSIONS, ROUNDS = 1000, 3
ROWS = SESSIONS * (1 + 20 + 200)
TABLES = ("sessions", "task_results", "metrics")


async def measure(folder: Path) -> list[Line]:
    """Sync two laptops with a centre of their own, and do the same the bare way, in turn."""
    pushes, pulls, bare_pushes, bare_pulls = [], [], [], []
    with running_server() as server:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(dir=folder.parent) as name:
                place = Path(name)
                async with vault(place / "anna") as anna, vault(place / "ben") as ben, plain(place / "bare"):
                    document = large_document(SystemClock(), SESSIONS)
                    await run_import(anna, document, actor=document.sessions[0].assessor)
                    async with _centre(server) as enrolments:
                        for database, enrolment, into in zip(
                            (anna, ben), enrolments, (pushes, pulls), strict=True
                        ):
                            into.append(await _timed(partial(_sync, database, enrolment)))
                    async with _centre(server) as (enrolment, _):
                        owner = await asyncpg.connect(server.url_of(enrolment.database))
                        bare_pushes.append(
                            await _timed(partial(_bare_push, owner, place / "anna", enrolment))
                        )
                        bare_pulls.append(await _timed(partial(_bare_pull, owner, place / "bare")))
                        await owner.close()
    return [
        line(
            f"First push of {ROWS:,} rows from a vault", pushes, unit="ms", bare=bare_pushes, limit=1 / 0.45
        ),
        line(f"First pull of {ROWS:,} rows into a vault", pulls, unit="ms", bare=bare_pulls, limit=1 / 0.40),
    ]


@asynccontextmanager
async def _centre(server: PostgresServer) -> AsyncIterator[tuple[Enrolment, Enrolment]]:
    """Make a centre with two laptops."""
    with server.database() as url:
        parsed = normalise_url(f"{url}?sslmode=disable")
        async with admin.opened(parsed) as connection:
            centre, _ = await admin.make_centre(connection)
            enrolments = [
                await devices.add_device(
                    connection,
                    centre,
                    name=f"{name} {uuid4().hex[:8]}",
                    host="127.0.0.1",
                    port=parsed.port or 0,
                    plain=True,
                )
                for name in ("Anna", "Ben")
            ]
        yield enrolments[0], enrolments[1]


async def _sync(database: Database, enrolment: Enrolment) -> Report:
    local = LocalVault(database)
    await local.enrol(centre_id=enrolment.centre_id, central_uuid=enrolment.central_uuid)
    connection = await connect(enrolment)
    centre = PostgresCentre(connection, enrolment.centre_id)
    await centre.prepare()
    report = await Engine(local, centre, new_id=database.clock.new_id).sync()
    await connection.close()
    assert report.pushed + report.pulled == ROWS
    return report


async def _bare_push(owner: asyncpg.Connection, path: Path, enrolment: Enrolment) -> None:
    """Read, copy, upsert; with what the guards of the centre ask for."""
    centre = PostgresCentre(owner, enrolment.centre_id)
    await centre.prepare()  # its way of carrying values, which is the fastest there is
    with closing(stores.VAULT.connect(path)) as connection:
        for name in TABLES:
            columns = ("id", *recorded(name))
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
            await owner.execute(
                f"CREATE TEMP TABLE bare_{name} AS SELECT {', '.join(columns)} FROM {name} LIMIT 0"
            )
            await owner.copy_records_to_table(f"bare_{name}", records=rows, columns=columns)
            edited = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
            await owner.execute(
                f"INSERT INTO {name} (centre_id, {', '.join(columns)}, rev, srv_seq, hlc, origin) "
                f"SELECT s.centre_id, {', '.join(f'u.{column}' for column in columns)}, 1, s.head, 0, s.centre_id "
                f"FROM bare_{name} u, stream s ON CONFLICT (centre_id, id) DO UPDATE SET {edited}"
            )


async def _bare_pull(owner: asyncpg.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN")
        for name in TABLES:
            columns = ("id", *recorded(name), "rev", "srv_seq", "hlc", "origin")
            rows = await owner.fetch(f"SELECT {', '.join(columns)} FROM {name}")
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", [tuple(row) for row in rows]
            )
        connection.execute("COMMIT")


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000
