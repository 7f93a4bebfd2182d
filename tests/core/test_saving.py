"""When saving fails: nothing is lost, it is told within a second, and saved when it can be.

One file above 400 lines: each way of failing is tried on the same desk, which most of its lines make.
"""

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from desktop import crud, saving
from desktop.database import Database
from desktop.edits import AddTask, DeleteTask, Edit, EditSession, EditTask
from desktop.errors import DatabaseUnavailable, NotFound
from desktop.saving import Saver
from desktop.schemas import NewSession, NewTaskResult
from tests.helpers import stores
from tests.helpers.waiting import until

TOLD_WITHIN_S = 1.0


class Desk:
    """A session, its saver, and what the saver told."""

    def __init__(self, database: Database, actor: UUID, session_id: UUID) -> None:
        self.database = database
        self.actor = actor
        self.session_id = session_id
        self.saver = Saver(database)
        self.told: list[str | None] = []
        self.saver.subscribe(
            lambda: self.told.append(self.saver.trouble.kind if self.saver.trouble else None)
        )

    @classmethod
    async def open(cls, database: Database, actor: UUID) -> "Desk":
        async with database.write(actor=actor) as db:
            session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
        return cls(database, actor, session.id)

    def add(self, number: int, notes: str = "") -> AddTask:
        new = NewTaskResult(task_name=f"task {number}", notes=notes)
        return AddTask(self.session_id, self.database.clock.new_id(), new)

    def save(self, edit: Edit) -> "asyncio.Task[None]":
        return asyncio.ensure_future(self.saver.save(edit, actor=self.actor))

    async def trouble(self) -> str:
        """Return the kind of trouble, which must be told within a second."""
        await until(lambda: self.saver.trouble, timeout=TOLD_WITHIN_S)
        assert self.saver.trouble is not None
        return self.saver.trouble.kind

    async def stored(self) -> list[str]:
        async with self.database.read() as db:
            tasks = await crud.get_task_results_by_session(db, self.session_id)
            return [task.task_name for task in sorted(tasks, key=lambda task: task.position)]

    async def recovers(self, waiting: "list[asyncio.Task[None]]") -> None:
        """Fail unless all that waits is saved at once when tried again."""
        self.saver.try_again()
        async with asyncio.timeout(20):
            await asyncio.gather(*waiting)
        assert self.saver.trouble is None
        assert self.saver.waiting == ()
        assert self.told[-1] is None


@pytest.fixture
async def desk(sqlite: Database, actor: UUID) -> Desk:
    return await Desk.open(sqlite, actor)


async def end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@contextmanager
def held(database: Database) -> Iterator[Callable[[], None]]:
    """Hold the file as another program in this process does; gives the function that lets it go."""
    with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.execute("ROLLBACK") and None


# The queue


async def test_a_save_returns_when_the_edit_is_durable(desk: Desk):
    await desk.save(desk.add(1))
    assert await desk.stored() == ["task 1"]
    assert desk.saver.waiting == ()
    assert set(desk.told) == {None}


async def test_twenty_edits_are_saved_in_their_order_after_trouble(desk: Desk):
    edits = [desk.add(number) for number in range(20)]
    with held(desk.database) as let_go:
        tasks = [desk.save(edit) for edit in edits]
        assert await desk.trouble() == "locked"
        assert desk.saver.waiting == tuple(edits)
        let_go()
    await desk.recovers(tasks)
    assert await desk.stored() == [f"task {number}" for number in range(20)]


async def test_what_waits_is_saved_by_itself(desk: Desk):
    with held(desk.database) as let_go:
        task = desk.save(desk.add(1))
        await desk.trouble()
        let_go()
        async with asyncio.timeout(20):
            await task
    assert await desk.stored() == ["task 1"]


async def test_trying_again_does_not_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(saving, "FIRST_WAIT_S", 3600.0)
    with held(desk.database) as let_go:
        task = desk.save(desk.add(1))
        await desk.trouble()
        let_go()
    await desk.recovers([task])
    assert await desk.stored() == ["task 1"]


async def test_trying_again_while_it_is_tried_is_not_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(saving, "FIRST_WAIT_S", 3600.0)
    with held(desk.database) as let_go:
        task = desk.save(desk.add(1))
        await asyncio.sleep(0)
        desk.saver.try_again()
        await desk.trouble()
        let_go()
        async with asyncio.timeout(20):
            await task


async def test_an_edit_keeps_the_time_of_its_entry(desk: Desk):
    with held(desk.database) as let_go:
        before = desk.database.clock.now()
        task = desk.save(desk.add(1))
        await desk.trouble()
        failed = desk.database.clock.now()
        let_go()
    await desk.recovers([task])
    async with desk.database.read() as db:
        (stored,) = await crud.get_task_results_by_session(db, desk.session_id)
    assert before <= stored.created_at < failed


async def test_an_edit_whose_record_is_gone_leaves_the_queue_and_says_so(desk: Desk):
    gone = EditTask(desk.session_id, desk.database.clock.new_id(), {"status": "success"})
    tasks = [desk.save(edit) for edit in (desk.add(1), gone, desk.add(2))]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[1], NotFound)
    assert [results[0], results[2]] == [None, None]
    assert desk.saver.waiting == ()
    assert desk.saver.trouble is None
    assert await desk.stored() == ["task 1", "task 2"]


async def test_a_cancelled_save_leaves_no_ghost(desk: Desk):
    with held(desk.database):
        task = desk.save(desk.add(1))
        await desk.trouble()
        await end(task)
        assert desk.saver.waiting == ()
        assert desk.saver.trouble is None
        assert desk.told[-1] is None
    await desk.save(desk.add(2))
    assert await desk.stored() == ["task 2"]


async def test_cancelling_one_of_several_keeps_the_others_and_their_trouble(desk: Desk):
    first, second, third = edits = [desk.add(number) for number in range(3)]
    with held(desk.database) as let_go:
        tasks = [desk.save(edit) for edit in edits]
        await desk.trouble()
        await end(tasks[1])
        assert desk.saver.waiting == (first, third)
        assert second not in desk.saver.waiting
        assert desk.saver.trouble is not None
        await end(tasks[0])
        assert desk.saver.waiting == (third,)
        assert await desk.trouble() == "locked"
        let_go()
    await desk.recovers([tasks[2]])
    assert await desk.stored() == ["task 2"]


async def test_the_same_edit_may_wait_twice(desk: Desk):
    edit = EditSession(desk.session_id, {"notes": "tired"})
    with held(desk.database) as let_go:
        tasks = [desk.save(edit), desk.save(edit)]
        await desk.trouble()
        assert desk.saver.waiting == (edit, edit)
        await end(tasks[1])
        assert desk.saver.waiting == (edit,)
        let_go()
    await desk.recovers([tasks[0]])


async def test_an_error_that_is_a_bug_leaves_the_queue_going(desk: Desk):
    class Broken(DeleteTask):
        async def write(self, db: object) -> None:
            raise ArithmeticError

    broken = desk.save(Broken(desk.session_id, desk.session_id))
    sound = desk.save(desk.add(1))
    with pytest.raises(ArithmeticError):
        await broken
    await sound
    assert desk.saver.waiting == ()


# Another program holds the file

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


async def test_a_file_that_another_process_holds(desk: Desk):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(desk.database.url.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    task = desk.save(desk.add(1))
    assert await desk.trouble() == "locked"
    assert await desk.stored() == []
    holder.communicate()
    await desk.recovers([task])
    assert await desk.stored() == ["task 1"]


# The disk is full


class Disk:
    """A place of a few megabytes that can be filled up and made free again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ballast = folder / "ballast"

    def fill(self) -> None:
        with suppress(OSError), self.ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)

    def free(self) -> None:
        self.ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk | None]:
    """A small disk of its own where this machine lets us mount one, else None."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield None
        return
    yield Disk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk(disk: Disk | None, empty_file: Path, tmp_path: Path, actor: UUID):
    """On a small disk that is really full or, where none can be mounted, in a file that may not grow."""
    url = stores.copied(empty_file, (disk.folder if disk else tmp_path) / "small.sqlite3")
    async with stores.opened(url) as database:
        desk = await Desk.open(database, actor)

        async def pages(most: int) -> None:
            async with database.writer.connect() as connection:
                await connection.execute(text(f"PRAGMA max_page_count={most}"))

        disk.fill() if disk else await pages(1)
        tasks = [desk.save(desk.add(number, notes="long " * 3000)) for number in range(12)]
        assert await desk.trouble() == "full"
        fitted = await desk.stored()  # some may have found room in pages that were free
        assert len(desk.saver.waiting) == 12 - len(fitted)
        disk.free() if disk else await pages(2**30)
        await desk.recovers(tasks)
        assert await desk.stored() == [f"task {number}" for number in range(12)]
    assert stores.rows(Path(str(url.database)), "PRAGMA integrity_check") == [("ok",)]


async def test_a_file_that_the_system_refuses_to_let_grow(desk: Desk):
    import resource

    path = Path(f"{desk.database.url.database}-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        task = desk.save(desk.add(1, notes="long " * 3000))
        assert await desk.trouble() in {"full", "gone"}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await desk.recovers([task])
    assert await desk.stored() == ["task 1"]


# The file may not be written


@pytest.fixture
async def clinic(empty_file: Path) -> AsyncIterator[Path]:
    """A database that belongs to an ordinary user, who this process is until the end: root may write anything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stores.copied(empty_file, folder / "kinelog.sqlite3")
        if os.geteuid() != 0:
            yield folder
            return
        for path in (folder, folder / "kinelog.sqlite3"):
            os.chown(path, 65534, 65534)
        os.setresuid(65534, 65534, 0)
        try:
            yield folder
        finally:
            os.setresuid(0, 0, 0)


@pytest.mark.parametrize("locked", ["file", "folder"])
async def test_a_read_only_file_or_folder(clinic: Path, actor: UUID, locked: str):
    path = clinic / "kinelog.sqlite3"
    async with stores.opened(URL.create("sqlite+aiosqlite", database=str(path))) as database:
        desk = await Desk.open(database, actor)
    place, mode = (path, 0o400) if locked == "file" else (clinic, 0o500)
    place.chmod(mode)
    async with stores.opened(URL.create("sqlite+aiosqlite", database=str(path))) as database:
        desk = Desk(database, actor, desk.session_id)
        task = desk.save(desk.add(1))
        kind = await desk.trouble()
        place.chmod(0o700)
        await desk.recovers([task])
        assert await desk.stored() == ["task 1"]
    assert kind == "read_only"


# The file is damaged or gone


async def test_a_damaged_file_is_told_and_not_touched(sqlite_url: URL, actor: UUID):
    async with stores.opened(sqlite_url) as database:
        desk = await Desk.open(database, actor)
    path = Path(str(sqlite_url.database))
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xee" * (len(whole) - 8192))
    damaged = path.read_bytes()
    async with stores.opened(sqlite_url) as database:
        desk = Desk(database, actor, desk.session_id)
        edit = desk.add(1)
        task = desk.save(edit)
        assert await desk.trouble() == "damaged"
        assert desk.saver.waiting == (edit,)
        with pytest.raises(DatabaseUnavailable):
            await desk.stored()
        await end(task)
    assert path.read_bytes() == damaged


async def test_a_folder_that_is_removed_and_put_back(sqlite_url: URL, tmp_path: Path, actor: UUID):
    folder, away = tmp_path / "records", tmp_path / "away"
    folder.mkdir()
    path = folder / "kinelog.sqlite3"
    Path(str(sqlite_url.database)).replace(path)
    async with stores.opened(sqlite_url.set(database=str(path))) as database:
        desk = await Desk.open(database, actor)
        folder.rename(away)
        task = desk.save(desk.add(1))
        assert await desk.trouble() == "gone"
        assert not folder.exists()
        away.rename(folder)
        await desk.recovers([task])
        assert await desk.stored() == ["task 1"]


async def test_a_server_that_stops_answering_is_told_and_found_again(postgresql: Database, actor: UUID):
    desk = await Desk.open(postgresql, actor)
    name = postgresql.url.database
    async with stores.opened(postgresql.url.set(database="postgres")) as administrator:

        async def allow(state: str) -> None:
            async with administrator.writer.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {state}'))
                kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                await connection.execute(text(kill), {"name": name})

        await allow("false")
        task = desk.save(desk.add(1))
        assert await desk.trouble() == "gone"
        await allow("true")
        await desk.recovers([task])
        assert await desk.stored() == ["task 1"]
