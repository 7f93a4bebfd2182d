"""A bit that flipped on the disk is told in words, and takes nothing with it that it did not hit."""

import asyncio
import os
import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from desktop import crud
from desktop.core import Core
from desktop.errors import AppError, DatabaseUnavailable, WrongKey
from desktop.export.canonical import canonical
from desktop.paths import Paths
from desktop.records import session_record
from desktop.schemas import NewSession
from desktop.services.checking import check
from desktop.services.demo import fill
from desktop.vault import Vault
from desktop.wal import is_damaged
from tests.helpers.clocks import StillClock
from tests.helpers.logs import WatchedLog
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE, unlocked

PAGE = 4096
SESSIONS = 12
FRAME = PAGE + 24
Records = dict[UUID, bytes]


@pytest.fixture
def picks() -> random.Random:
    seed = int(os.environ.get("KINELOG_SEED", random.randrange(1 << 32)))
    print(f"KINELOG_SEED={seed}")
    return random.Random(seed)


async def records(core: Core) -> Records:
    async with core.database.read() as db:
        ids = [found.id for found in await crud.list_sessions(db)]
    return {session_id: await whole(core, session_id) for session_id in ids}


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Records]]:
    """A folder with records, closed, and what is in it."""
    paths = Paths(tmp_path_factory.mktemp("sound") / "kinelog")

    async def make() -> Records:
        async with Core.open(paths, unlocked=unlocked(paths)) as core:
            await fill(core.database, sessions=SESSIONS, seed=1)
            return await records(core)

    with ThreadPoolExecutor(1) as apart:
        yield paths.data, apart.submit(asyncio.run, make()).result()


@pytest.fixture
def paths(sound: tuple[Path, Records], tmp_path: Path) -> Paths:
    return Paths(shutil.copytree(sound[0], tmp_path / "kinelog"))


async def whole(core: Core, session_id: UUID) -> bytes:
    async with core.database.read() as db:
        return canonical(session_record(await crud.get_session(db, session_id)))


def flip(path: Path, place: int, bit: int) -> bytes:
    """Flip one bit of a file; returns what it holds then."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)
    return bytes(content)


async def told(paths: Paths) -> list[str]:
    found = await check(paths, clock=StillClock(), unlock=lambda: Vault(paths).unlock(PASSPHRASE))
    return [seen.text for seen in found if seen.state == "failed"]


# The database


async def is_told_or_not_hit(paths: Paths, expected: Records) -> int | None:
    """Open records with a flipped bit: returns how many sessions can be read, None where none can be.

    What is read is what was recorded, whatever else happens.
    """
    content, said = paths.database.read_bytes(), []
    readable = None
    try:
        async with Core.open(paths, unlocked=unlocked(paths)) as core:
            readable = 0
            for session_id, record in expected.items():
                try:
                    assert await whole(core, session_id) == record
                    readable += 1
                except DatabaseUnavailable as error:
                    said.append(error)
    except (DatabaseUnavailable, WrongKey) as error:
        said.append(error)
    for error in said:
        assert isinstance(error, WrongKey) or error.kind == "damaged", error
        assert "damaged" in str(error)
    assert readable is not None or paths.database.read_bytes() == content
    return readable


@pytest.mark.parametrize(
    "place", [0, 15, 16, 99, 100, PAGE - 81, PAGE - 80, PAGE - 1], ids=lambda place: f"byte {place}"
)
async def test_a_flip_in_the_first_page_opens_nothing_and_changes_nothing(
    paths: Paths, sound: tuple[Path, Records], place: int, picks: random.Random
):
    content = flip(paths.database, place, picks.randrange(8))
    assert await is_told_or_not_hit(paths, sound[1]) is None
    assert ["damaged" in text for text in await told(paths)] == [True]
    assert paths.database.read_bytes() == content


async def test_a_flip_in_any_other_page_is_found_by_check_and_spares_the_other_records(
    paths: Paths, sound: tuple[Path, Records], picks: random.Random
):
    kept = paths.database.read_bytes()
    seen = []
    for page in range(1, len(kept) // PAGE):
        paths.database.write_bytes(kept)
        place, bit = page * PAGE + picks.randrange(PAGE), picks.randrange(8)
        content = flip(paths.database, place, bit)
        found = await told(paths)
        assert any("This file is damaged." in text for text in found), (page, place, bit, found)
        assert paths.database.read_bytes() == content
        seen.append(await is_told_or_not_hit(paths, sound[1]))
    # Some pages hold what every start needs; the others hold sessions, words and what happened to them.
    assert any(readable == SESSIONS for readable in seen)
    assert any(readable is not None and 0 < readable < SESSIONS for readable in seen)


# The log beside it


@pytest.fixture
async def cut_off(paths: Paths, tmp_path: Path) -> tuple[Paths, Records]:
    """A folder as a power cut leaves it, with the last six sessions in the log alone, and what is in it."""
    left = Paths(tmp_path / "left")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        for number in range(6):
            async with core.database.write(actor=RECORDS_HERE) as db:
                await crud.create_session(db, NewSession(child_name=f"Child {number}", child_age=8))
        expected = await records(core)
        shutil.copytree(paths.data, left.data)
    log = left.database.with_name(f"{left.database.name}-wal")
    assert log.stat().st_size > 6 * FRAME
    left.database.with_name(f"{left.database.name}-shm").unlink()
    return left, expected


def log_of(paths: Paths) -> Path:
    return paths.database.with_name(f"{paths.database.name}-wal")


async def test_a_log_that_was_cut_off_is_taken_in(cut_off: tuple[Paths, Records]):
    paths, expected = cut_off
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        assert await records(core) == expected


async def test_a_flip_in_the_log_never_takes_saved_records_away_unsaid(
    cut_off: tuple[Paths, Records], picks: random.Random
):
    """SQLite takes a log to end where it does not fit, as after a power cut, and would drop what was saved later."""
    paths, _ = cut_off
    log = log_of(paths)
    kept = {path: path.read_bytes() for path in (paths.database, log)}
    frames = (len(kept[log]) - 32) // FRAME
    places = [
        picks.randrange(32),
        *(32 + picks.randrange(frames // 2) * FRAME + picks.randrange(24, FRAME) for _ in range(12)),
    ]
    for place in places:
        for path, content in kept.items():
            path.write_bytes(content)
        content = flip(log, place, picks.randrange(8))
        with pytest.raises(DatabaseUnavailable) as refused:
            async with Core.open(paths, unlocked=unlocked(paths)):
                pass
        assert refused.value.kind == "damaged"
        assert log.name in str(refused.value)
        assert any(log.name in text for text in await told(paths))
        assert (paths.database.read_bytes(), log.read_bytes()) == (kept[paths.database], content)


async def test_a_log_that_ends_in_the_middle_of_a_save_is_no_damage(
    cut_off: tuple[Paths, Records], picks: random.Random
):
    """Only what was being saved when the power went is missing."""
    paths, expected = cut_off
    log = log_of(paths)
    kept = {path: path.read_bytes() for path in (paths.database, log)}
    for _ in range(5):
        for path, content in kept.items():
            path.write_bytes(content)
        log.write_bytes(kept[log][: -picks.randrange(1, FRAME)])
        async with Core.open(paths, unlocked=unlocked(paths)) as core:
            found = await records(core)
        assert len(expected) - 1 <= len(found) <= len(expected)
        assert found.items() <= expected.items()


async def test_a_log_that_began_anew_over_an_older_one_is_no_damage(paths: Paths):
    """Behind its end stand frames of before, which fit to each other."""
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        for number in range(8):
            for _ in range(8 - number):
                async with core.database.write(actor=RECORDS_HERE) as db:
                    await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
                assert not is_damaged(log_of(paths).read_bytes())
            async with core.database.writer.connect() as connection:
                await connection.execution_options(kinelog_deferred=True)
                await connection.exec_driver_sql("ROLLBACK")
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(RESTART)")
        assert not is_damaged(log_of(paths).read_bytes())


# The keys


async def test_a_flip_in_one_key_file_is_made_good_by_the_other(
    paths: Paths, sound: tuple[Path, Records], picks: random.Random, watched_log: WatchedLog
):
    watched_log.allow("cannot be used")
    for path in (paths.keys, paths.keys_copy):
        kept = path.read_bytes()
        for place in picks.sample(range(len(kept)), 40):
            flip(path, place, picks.randrange(8))
            assert Vault(paths).unlock(PASSPHRASE).key == KEY
            assert path.read_bytes() == kept
    flip(paths.keys, len(kept) // 2, 0)
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        assert set(await records(core)) == set(sound[1])


async def test_flips_in_both_key_files_are_told_and_the_files_stay(
    paths: Paths, picks: random.Random, watched_log: WatchedLog
):
    watched_log.allow("cannot be used")
    kept = paths.keys.read_bytes()
    left = [
        flip(path, picks.randrange(len(kept)), picks.randrange(8)) for path in (paths.keys, paths.keys_copy)
    ]
    records_before = paths.database.read_bytes()
    with pytest.raises(AppError, match="The key file is damaged or missing") as refused:
        Vault(paths).unlock(PASSPHRASE)
    assert isinstance(refused.value, DatabaseUnavailable)
    assert refused.value.kind == "keys"
    assert any("The key file is damaged" in text for text in await told(paths))
    assert [path.read_bytes() for path in (paths.keys, paths.keys_copy)] == left
    assert paths.database.read_bytes() == records_before
