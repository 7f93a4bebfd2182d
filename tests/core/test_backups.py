"""Backups: whole or not there, encrypted with their keys, kept for their time, restored without losing anything.

One file above 400 lines: what is made, kept and restored is the same vault, and is judged by the same fixtures.
"""

import asyncio
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from desktop import access, crud, derived, schema
from desktop.backup_notes import read_notes
from desktop.backups import (
    BEFORE_MIGRATION,
    MOST_DAYS,
    REPLACED,
    ROLLING,
    Backup,
    list_backups,
    look_through,
    make_backup,
    to_remove,
)
from desktop.core import Core
from desktop.errors import AppError, DatabaseUnavailable, Invalid, WrongKey
from desktop.keys import new_recovery_key
from desktop.paths import Paths
from desktop.restore import restore, unlock_backup
from desktop.restoring import staging_folder
from desktop.safekeeping import back_up_to, keep_up
from desktop.schema import HEAD, revision_of
from desktop.schemas import NewSession
from desktop.services.auditing import verify
from desktop.services.checking import check
from desktop.services.demo import fill
from desktop.setting_up import restore_backup
from desktop.vault_files import VaultFiles
from tests.helpers.clocks import NOON, StillClock
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE, unlocked

ROOT = Path(__file__).parents[2]
CANARY = "Zebedee Quillfeather"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "kinelog")


@asynccontextmanager
async def practice(paths: Paths, *, clock: StillClock | None = None) -> AsyncIterator[Core]:
    async with Core.open(paths, unlocked=unlocked(paths), clock=clock) as core:
        yield core


async def record(core: Core, name: str = CANARY) -> None:
    async with core.database.write(actor=RECORDS_HERE) as db:
        await crud.create_session(db, NewSession(child_name=name, child_age=8))


async def names(paths: Paths) -> set[str]:
    async with practice(paths) as core, core.database.read() as db:
        return {session.child_name for session in await crud.list_sessions(db)}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Making one


async def test_a_backup_holds_all_records_with_their_keys_and_is_readable_by_nobody_else(
    paths: Paths, tmp_path: Path
):
    async with practice(paths) as core:
        await record(core)
        backup = await back_up_to(core, tmp_path / "copy")
    folder = tmp_path / "copy"
    assert {path.name for path in folder.iterdir()} == {"kinelog.sqlite3", "keys.json"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert backup.folder == folder
    raw = b"".join(contents(folder).values())
    assert CANARY.encode() not in raw
    with closing(sqlite3.connect(folder / "kinelog.sqlite3")) as plain, pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT count(*) FROM sqlite_master")
    found = look_through(folder, unlock_backup(folder, PASSPHRASE).key)
    assert (found.revision, found.sessions) == (HEAD, 1)


async def test_recording_goes_on_while_a_backup_is_made(paths: Paths):
    async with practice(paths) as core:
        await fill(core.database, sessions=300)
        made = asyncio.create_task(keep_up(core, at_once=True))
        recorded = 0
        while not made.done():
            await record(core, f"Child {recorded}")
            recorded += 1
        await made
        (backup,) = list_backups(paths.backups)
        assert 300 <= look_through(backup.folder, KEY).sessions <= 300 + recorded
    assert recorded > 1


async def test_a_backup_that_cannot_be_made_leaves_nothing_half(paths: Paths, tmp_path: Path):
    async with practice(paths) as core:
        await record(core)
        with pytest.raises(Invalid, match="no folder"):
            await back_up_to(core, tmp_path / "no" / "copy")
        with pytest.raises(Invalid, match="own files"):
            await back_up_to(core, paths.data / "copy")
        await back_up_to(core, tmp_path / "copy")
        with pytest.raises(Invalid, match="there already"):
            await back_up_to(core, tmp_path / "copy")
        (tmp_path / "file").write_text("no folder")
        with pytest.raises(AppError):
            await back_up_to(core, tmp_path / "file" / "copy")
    assert {path.name for path in tmp_path.iterdir()} - {"home"} == {"kinelog", "copy", "file"}


async def test_a_damaged_vault_makes_no_backup(paths: Paths):
    async with practice(paths) as core:
        await fill(core.database, sessions=100)
    raw = bytearray(paths.database.read_bytes())
    raw[len(raw) // 2] ^= 1
    paths.database.write_bytes(raw)
    with pytest.raises(DatabaseUnavailable) as refused:
        make_backup(paths, unlocked(paths), paths.backups, now=NOON)
    assert refused.value.kind == "damaged"
    assert list(paths.backups.iterdir()) == []


# Which stay


def backups_of(moments: list[datetime], *, size: int = 1, occasion: str = ROLLING) -> list[Backup]:
    return [
        Backup(Path(f"/b/{moment:%Y%m%dT%H%M%S}{occasion}"), moment, occasion, size) for moment in moments
    ]


def kept(backups: list[Backup], *, most_bytes: int = 10**9) -> list[Backup]:
    gone = to_remove(backups, most_bytes=most_bytes)
    return [backup for backup in backups if backup not in gone]


def test_of_a_day_each_hour_and_of_a_month_each_day_stays():
    every_half_hour = [NOON - timedelta(minutes=30 * number) for number in range(48 * 40)]
    stay = kept(backups_of(every_half_hour))
    last_day = [backup for backup in stay if NOON - backup.made_at <= timedelta(days=1)]
    assert 24 <= len(last_day) <= 26
    assert 28 <= len(stay) - len(last_day) <= 31
    assert min(backup.made_at for backup in stay) >= NOON - timedelta(days=30)


def test_a_clock_that_jumps_costs_no_backup():
    made = [NOON - timedelta(days=number) for number in range(20)]
    ahead = backups_of([NOON + timedelta(days=3650)])
    assert len(kept([*ahead, *backups_of(made)])) == 21


def test_the_newest_before_a_migration_and_the_replaced_ones_stay_apart():
    often = [NOON - timedelta(minutes=number) for number in range(9)]
    migrations = backups_of(often, occasion=BEFORE_MIGRATION)
    replaced = backups_of(often, occasion=REPLACED)
    assert len(kept(migrations)) == len(kept(replaced)) == 5


moments = st.lists(st.integers(0, 60 * 24 * 45), min_size=1, max_size=80, unique=True)


@given(ages=moments, size=st.integers(1, 100), most=st.integers(1, 3000))
def test_the_newest_always_stay_and_the_rest_keeps_its_size(ages: list[int], size: int, most: int):
    made = sorted((NOON - timedelta(minutes=age) for age in ages), reverse=True)
    backups = backups_of(made, size=size)
    stay = kept(backups, most_bytes=most)
    assert backups[0] in stay
    assert sum(backup.size for backup in stay) <= max(most, 2 * size)
    again = [backup for backup in stay if backup not in to_remove(stay, most_bytes=most)]
    assert again == stay


async def test_nothing_but_backups_of_ours_is_ever_removed(paths: Paths):
    clock = StillClock()
    strange = [paths.backups / "kinelog-20200101T000000Z", paths.backups / "Photos"]
    for folder in strange:
        folder.mkdir(parents=True)
        (folder / "letter.txt").write_text("not ours")
    async with practice(paths, clock=clock) as core:
        for _ in range(MOST_DAYS + 3):
            await record(core)
            await keep_up(core)
            clock.pass_time(seconds=2 * 86_400)
    assert all((folder / "letter.txt").exists() for folder in strange)
    assert len(list_backups(paths.backups)) == MOST_DAYS


# By itself


async def test_a_backup_is_due_when_something_changed_an_hour_ago(paths: Paths):
    clock = StillClock()
    async with practice(paths, clock=clock) as core:
        await record(core)
        made = []
        for minutes, changes in ((0, False), (61, False), (1, True), (61, True), (10, True), (51, False)):
            clock.pass_time(seconds=minutes * 60)
            if changes:
                await record(core)
            await keep_up(core)
            made.append(len(list_backups(paths.backups)))
    assert made == [1, 1, 2, 3, 3, 4]


async def test_a_second_place_gets_a_copy_and_its_absence_is_told_and_hinders_nothing(
    paths: Paths, tmp_path: Path
):
    clock, stick = StillClock(), tmp_path / "stick"
    async with practice(paths, clock=clock) as core:
        await record(core)
        notes = await keep_up(core, second_place=str(stick))
        assert "is not there" in notes.second_trouble
        stick.mkdir()
        notes = await keep_up(core, second_place=str(stick))
    assert (notes.second_trouble, notes.second_at) == ("", clock.now().isoformat())
    (here,), (there,) = list_backups(paths.backups), list_backups(stick)
    assert contents(here.folder) == contents(there.folder)
    assert read_notes(paths) == notes


async def test_a_backup_is_restored_for_trial_every_week_and_check_says_how_that_went(paths: Paths):
    clock = StillClock()
    async with practice(paths, clock=clock) as core:
        await record(core)
        notes = await keep_up(core)
        assert (notes.rehearsed_at, notes.rehearsal_trouble) == (clock.now().isoformat(), "")
        (backup,) = list_backups(paths.backups)
        database = Paths(backup.folder).database
        raw = bytearray(database.read_bytes())
        raw[len(raw) // 2] ^= 1
        database.write_bytes(raw)
        clock.pass_time(seconds=6 * 86_400)
        assert (await keep_up(core)).rehearsal_trouble == ""
        clock.pass_time(seconds=86_401)
        assert "damaged" in (await keep_up(core)).rehearsal_trouble
        assert {path.name for path in paths.backups.iterdir()} == {backup.folder.name, "notes.json"}
    found = {seen.name: seen for seen in await check(paths, clock=clock, unlock=lambda: unlocked(paths))}
    assert found["rehearsal"].state == "failed"
    assert backup.folder.name in found["rehearsal"].text


async def test_check_warns_of_changes_that_no_backup_holds(paths: Paths):
    clock = StillClock()

    async def state() -> str:
        found = await check(paths, clock=clock, unlock=lambda: unlocked(paths))
        return next(seen.state for seen in found if seen.name == "backups")

    async with practice(paths, clock=clock) as core:
        await record(core)
        assert await state() == "warning"
        await keep_up(core)
        clock.pass_time(seconds=3 * 86_400)
        assert await state() == "ok"
        await record(core)
        assert await state() == "warning"


# Restoring


async def test_a_restored_vault_is_as_it_was_and_what_it_replaced_is_kept(paths: Paths, tmp_path: Path):
    async with practice(paths) as core:
        await record(core, "Before")
        await back_up_to(core, tmp_path / "copy")
        await record(core, "After")
    found = await restore_backup(paths, tmp_path / "copy", PASSPHRASE)
    assert found.sessions == 1
    assert await names(paths) == {"Before"}
    (replaced,) = list_backups(paths.backups)
    assert replaced.occasion == REPLACED
    await restore_backup(paths, replaced.folder, PASSPHRASE)
    assert await names(paths) == {"Before", "After"}
    async with practice(paths) as core, core.database.read() as db:
        told = await db.execute(text("SELECT count(*) FROM audit_log WHERE action = 'restore'"))
        assert told.scalar() == 1


async def test_with_the_recovery_key_alone_everything_is_restored_on_a_new_laptop(
    paths: Paths, tmp_path: Path
):
    async with practice(paths) as core:
        recovery_key = new_recovery_key()
        await access.change_recovery_key(core, recovery_key, current=PASSPHRASE)
        await record(core)
        await back_up_to(core, tmp_path / "copy")
    new = Paths(tmp_path / "new laptop")
    await restore_backup(new, tmp_path / "copy", recovery_key)
    assert await names(new) == {CANARY}


@pytest.mark.parametrize("harm", ["missing", "damaged", "keys missing", "nothing"])
async def test_a_backup_comes_back_whatever_became_of_the_vault(paths: Paths, tmp_path: Path, harm: str):
    async with practice(paths) as core:
        await record(core)
        await back_up_to(core, tmp_path / "copy")
    if harm == "missing":
        paths.database.unlink()
    elif harm == "damaged":
        paths.database.write_bytes(os.urandom(10_000))
    elif harm == "keys missing":
        paths.keys.unlink()
        paths.keys_copy.unlink()
    else:
        shutil.rmtree(paths.data)
    await restore_backup(paths, tmp_path / "copy", PASSPHRASE)
    assert await names(paths) == {CANARY}


async def test_a_backup_that_is_no_whole_one_touches_nothing(paths: Paths, tmp_path: Path):
    async with practice(paths) as core:
        await fill(core.database, sessions=50)
        await back_up_to(core, tmp_path / "copy")
    before = contents(paths.data)
    raw = bytearray((tmp_path / "copy" / "kinelog.sqlite3").read_bytes())
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match="no backup"):
        await restore_backup(paths, tmp_path / "empty", PASSPHRASE)
    with pytest.raises(WrongKey):
        await restore_backup(paths, tmp_path / "copy", "other random words")
    for place in (20, len(raw) // 2, len(raw) - 9):
        raw[place] ^= 4
        (tmp_path / "copy" / "kinelog.sqlite3").write_bytes(raw)
        with pytest.raises((DatabaseUnavailable, WrongKey)):
            await restore_backup(paths, tmp_path / "copy", PASSPHRASE)
        raw[place] ^= 4
    (tmp_path / "copy" / "keys.json").write_text("{}")
    with pytest.raises(DatabaseUnavailable) as refused:
        await restore_backup(paths, tmp_path / "copy", PASSPHRASE)
    assert refused.value.kind == "keys"
    after = contents(paths.data)
    assert {name: after[name] for name in before} == before
    assert not staging_folder(paths).exists()


async def test_nothing_is_restored_while_a_program_has_the_records_open(paths: Paths, tmp_path: Path):
    async with practice(paths) as core:
        await record(core)
        await back_up_to(core, tmp_path / "copy")
        with pytest.raises(DatabaseUnavailable) as refused:
            restore(paths, tmp_path / "copy", core.unlocked, now=NOON)
        assert refused.value.kind == "locked"
        await record(core, "Goes on")
    assert await names(paths) == {CANARY, "Goes on"}


async def test_a_backup_of_a_newer_kinelog_is_refused(paths: Paths, tmp_path: Path):
    async with practice(paths) as core:
        async with core.database.write(actor=RECORDS_HERE) as db:
            await db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await asyncio.to_thread(make_backup, paths, core.unlocked, tmp_path, now=NOON)
        async with core.database.write(actor=RECORDS_HERE) as db:
            await db.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))
    (backup,) = list_backups(tmp_path)
    with pytest.raises(DatabaseUnavailable) as refused:
        await restore_backup(paths, backup.folder, PASSPHRASE)
    assert refused.value.kind == "newer"


# Before a migration


def go_back(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "migrations:local")
    config.attributes["connection"] = connection
    command.downgrade(config, schema.REVISIONS[-2])


async def at_the_former_schema(paths: Paths, sessions: int = 5) -> None:
    async with practice(paths) as core:
        await fill(core.database, sessions=sessions)
        async with core.database.writer.begin() as connection, core.database.changing_schema(connection):
            await connection.run_sync(go_back)


async def test_before_a_migration_a_backup_is_made_that_can_be_restored(paths: Paths):
    await at_the_former_schema(paths)
    async with practice(paths) as core:
        assert await revision_of(core.database) == HEAD
    (backup,) = list_backups(paths.backups)
    assert backup.occasion == BEFORE_MIGRATION
    assert look_through(backup.folder, KEY).revision == schema.REVISIONS[-2]
    await restore_backup(paths, backup.folder, PASSPHRASE)
    assert len(await names(paths)) > 1


@pytest.mark.parametrize("eats", ["DELETE FROM metrics", "UPDATE task_results SET session_id = zeroblob(16)"])
async def test_a_migration_that_eats_data_leaves_the_records_as_they_were(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, eats: str
):
    await at_the_former_schema(paths)
    create = derived.create

    def eat(connection: Connection) -> None:
        connection.exec_driver_sql(eats)
        create(connection)

    monkeypatch.setattr(derived, "create", eat)
    with pytest.raises(DatabaseUnavailable) as refused:
        async with practice(paths):
            pass
    assert refused.value.kind == "migration"
    monkeypatch.undo()
    async with practice(paths) as core, core.database.read() as db:
        assert (await db.execute(text("SELECT count(*) FROM metrics"))).scalar() > 0
        assert (await db.execute(text("PRAGMA foreign_key_check"))).first() is None


# Killed

KILLED = """
import asyncio, sys
from pathlib import Path
from desktop.core import Core
from desktop.paths import Paths
from desktop.safekeeping import keep_up
from desktop.setting_up import restore_backup
from desktop.vault import Vault

async def back_up(paths, source):
    async with Core.open(paths, unlocked=Vault(paths).unlock("four random words")) as core:
        print("ready", flush=True)
        while True:
            await keep_up(core, at_once=True)

async def migrate(paths, source):
    unlocked = Vault(paths).unlock("four random words")
    print("ready", flush=True)
    async with Core.open(paths, unlocked=unlocked):
        print("done", flush=True)
        await asyncio.sleep(60)

async def restore(paths, source):
    print("ready", flush=True)
    while True:
        await restore_backup(paths, source, "four random words")

work = {"back_up": back_up, "restore": restore, "migrate": migrate}[sys.argv[1]]
asyncio.run(work(Paths(Path(sys.argv[2])), Path(sys.argv[3])))
"""


@pytest.mark.parametrize("work", ["back_up", "restore"])
@pytest.mark.parametrize(
    "kills", [pytest.param(8), pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
async def test_a_kill_leaves_the_one_or_the_other_whole(paths: Paths, tmp_path: Path, work: str, kills: int):
    seed = int(os.environ.get("KINELOG_SEED") or random.randrange(1_000_000))
    print(f"KINELOG_SEED={seed}")
    chance = random.Random(seed)
    async with practice(paths) as core:
        await fill(core.database, sessions=60)
        await back_up_to(core, tmp_path / "copy")
        await record(core)
    for _ in range(kills):
        command = [sys.executable, "-c", KILLED, work, str(paths.data), str(tmp_path / "copy")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as program:
            assert program.stdout is not None
            await asyncio.to_thread(program.stdout.readline)
            await asyncio.sleep(chance.uniform(0, 0.8))
            program.kill()
        async with practice(paths) as core:
            async with core.database.read() as db:
                sessions = await crud.list_sessions(db, limit=1000)
            assert len(sessions) in ({61} if work == "back_up" else {60, 61})
            assert not staging_folder(paths).exists()
        for backup in list_backups(paths.backups)[:2]:
            copy = tmp_path / "looked at"
            shutil.copytree(backup.folder, copy)
            assert look_through(copy, KEY).sessions in {60, 61}
            shutil.rmtree(copy)
        for old in list_backups(paths.backups)[2:]:
            shutil.rmtree(old.folder)


@pytest.mark.parametrize(
    "kills", [pytest.param(8), pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
async def test_a_kill_in_a_migration_loses_nothing_and_the_next_start_ends_it(
    paths: Paths, tmp_path: Path, kills: int
):
    seed = int(os.environ.get("KINELOG_SEED") or random.randrange(1_000_000))
    print(f"KINELOG_SEED={seed}")
    chance = random.Random(seed)
    await at_the_former_schema(paths, sessions=60)
    before = counted(paths)
    seen = set()
    for number in range(kills):
        left = Paths(Path(shutil.copytree(paths.data, tmp_path / f"{number}")))
        command = [sys.executable, "-c", KILLED, "migrate", str(left.data), ""]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as program:
            assert program.stdout is not None
            await asyncio.to_thread(program.stdout.readline)
            await asyncio.sleep(chance.uniform(0, 0.6))
            program.kill()
            seen.add(b"done" in program.stdout.read())
        async with practice(left) as core:
            assert await revision_of(core.database) == HEAD
            verdict = await verify(core.database)
            assert verdict.trouble == ""
        assert counted(left) == before
        shutil.rmtree(left.data)
    print(f"Killed before and after the end: {seen}")


def counted(paths: Paths) -> list[int]:
    """Return how many records of each kind there are."""
    with closing(VaultFiles(KEY).connect(paths.database)) as connection:
        tables = ("sessions", "task_results", "metrics", "people", "protocols")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
