"""Who may unlock: each change holds at once, stands in the trail, and locks nobody out by mistake."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from desktop import access
from desktop.core import Core
from desktop.errors import Invalid, WrongKey
from desktop.keys import new_recovery_key
from desktop.paths import Paths
from desktop.services.people import create_person, find_person
from desktop.vault import Vault
from desktop.vault_files import VaultFiles
from tests.helpers.logs import WatchedLog
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE, unlocked

NEW = "quite other words"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "kinelog")


@pytest.fixture
async def core(paths: Paths) -> AsyncIterator[Core]:
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
        yield core


def entered(core: Core) -> list[str]:
    with closing(core.database.files.connect(core.paths.database)) as connection:
        found = connection.execute("SELECT action FROM audit_log WHERE entity = 'vault' ORDER BY seq")
        return [action for (action,) in found][1:]  # after the unlocking


async def test_a_changed_passphrase_is_the_only_one(core: Core, paths: Paths):
    await access.change_passphrase(core, current=PASSPHRASE, new=NEW)
    assert Vault(paths).unlock(NEW).person == RECORDS_HERE
    with pytest.raises(WrongKey):
        Vault(paths).unlock(PASSPHRASE)
    assert entered(core) == ["change_passphrase"]


@pytest.mark.parametrize(
    ("current", "new", "reason"),
    [
        ("not mine at all", NEW, "That passphrase is not right."),
        (PASSPHRASE, "short", "at least 12 characters"),
        (PASSPHRASE, "password1234", "among the first that are tried"),
    ],
)
async def test_a_passphrase_is_not_changed_without_the_present_one_nor_to_a_weak_one(
    core: Core, paths: Paths, current: str, new: str, reason: str
):
    with pytest.raises((WrongKey, Invalid), match=reason):
        await access.change_passphrase(core, current=current, new=new)
    assert Vault(paths).unlock(PASSPHRASE).person == RECORDS_HERE
    assert entered(core) == (["wrong_passphrase"] if current != PASSPHRASE else [])


async def test_who_only_finds_the_laptop_open_lets_nobody_in_and_puts_nobody_out(core: Core, paths: Paths):
    omar = await access.add_person(core, current=PASSPHRASE, name="Omar Said", passphrase=NEW)
    before = Vault(paths).keys()
    for attempt in (
        access.add_person(core, current=NEW, name="Mallory", passphrase="a door of my own"),
        access.remove_person(core, omar, current="guessed it maybe"),
        access.change_recovery_key(core, new_recovery_key(), current=""),
    ):
        with pytest.raises(WrongKey, match="That passphrase is not right"):
            await attempt
    assert Vault(paths).keys() == before
    assert entered(core) == ["add_person", *["wrong_passphrase"] * 3]


async def test_somebody_new_unlocks_and_is_known(core: Core, paths: Paths):
    omar = await access.add_person(core, current=PASSPHRASE, name="Omar Said", passphrase=NEW)
    assert Vault(paths).unlock(NEW).person == omar
    found = await find_person(core.database, omar)
    assert found is not None
    assert found.name == "Omar Said"
    assert [slot.name for slot in await access.people(core)] == ["Lena Okafor", "Omar Said"]
    assert entered(core) == ["add_person"]


async def test_who_leaves_gets_in_no_more_and_the_records_get_another_key(core: Core, paths: Paths):
    omar = await access.add_person(core, current=PASSPHRASE, name="Omar Said", passphrase=NEW)
    kept = Vault(paths).unlock(NEW).key
    await access.remove_person(core, omar, current=PASSPHRASE)
    with pytest.raises(WrongKey):
        Vault(paths).unlock(NEW)
    await core.database.close()
    async with Core.open(paths, unlocked=unlocked(paths)) as again:
        assert again.unlocked.key != KEY
        assert await find_person(again.database, omar) is not None
    with pytest.raises(WrongKey):
        VaultFiles(kept).connect(paths.database)
    async with Core.open(paths, unlocked=unlocked(paths)) as later:
        assert later.unlocked.key == again.unlocked.key


async def test_a_key_that_cannot_be_given_now_is_given_the_next_time(
    core: Core, paths: Paths, watched_log: WatchedLog
):
    watched_log.allow("keep their key for now: locked")
    omar = await access.add_person(core, current=PASSPHRASE, name="Omar Said", passphrase=NEW)
    await access.remove_person(core, omar, current=PASSPHRASE)
    async with Core.open(paths, unlocked=unlocked(paths)) as beside:  # while the first has them open
        assert beside.unlocked.key == KEY
    await core.database.close()
    async with Core.open(paths, unlocked=unlocked(paths)) as again:
        assert again.unlocked.key != KEY


async def test_nobody_removes_themselves_and_the_last_one_stays(core: Core):
    with pytest.raises(Invalid, match="cannot remove yourself"):
        await access.remove_person(core, RECORDS_HERE, current=PASSPHRASE)
    with pytest.raises(Invalid, match="Somebody must be able to unlock"):
        Vault(core.paths).remove(core.unlocked, RECORDS_HERE)


async def test_a_new_recovery_key_is_the_only_one(core: Core, paths: Paths):
    first, second = new_recovery_key(), new_recovery_key()
    for recovery_key in (first, second):
        await access.change_recovery_key(core, recovery_key, current=PASSPHRASE)
    assert Vault(paths).recover(second).key == KEY
    with pytest.raises(WrongKey):
        Vault(paths).recover(first)
    assert entered(core) == ["new_recovery_key", "new_recovery_key"]


async def test_a_corrected_name_stands_on_the_door_too(core: Core):
    await access.rename(core, "Lena O'Kafor")
    assert [slot.name for slot in await access.people(core)] == ["Lena O'Kafor"]
    found = await find_person(core.database, RECORDS_HERE)
    assert found is not None
    assert found.name == "Lena O'Kafor"


async def test_the_recovery_key_alone_changes_no_passphrase(paths: Paths):
    vault = Vault(paths)
    unlocked(paths)
    recovery_key = new_recovery_key()
    vault.change_recovery_key(unlocked(paths), recovery_key)
    recovered = vault.recover(recovery_key)
    async with Core.open(paths, unlocked=recovered) as core:
        assert core.unlocked.person is None
        with pytest.raises(Invalid, match="nobody's"):
            await access.change_passphrase(core, current=PASSPHRASE, new=NEW)
        assert isinstance(core.unlocked.actor, UUID)
