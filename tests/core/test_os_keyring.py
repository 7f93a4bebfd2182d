"""The computer's keyring as a way in: off until it is wanted, a real Secret Service, and gone when it is not wanted."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from desktop import access, os_keyring
from desktop.core import Core
from desktop.errors import AppError, WrongKey
from desktop.keys import read_keys
from desktop.paths import Paths
from desktop.services.people import create_person
from desktop.vault import Vault
from tests.helpers.login_keyring import bus_session, login_keyring
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE, unlocked

ADDRESS = "DBUS_SESSION_BUS_ADDRESS"
NOWHERE = "unix:path=/nowhere"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A desktop session with a keyring, and where that keeps its files."""
    folder = tmp_path / "login"
    folder.mkdir()
    with bus_session() as address, login_keyring(address, folder):
        monkeypatch.setenv(ADDRESS, address)
        yield folder


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without a desktop session."""
    monkeypatch.setenv(ADDRESS, NOWHERE)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
        yield core


def test_a_secret_is_kept_and_forgotten(keyring: Path):
    vault = uuid4()
    assert os_keyring.find(vault) is None
    os_keyring.keep(vault, "a secret")
    assert os_keyring.find(vault) == "a secret"
    assert not [path for path in keyring.rglob("*") if path.is_file() and b"a secret" in path.read_bytes()]
    os_keyring.forget(vault)
    os_keyring.forget(vault)
    assert os_keyring.find(vault) is None


@pytest.mark.usefixtures("no_keyring")
def test_without_a_keyring_that_is_said():
    for ask in (lambda: os_keyring.find(uuid4()), lambda: os_keyring.keep(uuid4(), "a secret")):
        with pytest.raises(AppError, match="no keyring that can be used now"):
            ask()
    os_keyring.forget(uuid4())


async def test_it_is_off_until_somebody_wants_it(core: Core, keyring: Path):
    assert not await access.uses_keyring(core)
    with pytest.raises(WrongKey):
        Vault(core.paths).unlock_by_keyring()


async def test_it_opens_the_records_as_who_wanted_it_and_not_afterwards(core: Core, keyring: Path):
    vault = Vault(core.paths)
    with pytest.raises(WrongKey):
        await access.use_keyring(core, current="not my passphrase")
    assert not await access.uses_keyring(core)
    await access.use_keyring(core, current=PASSPHRASE)
    assert await access.uses_keyring(core)
    assert (vault.unlock_by_keyring().key, vault.unlock_by_keyring().person) == (KEY, RECORDS_HERE)
    assert [slot.name for slot in await access.people(core)] == ["Lena Okafor"]
    secret = os_keyring.find(vault.keys().vault)
    assert secret is not None
    await access.leave_keyring(core)
    assert os_keyring.find(vault.keys().vault) is None
    os_keyring.keep(vault.keys().vault, secret)  # as a copy of the keyring would
    with pytest.raises(WrongKey, match="opens the records no more"):
        vault.unlock_by_keyring()


async def test_another_data_key_reaches_it_too_and_who_leaves_takes_it_along(core: Core, keyring: Path):
    vault = Vault(core.paths)
    await access.use_keyring(core, current=PASSPHRASE)
    await core.database.close()
    renewed = vault.rekey(core.unlocked)
    assert vault.unlock_by_keyring().key == renewed.key
    vault.add(renewed, person=uuid4(), name="Omar Said", passphrase="quite other words")
    vault.remove(renewed, RECORDS_HERE)
    with pytest.raises(WrongKey):
        vault.unlock_by_keyring()


async def test_it_is_left_also_where_the_keyring_is_gone(
    core: Core, keyring: Path, monkeypatch: pytest.MonkeyPatch
):
    await access.use_keyring(core, current=PASSPHRASE)
    monkeypatch.setenv(ADDRESS, NOWHERE)
    with pytest.raises(AppError, match="no keyring that can be used now"):
        Vault(core.paths).unlock_by_keyring()
    await access.leave_keyring(core)
    assert read_keys(core.paths.keys.read_bytes()).in_keyring() is None
