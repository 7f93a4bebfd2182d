"""The log says what happened and never whom it happened to."""

import asyncio
import gc
import io
import logging
import sqlite3
import traceback
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from desktop import crud
from desktop.database import Database
from desktop.errors import AppError
from desktop.logs import Redacting, start_logging
from desktop.schemas import NewSession, NewTaskResult
from tests.helpers.logs import WatchedLog

CANARY = "Zarquonia Canary"
log = logging.getLogger("kinelog.test")


@pytest.fixture
def written(tmp_path: Path, watched_log: WatchedLog) -> Iterator[Path]:
    """The log file, opened by the program's own function; what is logged here is expected."""
    watched_log.allow("")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    start_logging(tmp_path, level=logging.DEBUG)
    (handler,) = [handler for handler in root.handlers if handler not in before]
    yield tmp_path / "kinelog.log"
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


async def add(database: Database, actor: UUID, session_id: UUID | None = None) -> UUID:
    async with database.write(actor=actor) as db:
        session = await crud.create_session(
            db, NewSession(child_name=CANARY, child_age=8, notes=CANARY), session_id=session_id
        )
        await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk", notes=CANARY))
    return session.id


async def test_a_day_of_work_names_nobody(database: Database, actor: UUID, written: Path):
    session_id = await add(database, actor)
    async with database.read() as db:
        await crud.list_sessions(db, search=CANARY)
        await crud.get_session(db, session_id)
    log.info("One session")
    assert "One session" in written.read_text()
    assert "Canary" not in written.read_text()


@pytest.mark.parametrize("broken", ["twin", "null", "check"])
async def test_an_error_of_the_database_is_logged_without_its_text(
    database: Database, actor: UUID, written: Path, broken: str
):
    """PostgreSQL puts the whole row into its DETAIL."""
    session_id = await add(database, actor)
    statements = {
        "null": "UPDATE sessions SET assessor = NULL",
        "check": "UPDATE sessions SET child_sex = 'unheard'",
    }

    async def break_it() -> None:
        if broken == "twin":
            await add(database, actor, session_id)
        async with database.write(actor=actor) as db:
            await db.execute(text(statements[broken]))

    with pytest.raises(IntegrityError) as raised:
        await break_it()
    if not database.is_sqlite and broken != "twin":
        assert CANARY in "".join(
            traceback.format_exception(raised.value)
        )  # so there is something to keep out
    log.error("Not saved: %s", raised.value, exc_info=raised.value)
    logged = written.read_text()
    assert "sqlalchemy.exc.IntegrityError" in logged
    assert "test_logs.py" in logged
    assert "Canary" not in logged


def test_a_traceback_has_places_and_classes_and_no_texts(written: Path):
    def fail() -> None:
        try:
            raise sqlite3.OperationalError(CANARY)
        except sqlite3.OperationalError as error:
            raise AppError(CANARY) from error

    try:
        fail()
    except AppError:
        log.exception("Failed")
    logged = written.read_text()
    assert "desktop.errors.AppError" in logged
    assert "sqlite3.OperationalError" in logged
    assert " fail\n" in logged
    assert "Canary" not in logged


def test_another_handler_that_wrote_the_whole_text_first_gives_nothing_away(written: Path):
    root = logging.getLogger()
    stream = io.StringIO()
    loud = logging.StreamHandler(stream)
    root.handlers.insert(0, loud)
    try:
        raise ValueError(CANARY)
    except ValueError:
        log.exception("Failed")
    finally:
        root.removeHandler(loud)
    assert CANARY in stream.getvalue()
    assert "Canary" not in written.read_text()


@pytest.mark.timeout(20)
def test_errors_that_cause_each_other_come_to_an_end(written: Path):
    first, second = ValueError(CANARY), KeyError(CANARY)
    first.__cause__, second.__cause__ = second, first
    for error in (first, second):
        log.error("Failed", exc_info=error)
    with pytest.raises(OSError, match=CANARY) as raised:
        raise (own := OSError(CANARY)) from own
    log.error("Failed", exc_info=raised.value)
    logged = written.read_text()
    assert logged.count("builtins.ValueError") == 2
    assert logged.count("builtins.OSError") == 1
    assert "Canary" not in logged


async def test_a_callback_of_the_loop_that_failed_gives_its_arguments_away_to_nobody(written: Path):
    """Python puts them into the message."""

    def fail(name: str) -> None:
        raise ValueError(name)

    loop = asyncio.get_running_loop()
    loop.call_soon(fail, CANARY)
    loop.call_exception_handler({"message": f"Odd <Task of {CANARY!r}>", "task": asyncio.current_task()})
    await asyncio.sleep(0)
    logged = written.read_text()
    assert "Exception in callback" in logged
    assert "Odd" in logged
    assert "Canary" not in logged


async def test_a_forgotten_task_gives_nothing_away(written: Path):
    async def fail() -> None:
        raise ValueError(CANARY)

    task = asyncio.ensure_future(fail())
    await asyncio.wait({task})
    del task
    gc.collect()
    logged = written.read_text()
    assert "Task exception was never retrieved" in logged
    assert "ValueError" in logged
    assert "Canary" not in logged


def test_an_exception_among_the_arguments_gives_nothing_away(written: Path):
    log.warning("Not saved: %s, %r", ValueError(CANARY), KeyError(CANARY))
    log.warning("Not saved: %(error)s", {"error": ValueError(CANARY)})
    logged = written.read_text()
    assert "ValueError" in logged
    assert "KeyError" in logged
    assert "Canary" not in logged


def test_the_log_is_kept_small(written: Path):
    (handler,) = [
        handler for handler in logging.getLogger().handlers if isinstance(handler, RotatingFileHandler)
    ]
    assert (handler.maxBytes, handler.backupCount) == (1_000_000, 4)


def test_drivers_do_not_chatter(written: Path):
    for name in ("sqlalchemy.engine", "aiosqlite", "asyncio", "alembic.runtime", "qasync"):
        logging.getLogger(name).info("chatter of %s", name)
    log.debug("heard")
    assert written.read_text().splitlines()[-1].endswith("heard")
    assert "chatter" not in written.read_text()


async def test_an_unavailable_database_brings_no_values_along(sqlite: Database, actor: UUID, written: Path):
    other: Any = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AppError) as raised:
        await add(sqlite, actor)
    other.close()
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert not isinstance(raised.value, DBAPIError)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (ValueError(CANARY), None),
        ("failed: %s", ([ValueError(CANARY)],)),
        ("failed: %s", ({"why": ValueError(CANARY)},)),
    ],
)
def test_an_error_is_logged_without_its_text_wherever_it_stands(message: object, arguments: Any):
    record = logging.LogRecord("lib", logging.ERROR, "", 1, message, arguments, None)
    assert CANARY not in Redacting("%(message)s").format(record)
