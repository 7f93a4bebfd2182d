"""A data file that is damaged, foreign or read-only is named, and never changed."""

import ctypes
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

COMMANDS = {
    "check": ("check",),
    "sessions": ("sessions",),
    "demo": ("demo", "--sessions", "1"),
    "export": ("export", "--all", "--format", "json", "--output", "out.json"),
}
_PR_CAPBSET_DROP = 24
_CAPABILITIES = range(41)


def obey_permissions() -> None:
    """Take away what lets root write where it may not; runs in the child before the program does."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in _CAPABILITIES:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_text(path: Path) -> None:
    path.write_text("These are my holiday notes. " * 100)


def write_foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE sessions (holiday TEXT)")
    connection.commit()
    connection.close()


@pytest.fixture
def records(filled: Path) -> Path:
    return filled / "kinelog.sqlite3"


def assert_refused(kinelogctl: Run, command: tuple[str, ...], reason: str, **options: object) -> None:
    if command == ("check",):
        ended = kinelogctl("check", "--json", **options)
        assert ended.code == 1
        assert len(ended.err.splitlines()) == 1
        failed = [check["text"] for check in json.loads(ended.out)["checks"] if check["state"] == "failed"]
        assert any(reason in text for text in failed), failed
    else:
        assert reason in kinelogctl(*command, **options).line


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize(
    ("write", "reason"),
    [(write_text, "or are damaged."), (write_foreign, "This file does not hold Kinelog's records.")],
    ids=["not a database", "another program's"],
)
def test_a_file_that_is_not_ours_stays_as_it_is(
    kinelogctl: Run, vault: Path, command: tuple[str, ...], write: Callable[[Path], None], reason: str
):
    path = vault / "kinelog.sqlite3"
    write(path)
    before = digest(path)
    assert_refused(kinelogctl, command, reason)
    assert digest(path) == before
    assert [file for file in vault.iterdir() if file.name.startswith("kinelog.sqlite3")] == [path]


@pytest.mark.parametrize("write", [write_text, write_foreign])
def test_no_vault_is_made_over_a_file_that_is_not_ours(
    kinelogctl: Run, data: Path, write: Callable[[Path], None]
):
    data.mkdir(mode=0o700)
    path = data / "kinelog.sqlite3"
    write(path)
    before = digest(path)
    assert kinelogctl("init").line
    assert digest(path) == before
    assert {file.name for file in data.iterdir() if file.is_file()} <= {path.name, "keys.lock"}


@pytest.mark.parametrize("command", [COMMANDS["check"], COMMANDS["export"]], ids=["check", "export"])
def test_a_file_with_broken_pages_stays_as_it_is(kinelogctl: Run, records: Path, command: tuple[str, ...]):
    with records.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (records.stat().st_size - 8192))
    before = digest(records)
    assert_refused(kinelogctl, command, "This file is damaged.")
    assert digest(records) == before


def test_read_only_records_are_not_changed(kinelogctl: Run, records: Path):
    records.chmod(0o400)
    records.parent.chmod(0o500)
    before = digest(records)
    options = {"preexec_fn": obey_permissions}
    try:
        assert_refused(kinelogctl, ("check",), "may not write", **options)
        assert kinelogctl("demo", "--sessions", "1", **options).code == 1
    finally:
        records.parent.chmod(0o700)
    assert digest(records) == before


def test_a_folder_that_may_not_be_made_is_named(kinelogctl: Run, tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    line = kinelogctl("init", "--data-dir", closed / "kinelog", preexec_fn=obey_permissions).line
    assert line.startswith("The records cannot be changed")
    assert str(closed / "kinelog") in line
