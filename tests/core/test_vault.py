"""The vault: nothing of a child can be read without a secret, and nothing is lost by changing one.

One file above 400 lines: a thief, a leaver and a crash are tried on the same vault with the same records.
"""

import asyncio
import hashlib
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2 as sqlcipher

from desktop import crud
from desktop.database import sqlite_url
from desktop.driver import PlainFiles
from desktop.errors import DatabaseUnavailable, Invalid, WrongKey
from desktop.keys import KeyFile, new_recovery_key, read_keys, write_keys
from desktop.paths import Paths
from desktop.schema import init_db
from desktop.schemas import NewSession
from desktop.services.demo import fill
from desktop.setting_up import make_vault
from desktop.vault import Unlocked, Vault, set_up
from desktop.vault_files import VaultFiles
from tests.helpers import stores
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import until

ROOT = Path(__file__).parents[2]
LENA, OMAR = UUID(int=1), UUID(int=2)
PASSPHRASE = "four random words"
CANARY = "Zebedee Quillfeather"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "kinelog")


@pytest.fixture
def vault(paths: Paths) -> Vault:
    """A vault that is set up, without records."""
    vault = Vault(paths)
    vault.make(set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE))
    return vault


async def record(paths: Paths, files: VaultFiles | PlainFiles, *, sessions: int = 0) -> None:
    """Record the canary's session, and invented ones beside it."""
    async with stores.opened(sqlite_url(paths.database), files=files) as database:
        await init_db(database)
        if sessions:
            await fill(database, sessions=sessions, seed=1)
        async with database.write(actor=LENA) as db:
            await crud.create_session(db, NewSession(child_name=CANARY, child_age=8, notes=CANARY))


async def names(paths: Paths, key: bytes) -> list[str]:
    async with (
        stores.opened(sqlite_url(paths.database), files=VaultFiles(key)) as database,
        database.read() as db,
    ):
        return [session.child_name for session in await crud.list_sessions(db, limit=10_000)]


def everything(paths: Paths, files: VaultFiles | PlainFiles) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table, in their order on the disk."""
    tables = stores.rows(paths.database, "SELECT name FROM sqlite_master WHERE type = 'table'", files)
    return {
        str(name): stores.rows(paths.database, f'SELECT * FROM "{name}" ORDER BY 1', files)
        for (name,) in tables
        if not str(name).startswith("session_words")
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# What a thief sees


async def test_no_file_holds_a_childs_name(paths: Paths, vault: Vault):
    unlocked = vault.unlock(PASSPHRASE)
    async with stores.opened(sqlite_url(paths.database), files=VaultFiles(unlocked.key)) as database:
        await init_db(database)
        async with database.write(actor=LENA) as db:
            await crud.create_session(db, NewSession(child_name=CANARY, child_age=8, notes=CANARY))
        left = {path: path.read_bytes() for path in paths.data.rglob("*") if path.is_file()}
    assert {f"{paths.database.name}{end}" for end in ("", "-wal")} <= {path.name for path in left}
    for path, content in left.items():
        for hidden in (CANARY.encode(), CANARY.casefold().encode(), CANARY.encode("utf-16-le"), b"sessions"):
            assert hidden not in content, path.name


async def test_sqlite_without_the_key_reads_nothing(paths: Paths, vault: Vault):
    await record(paths, VaultFiles(vault.unlock(PASSPHRASE).key))
    with closing(sqlite3.connect(paths.database)) as connection, pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT count(*) FROM sqlite_master")


async def test_a_wrong_key_never_touches_the_file(paths: Paths, vault: Vault):
    await record(paths, VaultFiles(vault.unlock(PASSPHRASE).key))
    before = digest(paths.database)
    async with stores.opened(sqlite_url(paths.database), files=VaultFiles(os.urandom(32))) as database:
        for _ in range(3):
            with pytest.raises(WrongKey, match="cannot be opened with this key"):
                await init_db(database)
            with pytest.raises(WrongKey):
                async with database.write(actor=LENA):
                    pass
    assert digest(paths.database) == before
    assert [path.name for path in paths.data.glob(f"{paths.database.name}*")] == [paths.database.name]


def test_every_file_is_its_owners_alone(paths: Paths, vault: Vault):
    with closing(VaultFiles(vault.unlock(PASSPHRASE).key).connect(_touched(paths))):
        pass
    for path in (paths.keys, paths.keys_copy, paths.database):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700


def _touched(paths: Paths) -> Path:
    paths.database.touch(mode=0o600)
    return paths.database


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE 'OUT' AS out KEY ''",
        "ATTACH DATABASE ':memory:' AS out",
        "DETACH DATABASE main",
        "SELECT sqlcipher_export('main')",
        "SELECT load_extension('evil')",
        "PRAGMA key='other'",
        "PRAGMA rekey=''",
        "PRAGMA hexrekey='00'",
        "PRAGMA cipher_plaintext_header_size=32",
        "PRAGMA main.rekey='x'",
        "VACUUM INTO 'OUT'",
    ],
)
def test_no_statement_carries_the_records_out(statement: str, tmp_path: Path):
    path = tmp_path / "vault" / "kinelog.sqlite3"
    path.parent.mkdir()
    path.touch()
    statement = statement.replace("OUT", str(path.with_name("out.sqlite3")))
    stores.migrate(sqlite_url(path), stores.VAULT)
    refused = pytest.raises(sqlcipher.DatabaseError, match=r"not authorized|prohibited|denied")
    with closing(stores.VAULT.connect(path)) as connection, refused:
        connection.execute(statement)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA writable_schema=ON",
        "PRAGMA main.Writable_Schema=1",
        "PRAGMA journal_mode=OFF",
        "PRAGMA journal_mode=MEMORY",
        "PRAGMA journal_mode=DELETE",
        "PRAGMA synchronous=OFF",
        "PRAGMA foreign_keys=OFF",
        "PRAGMA recursive_triggers=OFF",
        "PRAGMA query_only=OFF",
        "PRAGMA temp_store=FILE",
        "PRAGMA temp_store_directory='/tmp'",
        "PRAGMA ignore_check_constraints=ON",
        "PRAGMA trusted_schema=OFF",
        "PRAGMA secure_delete=OFF",
        "PRAGMA application_id=1",
        "PRAGMA user_version=9",
        "PRAGMA a_pragma_of_tomorrow=1",
        "DROP TRIGGER audit_sessions_insert",
        "DROP TRIGGER audit_log_update",
        "DROP TABLE audit_log",
        "DROP TABLE metrics",
        "DROP TABLE session_words",
        "DROP INDEX ix_metrics_task_id",
        "ALTER TABLE sessions RENAME TO holidays",
        "ALTER TABLE sessions ADD COLUMN holiday TEXT",
        "ALTER TABLE metrics DROP COLUMN remark",
        "CREATE TABLE holidays (name TEXT)",
        "CREATE INDEX slow ON sessions (notes)",
        "CREATE VIEW names AS SELECT child_name FROM sessions",
        "CREATE TRIGGER spy AFTER INSERT ON sessions BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER spy AFTER INSERT ON sessions BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TEMP VIEW sessions AS SELECT 1",
        "CREATE TEMP TABLE audit_context (actor, reason, at)",
        "CREATE TEMP TABLE sessions (id)",
        "CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'session_words', 'row')",
        "ANALYZE",
        "REINDEX",
        "SELECT fts3_tokenizer('simple')",
    ],
)
def test_no_statement_changes_the_tables_their_guards_or_how_they_are_kept(statement: str, tmp_path: Path):
    path = tmp_path / "kinelog.sqlite3"
    path.touch()
    stores.migrate(sqlite_url(path), stores.VAULT)
    before = stores.rows(path, "SELECT type, name, tbl_name, sql FROM sqlite_master", stores.VAULT)
    refused = pytest.raises(sqlcipher.DatabaseError, match="not authorized")
    with closing(stores.VAULT.connect(path)) as connection:
        with refused:
            connection.execute(statement)
        assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)
    after = stores.rows(path, "SELECT type, name, tbl_name, sql FROM sqlite_master", stores.VAULT)
    assert after == before


async def test_even_a_write_scope_changes_no_table_unless_it_says_so(vault: Vault, paths: Paths):
    statement = text("DROP TRIGGER audit_metrics_insert")
    await record(paths, files := VaultFiles(vault.unlock(PASSPHRASE).key))
    async with stores.opened(sqlite_url(paths.database), files=files) as database:

        async def drop() -> None:
            async with database.write(actor=LENA) as db:
                await db.execute(statement)

        with pytest.raises(DBAPIError, match="not authorized"):
            await drop()
        async with database.write(actor=LENA) as db:
            async with database.changing_schema(await db.connection()):
                await db.execute(statement)
            with pytest.raises(DBAPIError, match="not authorized"):
                await db.execute(text("DROP TRIGGER audit_metrics_update"))


def test_nothing_that_is_printed_shows_a_key(vault: Vault):
    unlocked = vault.unlock(PASSPHRASE)
    new = set_up(person=OMAR, name="Omar Said", passphrase=PASSPHRASE)
    shown = repr((unlocked, VaultFiles(unlocked.key), new))
    assert unlocked.key.hex() not in shown
    assert str(unlocked.key) not in shown
    assert new.recovery_key not in shown


# Ways in


def test_a_vault_is_there_once_it_is_made(paths: Paths):
    vault = Vault(paths)
    new = set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)
    assert not vault.exists()
    assert not paths.data.exists()
    vault.make(new)
    assert vault.exists()
    assert vault.unlock(PASSPHRASE) == new.unlocked
    assert vault.recover(new.recovery_key) == Unlocked(new.unlocked.key, None)


def test_a_second_vault_is_never_made_over_the_first(vault: Vault):
    with pytest.raises(Invalid, match="has a vault already"):
        vault.make(set_up(person=OMAR, name="Omar Said", passphrase=PASSPHRASE))
    assert vault.unlock(PASSPHRASE).person == LENA


def test_a_forgotten_passphrase_is_replaced_by_the_recovery_key(paths: Paths):
    vault = Vault(paths)
    new = set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)
    vault.make(new)
    vault.add(
        vault.recover(new.recovery_key), person=LENA, name="Lena Okafor", passphrase="new words at last"
    )
    assert vault.unlock("new words at last") == new.unlocked
    with pytest.raises(WrongKey):
        vault.unlock(PASSPHRASE)


def test_a_new_recovery_key_takes_the_place_of_the_lost_one(paths: Paths):
    vault = Vault(paths)
    new = set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)
    vault.make(new)
    renewed = new_recovery_key()
    vault.change_recovery_key(new.unlocked, renewed)
    assert vault.recover(renewed).key == new.unlocked.key
    with pytest.raises(WrongKey):
        vault.recover(new.recovery_key)


def test_a_damaged_key_file_is_made_good_by_its_copy(vault: Vault, paths: Paths, watched_log: WatchedLog):
    watched_log.allow("keys.json cannot be used")
    paths.keys.write_bytes(paths.keys.read_bytes()[:-20])
    assert vault.unlock(PASSPHRASE).person == LENA
    vault.rename(vault.unlock(PASSPHRASE), LENA, "Lena O.")
    assert [slot.name for slot in Vault(paths).keys().people()] == ["Lena O."]
    assert paths.keys.read_bytes() == paths.keys_copy.read_bytes()


def test_two_damaged_key_files_are_told_and_left(vault: Vault, paths: Paths, watched_log: WatchedLog):
    watched_log.allow("cannot be used")
    for path in (paths.keys, paths.keys_copy):
        path.write_bytes(b"nonsense")
    with pytest.raises(DatabaseUnavailable, match="The key file is damaged") as told:
        vault.unlock(PASSPHRASE)
    assert told.value.kind == "keys"
    assert paths.keys.read_bytes() == b"nonsense"


# Another data key


async def test_a_leaver_gets_in_no_more_not_even_with_the_old_key(vault: Vault, paths: Paths):
    unlocked = vault.unlock(PASSPHRASE)
    await record(paths, VaultFiles(unlocked.key), sessions=5)
    vault.add(unlocked, person=OMAR, name="Omar Said", passphrase="the leaver's words")
    kept = vault.unlock("the leaver's words")
    before = everything(paths, VaultFiles(unlocked.key))
    vault.remove(unlocked, OMAR)
    renewed = vault.rekey(unlocked)
    assert everything(paths, VaultFiles(renewed.key)) == before
    assert vault.unlock(PASSPHRASE) == renewed
    with pytest.raises(WrongKey):
        vault.unlock("the leaver's words")
    with pytest.raises(WrongKey):
        VaultFiles(kept.key).connect(paths.database)


async def test_records_that_another_program_holds_keep_their_key(vault: Vault, paths: Paths):
    unlocked = vault.unlock(PASSPHRASE)
    files = VaultFiles(unlocked.key)
    await record(paths, files)
    async with stores.opened(sqlite_url(paths.database), files=files) as other, other.write(actor=LENA):
        with pytest.raises(DatabaseUnavailable, match="holding") as told:
            vault.rekey(unlocked)
    assert told.value.kind == "locked"
    assert vault.unlock(PASSPHRASE) == unlocked
    assert await names(paths, unlocked.key) == [CANARY]


async def test_a_program_that_had_it_open_writes_into_no_file_that_is_gone(vault: Vault, paths: Paths):
    unlocked = vault.unlock(PASSPHRASE)
    files = VaultFiles(unlocked.key)
    await record(paths, files)
    async with stores.opened(sqlite_url(paths.database), files=files) as other:
        async with other.read() as db:
            await crud.list_sessions(db)
        await other.close()  # as a pool does after a while
        renewed = vault.rekey(unlocked)
        with pytest.raises((WrongKey, DatabaseUnavailable)):
            async with other.write(actor=LENA) as db:
                await crud.create_session(db, NewSession(child_name="Lost", child_age=8))
    assert await names(paths, renewed.key) == [CANARY]


def put_slot_in(paths: Paths, *, both: bool) -> None:
    """Do what a thief does who can write the key file but not open it."""
    keys = read_keys(paths.keys.read_bytes())
    thief = KeyFile(keys.vault).with_recovery(bytes(32), "AAAA-BBBB")
    forged = write_keys(replace(keys, slots=(*keys.slots, *thief.slots), rekey_due=True))
    for path in (paths.keys, paths.keys_copy) if both else (paths.keys,):
        path.write_bytes(forged)


async def test_a_slot_that_a_thief_put_in_is_never_given_a_key(vault: Vault, paths: Paths):
    await record(paths, VaultFiles(vault.unlock(PASSPHRASE).key))
    unlocked = vault.unlock(PASSPHRASE)
    put_slot_in(paths, both=True)
    with pytest.raises(DatabaseUnavailable, match="Somebody changed it"):
        vault.unlock(PASSPHRASE)
    with pytest.raises(DatabaseUnavailable, match="Somebody changed it"):
        vault.rekey(unlocked)
    assert await names(paths, unlocked.key) == [CANARY]


async def test_a_changed_key_file_is_made_good_by_its_copy(vault: Vault, paths: Paths):
    await record(paths, VaultFiles(vault.unlock(PASSPHRASE).key))
    put_slot_in(paths, both=False)
    renewed = vault.rekey(vault.unlock(PASSPHRASE))
    assert len(vault.keys().slots) == 2
    assert await names(paths, renewed.key) == [CANARY]


async def test_an_old_key_gives_the_records_no_other(vault: Vault, paths: Paths):
    unlocked = vault.unlock(PASSPHRASE)
    await record(paths, VaultFiles(unlocked.key))
    renewed = vault.rekey(unlocked)
    with pytest.raises((WrongKey, DatabaseUnavailable)):
        vault.rekey(unlocked)
    with pytest.raises((WrongKey, DatabaseUnavailable)):
        vault.change_recovery_key(unlocked, new_recovery_key())
    assert vault.unlock(PASSPHRASE) == renewed
    assert await names(paths, renewed.key) == [CANARY]


async def test_who_unlocks_while_another_key_is_given_waits_for_it(vault: Vault, paths: Paths):
    unlocked = vault.unlock(PASSPHRASE)
    await record(paths, VaultFiles(unlocked.key), sessions=20)
    rekeying = asyncio.ensure_future(asyncio.to_thread(vault.rekey, unlocked))
    found = [await asyncio.to_thread(Vault(paths).unlock, PASSPHRASE) for _ in range(3)]
    renewed = await rekeying
    assert {each.key for each in found} <= {unlocked.key, renewed.key}
    assert vault.unlock(PASSPHRASE) == renewed
    assert CANARY in await names(paths, renewed.key)


async def test_an_empty_file_is_no_new_vault(paths: Paths, vault: Vault):
    unlocked = vault.unlock(PASSPHRASE)
    await record(paths, VaultFiles(unlocked.key))
    vault.begin(unlocked)
    paths.database.write_bytes(b"")
    with pytest.raises(DatabaseUnavailable, match="is missing"):
        vault.make_ready(unlocked)


async def test_a_plain_file_in_the_place_of_encrypted_records_is_refused(paths: Paths, vault: Vault):
    unlocked = vault.unlock(PASSPHRASE)
    vault.begin(unlocked)
    await record(paths, PlainFiles())
    before = digest(paths.database)
    with pytest.raises(DatabaseUnavailable, match="unencrypted file in the place"):
        vault.make_ready(unlocked)
    assert digest(paths.database) == before


async def test_a_set_up_that_is_cancelled_leaves_keys_only_where_they_are_needed(paths: Paths):
    paths.create()
    await record(paths, PlainFiles(), sessions=30)
    new = set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)
    making = asyncio.ensure_future(make_vault(paths, new))
    await until(paths.keys_copy.exists)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    if paths.database.read_bytes().startswith(b"SQLite format 3"):
        assert not Vault(paths).exists()
    else:
        assert CANARY in await names(paths, Vault(paths).unlock(PASSPHRASE).key)


# Taking over


async def test_plain_records_of_an_earlier_kinelog_are_encrypted_whole(paths: Paths):
    paths.create()
    await record(paths, PlainFiles(), sessions=30)
    before = everything(paths, PlainFiles())
    vault = Vault(paths)
    new = set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)
    vault.make(new)
    assert vault.take_over(new.unlocked) is True
    assert vault.take_over(new.unlocked) is False
    files = VaultFiles(new.unlocked.key)
    assert everything(paths, files) == before
    assert stat.S_IMODE(paths.database.stat().st_mode) == 0o600
    left = {path.name for path in paths.data.iterdir() if path.is_file()}
    assert left == {path.name for path in (paths.database, paths.keys, paths.keys_copy, paths.keys_lock)}
    for path in paths.data.glob("*.*"):
        assert CANARY.encode() not in path.read_bytes()
    async with stores.opened(sqlite_url(paths.database), files=files) as database:
        assert await init_db(database) is False
        async with database.read() as db:
            (found,) = await crud.list_sessions(db, search="quillfeather")
    assert found.child_name == CANARY


def test_a_plain_file_of_another_program_is_left_as_it_is(paths: Paths, vault: Vault):
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = digest(paths.database)
    with pytest.raises(DatabaseUnavailable, match="does not hold Kinelog's records"):
        vault.take_over(vault.unlock(PASSPHRASE))
    assert digest(paths.database) == before


async def test_a_take_over_for_which_there_is_no_room_keeps_the_plain_records(paths: Paths, vault: Vault):
    import resource

    await record(paths, PlainFiles(), sessions=30)
    before = everything(paths, PlainFiles())
    unlocked = vault.unlock(PASSPHRASE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (paths.database.stat().st_size // 2, hard))
    try:
        with pytest.raises(DatabaseUnavailable) as told:
            vault.take_over(unlocked)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.kind in {"full", "gone"}
    assert everything(paths, PlainFiles()) == before
    assert not list(paths.data.glob("*-copy"))
    assert vault.take_over(unlocked) is True
    assert everything(paths, VaultFiles(unlocked.key)) == before


# Killed in the middle

WORK = """
import sys
from pathlib import Path
from desktop.keys import KeyFile, read_keys, write_keys
from desktop.paths import Paths
from desktop.vault import Vault
vault = Vault(Paths(Path(sys.argv[1])))
unlocked = vault.unlock("four random words")
vault.take_over(unlocked)
print("begun", flush=True)
while True:
    unlocked = vault.rekey(unlocked)
    print("done", flush=True)
"""


async def test_a_kill_at_any_moment_of_another_key_loses_nothing(vault: Vault, paths: Paths):
    seed = int(os.environ.get("KINELOG_SEED", random.randrange(1 << 32)))
    print(f"KINELOG_SEED={seed}")
    picks = random.Random(seed)
    await record(paths, PlainFiles(), sessions=60)
    before = everything(paths, PlainFiles())
    for _ in range(5):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORK, str(paths.data)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert worker.stdout is not None
        try:
            assert worker.stdout.readline() == b"begun\n"
            with pytest.raises(subprocess.TimeoutExpired):
                worker.wait(picks.uniform(0.0, 0.25))
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.communicate()
        unlocked = vault.unlock(PASSPHRASE)
        assert everything(paths, VaultFiles(unlocked.key)) == before
    assert vault.rekey(unlocked) == vault.unlock(PASSPHRASE)
