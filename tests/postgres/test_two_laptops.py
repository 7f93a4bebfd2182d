"""A practice that syncs with `kinelogctl` alone: a centre, two laptops, a clash, a server that is gone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop.core import Core
from desktop.edits import EditSession
from desktop.paths import Paths
from desktop.saving import Saver
from desktop.vault import Vault
from tests.helpers.vaults import PASSPHRASE, RECORDS_HERE, unlocked
from tests.postgres.centres import Office

PROGRAM = Path(sys.executable).with_name("kinelogctl")
SESSIONS = 6
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def kinelogctl(home: Path, empty: Office) -> Run:
    """Run a command on a folder of this test, as an administrator's or a clinician's shell does."""

    def run(folder: str, *arguments: object, said: str | None = None) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"KINELOG_PASSPHRASE": PASSPHRASE, "CENTRE_DATABASE_URL": empty.url}
        ended = subprocess.run(
            [PROGRAM, "--data-dir", home / folder, *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", timeout=100, check=False, env=environment, input=said,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    return run


@pytest.fixture
def practice(kinelogctl: Run, home: Path) -> Path:
    """Two laptops that are enrolled at a centre; Anna's has records."""
    for name in ("anna", "ben"):
        unlocked(Paths(home / name))
    kinelogctl("anna", "demo", "--sessions", SESSIONS)
    assert kinelogctl("anna", "centre", "init").returncode == 0
    for name in ("anna", "ben"):
        added = kinelogctl(name, "centre", "add-device", name)
        assert added.returncode == 0, added.stderr
        enrolled = kinelogctl(
            name, "sync", "--status", "--enrol", "-", said=f"From the office:\n> {added.stdout}"
        )
        assert enrolled.returncode == 0, enrolled.stderr
    return home


def synced(kinelogctl: Run, name: str) -> dict[str, Any]:
    ended = kinelogctl(name, "sync", "--json")
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    assert told["equal"] is True
    return told


def exported(kinelogctl: Run, folder: Path, name: str) -> bytes:
    path = folder / f"{name}.json"
    assert kinelogctl(name, "export", "--all", "--format", "json", "--output", path).returncode == 0
    return path.read_bytes()


async def edited(folder: Path, **values: Any) -> UUID:
    """Edit the newest session as the window does."""
    paths = Paths(folder)
    async with Core.open(paths, unlocked=Vault(paths).unlock(PASSPHRASE)) as core:
        async with core.database.read() as db:
            from desktop import crud

            session = (await crud.list_sessions(db, limit=1))[0]
        await Saver(core.database).save(EditSession(session.id, values), actor=RECORDS_HERE)
        return session.id


async def test_two_laptops_hold_the_same_and_say_so(kinelogctl: Run, practice: Path):
    first = synced(kinelogctl, "anna")
    assert first["pushed"] > SESSIONS
    assert first["receipt"]["checked"]["sessions"] == SESSIONS
    assert synced(kinelogctl, "ben")["pulled"] == first["pushed"]
    assert exported(kinelogctl, practice, "anna") == exported(kinelogctl, practice, "ben")

    await edited(practice / "anna", notes="ours", site="Room 1")
    await edited(practice / "ben", notes="theirs")
    assert json.loads(kinelogctl("ben", "sync", "--status", "--json").stdout)["waiting"] == 1
    told = [synced(kinelogctl, name) for name in ("anna", "ben", "anna")]
    assert [one["conflicts"] for one in told] == [0, 1, 0]
    assert told[2]["receipt"]["conflicts"] == 1
    anna = exported(kinelogctl, practice, "anna")
    assert anna == exported(kinelogctl, practice, "ben")
    assert b"Room 1" in anna
    words = kinelogctl("anna", "sync", "--status").stdout
    assert "1 conflicts to review" in words
    assert f"{SESSIONS} sessions" in words
    for name in ("anna", "ben"):
        assert json.loads(kinelogctl(name, "check", "--json").stdout)["checks"]
        assert kinelogctl(name, "audit", "verify").returncode == 0


async def test_who_was_signed_out_is_told_in_one_line_and_loses_nothing(kinelogctl: Run, practice: Path):
    synced(kinelogctl, "anna")
    await edited(practice / "anna", notes="waits")
    assert kinelogctl("anna", "centre", "revoke-device", "anna").returncode == 0
    ended = kinelogctl("anna", "sync")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
    assert json.loads(kinelogctl("anna", "sync", "--status", "--json").stdout)["waiting"] == 1


def test_without_an_enrolment_there_is_nothing_to_sync(kinelogctl: Run, home: Path):
    unlocked(Paths(home / "carla"))
    ended = kinelogctl("carla", "sync")
    assert (ended.returncode, ended.stderr.strip()) == (
        1,
        "Sync is not set up: this laptop is not enrolled at a centre.",
    )
    assert kinelogctl("carla", "sync", "--status").stdout.strip() == "Sync is not set up."
    damaged = kinelogctl("carla", "sync", "--enrol", "-", said="hello")
    assert damaged.returncode == 1
    assert len(damaged.stderr.splitlines()) == 1
