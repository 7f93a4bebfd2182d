"""The window's event loop keeps asyncio's promises, and Qt's."""

import asyncio
import contextvars
import os
import signal as signals
import socket
import sys
import threading
from pathlib import Path

import aiosqlite
import asyncpg
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.helpers.waiting import until
from ui.eventloop import EventLoop

MANY = 50_000


async def test_callbacks_run_in_the_order_of_call_soon() -> None:
    loop = asyncio.get_running_loop()
    ran: list[int] = []
    for number in range(100):
        loop.call_soon(ran.append, number)
    await until(lambda: len(ran) == 100)
    assert ran == list(range(100))


async def test_fifty_thousand_pending_callbacks_all_run_in_order() -> None:
    loop = asyncio.get_running_loop()
    ran: list[int] = []
    done = loop.create_future()
    for number in range(MANY):
        loop.call_soon(ran.append, number)
    loop.call_soon(done.set_result, None)
    await done
    assert ran == list(range(MANY))


async def test_qt_gets_its_turns_while_many_callbacks_wait() -> None:
    loop = asyncio.get_running_loop()
    ran = 0

    def work() -> None:
        nonlocal ran
        ran += 1

    ran_when_qt_fired: list[int] = []
    QTimer.singleShot(0, lambda: ran_when_qt_fired.append(ran))
    for _ in range(MANY):
        loop.call_soon(work)
    await until(lambda: ran == MANY)
    assert ran_when_qt_fired[0] < MANY


async def test_a_cancelled_callback_does_not_run() -> None:
    loop = asyncio.get_running_loop()
    ran: list[str] = []
    loop.call_soon(ran.append, "soon").cancel()
    loop.call_later(0.001, ran.append, "later").cancel()
    await asyncio.sleep(0.01)
    assert ran == []


async def test_timers_fire_in_the_order_of_their_times_and_never_early() -> None:
    loop = asyncio.get_running_loop()
    fired: list[tuple[float, float]] = []
    dues = [loop.time() + milliseconds / 1000 for milliseconds in (30, 5, 20, 10, 0)]
    for due in dues:
        loop.call_at(due, lambda due=due: fired.append((due, loop.time())))
    await until(lambda: len(fired) == len(dues))
    assert [due for due, _ in fired] == sorted(dues)
    assert all(at >= due for due, at in fired)


async def test_a_timer_of_two_months_does_not_fire_at_once() -> None:
    fired: list[bool] = []
    timer = asyncio.get_running_loop().call_later(60 * 86_400, fired.append, True)
    await asyncio.sleep(0.02)
    timer.cancel()
    assert fired == []


async def test_a_timeout_ends_what_takes_too_long() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await asyncio.sleep(60)


async def test_a_task_group_gives_its_results() -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(asyncio.sleep(0.001, "done"))
    assert task.result() == "done"


async def test_another_thread_can_call_in() -> None:
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(called.set_result, "from the thread"))
    thread.start()
    assert await called == "from the thread"
    thread.join()


async def test_blocking_work_runs_in_another_thread() -> None:
    assert await asyncio.to_thread(threading.get_ident) != threading.get_ident()


async def test_a_callback_sees_the_context_it_was_given() -> None:
    name = contextvars.ContextVar("name", default="nobody")
    name.set("Ada")
    seen = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(lambda: seen.set_result(name.get()))
    name.set("Grace")
    assert await seen == "Ada"


async def test_a_signal_wakes_the_idle_loop() -> None:
    loop = asyncio.get_running_loop()
    heard = loop.create_future()
    loop.add_signal_handler(signals.SIGUSR1, heard.set_result, "heard")
    os.kill(os.getpid(), signals.SIGUSR1)
    assert await heard == "heard"
    loop.remove_signal_handler(signals.SIGUSR1)


async def test_an_error_in_a_callback_reaches_the_handler_and_the_next_callback_still_runs() -> None:
    loop = asyncio.get_running_loop()
    errors: list[BaseException] = []
    ran = loop.create_future()
    strict = getattr(loop, "errors")  # noqa: B009 - the tests' own subclass
    loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
    loop.call_soon(lambda: 1 / 0)
    loop.call_soon(ran.set_result, "ran")
    assert await ran == "ran"
    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert strict == []


async def test_a_program_can_be_run_and_read() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print('hello')", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert (output.strip(), process.returncode) == (b"hello", 0)


async def test_streams_carry_bytes_both_ways() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        await writer.wait_closed()


async def test_plain_sockets_can_be_awaited() -> None:
    loop = asyncio.get_running_loop()
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        await loop.sock_sendall(here, b"hello")
        assert await loop.sock_recv(there, 10) == b"hello"


async def test_names_are_looked_up() -> None:
    assert await asyncio.get_running_loop().getaddrinfo("localhost", 80)


async def test_aiosqlite_answers() -> None:
    async with aiosqlite.connect(":memory:") as connection, connection.execute("SELECT 6 * 7") as cursor:
        assert await cursor.fetchone() == (42,)


async def test_sqlalchemy_answers_over_aiosqlite(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'records.sqlite3'}")
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 6 * 7"))).scalar() == 42
    await engine.dispose()


async def test_a_nested_dialog_inside_a_task_loses_no_wake_up(application: QApplication) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        for _ in range(20):
            await asyncio.sleep(0.002)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await until(lambda: ticks > 0)
    dialog = QDialog()
    QTimer.singleShot(100, dialog.accept)
    before = ticks
    dialog.exec()
    assert ticks == before, "No task can be entered while another one is inside exec()"
    await ticking
    assert ticks == 20


async def test_tasks_go_on_during_a_nested_dialog_that_a_slot_opened(application: QApplication) -> None:
    loop = asyncio.get_running_loop()
    ticks_during_dialog = loop.create_future()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        for _ in range(30):
            await asyncio.sleep(0.002)
            ticks += 1

    def open_dialog() -> None:
        before = ticks
        dialog = QDialog()
        QTimer.singleShot(100, dialog.accept)
        dialog.exec()
        ticks_during_dialog.set_result(ticks - before)

    QTimer.singleShot(0, open_dialog)
    await asyncio.gather(tick(), ticks_during_dialog)
    assert ticks_during_dialog.result() > 5


async def test_tasks_go_on_during_a_nested_dialog_that_a_callback_opened(application: QApplication) -> None:
    closed = asyncio.get_running_loop().create_future()
    dialog = QDialog()

    async def close_from_a_task() -> None:
        await until(dialog.isVisible)
        dialog.accept()

    def open_dialog() -> None:
        closed.set_result(dialog.exec())

    closing = asyncio.create_task(close_from_a_task())
    asyncio.get_running_loop().call_soon(open_dialog)
    assert await closed == QDialog.DialogCode.Accepted
    await closing


async def test_postgres_answers_over_tcp(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT 6 * 7") == 42
    await connection.close()


async def test_sqlalchemy_answers_over_asyncpg(postgres_url: str) -> None:
    engine = create_async_engine(postgres_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 6 * 7"))).scalar() == 42
    await engine.dispose()


async def test_postgres_copies_a_hundred_thousand_rows_in_and_out(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE TEMP TABLE numbers (number int, name text)")
    rows = [(number, f"number {number}") for number in range(100_000)]
    await connection.copy_records_to_table("numbers", records=rows)
    assert [tuple(row) for row in await connection.fetch("SELECT * FROM numbers")] == rows
    await connection.close()


async def test_postgres_notifies(postgres_url: str) -> None:
    listener, speaker = await asyncpg.connect(postgres_url), await asyncpg.connect(postgres_url)
    heard = asyncio.get_running_loop().create_future()
    await listener.add_listener("news", lambda *event: heard.set_result(event[-1]))
    await speaker.execute("NOTIFY news, 'hello'")
    assert await heard == "hello"
    await listener.close()
    await speaker.close()


async def test_a_postgres_connection_survives_a_timeout_and_a_cancelled_query(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    with pytest.raises(TimeoutError):
        await connection.fetchval("SELECT pg_sleep(60)", timeout=0.05)
    query = asyncio.create_task(connection.fetchval("SELECT pg_sleep(60)"))
    await asyncio.sleep(0)
    query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query
    assert await connection.fetchval("SELECT 'alive'") == "alive"
    await connection.close()


async def test_a_postgres_pool_serves_many_at_once(postgres_url: str) -> None:
    async with asyncpg.create_pool(postgres_url, min_size=2, max_size=5) as pool:
        numbers = await asyncio.gather(*(pool.fetchval("SELECT $1::int", number) for number in range(50)))
    assert numbers == list(range(50))


async def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncpg.connect(host="127.0.0.1", port=reserved.getsockname()[1], user="x", database="x")


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TimeoutError):
            await asyncpg.connect(
                host="127.0.0.1", port=port, user="x", password="x", database="x", timeout=0.1, ssl=False
            )


def test_what_was_scheduled_before_the_loop_runs_waits_for_it(application: QApplication) -> None:
    seen: list[asyncio.AbstractEventLoop] = []
    with asyncio.Runner(loop_factory=lambda: EventLoop(application)) as runner:
        loop = runner.get_loop()
        loop.call_soon(lambda: seen.append(asyncio.get_running_loop()))
        application.processEvents()
        assert seen == []
        runner.run(asyncio.sleep(0.01))
    assert seen == [loop]


def test_a_closed_loop_takes_no_more_callbacks(application: QApplication) -> None:
    loop = EventLoop(application)
    loop.close()
    for schedule in (loop.call_soon, loop.call_soon_threadsafe):
        with pytest.raises(RuntimeError, match="closed"):
            schedule(print)
