"""The checks of an installation: each sees its own trouble, and looking changes nothing."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from desktop import crud
from desktop.core import Core
from desktop.paths import Paths
from desktop.safekeeping import keep_up
from desktop.schemas import NewSession, NewTaskResult
from desktop.services import checking
from desktop.services.checking import Check, check
from desktop.vault import Unlocked, Vault
from desktop.vault_files import VaultFiles
from tests.helpers import stores
from tests.helpers.clocks import StillClock
from tests.helpers.logs import WatchedLog
from tests.helpers.vaults import KEY, PASSPHRASE, unlocked


@pytest.fixture
async def paths(tmp_path: Path) -> Paths:
    """An installation with a session in it."""
    paths = Paths(tmp_path / "kinelog")
    async with (
        Core.open(paths, unlocked=unlocked(paths), clock=StillClock()) as core,
        core.database.write(actor=uuid4()) as db,
    ):
        session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
        await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk"))
    return paths


async def look(
    paths: Paths, clock: StillClock | None = None, passphrase: str | None = PASSPHRASE
) -> list[Check]:
    def unlock() -> Unlocked | None:
        return Vault(paths).unlock(passphrase) if passphrase else None

    return await check(paths, clock=clock or StillClock(), unlock=unlock)


async def states(paths: Paths, clock: StillClock | None = None) -> dict[str, str]:
    return {seen.name: seen.state for seen in await look(paths, clock)}


async def test_a_sound_installation_is_ok_all_over(paths: Paths):
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await keep_up(core)
    found = await states(paths)
    assert set(found.values()) == {"ok"}
    assert list(found) == [
        "paths", "permissions", "disk", "vault", "database", "schema",
        "integrity", "references", "triggers", "audit", "search", "clock",
        "backups", "rehearsal",
    ]  # fmt: skip


async def test_looking_at_a_folder_that_is_not_there_makes_nothing(tmp_path: Path):
    assert await states(Paths(tmp_path / "none")) == {"paths": "warning", "disk": "ok", "database": "warning"}
    assert not (tmp_path / "none").exists()


async def test_an_empty_file_is_a_new_one(tmp_path: Path):
    paths = Paths(tmp_path)
    paths.database.touch()
    assert (await states(paths))["database"] == "warning"
    assert paths.database.stat().st_size == 0


async def test_records_that_others_can_read_are_a_warning(paths: Paths):
    paths.data.chmod(0o755)
    assert (await states(paths))["permissions"] == "warning"


async def test_a_clock_behind_the_newest_record_is_a_warning(paths: Paths):
    late = StillClock()
    late.wall -= timedelta(days=1)
    assert (await states(paths, late))["clock"] == "warning"


async def test_a_full_disk_is_a_failure(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    class Usage(NamedTuple):
        free: int

    for free, state in ((10**7, "failed"), (10**8, "warning"), (10**9, "ok")):
        monkeypatch.setattr(checking.shutil, "disk_usage", lambda _, free=free: Usage(free))
        assert (await states(paths))["disk"] == state


def lose_a_trigger(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER session_words_insert")


def forge(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER audit_log_update")
    connection.execute("UPDATE audit_log SET after = replace(after, 'John', 'Joan')")


def lose_words(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM session_search")


def lose_index_rows(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO session_words(session_words) VALUES ('delete-all')")


def lose_a_parent(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER audit_sessions_delete")
    connection.execute("DELETE FROM sessions")


def be_older(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE alembic_version SET version_num = '0000'")


@pytest.mark.parametrize(
    ("harm", "name", "state"),
    [
        (lose_a_trigger, "triggers", "failed"),
        (forge, "audit", "failed"),
        (lose_words, "search", "failed"),
        (lose_index_rows, "search", "failed"),
        (lose_a_parent, "references", "failed"),
        (be_older, "schema", "warning"),
    ],
)
async def test_each_check_sees_its_trouble(
    paths: Paths, harm: Callable[[sqlite3.Connection], None], name: str, state: str
):
    with stores.freely(paths.database, VaultFiles(KEY)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        harm(connection)
    assert (await states(paths))[name] == state


async def test_a_damaged_file_fails_in_words_and_stays(paths: Paths):
    paths.database.write_bytes(b"holiday notes" * 1000)
    (seen,) = [seen for seen in await look(paths) if seen.state == "failed"]
    assert seen.name == "database"
    assert "damaged" in seen.text
    assert paths.database.read_bytes() == b"holiday notes" * 1000


async def test_a_wrong_passphrase_fails_and_none_leaves_the_records_locked(paths: Paths):
    (*_, wrong) = await look(paths, passphrase="not those words")
    assert (wrong.name, wrong.state) == ("vault", "failed")
    (*_, locked) = await look(paths, passphrase=None)
    assert (locked.name, locked.state) == ("vault", "warning")


async def test_damaged_keys_fail(paths: Paths, watched_log: WatchedLog):
    watched_log.allow("cannot be used")
    for path in (paths.keys, paths.keys_copy):
        path.write_bytes(b"nonsense")
    (*_, seen) = await look(paths)
    assert (seen.name, seen.state) == ("vault", "failed")
    assert seen.text.startswith("The key file is damaged")


async def test_plain_records_of_before_are_a_warning_and_looked_at(tmp_path: Path):
    paths = Paths(tmp_path)
    stores.migrated_file(tmp_path).rename(paths.database)
    found = await states(paths)
    assert (found["vault"], found["schema"], found["integrity"]) == ("warning", "ok", "ok")
